// SPDX-License-Identifier: EUPL-1.2
// What editors have to do, "this is wrong" from within a call, jobs, and searches without a hit.
#include "knowledge/reminders.h"
#include "knowledge/search_gaps.h"
#include "knowledge/tasks.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/recent_reports.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <array>
#include <memory>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::TaskId;
using knowledge::WorkItem;

json::value item_json(const WorkItem &item, const LocalDate &today) {
    json::value task = nullptr;
    if (item.task) task = item.task.value;
    json::value part = nullptr;
    if (!item.part.empty()) part = item.part;
    const bool draft =
        item.kind == knowledge::WorkKind::draft || item.kind == knowledge::WorkKind::release;
    return json::object{
        {"kind", std::string(to_string(item.kind))},
        {"task", std::move(task)},
        {"service", json::object{{"id", item.service.value}, {"name", item.service_name}}},
        {"municipality", place_json(item.municipality)},
        {"part", std::move(part)},
        {"internal", item.internal},
        {"text", item.text},
        {"due_on", fernamt::to_string(item.due_on)},
        {"overdue", !draft && item.due_on < today},
        {"times", item.times},
        {"mine", item.mine}};
}

Expected<Reply> list(const ApiParts &parts, const Incoming &incoming) {
    const auto items =
        knowledge::work_list(parts.database, parts.clock, editor_of(incoming.caller));
    if (!items) return tl::unexpected(items.error());
    const LocalDate today = to_local(incoming.now).date;
    json::array all;
    for (const WorkItem &item : *items)
        all.push_back(item_json(item, today));
    return json_reply(json::object{{"items", std::move(all)}});
}

Expected<Reply> add(const ApiParts &parts, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    knowledge::Job job;
    job.service = knowledge::ServiceId{reader->integer("service", 1, kLargestId)};
    job.municipality = read_municipality(*reader);
    job.text = reader->text("text", {.shortest = 1, .longest = knowledge::kLongestTaskText});
    job.assignee = UserId{reader->integer("assignee", 0, kLargestId)};
    const auto due_on = parse_date(reader->text("due_on", {.longest = 10}));
    if (!due_on) reader->fault("due_on", "not_a_date");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    job.due_on = *due_on;
    const auto added =
        knowledge::add_job(parts.database, parts.clock, editor_of(incoming.caller), job);
    if (!added) return tl::unexpected(added.error());
    return json_reply(json::object{{"task", added->value}}, 201);
}

Expected<Reply> close(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "knowledge.task_not_found");
    if (!id) return tl::unexpected(id.error());
    static constexpr std::array kOutcomes{std::pair{std::string_view("done"), true},
                                          std::pair{std::string_view("dismissed"), false}};
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const bool done = reader->choice<bool>("outcome", kOutcomes);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto closed = knowledge::close_task(parts.database, parts.clock, editor_of(incoming.caller),
                                        TaskId{*id}, done);
    if (!closed) return tl::unexpected(closed.error());
    return nothing_to_show();
}

Expected<Reply> report(const ApiParts &parts, RecentReports &recent, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    knowledge::WrongReport wrong;
    wrong.service = knowledge::ServiceId{reader->integer("service", 1, kLargestId)};
    const auto municipality = parse_ars(reader->text("municipality", {.longest = 12}));
    if (!municipality) reader->fault("municipality", "not_an_ars");
    if (const auto section = reader->optional_text("section", {.longest = 20})) {
        wrong.section = knowledge::parse_section_key(*section);
        if (!wrong.section) reader->fault("section", "not_one_of");
    }
    wrong.text =
        reader->optional_text("text", {.longest = knowledge::kLongestTaskText}).value_or("");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    if (!people::may_see(incoming.caller, *municipality)) {
        return fail(ProblemKind::not_found, "municipality.not_found");
    }
    wrong.municipality = *municipality;
    const auto told = knowledge::report_wrong(parts.database, parts.clock, wrong);
    if (!told) return tl::unexpected(told.error());
    recent.told(incoming.caller.user, *told, incoming.now);
    return json_reply(json::object{{"task", told->value}}, 201);
}

Expected<Reply> describe_report(const ApiParts &parts, RecentReports &recent,
                                const Incoming &incoming) {
    const auto id = path_id(incoming.request, "knowledge.task_not_found");
    if (!id) return tl::unexpected(id.error());
    // Before the body is read: a stranger learns nothing of what it should say.
    if (!recent.knows(incoming.caller.user, TaskId{*id}, incoming.now)) {
        return fail(ProblemKind::not_found, "knowledge.task_not_found");
    }
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text =
        reader->text("text", {.shortest = 1, .longest = knowledge::kLongestTaskText});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto done = knowledge::describe_report(parts.database, TaskId{*id}, text);
    if (!done) return tl::unexpected(done.error());
    return nothing_to_show();
}

