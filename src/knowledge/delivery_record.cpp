// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivery_record.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/delivery_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace fernamt::knowledge {

namespace {

namespace json = boost::json;

constexpr std::string_view kColumns = "SELECT id, source, path, complete, state, started_at, "
                                      "finished_at, by_user, problem, report, undo_until "
                                      "FROM knowledge_delivery ";

json::string_view view(std::string_view text) {
    return {text.data(), text.size()};
}

std::int64_t value_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(view(key));
    return value && value->is_int64() ? value->as_int64() : 0;
}

json::object parsed(const std::string &text) {
    boost::system::error_code error;
    json::value document = json::parse(text, error);
    return !error && document.is_object() ? std::move(document.as_object()) : json::object{};
}

json::object kinds_json(const DeliveryReport &report) {
    json::object kinds;
    for (int kind = 1; kind <= kObjectKinds; ++kind) {
        kinds[view(to_string(static_cast<ObjectKind>(kind)))] =
            counts_of_kind(report.kinds[static_cast<std::size_t>(kind - 1)]);
    }
    return kinds;
}

json::object counts_object(const DeliveryReport &report) {
    json::object made;
    made["files"] = report.files;
    made["objects"] = report.objects;
    made["refused"] = report.refused;
    made["notes"] = report.notes;
    made["unknown_removals"] = report.unknown_removals;
    made["duplicates"] = report.duplicates;
    made["dangling"] = report.dangling;
    made["source_objects"] = report.source_objects;
    made["vanishing"] = report.vanishing;
    made["kinds"] = kinds_json(report);
    return made;
}

void read_counts(const std::string &text, DeliveryReport &report) {
    const json::object object = parsed(text);
    report.files = value_at(object, "files");
    report.objects = value_at(object, "objects");
    report.refused = value_at(object, "refused");
    report.notes = value_at(object, "notes");
    report.unknown_removals = value_at(object, "unknown_removals");
    report.duplicates = value_at(object, "duplicates");
    report.dangling = value_at(object, "dangling");
    report.source_objects = value_at(object, "source_objects");
    report.vanishing = value_at(object, "vanishing");
    const json::value *kinds = object.if_contains("kinds");
    for (int kind = 1; kinds && kinds->is_object() && kind <= kObjectKinds; ++kind) {
        const json::value *counts =
            kinds->as_object().if_contains(view(to_string(static_cast<ObjectKind>(kind))));
        if (!counts || !counts->is_object()) continue;
        const json::object &one = counts->as_object();
        report.kinds[static_cast<std::size_t>(kind - 1)] = {
            value_at(one, "created"), value_at(one, "updated"), value_at(one, "unchanged"),
            value_at(one, "removed")};
    }
}

json::object problem_object(const Problem &problem) {
    json::object arguments;
    for (const auto &[name, value] : problem.arguments)
        arguments[name] = value;
    json::object made;
    made["kind"] = static_cast<std::int64_t>(problem.kind);
    made["code"] = problem.code;
    made["arguments"] = std::move(arguments);
    return made;
}

std::string problem_text(const std::optional<Problem> &problem) {
    return problem ? json::serialize(problem_object(*problem)) : "";
}

std::optional<Problem> read_problem(const std::string &text) {
    if (text.empty()) return std::nullopt;
    const json::object object = parsed(text);
    const json::value *code = object.if_contains("code");
    if (!code || !code->is_string()) return std::nullopt;
    const std::int64_t kind = value_at(object, "kind");
    Problem problem{kind >= 0 && kind < kProblemKinds ? static_cast<ProblemKind>(kind)
                                                      : ProblemKind::internal,
                    std::string(code->as_string()),
                    {}};
    const json::value *arguments = object.if_contains("arguments");
    if (!arguments || !arguments->is_object()) return problem;
    for (const auto &[name, value] : arguments->as_object()) {
        if (!value.is_string()) continue;
        problem.arguments.emplace_back(std::string(name), std::string(value.as_string()));
    }
    return problem;
}

