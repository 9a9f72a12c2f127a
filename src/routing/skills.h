// SPDX-License-Identifier: EUPL-1.2
// Skills: what an agent can do, at which level, and what a call asks for. Whether somebody may take
// a call and who of several suits best is decided here and nowhere else. Knows no queues or calls.
#pragma once

#include "base/id.h"

#include <compare>
#include <optional>
#include <string_view>
#include <vector>

namespace fernamt::routing {

// A municipality's knowledge, a topic, a language, sign-language video, IT, public order ...
using SkillId = Id<struct SkillTag>;

struct SkillLevel { // of an agent: has it at this level; of a call: at least this level
    SkillId skill;
    int level = 1;
    friend auto operator<=>(const SkillLevel &, const SkillLevel &) = default;
};

// Sorted by skill, each once with its highest level, none below level 1.
[[nodiscard]] std::vector<SkillLevel> sorted(std::vector<SkillLevel> skills);
[[nodiscard]] bool has(const std::vector<SkillLevel> &sorted_skills, const SkillLevel &wanted);

// How many of the preferred skills somebody has; empty if a demanded one is missing.
[[nodiscard]] std::optional<int> suitability(const std::vector<SkillLevel> &sorted_skills,
                                             const std::vector<SkillLevel> &demands,
                                             const std::vector<SkillLevel> &prefers);

} // namespace fernamt::routing