Expected<Reply> take_back_report(const ApiParts &parts, RecentReports &recent,
                                 const Incoming &incoming) {
    const auto id = path_id(incoming.request, "knowledge.task_not_found");
    if (!id) return tl::unexpected(id.error());
    if (!recent.take(incoming.caller.user, TaskId{*id}, incoming.now)) {
        return fail(ProblemKind::not_found, "knowledge.task_not_found");
    }
    auto done = knowledge::take_back_report(parts.database, parts.clock, TaskId{*id});
    if (!done) return tl::unexpected(done.error());
    return nothing_to_show();
}

Expected<Reply> editors(const people::Users &users, const Incoming &incoming) {
    const auto all = users.all();
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const people::User &user : *all) {
        if (!user.active || !user.roles.contains(people::Role::editor)) continue;
        if (user.municipality && !people::may_see(incoming.caller, *user.municipality)) continue;
        items.push_back(json::object{{"id", user.id.value},
                                     {"name", user.display_name},
                                     {"municipality", to_json(user.municipality)}});
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> list_gaps(const knowledge::SearchGaps &gaps, const Incoming &incoming) {
    const auto open = gaps.open(incoming.caller.municipality);
    if (!open) return tl::unexpected(open.error());
    json::array items;
    for (const knowledge::SearchGap &gap : *open) {
        items.push_back(json::object{{"id", gap.id},
                                     {"query", gap.query},
                                     {"municipality", place_json(gap.municipality)},
                                     {"times", gap.times},
                                     {"last_on", gap.last_on}});
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> dismiss_gap(knowledge::SearchGaps &gaps, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "knowledge.gap_not_found");
    if (!id) return tl::unexpected(id.error());
    auto gone = gaps.dismiss(*id, incoming.caller.municipality);
    if (!gone) return tl::unexpected(gone.error());
    return nothing_to_show();
}

// The caller's own wish to be reminded by e-mail; null: none.
Expected<Reply> show_reminder(const ApiParts &parts, const Incoming &incoming) {
    const auto address = knowledge::reminder_address(parts.database, incoming.caller.user);
    if (!address) return tl::unexpected(address.error());
    json::object body;
    body["address"] = address->empty() ? json::value(nullptr) : json::value(*address);
    return json_reply(body);
}

Expected<Reply> wish_reminder(const ApiParts &parts, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto address = reader->nullable_text("address", {.longest = 254});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto done = knowledge::wish_reminders(parts.database, incoming.caller.user,
                                          address.value_or(std::string()));
    if (!done) return tl::unexpected(done.error());
    return show_reminder(parts, incoming);
}

} // namespace

void add_knowledge_work_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                               people::Users &users, knowledge::SearchGaps &gaps) {
    const std::string base = "/api/v1/knowledge";
    const auto recent = std::make_shared<RecentReports>();
    gate.add(router, "GET", base + "/tasks",
             [&](const Incoming &incoming) { return list(parts, incoming); });
    gate.add(router, "POST", base + "/tasks",
             [&](const Incoming &incoming) { return add(parts, incoming); });
    gate.add(router, "POST", base + "/tasks/{id}/close",
             [&](const Incoming &incoming) { return close(parts, incoming); });
    gate.add(router, "POST", base + "/reports", [&parts, recent](const Incoming &incoming) {
        return report(parts, *recent, incoming);
    });
    gate.add(router, "PUT", base + "/reports/{id}", [&parts, recent](const Incoming &incoming) {
        return describe_report(parts, *recent, incoming);
    });
    gate.add(router, "DELETE", base + "/reports/{id}", [&parts, recent](const Incoming &incoming) {
        return take_back_report(parts, *recent, incoming);
    });
    gate.add(router, "GET", base + "/editors",
             [&](const Incoming &incoming) { return editors(users, incoming); });
    gate.add(router, "GET", base + "/reminder",
             [&](const Incoming &incoming) { return show_reminder(parts, incoming); });
    gate.add(router, "PUT", base + "/reminder",
             [&](const Incoming &incoming) { return wish_reminder(parts, incoming); });
    gate.add(router, "GET", base + "/gaps",
             [&](const Incoming &incoming) { return list_gaps(gaps, incoming); });
    gate.add(router, "DELETE", base + "/gaps/{id}",
             [&](const Incoming &incoming) { return dismiss_gap(gaps, incoming); });
}

} // namespace fernamt::web
