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

TEST(DialPlan, NamesTheRuleThatKeepsANumberIn) {
    const DialPlan plan(with_trunk());
    EXPECT_EQ(plan.forbidden_by({"+499001234567"}), "sip.transfer_deny");
    EXPECT_EQ(plan.forbidden_by({"+441234567890"}), "sip.transfer_allow");
    EXPECT_EQ(plan.forbidden_by({"+493023125123"}), "");
    EXPECT_EQ(DialPlan(Config{}).forbidden_by({"+493023125123"}), "") << "no trunk is no rule";
    Config config = with_trunk();
    config.sip_trunks.push_back({.name = "abroad", .uri = "sip:192.0.2.4", .numbers = {"+43"}});
    config.sip_phones = {{.number = "0900 1234567", .user = "office8"}};
    EXPECT_EQ(DialPlan(config).forbidden_by({"+43112345"}), "") << "a trunk of its own allows it";
    EXPECT_EQ(DialPlan(config).forbidden_by({"+499001234567"}), "") << "rings our own phone";
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

TEST(DialPlan, APartnerIsCalledOverItsOwnTrunk) {
    Config config = with_trunk();
    config.sip_trunks.push_back(
        {.name = "partner", .uri = "sips:192.0.2.3:5061", .partner_number = "+43 1 12345"});
    const DialPlan plan(config);
    EXPECT_EQ(plan.uri({"+43112345"}), "sip:+43112345@192.0.2.3:5061");
    EXPECT_EQ(plan.uri({"+431123456"}), "") << "another number, and not allowed";
    EXPECT_EQ(plan.uri({"+493023125123"}), DialPlan(with_trunk()).uri({"+493023125123"}));
}

TEST(DialPlan, ATelephoneSystemsNumbersAreCalledOverItsTrunk) {
    Config config = with_trunk();
    config.sip_trunks.push_back(
        {.name = "town", .uri = "sip:192.0.2.4", .numbers = {"+493023125", "+49900"}});
    config.sip_trunks.push_back(
        {.name = "annex", .uri = "sip:192.0.2.5", .numbers = {"+4930231255"}});
    const DialPlan plan(config);
    EXPECT_EQ(plan.uri({"+493023125123"}), "sip:+493023125123@192.0.2.4");
    EXPECT_EQ(plan.uri({"+493023125500"}), "sip:+493023125500@192.0.2.5") << "the longest";
    EXPECT_EQ(plan.uri({"+493023126500"}), "sip:+493023126500@192.0.2.1:5060;transport=tcp");
    EXPECT_EQ(plan.uri({"+499001234567"}), "") << "never, even if written in";
}

TEST(DialPlan, ANumberOfAPhoneOfOursRingsIt) {
    Config config; // and needs no trunk
    config.sip_phones = {{.number = "030 23125-500", .user = "office8"}};
    EXPECT_EQ(DialPlan(config).uri({"+493023125500"}), "office8");
    EXPECT_EQ(DialPlan(config).uri({"+493023125501"}), "");
}

} // namespace
} // namespace fernamt::app
