// SPDX-License-Identifier: EUPL-1.2
#include "routing/skills.h"

#include <algorithm>

namespace fernamt::routing {

std::vector<SkillLevel> sorted(std::vector<SkillLevel> skills) {
    std::erase_if(skills, [](const SkillLevel &one) { return one.level < 1; });
    std::sort(skills.begin(), skills.end(), [](const SkillLevel &a, const SkillLevel &b) {
        return a.skill != b.skill ? a.skill < b.skill : a.level > b.level;
    });
    const auto same = [](const SkillLevel &a, const SkillLevel &b) { return a.skill == b.skill; };
    skills.erase(std::unique(skills.begin(), skills.end(), same), skills.end());
    return skills;
}

bool has(const std::vector<SkillLevel> &sorted_skills, const SkillLevel &wanted) {
    const auto at =
        std::lower_bound(sorted_skills.begin(), sorted_skills.end(), wanted.skill,
                         [](const SkillLevel &one, SkillId skill) { return one.skill < skill; });
    return at != sorted_skills.end() && at->skill == wanted.skill && at->level >= wanted.level;
}

std::optional<int> suitability(const std::vector<SkillLevel> &sorted_skills,
                               const std::vector<SkillLevel> &demands,
                               const std::vector<SkillLevel> &prefers) {
    const auto is_there = [&](const SkillLevel &wanted) { return has(sorted_skills, wanted); };
    if (!std::all_of(demands.begin(), demands.end(), is_there)) return std::nullopt;
    return static_cast<int>(std::count_if(prefers.begin(), prefers.end(), is_there));
}

} // namespace fernamt::routing
