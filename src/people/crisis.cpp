// SPDX-License-Identifier: EUPL-1.2
#include "people/crisis.h"

#include "people/audit.h"
#include "people/hours.h"
#include "people/passwords.h"
#include "people/queues.h"
#include "people/skills.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::CrisisId;
using routing::QueueId;
using routing::SkillId;
using storage::Connection;
using storage::Row;

constexpr Duration kCodesAreGoodFor = 48h;

CrisisPlan *find_in(std::vector<CrisisPlan> &plans, std::int64_t id) {
    const auto found =
        std::ranges::find(plans, CrisisId{id}, [](const CrisisPlan &p) { return p.rules.id; });
    return found == plans.end() ? nullptr : &*found;
}

Expected<void> check(Connection &connection, const CrisisPlan &plan) {
    const auto taken = exists(connection, "SELECT 1 FROM crisis_plan WHERE name = $1 AND id <> $2",
                              {plan.name, plan.rules.id.value});
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return fail(ProblemKind::conflict, "distribution.name_taken", {{"field", "name"}});
    if (!plan.rules.municipality && !plan.rules.queue)
        return wrong("distribution.crisis_of_nothing", "municipality");
    if (plan.rules.municipality) {
        const auto known = exists(connection, "SELECT 1 FROM municipality WHERE id = $1",
                                  {plan.rules.municipality->value});
        if (!known) return tl::unexpected(known.error());
        if (!*known) return wrong("distribution.unknown", "municipality");
    }
    auto checked = check_queue(connection, plan.rules.queue, "queue");
    if (checked) checked = check_skills(connection, plan.rules.demands, "demands");
    if (checked)
        checked = check_relaxations(connection, plan.rules.demands, plan.rules.relaxations,
                                    "relaxations");
    if (checked) checked = check_hours(plan.rules.hours, "hours");
    return checked;
}

Expected<void> insert_lists(Connection &connection, const CrisisPlan &plan) {
    const std::int64_t id = plan.rules.id.value;
    Expected<void> stored;
    for (const auto &period : plan.rules.hours) {
        if (!stored) return stored;
        std::vector<storage::Value> values{id};
        append_period(values, period);
        stored = run(connection,
                     fmt::format("INSERT INTO crisis_period (plan, {}) "
                                 "VALUES ($1, $2, $3, $4, $5, $6)",
                                 kPeriodColumns),
                     values);
    }
    for (const auto &one : plan.rules.demands) {
        if (!stored) return stored;
        stored =
            run(connection, "INSERT INTO crisis_skill (plan, skill, level) VALUES ($1, $2, $3)",
                {id, one.skill.value, std::int64_t{one.level}});
    }
    for (const auto &step : plan.rules.relaxations) {
        const std::int64_t after = step.after.count();
        if (stored)
            stored =
                run(connection, "INSERT INTO crisis_relaxation (plan, after_us) VALUES ($1, $2)",
                    {id, after});
        for (const auto &one : step.demands) {
            if (!stored) return stored;
            stored = run(connection,
                         "INSERT INTO crisis_relaxed_skill (plan, after_us, skill, level) "
                         "VALUES ($1, $2, $3, $4)",
                         {id, after, one.skill.value, std::int64_t{one.level}});
        }
    }
    for (const auto &[language, text] : plan.wording) {
        if (!stored) return stored;
        stored =
            run(connection, "INSERT INTO crisis_wording (plan, language, text) VALUES ($1, $2, $3)",
                {id, language, text});
    }
    return stored;
}

Expected<void> erase_lists(Connection &connection, CrisisId id) {
    Expected<void> stored;
    for (const char *sql :
         {"DELETE FROM crisis_period WHERE plan = $1", "DELETE FROM crisis_skill WHERE plan = $1",
          "DELETE FROM crisis_relaxed_skill WHERE plan = $1",
          "DELETE FROM crisis_relaxation WHERE plan = $1",
          "DELETE FROM crisis_wording WHERE plan = $1"}) {
        if (stored) stored = run(connection, sql, {id.value});
    }
    return stored;
}

