// SPDX-License-Identifier: EUPL-1.2
#include "app/dial_plan.h"

#include <gtest/gtest.h>

namespace fernamt::app {
namespace {

Config with_trunk() {
    Config config;
    config.sip_trunks = {{.name = "a", .uri = "sip:192.0.2.1:5060;transport=tcp"}};
    return config;
}

TEST(DialPlan, AllowedNumbersLeaveByTheTrunk) {
    EXPECT_EQ(DialPlan(with_trunk()).uri({"+493023125123"}),
              "sip:+493023125123@192.0.2.1:5060;transport=tcp");
}

TEST(DialPlan, PremiumForeignAndShortNumbersStayOut) {
    const DialPlan plan(with_trunk());
    for (const char *number : {"+499001234567", "+491371234567", "+4911833", "+441234567890",
                               "+88216000000", "115", ""}) {
        EXPECT_EQ(plan.uri({number}), "") << number;
    }
}

TEST(DialPlan, WithoutATrunkNothingLeaves) {
    EXPECT_EQ(DialPlan(Config{}).uri({"+493023125123"}), "");
}

TEST(DialPlan, TheNamedTrunkIsTaken) {
    Config config = with_trunk();
    config.sip_trunks.push_back({.name = "b", .uri = "sip:192.0.2.2"});
    config.sip_transfer_trunk = "b";
    EXPECT_EQ(DialPlan(config).uri({"+493023125123"}), "sip:+493023125123@192.0.2.2");
}

} // namespace
} // namespace fernamt::app
