// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/tasks.h"

#include "storage/statement.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace fernamt::knowledge {

namespace {

Expected<void> check_text(const std::string &text) {
    if (text.size() <= 4 * kLongestTaskText) return {}; // bytes; characters are the reader's matter
    return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "text"}});
}

Expected<std::string> service_name(storage::Connection &connection, ServiceId service) {
    std::optional<std::string> name;
    const auto done = connection.each("SELECT name FROM knowledge_public_service WHERE id = $1",
                                      {service.value}, [&](const storage::Row &row) {
                                          name = row.text(0);
                                          return false;
                                      });
    if (!done) return tl::unexpected(done.error());
    if (!name) return fail(ProblemKind::not_found, "knowledge.not_found");
    return *name;
}

struct NewTask {
    std::string kind;
    ServiceId service;
    MunicipalityId municipality;
    std::string part, text;
    UserId assignee;
    LocalDate due_on;
};

Expected<TaskId> insert(storage::Connection &connection, Instant now, const NewTask &task) {
    const auto id = storage::next_id(connection, "knowledge_task");
    if (!id) return tl::unexpected(id.error());
    const auto done = connection.run(
        "INSERT INTO knowledge_task (id, kind, service, municipality, part, text, assignee, "
        "due_on, state, times, created_at, closed_at, closed_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 1, $9, 0, 0)",
        {*id, task.kind, task.service.value, task.municipality.value, task.part, task.text,
         task.assignee.value, to_string(task.due_on), now.us});
    if (!done) return tl::unexpected(done.error());
    return TaskId{*id};
}

// Told again: counted, and the words are kept if there were none.
Expected<std::optional<TaskId>> tell_again(storage::Connection &connection,
                                           const WrongReport &report, const std::string &part) {
    std::optional<TaskId> found;
    auto done = connection.each(
        "SELECT id FROM knowledge_task WHERE kind = 'wrong' AND state = 'open' AND service = $1 "
        "AND municipality = $2 AND part = $3",
        {report.service.value, report.municipality.value, part}, [&](const storage::Row &row) {
            found = TaskId{row.integer(0)};
            return false;
        });
    if (!done) return tl::unexpected(done.error());
    if (!found) return found;
    const auto counted =
        connection.run("UPDATE knowledge_task SET times = times + 1, text = CASE WHEN text = '' "
                       "THEN $1 ELSE text END WHERE id = $2",
                       {report.text, found->value});
    if (!counted) return tl::unexpected(counted.error());
    return found;
}

Expected<void> append_stored(storage::Connection &connection, const Editor &editor,
                             std::vector<WorkItem> &items) {
    std::string sql = "SELECT t.id, t.kind, t.service, COALESCE(s.name, ''), t.municipality, "
                      "t.part, t.text, t.assignee, t.due_on, t.times FROM knowledge_task t "
                      "LEFT JOIN knowledge_public_service s ON s.id = t.service "
                      "WHERE t.state = 'open' ";
    std::vector<storage::Value> values;
    if (editor.municipality) {
        sql += "AND (t.municipality = $1 OR (t.municipality = 0 AND t.service IN (SELECT service "
               "FROM knowledge_care WHERE municipality = 0 AND reviewer = $1))) ";
        values.emplace_back(editor.municipality->value);
    }
    return connection.each(sql + "ORDER BY t.id", values, [&](const storage::Row &row) {
        const UserId assignee{row.integer(7)};
        items.push_back({.kind = row.text(1) == "wrong" ? WorkKind::wrong : WorkKind::job,
                         .task = TaskId{row.integer(0)},
                         .service = ServiceId{row.integer(2)},
                         .service_name = row.text(3),
                         .municipality = MunicipalityId{row.integer(4)},
                         .part = row.text(5),
                         .text = row.text(6),
                         .due_on = parse_date(row.text(8)).value_or(LocalDate{}),
                         .times = row.integer(9),
                         .mine = assignee == editor.user});
        return true;
    });
}

