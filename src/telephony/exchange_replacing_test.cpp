// SPDX-License-Identifier: EUPL-1.2
// A phone takes the place of its user's own line, with far ends played by the test.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

const PhoneNumber kOffice{"+493023125500"};

class Replacing : public ExchangeTest {
  protected:
    LegId comes_for(LegId old, const std::string &direction = "sendrecv") {
        const LegId leg{++legs_->last};
        legs_->incoming({.leg = leg,
                         .dialled = {},
                         .caller = Redacted<std::string>("agent7"),
                         .offer = phone_offer(direction),
                         .source = "phone:agent7",
                         .replaces = old});
        return leg;
    }
    void answers(LegId leg) { legs_->listeners[leg]->on_answered(leg, "sdp"); }
};

TEST_F(Replacing, AnAgentsPhoneThatComesBackGoesOnWithItsCall) {
    const auto [caller, phone] = talking_call();
    const auto written = ledger_types();
    const LegId fresh = comes_for(phone);
    EXPECT_TRUE(legs_->answered.contains(fresh));
    EXPECT_TRUE(media_.did("connect C A2"));
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_EQ(desk().state, AgentState::talking);
    EXPECT_EQ(ledger_types(), written) << "who talks to whom has not changed";
    EXPECT_EQ(exchange_->counters().offered, 1);

    legs_->listeners[phone]->on_ended(phone, routing::HangUpCause::signalling); // its BYE came late
    settle();
    EXPECT_EQ(desk().state, AgentState::talking);
    legs_->listeners[fresh]->on_ended(fresh, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
    EXPECT_EQ(desk().state, AgentState::after_call_work);
}

TEST_F(Replacing, ItIsTakenUpAgainAfterARestart) {
    const auto [caller, phone] = talking_call();
    const LegId fresh = comes_for(phone);
    legs_->listeners[fresh]->on_dialog(fresh, "fresh dialog");
    settle();
    std::optional<CallId> call;
    EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type == "call.offered") call = entry.call;
        return true;
    }));
    media_.running = {call.value_or(CallId{})};
    restart();
    EXPECT_TRUE(legs_->restored.contains("fresh dialog"));
    EXPECT_FALSE(legs_->restored.contains("phone dialog"));
    EXPECT_EQ(desk().state, AgentState::talking);
    EXPECT_FALSE(legs_->hung_up.contains(legs_->restored["fresh dialog"]));
}

TEST_F(Replacing, ALineThatStillRingsIsAnsweredSo) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in(kNumber.e164, "");
    const LegId phone = ringing_phone();
    const LegId fresh = comes_for(phone);
    loop_->run_until([&] { return media_.did("connect C A2"); });
    EXPECT_TRUE(legs_->answered.contains(fresh));
    EXPECT_TRUE(legs_->answered.contains(caller));
    EXPECT_TRUE(legs_->hung_up.at(phone)) << "answered elsewhere";
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(Replacing, HoldGoesWithThePhoneThatHeld) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendonly"));
    loop_->run_until([&] { return desk().state == AgentState::held; });
    media_.log.clear();
    const LegId second = comes_for(phone);
    loop_->run_until([&] { return media_.did("connect C A2"); });
    EXPECT_EQ(desk().state, AgentState::talking);
    const LegId third = comes_for(second, "sendonly");
    loop_->run_until([&] { return desk().state == AgentState::held; });
    EXPECT_TRUE(legs_->answered.contains(third));
    // What the desk's key holds stays held.
    legs_->listeners[third]->on_offer(third, phone_offer("sendrecv"));
    loop_->run_until([&] { return desk().state == AgentState::talking; });
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    const LegId fourth = comes_for(third);
    settle();
    EXPECT_TRUE(legs_->answered.contains(fourth));
    EXPECT_EQ(desk().state, AgentState::held);
}

TEST_F(Replacing, TheSecondLineToo) {
    talking_call();
    const LegId second = legs_->call_from_phone("agent7", kOffice.e164);
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    const LegId office = legs_->invited.rbegin()->first;
    answers(office);
    loop_->run_until([&] { return media_.did("connect T3 P2"); });
    const LegId fresh = comes_for(second);
    EXPECT_TRUE(media_.did("connect T3 P4"));
    EXPECT_TRUE(legs_->hung_up.contains(second));
    legs_->listeners[fresh]->on_ended(fresh, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(office); });
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(Replacing, WhoeverWasAskedOrCalledToo) {
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, kOffice));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    const LegId office = legs_->invited.rbegin()->first;
    answers(office);
    loop_->run_until([&] { return media_.did("connect C T2"); });
    const LegId fresh = comes_for(office);
    EXPECT_TRUE(media_.did("connect C T3"));
    EXPECT_TRUE(legs_->hung_up.contains(office));
    legs_->listeners[fresh]->on_ended(fresh, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(Replacing, ACallerWhoWaitsGoesOnWaiting) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    const LegId caller = legs_->call_in(kNumber.e164, "");
    loop_->run_until([&] { return media_.did("play greeting"); });
    media_.log.clear();
    const LegId fresh = comes_for(caller);
    EXPECT_TRUE(legs_->answered.contains(fresh));
    EXPECT_TRUE(media_.did("play waiting_music"));
    EXPECT_TRUE(legs_->hung_up.contains(caller));
    EXPECT_EQ(situation().waiting, 1);
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = ringing_phone();
    answers(phone);
    loop_->run_until([&] { return media_.did("connect C1 A2"); });
}

TEST_F(Replacing, WhatIsOverOrComesWithoutAnOfferIsRefused) {
    const auto [caller, phone] = talking_call();
    const LegId over = comes_for(LegId{999});
    EXPECT_EQ(legs_->rejected[over], 603);
    const LegId late{++legs_->last};
    legs_->incoming({.leg = late, .source = "phone:agent7", .replaces = phone});
    EXPECT_EQ(legs_->rejected[late], 488);
    EXPECT_EQ(desk().state, AgentState::talking);
    EXPECT_FALSE(legs_->hung_up.contains(phone));
}

} // namespace
} // namespace fernamt::telephony
