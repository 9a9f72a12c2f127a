// SPDX-License-Identifier: EUPL-1.2
#include "people/planned_changes.h"

#include "people/audit.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace fernamt::people {

namespace json = boost::json;

namespace {

using storage::Connection;
using storage::Row;
using storage::Value;

std::string things_text(const std::vector<ChangedThing> &things) {
    json::array all;
    for (const ChangedThing &thing : things) {
        json::array one;
        one.emplace_back(to_string(thing.table));
        one.emplace_back(thing.id);
        one.emplace_back(to_string(thing.how));
        one.emplace_back(thing.name);
        all.push_back(std::move(one));
    }
    return json::serialize(all);
}

template <class Enum>
Enum named(std::string_view name, std::initializer_list<Enum> all) {
    for (const Enum one : all) {
        if (to_string(one) == name) return one;
    }
    return *all.begin();
}

// Written by us only: what does not fit is a broken database, and boost::json says so by throwing.
std::vector<ChangedThing> things_of(const std::string &text) {
    using enum RuleTable;
    using enum RuleHow;
    std::vector<ChangedThing> things;
    const json::value all = json::parse(text);
    for (const json::value &value : all.as_array()) {
        const json::array &one = value.as_array();
        things.push_back({named<RuleTable>(one.at(0).as_string(),
                                           {skill, agent_skills, queue, partner, overflow,
                                            crisis_plan, line, exception, municipality, settings}),
                          one.at(1).as_int64(),
                          named<RuleHow>(one.at(2).as_string(), {added, changed, removed}),
                          std::string(one.at(3).as_string())});
    }
    return things;
}

std::string problem_text(const Problem &problem) {
    json::array arguments;
    for (const auto &[name, value] : problem.arguments) {
        json::array pair;
        pair.emplace_back(name);
        pair.emplace_back(value);
        arguments.push_back(std::move(pair));
    }
    json::array all;
    all.emplace_back(static_cast<std::int64_t>(problem.kind));
    all.emplace_back(problem.code);
    all.push_back(std::move(arguments));
    return json::serialize(all);
}

Problem problem_of(const std::string &text) {
    const json::value value = json::parse(text);
    const json::array &all = value.as_array();
    Problem problem{
        static_cast<ProblemKind>(all.at(0).as_int64()), std::string(all.at(1).as_string()), {}};
    for (const json::value &pair : all.at(2).as_array()) {
        problem.arguments.emplace_back(std::string(pair.as_array().at(0).as_string()),
                                       std::string(pair.as_array().at(1).as_string()));
    }
    return problem;
}

} // namespace

Expected<std::vector<PlannedChange>> planned_changes(Connection &connection) {
    std::vector<PlannedChange> plans;
    const auto read = connection.each(
        "SELECT id, at, method, path, body, version, things, planned_on, by_account, office, "
        "refused_at, problem FROM planned_change ORDER BY at, id",
        {}, [&](const Row &row) {
            PlannedChange plan{row.integer(0),
                               Instant{row.integer(1)},
                               row.text(2),
                               row.text(3),
                               row.text(4),
                               std::nullopt,
                               things_of(row.text(6)),
                               Instant{row.integer(7)},
                               UserId{row.integer(8)},
                               parse_role(row.text(9)).value_or(Role::lead),
                               optional_instant(row, 10),
                               std::nullopt};
            if (!row.is_null(5)) plan.version = row.integer(5);
            if (!row.is_null(11)) plan.problem = problem_of(row.text(11));
            plans.push_back(std::move(plan));
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return plans;
}

Expected<std::int64_t> insert_plan(const Change &change, const PlannedChange &plan) {
    const auto id = next_rule_id(change.connection);
    if (!id) return id;
    Value version = nullptr;
    if (plan.version) version = *plan.version;
    auto stored =
        run(change.connection,
            "INSERT INTO planned_change (id, at, method, path, body, version, things, planned_on, "
            "by_account, office) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            {*id, plan.at.us, plan.method, plan.path, plan.body, std::move(version),
             things_text(plan.things), change.at.us, change.by.value,
             std::string(to_string(plan.office))});
    if (!stored) return tl::unexpected(stored.error());
    return id;
}

Expected<void> close_plan(const Change &change, std::int64_t id, std::string_view action) {
    const auto removed = change.connection.run("DELETE FROM planned_change WHERE id = $1", {id});
    if (!removed) return tl::unexpected(removed.error());
    if (*removed == 0) return no_such_thing();
    return record(change.connection, change.at, change.by, action, id);
}

Expected<void> refuse_plan(const Change &change, std::int64_t id, const Problem &problem) {
    auto stored = run(change.connection,
                      "UPDATE planned_change SET refused_at = $2, problem = $3, body = '' "
                      "WHERE id = $1",
                      {id, change.at.us, problem_text(problem)});
    if (stored) stored = record(change.connection, change.at, change.by, "rules.plan_refused", id);
    return stored;
}

Expected<void> move_on(Connection &connection, const std::string &path) {
    return run(connection,
               "UPDATE planned_change SET version = version + 1 "
               "WHERE path = $1 AND version IS NOT NULL AND refused_at IS NULL",
               {path});
}

} // namespace fernamt::people