Expected<void> append_drafts(storage::Database &database, const Clock &clock, const Editor &editor,
                             std::vector<WorkItem> &items) {
    const auto drafts = TextEditing(database, clock).drafts(editor);
    if (!drafts) return tl::unexpected(drafts.error());
    for (const Draft &draft : *drafts) {
        const bool mine = draft.author == editor.user;
        const bool common = draft.place.municipality == kCommonText;
        const bool may_release =
            !mine && draft.state == DraftState::submitted && !(common && editor.municipality);
        if (!mine && !may_release) continue;
        items.push_back({.kind = may_release ? WorkKind::release : WorkKind::draft,
                         .service = draft.place.service,
                         .municipality = draft.place.municipality,
                         .part = part_name(draft.place.section),
                         .internal = draft.place.internal,
                         .text = draft.remark,
                         .due_on = to_local(draft.changed_at).date,
                         .mine = mine});
    }
    return {};
}

Expected<void> name_services(storage::Connection &connection, std::vector<WorkItem> &items) {
    std::map<ServiceId, std::string> names;
    for (WorkItem &item : items) {
        if (!item.service_name.empty()) continue;
        auto known = names.find(item.service);
        if (known == names.end()) {
            const auto name = service_name(connection, item.service);
            if (!name && name.error().kind != ProblemKind::not_found) {
                return tl::unexpected(name.error());
            }
            known = names.emplace(item.service, name.value_or("")).first;
        }
        item.service_name = known->second;
    }
    return {};
}

} // namespace

std::string_view to_string(WorkKind kind) {
    static constexpr std::array<std::string_view, 5> kNames{"wrong", "job", "release", "draft",
                                                            "review"};
    return kNames.at(static_cast<std::size_t>(kind));
}

Expected<TaskId> report_wrong(storage::Database &database, const Clock &clock,
                              const WrongReport &report) {
    if (auto checked = check_text(report.text); !checked) return tl::unexpected(checked.error());
    const std::string part = report.section ? std::string(to_string(*report.section)) : "";
    TaskId id;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        if (const auto name = service_name(connection, report.service); !name) {
            return tl::unexpected(name.error());
        }
        const auto again = tell_again(connection, report, part);
        if (!again) return tl::unexpected(again.error());
        if (*again) {
            id = **again;
            return {};
        }
        const Instant now = clock.now();
        const auto made = insert(connection, now,
                                 {.kind = "wrong",
                                  .service = report.service,
                                  .municipality = report.municipality,
                                  .part = part,
                                  .text = report.text,
                                  .assignee = {},
                                  .due_on = add_days(to_local(now).date, kDaysForWrong)});
        if (!made) return tl::unexpected(made.error());
        id = *made;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return id;
}

namespace {

struct OpenReport {
    std::string text;
    std::int64_t times = 1;
};

Expected<OpenReport> open_report(storage::Connection &connection, TaskId task) {
    std::optional<OpenReport> found;
    const auto done = connection.each(
        "SELECT text, times FROM knowledge_task WHERE id = $1 AND kind = 'wrong' AND "
        "state = 'open'",
        {task.value}, [&](const storage::Row &row) {
            found = OpenReport{row.text(0), row.integer(1)};
            return false;
        });
    if (!done) return tl::unexpected(done.error());
    if (!found) return fail(ProblemKind::conflict, "knowledge.task_closed");
    return *found;
}

} // namespace

Expected<void> describe_report(storage::Database &database, TaskId task, const std::string &text) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto report = open_report(connection, task);
        if (!report) return tl::unexpected(report.error());
        const std::string all = report->text.empty() ? text : report->text + " / " + text;
        if (auto fits = check_text(all); !fits) return fits;
        const auto done =
            connection.run("UPDATE knowledge_task SET text = $1 WHERE id = $2", {all, task.value});
        if (!done) return tl::unexpected(done.error());
        return {};
    });
}

