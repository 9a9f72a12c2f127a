// SPDX-License-Identifier: EUPL-1.2
// Joining municipalities: the centre begins and plans, both answer and tick off; the
// questionnaire as CSV and JSON, the decision paper as PDF. A municipality sees its own.
#include "agreements/onboarding.h"
#include "billing/council_papers.h"
#include "billing/invoice_book.h"
#include "billing/onboarding_book.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using agreements::Onboarding;
using billing::OnboardingBook;
using billing::StoredOnboarding;

constexpr TextLimits kLong{.shortest = 0, .longest = 2000, .lines = Lines::many};

LocalDate today_of(const Incoming &incoming) {
    return to_local(incoming.now).date;
}

json::value day_json(const std::optional<LocalDate> &day) {
    if (!day) return nullptr;
    return json::value(fernamt::to_string(*day));
}

json::string words(const Incoming &incoming, std::string_view german, std::string_view english) {
    return json::string(incoming.language == Language::german ? german : english);
}

json::object head_json(Towns &towns, const StoredOnboarding &stored, const Incoming &incoming) {
    const auto progress = progress_on(stored.onboarding, today_of(incoming));
    json::object counts{
        {"questions", progress.questions}, {"answered", progress.answered},
        {"tasks", progress.tasks},         {"done", progress.done},
        {"overdue", progress.overdue},     {"next_due", day_json(progress.next_due)}};
    json::object object;
    object["municipality"] = municipality_json(towns, stored.onboarding.municipality);
    object["version"] = stored.version;
    object["go_live"] = fernamt::to_string(stored.onboarding.go_live);
    object["progress"] = std::move(counts);
    return object;
}

json::array questions_json(const Onboarding &onboarding, const Incoming &incoming) {
    json::array array;
    for (const agreements::Question &question : agreements::questions()) {
        json::object object;
        object["key"] = json::string(question.key);
        object["section"] = json::string(to_string(question.section));
        object["kind"] = json::string(to_string(question.kind));
        object["text"] = words(incoming, question.german, question.english);
        object["answer"] = json::string(answer_to(onboarding, question.key));
        array.push_back(std::move(object));
    }
    return array;
}

json::array tasks_json(const Onboarding &onboarding, const Incoming &incoming) {
    json::array array;
    const LocalDate today = today_of(incoming);
    for (const agreements::OnboardingTask &task : onboarding.tasks) {
        const auto *kind = agreements::find_task(task.key);
        if (kind == nullptr) continue; // of an older program
        json::object object;
        object["key"] = task.key;
        object["text"] = words(incoming, kind->german, kind->english);
        object["by"] = kind->by_municipality ? "municipality" : "centre";
        object["due"] = fernamt::to_string(task.due);
        object["done"] = day_json(task.done);
        object["note"] = task.note;
        object["overdue"] = !task.done && task.due < today;
        array.push_back(std::move(object));
    }
    return array;
}

Expected<Reply> shown(Towns &towns, const Incoming &incoming,
                      const Expected<StoredOnboarding> &stored, int status = 200) {
    if (!stored) return tl::unexpected(stored.error());
    json::object object = head_json(towns, *stored, incoming);
    object["questions"] = questions_json(stored->onboarding, incoming);
    object["list"] = tasks_json(stored->onboarding, incoming);
    Reply reply = versioned_reply(object, stored->version);
    reply.status = status;
    return reply;
}

