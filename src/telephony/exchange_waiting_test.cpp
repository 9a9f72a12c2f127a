// SPDX-License-Identifier: EUPL-1.2
// What a waiting caller is told, and that a restart gives no call an older one's id. Far ends are
// played by the test.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

class Waiting : public ExchangeTest {
  protected:
    LegId waiting() {
        const LegId leg = legs_->call_in(kNumber.e164, "+493023125777");
        loop_->run_until([&] { return media_.did("play greeting"); });
        return leg;
    }
    std::vector<CallId> offered() {
        std::vector<CallId> calls;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "call.offered") calls.push_back(*entry.call);
            return true;
        }));
        return calls;
    }
};

// The one agent talks: about 180 s for the call before it would be free for this one.
TEST_F(Waiting, HearsThePlaceAndAboutHowLong) {
    announcements_.there = {"ahead_0", "minutes_3"};
    (void)talking_call();
    media_.log.clear();
    waiting();
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play ahead_0"));
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play minutes_3"));
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play waiting_music"));
    media_.log.clear();
    loop_->advance(60s);
    EXPECT_TRUE(media_.did("play minutes_3")) << "told again";
}

TEST_F(Waiting, HearsNoTimeWhenNobodyIsAtWork) {
    announcements_.there = {"ahead_0", "minutes_1", "minutes_3", "minutes_more"};
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    waiting();
    loop_->advance(12s);
    EXPECT_TRUE(media_.did("play ahead_0"));
    EXPECT_FALSE(media_.did("play minutes_1"));
    EXPECT_FALSE(media_.did("play minutes_3"));
    EXPECT_FALSE(media_.did("play minutes_more"));
}

TEST_F(Waiting, HearsTheMunicipalitysInformationInTurn) {
    announcements_.there = {"info_1", "info_2"};
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    waiting();
    loop_->advance(39s); // the greeting, then 40 s
    EXPECT_FALSE(media_.did("play info_1"));
    loop_->advance(10s);
    EXPECT_TRUE(media_.did("play info_1"));
    EXPECT_FALSE(media_.did("play info_2"));
    loop_->advance(90s);
    EXPECT_TRUE(media_.did("play info_2"));
    media_.log.clear();
    loop_->advance(90s);
    EXPECT_TRUE(media_.did("play info_1")) << "again from the first";
    EXPECT_TRUE(media_.did("play waiting_music")) << "music between them";
}

TEST_F(Waiting, HearsInformationAtTheMunicipalitysOwnTimes) {
    announcements_.there = {"info_1"};
    auto rules = test_rules();
    rules.municipalities.front().information = routing::WaitingInformation{10s, 20s};
    change_rules(rules);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    waiting();
    loop_->advance(16s); // the greeting, then 10 s; the house's 40 s are not over
    EXPECT_TRUE(media_.did("play info_1"));
    media_.log.clear();
    loop_->advance(30s); // the house's 90 s are not over
    EXPECT_TRUE(media_.did("play info_1"));
    EXPECT_NE(ledger_text().find(R"("information":{"every":20000000,"first":10000000})"),
              std::string::npos)
        << "what held stands in the ledger";
}

TEST_F(Waiting, HearsNothingMoreOnceItIsConnected) {
    announcements_.there = {"info_1", "ahead_0"};
    (void)talking_call();
    media_.log.clear();
    loop_->advance(300s);
    EXPECT_FALSE(media_.did("play info_1"));
    EXPECT_FALSE(media_.did("play ahead_0"));
}

// Its head start puts the urgent call first; the other one has waited longer.
TEST_F(Waiting, TheLongestWaitIsThatOfWhoHasWaitedLongest) {
    const PhoneNumber urgent{"+493023125018"};
    auto rules = test_rules();
    routing::CallQueue first;
    first.id = routing::QueueId{1};
    first.head_start = 3'600s;
    rules.queues = {first};
    rules.numbers.push_back({urgent, kWedemark});
    rules.numbers.back().queue = first.id;
    change_rules(rules);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    waiting();
    loop_->advance(540s);
    media_.log.clear();
    legs_->call_in(urgent.e164, "");
    loop_->run_until([&] { return media_.did("play greeting"); });
    loop_->advance(5s);
    EXPECT_EQ(desk().waiting, 2);
    EXPECT_EQ(desk().longest_wait, 545s);
    EXPECT_EQ(situation().longest_wait, 545s);
}

// Who was spoken with and waits again is not shown with the whole call.
TEST_F(Waiting, WhatWasSpokenIsNoWait) {
    (void)talking_call();
    loop_->advance(300s);
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    const LegId office = legs_->invited.rbegin()->first;
    legs_->listeners[office]->on_failed(office, 486);
    loop_->run_until([&] { return ledger_text().find("transfer_gave_back") != std::string::npos; });
    loop_->advance(7s);
    EXPECT_EQ(desk().waiting, 1);
    EXPECT_EQ(desk().longest_wait, 7s);
}

// The machine's clock was wrong before the restart, and is put right after it.
TEST_F(Waiting, ANewCallNeverTakesAnOldCallsId) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    const LegId caller = waiting();
    legs_->listeners[caller]->on_ended(caller, routing::HangUpCause::normal);
    settle();
    clock_.set(clock_.now() - 3'600s);
    restart();
    waiting();
    const auto calls = offered();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_GT(calls.back(), calls.front());
}

} // namespace
} // namespace fernamt::telephony
