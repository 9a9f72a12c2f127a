// SPDX-License-Identifier: EUPL-1.2
#include "people/skills.h"

#include "people/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::people {

namespace {

using routing::SkillId;
using routing::SkillLevel;
using storage::Connection;
using storage::Row;

constexpr std::array<std::string_view, kSkillKinds> kNames{
    "municipality", "topic", "language", "sign_language_video", "it", "public_order"};

Expected<Skill> find(Connection &connection, SkillId id) {
    const auto all = skills(connection);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, &Skill::id);
    if (found == all->end()) return no_such_thing();
    return *found;
}

Expected<void> check_name(Connection &connection, const Skill &skill) {
    const auto taken = exists(connection, "SELECT 1 FROM skill WHERE name = $1 AND id <> $2",
                              {skill.name, skill.id.value});
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return fail(ProblemKind::conflict, "distribution.name_taken", {{"field", "name"}});
    return {};
}

} // namespace

std::string_view to_string(SkillKind kind) {
    return kNames.at(static_cast<std::size_t>(kind));
}

std::optional<SkillKind> parse_skill_kind(std::string_view text) {
    const auto found = std::ranges::find(kNames, text);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<SkillKind>(found - kNames.begin());
}

Expected<std::vector<Skill>> skills(Connection &connection) {
    std::vector<Skill> found;
    const auto read = connection.each(
        "SELECT id, kind, name, version FROM skill ORDER BY id", {}, [&](const Row &row) {
            found.push_back({SkillId{row.integer(0)},
                             parse_skill_kind(row.text(1)).value_or(SkillKind::topic), row.text(2),
                             row.integer(3)});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Skill> add(const Change &change, Skill skill) {
    skill.id = {};
    auto stored = check_name(change.connection, skill);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    skill.id = SkillId{*id};
    skill.version = 1;
    stored =
        run(change.connection, "INSERT INTO skill (id, kind, name, version) VALUES ($1, $2, $3, 1)",
            {*id, std::string(to_string(skill.kind)), skill.name});
    if (stored) stored = note(change, "skill.added", *id);
    if (!stored) return tl::unexpected(stored.error());
    return skill;
}

Expected<Skill> modify(const Change &change, Skill skill) {
    const auto before = find(change.connection, skill.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(skill.version, before->version);
    if (stored) stored = check_name(change.connection, skill);
    ++skill.version;
    if (stored)
        stored = run(
            change.connection, "UPDATE skill SET kind = $2, name = $3, version = $4 WHERE id = $1",
            {skill.id.value, std::string(to_string(skill.kind)), skill.name, skill.version});
    if (stored) stored = note(change, "skill.changed", skill.id.value);
    if (!stored) return tl::unexpected(stored.error());
    return skill;
}

Expected<void> remove(const Change &change, SkillId id) {
    if (const auto before = find(change.connection, id); !before)
        return tl::unexpected(before.error());
    const auto used = exists(change.connection,
                             "SELECT 1 FROM agent_skill WHERE skill = $1 "
                             "UNION SELECT 1 FROM call_queue_skill WHERE skill = $1 "
                             "UNION SELECT 1 FROM crisis_skill WHERE skill = $1",
                             {id.value});
    if (!used) return tl::unexpected(used.error());
    if (*used) return fail(ProblemKind::conflict, "distribution.in_use");
    auto stored = run(change.connection, "DELETE FROM skill WHERE id = $1", {id.value});
    if (stored) stored = note(change, "skill.removed", id.value);
    return stored;
}

Expected<void> check_skills(Connection &connection, const std::vector<SkillLevel> &levels,
                            std::string_view field) {
    const auto known = skills(connection);
    if (!known) return tl::unexpected(known.error());
    std::vector<SkillId> seen;
    for (const SkillLevel &one : levels) {
        if (std::ranges::find(*known, one.skill, &Skill::id) == known->end())
            return wrong("distribution.unknown", field);
        if (std::ranges::find(seen, one.skill) != seen.end())
            return wrong("distribution.twice", field);
        if (one.level < 1 || one.level > kHighestSkillLevel)
            return wrong("distribution.level", field);
        seen.push_back(one.skill);
    }
    return {};
}

Expected<void> check_relaxations(Connection &connection, const std::vector<SkillLevel> &demands,
                                 std::vector<routing::Relaxation> steps, std::string_view field) {
    steps = routing::sorted(std::move(steps));
    Duration waited{};
    auto met = routing::sorted(demands); // by whoever could take the call until now
    for (const routing::Relaxation &step : steps) {
        if (auto known = check_skills(connection, step.demands, field); !known) return known;
        if (step.after <= waited) return wrong("distribution.step_wait", field);
        if (!routing::suitability(met, step.demands, {}))
            return wrong("distribution.step_demands_more", field);
        waited = step.after;
        met = routing::sorted(step.demands);
    }
    return {};
}

std::vector<routing::Relaxation> tidied(std::vector<routing::Relaxation> steps) {
    steps = routing::sorted(std::move(steps));
    for (routing::Relaxation &step : steps)
        std::ranges::sort(step.demands);
    return steps;
}

void take_relaxed(std::vector<routing::Relaxation> &steps, Duration after,
                  const SkillLevel &level) {
    const auto found = std::ranges::find(steps, after, &routing::Relaxation::after);
    if (found != steps.end()) found->demands.push_back(level);
}

Expected<std::map<AgentId, std::vector<SkillLevel>>> skills_of_agents(Connection &connection) {
    std::map<AgentId, std::vector<SkillLevel>> found;
    const auto read =
        connection.each("SELECT account, skill, level FROM agent_skill ORDER BY account, skill", {},
                        [&](const Row &row) {
                            found[AgentId{row.integer(0)}].push_back(
                                {SkillId{row.integer(1)}, static_cast<int>(row.integer(2))});
                            return true;
                        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<SkillsOfAgent> skills_of_agent(Connection &connection, AgentId id) {
    std::optional<User> user;
    const auto read = connection.each(
        fmt::format("SELECT {} FROM account WHERE id = $1 AND helps_in IS NULL", kUserColumns),
        {id.value}, [&](const Row &row) {
            user = read_user(row);
            return false;
        });
    if (!read) return tl::unexpected(read.error());
    if (!user || !user->roles.contains(Role::agent))
        return fail(ProblemKind::not_found, "user.not_found");
    const auto all = skills_of_agents(connection);
    if (!all) return tl::unexpected(all.error());
    const auto found = all->find(id);
    return SkillsOfAgent{found == all->end() ? std::vector<SkillLevel>{} : found->second,
                         user->version};
}

Expected<SkillsOfAgent> set_skills(const Change &change, AgentId id, const SkillsOfAgent &wanted) {
    auto before = skills_of_agent(change.connection, id);
    if (!before) return before;
    if (before->version != wanted.version)
        return fail(ProblemKind::stale, "user.stale",
                    {{"version", std::to_string(before->version)}});
    auto stored = check_skills(change.connection, wanted.skills, "skills");
    if (stored)
        stored = run(change.connection, "DELETE FROM agent_skill WHERE account = $1", {id.value});
    for (const SkillLevel &one : wanted.skills) {
        if (!stored) break;
        stored = run(change.connection,
                     "INSERT INTO agent_skill (account, skill, level) VALUES ($1, $2, $3)",
                     {id.value, one.skill.value, std::int64_t{one.level}});
    }
    if (stored)
        stored = run(change.connection, "UPDATE account SET version = version + 1 WHERE id = $1",
                     {id.value});
    if (stored) stored = note(change, "user.skills_changed", id.value);
    if (!stored) return tl::unexpected(stored.error());
    return SkillsOfAgent{routing::sorted(wanted.skills), wanted.version + 1};
}

} // namespace fernamt::people
