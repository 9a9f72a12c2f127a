// SPDX-License-Identifier: EUPL-1.2
// The operator's switch by the phone's keys: who may, what it changes, what is heard.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

constexpr const char *kOffice = "+493023125290";

class OfficeSwitch : public ExchangeTest {
  protected:
    void SetUp() override {
        ExchangeTest::SetUp();
        auto rules = test_rules();
        rules.numbers.front().office = routing::OfficeFirst{PhoneNumber{kOffice}, 20s, {}};
        change_rules(rules);
        announcements_.there = {"office_absent", "office_there", "office_timetable"};
        ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
        ASSERT_TRUE(command(AgentCommand::Kind::pause));
    }
    LegId keys(const std::string &code, bool asserted = true, const char *caller = kOffice) {
        return legs_->call_in(code, caller, {}, "trunk:test", asserted);
    }
    LegId switched(const std::string &code, const std::string &heard) {
        media_.log.clear();
        const LegId leg = keys(code);
        loop_->run_until([&] { return media_.did("play " + heard); });
        return leg;
    }
    // Who answers a citizen now?
    std::string next_call() {
        const std::size_t before = legs_->invited.size();
        media_.log.clear();
        (void)legs_->call_in(kNumber.e164, "+498999998001");
        loop_->run_until(
            [&] { return legs_->invited.size() > before || media_.did("play greeting"); });
        return legs_->invited.size() > before ? "office" : "centre";
    }
};

TEST_F(OfficeSwitch, SaysAbsentThereAndByTheTimetable) {
    EXPECT_EQ(next_call(), "office");
    const LegId leg = switched("*21", "office_absent");
    EXPECT_TRUE(legs_->answered.contains(leg));
    loop_->advance(5s);
    EXPECT_TRUE(legs_->hung_up.contains(leg)) << "nobody need hang up";
    EXPECT_TRUE(media_.did("end")) << "no sound is left over";
    EXPECT_EQ(next_call(), "centre");
    switched("%2321", "office_there");
    EXPECT_EQ(next_call(), "office");
    switched("*21#", "office_absent");
    switched("##21", "office_timetable");
    EXPECT_EQ(next_call(), "office");
    EXPECT_NE(ledger_text().find("office.switched"), std::string::npos);
}

TEST_F(OfficeSwitch, IsHeldOverARestart) {
    switched("*21", "office_absent");
    restart();
    EXPECT_EQ(next_call(), "centre");
}

TEST_F(OfficeSwitch, ListensToTheOfficesOwnNumberOnly) {
    const LegId stranger = keys("*21", true, "+493023125777");
    EXPECT_EQ(legs_->rejected[stranger], 403);
    const LegId named_only = keys("*21", false); // From can say anything
    EXPECT_EQ(legs_->rejected[named_only], 403);
    const LegId withheld = keys("*21", true, "");
    EXPECT_EQ(legs_->rejected[withheld], 403);
    const LegId agent = legs_->call_from_phone("agent7", "*21");
    EXPECT_EQ(legs_->rejected[agent], 403);
    settle();
    EXPECT_EQ(ledger_text().find("office.switched"), std::string::npos);
    EXPECT_EQ(next_call(), "office");
}

TEST_F(OfficeSwitch, ListensToTheOperatorsPhoneRegisteredWithUs) {
    const LegId leg = legs_->call_from_phone("office8", "*21");
    loop_->run_until([&] { return media_.did("play office_absent"); });
    EXPECT_TRUE(legs_->answered.contains(leg));
    EXPECT_EQ(next_call(), "centre");
    (void)legs_->call_from_phone("office8", "##21");
    loop_->run_until([&] { return media_.did("play office_timetable"); });
    EXPECT_EQ(next_call(), "office");
}

// Its own municipality only: that one has no office here, and another's is not its business.
TEST_F(OfficeSwitch, APhoneRegisteredWithUsSwitchesNoOtherTownsOffice) {
    const LegId leg = legs_->call_from_phone("office9", "*21");
    EXPECT_EQ(legs_->rejected[leg], 403);
    settle();
    EXPECT_EQ(ledger_text().find("office.switched"), std::string::npos);
    EXPECT_EQ(next_call(), "office");
}

TEST_F(OfficeSwitch, AnotherCodeIsACallLikeAnyOther) {
    const LegId leg = keys("*22");
    loop_->run_until([&] { return media_.did("play unknown_number"); });
    EXPECT_FALSE(legs_->rejected.contains(leg));
}

} // namespace
} // namespace fernamt::telephony