Expected<void> read_lists(Connection &connection, std::vector<CrisisPlan> &plans) {
    auto read = connection.each(fmt::format("SELECT plan, {} FROM crisis_period "
                                            "ORDER BY plan, weekday, from_second, valid_from",
                                            kPeriodColumns),
                                {}, [&](const Row &row) {
                                    if (auto *plan = find_in(plans, row.integer(0)))
                                        plan->rules.hours.push_back(read_period(row, 1));
                                    return true;
                                });
    if (read)
        read = connection.each(
            "SELECT plan, skill, level FROM crisis_skill ORDER BY plan, skill", {},
            [&](const Row &row) {
                if (auto *plan = find_in(plans, row.integer(0)))
                    plan->rules.demands.push_back(
                        {SkillId{row.integer(1)}, static_cast<int>(row.integer(2))});
                return true;
            });
    if (read)
        read = connection.each(
            "SELECT plan, after_us FROM crisis_relaxation ORDER BY plan, after_us", {},
            [&](const Row &row) {
                if (auto *plan = find_in(plans, row.integer(0)))
                    plan->rules.relaxations.push_back({Duration{row.integer(1)}, {}});
                return true;
            });
    if (read)
        read = connection.each(
            "SELECT plan, after_us, skill, level FROM crisis_relaxed_skill "
            "ORDER BY plan, after_us, skill",
            {}, [&](const Row &row) {
                if (auto *plan = find_in(plans, row.integer(0)))
                    take_relaxed(plan->rules.relaxations, Duration{row.integer(1)},
                                 {SkillId{row.integer(2)}, static_cast<int>(row.integer(3))});
                return true;
            });
    if (read)
        read = connection.each("SELECT plan, language, text FROM crisis_wording", {},
                               [&](const Row &row) {
                                   if (auto *plan = find_in(plans, row.integer(0)))
                                       plan->wording[row.text(1)] = row.text(2);
                                   return true;
                               });
    return read;
}

CrisisPlan tidied(CrisisPlan plan) {
    std::ranges::sort(plan.rules.demands);
    plan.rules.relaxations = people::tidied(std::move(plan.rules.relaxations));
    std::ranges::sort(plan.rules.hours, {}, [](const routing::OpeningPeriod &p) {
        return std::tuple(p.weekday, p.from_second, p.valid_from);
    });
    return plan;
}

// A plan is not a rule of distribution until it begins: audited, but the rules stay as they are.
Expected<void> noted(const Change &change, std::string_view action, CrisisId id) {
    return record(change.connection, change.at, change.by, action, id.value);
}

auto invalid_code() {
    return fail(ProblemKind::unauthenticated, "session.code_invalid");
}

// As people type it: groups, blanks and capitals do not matter.
std::string normalised(std::string_view code) {
    std::string plain;
    for (const char c : code) {
        if (c == ' ' || c == '-') continue;
        plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return plain;
}

Expected<User> add_helper(Connection &connection, CrisisId crisis, const std::string &hash) {
    const auto id = storage::next_id(connection, "account");
    if (!id) return tl::unexpected(id.error());
    User user;
    user.id = UserId{*id};
    user.login = fmt::format("aushilfe-{}", user.id.value);
    user.display_name = fmt::format("Aushilfe {}", user.id.value);
    user.roles.add(Role::agent);
    auto stored = run(connection,
                      "INSERT INTO account (id, login, display_name, password_hash, roles, active, "
                      "sip_ha1_md5, sip_ha1_sha256, language, settings, version, helps_in) "
                      "VALUES ($1, $2, $3, $4, 'agent', 1, '', '', 'de', '{}', 1, $5)",
                      {user.id.value, user.login, user.display_name, hash, crisis.value});
    if (!stored) return tl::unexpected(stored.error());
    return user;
}

} // namespace

Expected<std::vector<CrisisPlan>> crisis_plans(Connection &connection) {
    std::vector<CrisisPlan> plans;
    auto read =
        connection.each("SELECT id, name, municipality, queue, head_start_us, always_open, version "
                        "FROM crisis_plan ORDER BY id",
                        {}, [&](const Row &row) {
                            CrisisPlan plan;
                            plan.rules.id = CrisisId{row.integer(0)};
                            plan.name = row.text(1);
                            if (!row.is_null(2))
                                plan.rules.municipality = MunicipalityId{row.integer(2)};
                            plan.rules.queue = QueueId{row.integer(3)};
                            plan.rules.head_start = Duration{row.integer(4)};
                            plan.rules.always_open = row.integer(5) != 0;
                            plan.version = row.integer(6);
                            plans.push_back(std::move(plan));
                            return true;
                        });
    if (read) read = read_lists(connection, plans);
    if (!read) return tl::unexpected(read.error());
    return plans;
}

Expected<CrisisPlan> find_crisis_plan(Connection &connection, CrisisId id) {
    auto plans = crisis_plans(connection);
    if (!plans) return tl::unexpected(plans.error());
    const CrisisPlan *found = find_in(*plans, id.value);
    if (!found) return no_such_thing();
    return *found;
}

Expected<CrisisPlan> add(const Change &change, CrisisPlan plan) {
    plan.rules.id = {};
    auto stored = check(change.connection, plan);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    plan.rules.id = CrisisId{*id};
    plan.version = 1;
    const auto &rules = plan.rules;
    stored = run(change.connection,
                 "INSERT INTO crisis_plan (id, name, municipality, queue, head_start_us, "
                 "always_open, version) VALUES ($1, $2, $3, $4, $5, $6, 1)",
                 {*id, plan.name, nullable(rules.municipality.value_or(MunicipalityId{})),
                  nullable(rules.queue), std::int64_t{rules.head_start.count()},
                  std::int64_t{rules.always_open}});
    if (stored) stored = insert_lists(change.connection, plan);
    if (stored) stored = noted(change, "crisis_plan.added", rules.id);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(plan));
}

