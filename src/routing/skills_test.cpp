// SPDX-License-Identifier: EUPL-1.2
#include "routing/skills.h"

#include <gtest/gtest.h>

namespace fernamt::routing {
namespace {

constexpr SkillId kIt{1};
constexpr SkillId kEnglish{2};
constexpr SkillId kSoest{3};

TEST(Skills, are_kept_once_with_their_highest_level) {
    EXPECT_EQ(sorted({{kSoest, 1}, {kIt, 2}, {kIt, 3}, {kEnglish, 0}}),
              (std::vector<SkillLevel>{{kIt, 3}, {kSoest, 1}}));
}

TEST(Skills, a_level_includes_the_lower_ones) {
    const auto skills = sorted({{kIt, 2}, {kSoest, 1}});
    EXPECT_TRUE(has(skills, {kIt, 1}));
    EXPECT_TRUE(has(skills, {kIt, 2}));
    EXPECT_FALSE(has(skills, {kIt, 3}));
    EXPECT_FALSE(has(skills, {kEnglish, 1}));
    EXPECT_FALSE(has({}, {kIt, 1}));
}

TEST(Skills, every_demand_must_be_met_and_preferences_count) {
    const auto skills = sorted({{kIt, 2}, {kSoest, 1}});
    EXPECT_EQ(suitability(skills, {}, {}), 0);
    EXPECT_EQ(suitability(skills, {{kIt, 2}}, {{kSoest, 1}, {kEnglish, 1}}), 1);
    EXPECT_EQ(suitability(skills, {{kIt, 2}}, {{kSoest, 1}, {kIt, 1}}), 2);
    EXPECT_EQ(suitability(skills, {{kIt, 2}, {kEnglish, 1}}, {{kSoest, 1}}), std::nullopt);
    EXPECT_EQ(suitability({}, {}, {{kIt, 1}}), 0); // a preference excludes nobody
}

} // namespace
} // namespace fernamt::routing
