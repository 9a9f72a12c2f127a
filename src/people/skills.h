// SPDX-License-Identifier: EUPL-1.2
// The catalogue of skills that queues may ask for, and which agent has which at which level. Only
// names and levels: nothing here measures a person. A skill in use cannot be removed.
#pragma once

#include "people/rule_change.h"
#include "routing/rules.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

inline constexpr int kHighestSkillLevel = 9;

enum class SkillKind { municipality, topic, language, sign_language_video, it, public_order };
inline constexpr int kSkillKinds = 6;
[[nodiscard]] std::string_view to_string(SkillKind kind); // "sign_language_video"
[[nodiscard]] std::optional<SkillKind> parse_skill_kind(std::string_view text);

struct Skill {
    routing::SkillId id;
    SkillKind kind = SkillKind::topic;
    std::string name; // "Türkisch", "Ausländerrecht"
    std::int64_t version = 1;
    friend bool operator==(const Skill &, const Skill &) = default;
};

[[nodiscard]] Expected<std::vector<Skill>> skills(storage::Connection &connection); // by id
// conflict "distribution.name_taken" {field}.
[[nodiscard]] Expected<Skill> add(const Change &change, Skill skill);
[[nodiscard]] Expected<Skill> modify(const Change &change, Skill skill);
// conflict "distribution.in_use": an agent has it, or a queue or a crisis plan asks for it.
[[nodiscard]] Expected<void> remove(const Change &change, routing::SkillId id);

// Are all of them in the catalogue, each once, at a level of 1 to 9? Else "distribution.unknown"
// {field}, "distribution.twice" {field} or "distribution.level" {field}.
[[nodiscard]] Expected<void> check_skills(storage::Connection &connection,
                                          const std::vector<routing::SkillLevel> &levels,
                                          std::string_view field);
// The steps that relax `demands`, in any order, with the problems of check_skills; beside them
// "distribution.step_wait" {field}: no wait, or another step's; "distribution.step_demands_more"
// {field}: whoever could take a call by the step before could not by this one, and a caller might
// be turned away from somebody who is there.
[[nodiscard]] Expected<void> check_relaxations(storage::Connection &connection,
                                               const std::vector<routing::SkillLevel> &demands,
                                               std::vector<routing::Relaxation> steps,
                                               std::string_view field);

// Steps as they will be read: sorted by their waits, each with its skills sorted.
[[nodiscard]] std::vector<routing::Relaxation> tidied(std::vector<routing::Relaxation> steps);
// One more demand of the step after that wait.
void take_relaxed(std::vector<routing::Relaxation> &steps, Duration after,
                  const routing::SkillLevel &level);

struct SkillsOfAgent {
    std::vector<routing::SkillLevel> skills; // sorted
    std::int64_t version = 1;                // the account's
};
[[nodiscard]] Expected<std::map<AgentId, std::vector<routing::SkillLevel>>>
skills_of_agents(storage::Connection &connection);
// not_found "user.not_found" unless it is an account with the role agent; stale "user.stale".
[[nodiscard]] Expected<SkillsOfAgent> skills_of_agent(storage::Connection &connection, AgentId id);
[[nodiscard]] Expected<SkillsOfAgent> set_skills(const Change &change, AgentId id,
                                                 const SkillsOfAgent &wanted);

} // namespace fernamt::people