DeliveryReport record_of(const storage::Row &row) {
    DeliveryReport report;
    report.id = row.integer(0);
    report.source = row.text(1);
    report.path = row.text(2);
    report.complete = row.integer(3) != 0;
    report.state = row.text(4);
    report.started = Instant{row.integer(5)};
    if (row.integer(6) != 0) report.finished = Instant{row.integer(6)};
    report.by = UserId{row.integer(7)};
    report.problem = read_problem(row.text(8));
    read_counts(row.text(9), report);
    report.undo_until = parse_date(row.text(10)); // '' is none
    return report;
}

Expected<std::vector<DeliveryReport>> records(storage::Connection &connection,
                                              const std::string &which,
                                              const std::vector<storage::Value> &values) {
    std::vector<DeliveryReport> found;
    const auto done =
        connection.each(std::string(kColumns) + which, values, [&](const storage::Row &row) {
            found.push_back(record_of(row));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<DeliveryReport> record(storage::Connection &connection, std::int64_t id) {
    auto found = records(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (!found->empty()) return std::move(found->front());
    return fail(ProblemKind::not_found, "knowledge.delivery_not_found",
                {{"delivery", fmt::format("{}", id)}});
}

Expected<void> read_changes(storage::Connection &connection, DeliveryReport &report) {
    return connection.each("SELECT what, object, name FROM knowledge_change WHERE delivery = $1 "
                           "ORDER BY ordinal",
                           {report.id}, [&](const storage::Row &row) {
                               report.changes.push_back({row.text(0), row.text(1), row.text(2)});
                               return true;
                           });
}

Expected<void> read_findings(storage::Connection &connection, DeliveryReport &report) {
    return connection.each("SELECT file, line, code, object, detail FROM knowledge_finding "
                           "WHERE delivery = $1 ORDER BY ordinal",
                           {report.id}, [&](const storage::Row &row) {
                               report.findings.push_back({row.text(0),
                                                          static_cast<int>(row.integer(1)),
                                                          row.text(2), row.text(3), row.text(4)});
                               return true;
                           });
}

} // namespace

Expected<void> set_state(storage::Database &database, std::int64_t id, const std::string &state,
                         Instant now, const std::optional<Problem> &problem,
                         const std::optional<LocalDate> &undo_until) {
    const bool last = state == "failed" || state == "applied" || state == "undone";
    return database.write([&](storage::Connection &connection) {
        return run(connection,
                   "UPDATE knowledge_delivery SET state = $1, finished_at = $2, problem = $3, "
                   "undo_until = $4 WHERE id = $5",
                   {state, last ? now.us : 0, problem_text(problem),
                    undo_until ? to_string(*undo_until) : "", id});
    });
}

Expected<void> note_problem(storage::Database &database, std::int64_t id, const Problem &problem) {
    return database.write([&](storage::Connection &connection) {
        return run(connection, "UPDATE knowledge_delivery SET problem = $1 WHERE id = $2",
                   {problem_text(problem), id});
    });
}

Expected<DeliveryReport> delivery_record(storage::Database &database, std::int64_t id) {
    Expected<DeliveryReport> found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        found = record(connection, id);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

tl::unexpected<Problem> wrong_state(const DeliveryReport &delivery) {
    return fail(ProblemKind::conflict, "knowledge.delivery_state",
                {{"delivery", fmt::format("{}", delivery.id)}, {"state", delivery.state}});
}

std::string counts_json(const DeliveryReport &report) {
    return json::serialize(counts_object(report));
}

Expected<void>
each_vanishing(storage::Connection &connection, std::int64_t delivery, const std::string &source,
               const std::function<void(ObjectKind kind, std::int64_t count)> &take) {
    return connection.each(
        "SELECT o.kind, COUNT(*) FROM knowledge_object o WHERE o.source = $1 AND NOT EXISTS "
        "(SELECT 1 FROM knowledge_staged s WHERE s.delivery = $2 AND s.id = o.id) "
        "GROUP BY o.kind",
        {source, delivery}, [&](const storage::Row &row) {
            take(object_kind(row.integer(0)).value_or(ObjectKind::service), row.integer(1));
            return true;
        });
}

Expected<void> forget_rows(storage::Database &database, std::string_view table, std::int64_t id,
                           const DeliveryPace &pace) {
    const auto most = static_cast<std::int64_t>(pace.piece_objects) * 5; // cheaper than storing
    const std::string erase = fmt::format("DELETE FROM {0} WHERE delivery = $1 AND id IN (SELECT "
                                          "id FROM {0} WHERE delivery = $2 ORDER BY id LIMIT $3)",
                                          table);
    std::int64_t all = 0;
    for (std::int64_t removed = 1; removed > 0;) {
        const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
            const auto rows = connection.run(erase, {id, id, most});
            if (!rows) return tl::unexpected(rows.error());
            removed = *rows;
            return {};
        });
        if (!done) return done;
        all += removed;
        if (!pace.after_piece) continue;
        if (auto go_on = pace.after_piece(all); !go_on) return go_on;
    }
    return {};
}

Expected<void> forget_staged(storage::Database &database, std::int64_t id,
                             std::size_t piece_objects) {
    return forget_rows(database, "knowledge_staged", id,
                       {.piece_objects = piece_objects, .after_piece = {}});
}

Expected<std::vector<InterruptedDelivery>> clean_up_deliveries(storage::Database &database,
                                                               const Clock &clock) {
    constexpr std::size_t kPieceObjects = 400; // calls may come meanwhile
    const auto all = deliveries(database);
    if (!all) return tl::unexpected(all.error());
    std::vector<InterruptedDelivery> interrupted;
    for (const DeliveryReport &each : *all) {
        if (each.state == "applying" || each.state == "undoing") {
            interrupted.push_back({each.id, each.state == "undoing"});
        }
        if (each.state != "staging") continue;
        if (auto done = forget_staged(database, each.id, kPieceObjects); !done) {
            return tl::unexpected(done.error());
        }
        const Problem why{ProblemKind::unavailable, "knowledge.delivery_interrupted", {}};
        if (auto done = set_state(database, each.id, "failed", clock.now(), why); !done) {
            return tl::unexpected(done.error());
        }
    }
    return interrupted;
}

Expected<std::vector<DeliveryReport>> deliveries(storage::Database &database) {
    Expected<std::vector<DeliveryReport>> found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        found = records(connection, "ORDER BY id DESC", {});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<DeliveryReport> find_delivery(storage::Database &database, std::int64_t id) {
    Expected<DeliveryReport> found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        found = record(connection, id);
        if (!found) return {};
        if (auto read = read_changes(connection, *found); !read) return read;
        return read_findings(connection, *found);
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

json::object counts_of_kind(const DeliveryCounts &counts) {
    json::object made;
    made["created"] = counts.created;
    made["updated"] = counts.updated;
    made["unchanged"] = counts.unchanged;
    made["removed"] = counts.removed;
    return made;
}

json::array findings_json(const DeliveryReport &report) {
    json::array findings;
    for (const DeliveryFinding &each : report.findings) {
        json::object one;
        one["file"] = each.file;
        one["line"] = each.line;
        one["code"] = each.code;
        one["object"] = each.object;
        one["detail"] = each.detail;
        findings.push_back(std::move(one));
    }
    return findings;
}

json::array changes_json(const DeliveryReport &report) {
    json::array changes;
    for (const DeliveryChange &each : report.changes) {
        json::object one;
        one["what"] = each.what;
        one["object"] = each.object;
        one["name"] = each.name;
        changes.push_back(std::move(one));
    }
    return changes;
}

std::string to_json(const DeliveryReport &report) {
    json::object made;
    made["delivery"] = report.id;
    made["state"] = report.state;
    made["source"] = report.source;
    made["path"] = report.path;
    made["complete"] = report.complete;
    made["started"] = to_iso8601(report.started);
    if (report.finished) made["finished"] = to_iso8601(*report.finished);
    if (report.undo_until) made["undo_until"] = to_string(*report.undo_until);
    if (report.problem) made["problem"] = problem_object(*report.problem);
    for (auto &[key, value] : counts_object(report))
        made[key] = std::move(value);
    made["changes"] = changes_json(report);
    made["findings"] = findings_json(report);
    return json::serialize(made);
}

} // namespace fernamt::knowledge