Expected<Reply> list(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto all = OnboardingBook(parts.database).list();
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const StoredOnboarding &stored : *all) {
        if (people::may_see(incoming.caller, stored.onboarding.municipality))
            items.push_back(head_json(towns, stored, incoming));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<LocalDate> day_in(JsonReader &reader, std::string_view name) {
    const std::string text = reader.text(name, {.longest = 10});
    if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
    const auto day = parse_date(text);
    if (!day) return invalid_value(name, "no_day");
    return *day;
}

Expected<Reply> begin(const ApiParts &parts, people::Municipalities &municipalities, Towns &towns,
                      const Incoming &incoming) {
    const auto town = municipalities.find(path_municipality(incoming.request));
    if (!town) return tl::unexpected(town.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto go_live = day_in(*reader, "go_live");
    if (!go_live) return tl::unexpected(go_live.error());
    return shown(towns, incoming,
                 OnboardingBook(parts.database)
                     .begin(town->id, town->land, *go_live,
                            audited_change(incoming, "", "onboarding.begun", town->id)),
                 201);
}

Expected<StoredOnboarding> change(const ApiParts &parts, const Incoming &incoming,
                                  const OnboardingBook::Edit &edit, const std::string &field) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    return OnboardingBook(parts.database)
        .change(municipality, *version, edit,
                audited_change(incoming, "", "onboarding.changed", municipality, field));
}

Expected<Reply> move(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto go_live = day_in(*reader, "go_live");
    if (!go_live) return tl::unexpected(go_live.error());
    const auto edit = [&](Onboarding &onboarding) -> Expected<void> {
        move_go_live(onboarding, *go_live);
        return {};
    };
    return shown(towns, incoming, change(parts, incoming, edit, "go_live"));
}

Expected<Reply> answer(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    std::vector<agreements::Answer> answers;
    reader->objects("answers", 100, [&](JsonReader &each) {
        answers.push_back({each.text("question", {.longest = 60}), each.text("text", kLong)});
    });
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto edit = [&](Onboarding &onboarding) -> Expected<void> {
        for (const agreements::Answer &each : answers) {
            if (auto set = set_answer(onboarding, each); !set) return set;
        }
        return {};
    };
    return shown(towns, incoming, change(parts, incoming, edit, "answers"));
}

Expected<Reply> tick(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    agreements::OnboardingTask task;
    task.key = path_text(incoming.request, "key");
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string due = reader->text("due", {.longest = 10});
    const auto done = reader->nullable_text("done", {.longest = 10});
    task.note = reader->text("note", {.longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto due_day = parse_date(due);
    if (!due_day) return invalid_value("due", "no_day");
    task.due = *due_day;
    if (done) {
        task.done = parse_date(*done);
        if (!task.done) return invalid_value("done", "no_day");
    }
    const auto edit = [&](Onboarding &onboarding) { return set_task(onboarding, task); };
    return shown(towns, incoming, change(parts, incoming, edit, task.key));
}

// On the volume that the town has named; nothing without it.
Expected<std::optional<billing::VariantComparison>> variants_of(const Onboarding &onboarding,
                                                                const people::Municipality &town) {
    const auto calls = number_of(onboarding, "calls_per_year");
    const auto seconds = number_of(onboarding, "seconds_per_call");
    if (!calls || !seconds) return std::nullopt;
    auto expected = billing::expected_calls(onboarding.go_live.year, *calls, *seconds);
    if (!expected) return tl::unexpected(expected.error());
    std::vector<billing::VariantTown> alone;
    alone.push_back({town.id, town.name, town.population, std::move(*expected)});
    auto compared = billing::compare_models(alone, {});
    if (!compared) return tl::unexpected(compared.error());
    return std::move(*compared);
}

Expected<Reply> paper(const ApiParts &parts, const people::Municipality &town,
                      const Onboarding &onboarding, const Incoming &incoming) {
    const auto variants = variants_of(onboarding, town);
    if (!variants) return tl::unexpected(variants.error());
    const auto centre = billing::InvoiceBook(parts.database).party(billing::InvoiceBook::kCentre);
    auto pdf = billing::print_decision_paper(
        onboarding, town.population, *variants,
        {centre ? centre->name : "Servicecenter", town.name, today_of(incoming)});
    if (!pdf) return tl::unexpected(pdf.error());
    return file_reply(std::move(*pdf), "application/pdf",
                      fmt::format("entscheidungsvorlage-{}.pdf", to_ars(town.id)));
}

Expected<Reply> file(const ApiParts &parts, people::Municipalities &municipalities,
                     const Incoming &incoming) {
    const MunicipalityId id = path_municipality(incoming.request);
    const auto stored = OnboardingBook(parts.database).find(id);
    if (!stored) return tl::unexpected(stored.error());
    const std::string form = path_text(incoming.request, "form");
    const std::string name = "fragekatalog-" + to_ars(id);
    if (form == "csv")
        return file_reply(billing::to_csv(stored->onboarding), "text/csv; charset=utf-8",
                          name + ".csv");
    if (form == "json")
        return file_reply(billing::to_document(stored->onboarding), "application/json",
                          name + ".json");
    if (form != "paper") return fail(ProblemKind::not_found, "invoice.form_unknown");
    const auto town = municipalities.find(id);
    if (!town) return tl::unexpected(town.error());
    return paper(parts, *town, stored->onboarding, incoming);
}

} // namespace

void add_onboarding_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                           people::Municipalities &municipalities, Towns &towns) {
    constexpr const char *kOne = "/api/v1/municipalities/{ars}/onboarding";
    gate.add(router, "GET", "/api/v1/onboarding",
             [&](const Incoming &incoming) { return list(parts, towns, incoming); });
    gate.add(router, "GET", kOne, [&](const Incoming &incoming) {
        return shown(towns, incoming,
                     OnboardingBook(parts.database).find(path_municipality(incoming.request)));
    });
    gate.add(router, "POST", kOne, [&](const Incoming &incoming) {
        return begin(parts, municipalities, towns, incoming);
    });
    gate.add(router, "PUT", kOne,
             [&](const Incoming &incoming) { return move(parts, towns, incoming); });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/onboarding/answers",
             [&](const Incoming &incoming) { return answer(parts, towns, incoming); });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/onboarding/tasks/{key}",
             [&](const Incoming &incoming) { return tick(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/onboarding/files/{form}",
             [&](const Incoming &incoming) { return file(parts, municipalities, incoming); });
}

} // namespace fernamt::web