Expected<void> take_back_report(storage::Database &database, const Clock &clock, TaskId task) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto report = open_report(connection, task);
        if (!report) return tl::unexpected(report.error());
        const auto done =
            report->times > 1
                ? connection.run("UPDATE knowledge_task SET times = times - 1 WHERE id = $1",
                                 {task.value})
                : connection.run("UPDATE knowledge_task SET state = 'dismissed', closed_at = $1 "
                                 "WHERE id = $2",
                                 {clock.now().us, task.value});
        if (!done) return tl::unexpected(done.error());
        return {};
    });
}

Expected<TaskId> add_job(storage::Database &database, const Clock &clock, const Editor &editor,
                         const Job &job) {
    if (auto checked = check_text(job.text); !checked) return tl::unexpected(checked.error());
    if (job.text.empty()) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "text"}});
    }
    TaskId id;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        if (const auto name = service_name(connection, job.service); !name) {
            return tl::unexpected(name.error());
        }
        if (auto may = may_write(connection, editor, job.service, job.municipality); !may) {
            return may;
        }
        const auto made = insert(connection, clock.now(),
                                 {.kind = "job",
                                  .service = job.service,
                                  .municipality = job.municipality,
                                  .part = "",
                                  .text = job.text,
                                  .assignee = job.assignee,
                                  .due_on = job.due_on});
        if (!made) return tl::unexpected(made.error());
        id = *made;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return id;
}

Expected<void> close_task(storage::Database &database, const Clock &clock, const Editor &editor,
                          TaskId task, bool done) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        std::optional<std::tuple<ServiceId, MunicipalityId, bool>> found;
        const auto read =
            connection.each("SELECT service, municipality, state FROM knowledge_task WHERE id = $1",
                            {task.value}, [&](const storage::Row &row) {
                                found = {ServiceId{row.integer(0)}, MunicipalityId{row.integer(1)},
                                         row.text(2) == "open"};
                                return false;
                            });
        if (!read) return read;
        const auto missing = [] {
            return fail(ProblemKind::not_found, "knowledge.task_not_found");
        };
        if (!found) return missing();
        const auto &[service, municipality, open] = *found;
        if (!may_write(connection, editor, service, municipality)) return missing();
        if (!open) return fail(ProblemKind::conflict, "knowledge.task_closed");
        const auto closed = connection.run(
            "UPDATE knowledge_task SET state = $1, closed_at = $2, closed_by = $3 WHERE id = $4",
            {std::string(done ? "done" : "dismissed"), clock.now().us, editor.user.value,
             task.value});
        if (!closed) return tl::unexpected(closed.error());
        return {};
    });
}

Expected<std::vector<WorkItem>> work_list(storage::Database &database, const Clock &clock,
                                          const Editor &editor) {
    const LocalDate today = to_local(clock.now()).date;
    std::vector<WorkItem> drafts;
    if (auto done = append_drafts(database, clock, editor, drafts); !done) {
        return tl::unexpected(done.error());
    }
    std::vector<WorkItem> items;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        items = drafts;
        if (auto read = append_stored(connection, editor, items); !read) return read;
        if (auto named = name_services(connection, items); !named) return named;
        const auto due = due_reviews(connection, editor, today, add_days(today, kReviewsAhead));
        if (!due) return tl::unexpected(due.error());
        for (const DueReview &review : *due) {
            items.push_back({.kind = WorkKind::review,
                             .service = review.care.service,
                             .service_name = review.name,
                             .municipality = review.care.municipality,
                             .part = "",
                             .due_on = review.due_on,
                             .mine = review.care.editor == editor.user});
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    std::ranges::stable_sort(items, [](const WorkItem &a, const WorkItem &b) {
        return std::tuple(a.due_on, !a.mine) < std::tuple(b.due_on, !b.mine);
    });
    return items;
}

} // namespace fernamt::knowledge