Expected<CrisisPlan> modify(const Change &change, CrisisPlan plan) {
    const auto before = find_crisis_plan(change.connection, plan.rules.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(plan.version, before->version);
    if (stored) stored = check(change.connection, plan);
    ++plan.version;
    const auto &rules = plan.rules;
    if (stored)
        stored =
            run(change.connection,
                "UPDATE crisis_plan SET name = $2, municipality = $3, queue = $4, "
                "head_start_us = $5, always_open = $6, version = $7 WHERE id = $1",
                {rules.id.value, plan.name, nullable(rules.municipality.value_or(MunicipalityId{})),
                 nullable(rules.queue), std::int64_t{rules.head_start.count()},
                 std::int64_t{rules.always_open}, plan.version});
    if (stored) stored = erase_lists(change.connection, rules.id);
    if (stored) stored = insert_lists(change.connection, plan);
    if (stored) stored = noted(change, "crisis_plan.changed", rules.id);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(plan));
}

Expected<void> remove(const Change &change, CrisisId id) {
    if (const auto before = find_crisis_plan(change.connection, id); !before)
        return tl::unexpected(before.error());
    auto stored = erase_lists(change.connection, id);
    if (stored) stored = dismiss_helpers(change, id);
    if (stored)
        stored = run(change.connection, "DELETE FROM crisis_plan WHERE id = $1", {id.value});
    if (stored) stored = noted(change, "crisis_plan.removed", id);
    return stored;
}

Expected<void> note_crisis(const Change &change, std::string_view action, CrisisId id) {
    return noted(change, action, id);
}

Expected<std::vector<std::string>> make_codes(const Change &change, CrisisId id, int count) {
    if (const auto plan = find_crisis_plan(change.connection, id); !plan)
        return tl::unexpected(plan.error());
    std::vector<std::string> codes;
    for (int i = 0; i < count; ++i) {
        codes.push_back(random_readable_secret());
        auto stored = run(change.connection,
                          "INSERT INTO crisis_code (code_hash, plan, made_at, expires_at) "
                          "VALUES ($1, $2, $3, $4)",
                          {sha256(normalised(codes.back())), id.value, change.at.us,
                           (change.at + kCodesAreGoodFor).us});
        if (!stored) return tl::unexpected(stored.error());
    }
    auto stored = noted(change, "crisis.codes_made", id);
    if (!stored) return tl::unexpected(stored.error());
    return codes;
}

Expected<Helper> use_code(const Change &change, std::string_view code, const std::string &hash) {
    const storage::Blob key = sha256(normalised(code));
    CrisisId crisis;
    const auto read = change.connection.each(
        "SELECT plan FROM crisis_code WHERE code_hash = $1 AND expires_at > $2",
        {key, change.at.us}, [&](const Row &row) {
            crisis = CrisisId{row.integer(0)};
            return false;
        });
    if (!read) return tl::unexpected(read.error());
    if (!crisis) return invalid_code();
    auto stored = run(change.connection, "DELETE FROM crisis_code WHERE code_hash = $1", {key});
    if (!stored) return tl::unexpected(stored.error());
    auto user = add_helper(change.connection, crisis, hash);
    if (!user) return tl::unexpected(user.error());
    stored = noted({change.connection, change.at, user->id}, "crisis.helper_joined", crisis);
    if (!stored) return tl::unexpected(stored.error());
    return Helper{std::move(*user), crisis};
}

Expected<void> return_code(const Change &change, std::string_view code, const Helper &helper) {
    auto stored = run(change.connection, "UPDATE account SET active = 0 WHERE id = $1",
                      {helper.user.id.value});
    if (!stored) return stored;
    return run(change.connection,
               "INSERT INTO crisis_code (code_hash, plan, made_at, expires_at) "
               "VALUES ($1, $2, $3, $4)",
               {sha256(normalised(code)), helper.crisis.value, change.at.us,
                (change.at + kCodesAreGoodFor).us});
}

Expected<void> dismiss_helpers(const Change &change, CrisisId id) {
    Expected<void> stored;
    for (const char *sql : {"DELETE FROM crisis_code WHERE plan = $1",
                            "DELETE FROM account_session WHERE account IN "
                            "(SELECT account.id FROM account WHERE helps_in = $1)",
                            "UPDATE account SET active = 0 WHERE helps_in = $1"}) {
        if (stored) stored = run(change.connection, sql, {id.value});
    }
    return stored;
}

} // namespace fernamt::people
