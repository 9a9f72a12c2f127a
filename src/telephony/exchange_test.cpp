// SPDX-License-Identifier: EUPL-1.2
// Calls, agents, transfers and restarts, with far ends played by the test.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

TEST_F(ExchangeTest, CallerIsAnsweredGreetedAndConnectedToTheFreeAgent) {
    const auto [caller, phone] = talking_call();
    EXPECT_TRUE(legs_->answered.contains(caller));
    EXPECT_TRUE(media_.did("play greeting"));
    EXPECT_EQ(legs_->invited[phone].target, "agent7");
    EXPECT_EQ(legs_->invited[phone].display_name, "Wedemark");
    EXPECT_EQ(legs_->invited[phone].from_user, kNumber.e164);
}

TEST_F(ExchangeTest, MusicFollowsTheGreetingWhileNobodyAnswers) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in("+493023125019", "");
    ringing_phone();
    EXPECT_FALSE(media_.did("play waiting_music"));
    loop_->advance(5s);
    EXPECT_TRUE(media_.did("play waiting_music"));
}

TEST_F(ExchangeTest, WhoSignsInPausedGetsNoCallUntilReady) {
    std::optional<Expected<void>> signed_in;
    exchange_->command({.agent = kAgent,
                        .kind = AgentCommand::Kind::sign_in,
                        .device = routing::Device::sip_phone,
                        .paused = true},
                       [&](Expected<void> done) { signed_in = done; });
    loop_->run_until([&] { return signed_in.has_value(); });
    ASSERT_TRUE(*signed_in);
    EXPECT_EQ(desk().state, AgentState::paused);
    (void)legs_->call_in(kNumber.e164, "+493023125777");
    loop_->run_until([&] { return media_.did("play greeting"); });
    EXPECT_TRUE(legs_->invited.empty()) << "somebody waits, and it does not ring";
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    loop_->run_until([&] { return !legs_->invited.empty(); });
    EXPECT_EQ(desk().state, AgentState::ringing);
}

TEST_F(ExchangeTest, CallerHangsUpWhileRingingAndThePhoneFallsSilent) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in("+493023125019", "");
    const LegId phone = ringing_phone();
    legs_->listeners[caller]->on_ended(caller, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(phone) && media_.did("end"); });
    EXPECT_EQ(exchange_->counters().live_calls, 0);
}

TEST_F(ExchangeTest, HoldAndResumeFromTheDesk) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    EXPECT_TRUE(media_.did("park A1"));
    EXPECT_TRUE(media_.did("play waiting_music"));
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    EXPECT_TRUE(media_.did("connect C A1"));
}

TEST_F(ExchangeTest, HoldKeyOfTheDeskPhoneIsTheSameHold) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendonly"));
    loop_->run_until([&] { return media_.did("play waiting_music"); });
    EXPECT_TRUE(legs_->answered_offers.contains(phone));
    media_.log.clear();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendrecv"));
    loop_->run_until([&] { return media_.did("connect C A1"); });
}

// A session refresh or a new address of the phone is no wish to talk: the room must not be heard.
TEST_F(ExchangeTest, AnOfferOfThePhoneDoesNotUndoTheDesksHold) {
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    media_.log.clear();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendrecv"));
    settle();
    EXPECT_TRUE(legs_->answered_offers.contains(phone));
    EXPECT_FALSE(media_.did("connect C A1"));
    EXPECT_EQ(desk().state, AgentState::held);
    // Its own hold it takes back, also after a restart.
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendonly"));
    legs_->listeners[phone]->on_dialog(phone, "phone dialog");
    loop_->run_until([&] { return desk().state == AgentState::held; });
    media_.running = {desk().call->id};
    restart();
    const LegId again = legs_->restored.at("phone dialog");
    legs_->listeners[again]->on_offer(again, phone_offer("sendrecv"));
    loop_->run_until([&] { return media_.did("connect C A1"); });
}

TEST_F(ExchangeTest, OnlyTheDirectionOfTheSoundIsAHold) {
    const auto [caller, phone] = talking_call();
    std::string offer = phone_offer("sendrecv");
    offer.insert(offer.find("m=audio"), "i=a=sendonly a=inactive\r\n"); // a title, no attribute
    offer += "m=video 0 RTP/AVP 96\r\na=sendonly\r\n";
    legs_->listeners[phone]->on_offer(phone, offer);
    EXPECT_TRUE(legs_->answered_offers.contains(phone));
    EXPECT_FALSE(media_.did("park A1"));
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(ExchangeTest, BlindTransferFreesTheAgentAndConnectsTheTarget) {
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    const LegId target = legs_->invited.rbegin()->first;
    EXPECT_EQ(legs_->invited[target].target, "sip:+493023125500@trunk");
    legs_->listeners[target]->on_answered(target, "sdp");
    loop_->run_until([&] { return media_.did("connect C T2"); });
    legs_->listeners[target]->on_ended(target, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(ExchangeTest, TransferThatNobodyAnswersBringsTheCallerBack) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    const LegId target = legs_->invited.rbegin()->first;
    legs_->listeners[target]->on_failed(target, 486);
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    loop_->run_until([&] { return legs_->invited.size() == 3; }); // the agent's phone again
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "agent7");
}

// --- a page that comes back in the middle of a call

// A phone without power answers no session refresh: the caller hears music and gets the next agent.
TEST_F(ExchangeTest, AnAgentsLineThatFailsLeavesTheCallerWaiting) {
    const auto [caller, phone] = talking_call();
    media_.log.clear();
    legs_->listeners[phone]->on_ended(phone, routing::HangUpCause::signalling);
    loop_->run_until([&] { return media_.did("drop A1"); });
    EXPECT_TRUE(media_.did("play waiting_music"));
    EXPECT_FALSE(media_.did("end"));
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_EQ(exchange_->counters().live_calls, 1);
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "agent7");
}

TEST_F(ExchangeTest, AReloadedPageGetsItsVoiceBackInTheSameConversation) {
    const LegId caller = talking_browser();
    const DeskView before = desk();
    EXPECT_FALSE(before.browser_offer);
    const auto entries = ledger_types().size();

    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    DeskView view = desk();
    ASSERT_TRUE(view.browser_offer);
    EXPECT_EQ(view.browser_offer->leg, "A2");
    EXPECT_EQ(view.browser_offer->sdp, "our offer A2");
    EXPECT_FALSE(media_.did("drop A1")) << "the old voice stays until the new one is there";

    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_EQ(media_.log, (std::vector<std::string>{"out A2", "up A2", "connect C A2", "drop A1"}));
    view = desk();
    EXPECT_EQ(view.state, AgentState::talking);
    EXPECT_EQ(view.since, before.since);
    EXPECT_EQ(view.call->id, before.call->id);
    EXPECT_FALSE(view.browser_offer);
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_EQ(ledger_types().size(), entries) << "nothing has happened to the call";
}

TEST_F(ExchangeTest, AskingTwiceOffersTheSameLeg) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    EXPECT_EQ(media_.log, std::vector<std::string>{"out A2"});
    ASSERT_TRUE(browser_answer("A2"));
    const auto late = browser_answer("A2"); // of the page before the reload
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, "desk.other_call");
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume)); // …whose successor asks again
    ASSERT_TRUE(browser_answer("A3"));
    EXPECT_TRUE(media_.did("connect C A3"));
    EXPECT_TRUE(media_.did("drop A2"));
}

TEST_F(ExchangeTest, AReloadWhileItRingsIsAnsweredOnTheNewLeg) {
    ringing_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_FALSE(media_.did("connect C A2"));
    ASSERT_TRUE(command(AgentCommand::Kind::answer));
    EXPECT_TRUE(media_.did("connect C A2"));
    EXPECT_FALSE(media_.did("connect C A1"));
}

TEST_F(ExchangeTest, AnsweringWithTheKeyBeforeTheNewLegIsThere) {
    ringing_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::answer));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_TRUE(media_.did("connect C A2"));
    EXPECT_TRUE(media_.did("drop A1"));
}

TEST_F(ExchangeTest, AReloadWhileHeldWaitsForTheResume) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_EQ(media_.log, (std::vector<std::string>{"out A2", "up A2", "drop A1"}));
    EXPECT_EQ(desk().state, AgentState::held);
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    EXPECT_TRUE(media_.did("connect C A2"));
}

TEST_F(ExchangeTest, ATransferLeavesNoLegOfTheAgentBehind) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_TRUE(media_.did("drop A2"));
    EXPECT_FALSE(browser_answer("A2"));
}

TEST_F(ExchangeTest, AVoiceIsGivenBackOnlyInABrowserCall) {
    const auto nothing = command(AgentCommand::Kind::phone_resume);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, "desk.not_now");
    talking_call(); // at a desk phone
    const auto phone = command(AgentCommand::Kind::phone_resume);
    ASSERT_FALSE(phone);
    EXPECT_EQ(phone.error().code, "desk.not_now");
}

TEST_F(ExchangeTest, AfterARestartAPageStillGetsItsVoiceBack) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume)); // offered, and then kill -9
    ledger_types();
    media_.running = {desk().call->id};
    restart();
    EXPECT_TRUE(media_.did("drop A2")) << "nobody will answer that offer";
    EXPECT_FALSE(media_.did("drop A1"));
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A3"));
    EXPECT_TRUE(media_.did("connect C A3"));
    EXPECT_TRUE(media_.did("drop A1"));
}

// --- where a call was passed on to

TEST_F(ExchangeTest, ATransferTargetIsNowhereInTheLedger) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "sip:+493023125500@trunk");
    ledger_types();
    std::string all;
    std::optional<routing::TransferTarget> requested, decided;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        all += entry.payload;
        if (entry.type == "agent.transfer_requested") {
            requested = std::get<routing::TransferRequested>(*ledger::to_event(entry)).target;
        }
        if (entry.type == "decision.transfer") {
            decided = std::get<routing::Transfer>(ledger::to_decision(entry)->effect).target;
        }
        return true;
    }));
    EXPECT_EQ(all.find("3023125500"), std::string::npos);
    ASSERT_TRUE(requested && requested->sealed);
    EXPECT_EQ(requested, decided);
    EXPECT_EQ(ledger_->reveal(*requested->sealed).value()->reveal(), "+493023125500");
    // Erased when its time is over; the chain stays valid, and the state can be rebuilt.
    ASSERT_TRUE(ledger_->erase_sealed_before(ledger::kSealedTarget, clock_.now() + 1s));
    EXPECT_FALSE(*ledger_->reveal(*requested->sealed));
    EXPECT_FALSE(ledger_->verify()->first_broken);
}

TEST_F(ExchangeTest, AMunicipalitysOwnNumberMayStandInTheLedger) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, kNumber));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "sip:" + kNumber.e164 + "@trunk");
    ledger_types();
    bool clear = false;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type != "agent.transfer_requested") return true;
        const auto target = std::get<routing::TransferRequested>(*ledger::to_event(entry)).target;
        clear = target.number == kNumber && !target.sealed;
        return true;
    }));
    EXPECT_TRUE(clear);
}

TEST_F(ExchangeTest, KilledInMidTransferTheCallerWaitsAgain) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    ledger_types();
    media_.running = {CallId{clock_.now().us / 1000 - 1577836800000}};
    restart();
    EXPECT_FALSE(media_.did("end"));
    EXPECT_TRUE(media_.did("play waiting_music"));
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    loop_->run_until([&] { return !legs_->invited.empty(); }); // the next free agent
    EXPECT_EQ(legs_->invited.begin()->second.target, "agent7");
}

TEST_F(ExchangeTest, TransferOnlyWhereTheRulesAllow) {
    talking_call();
    const auto refused = command(AgentCommand::Kind::transfer, PhoneNumber{"+499001234567"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "desk.target_not_allowed");
}

TEST_F(ExchangeTest, ReferOfTheDeskPhoneIsATransferOfOurs) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:+499001234567@anywhere");
    EXPECT_FALSE(legs_->refers[phone]);
    legs_->listeners[phone]->on_refer(phone, "sip:+493023125500@anywhere");
    EXPECT_TRUE(legs_->refers[phone]);
    loop_->run_until([&] { return legs_->invited.size() == 2; });
}

// A late offer whose answer in the ACK cannot be used: silence is no call.
TEST_F(ExchangeTest, ACallerWithoutACommonCodecIsNotLeftInSilence) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in("+493023125019", "");
    const LegId phone = ringing_phone();
    media_.understands_answers = false;
    legs_->listeners[caller]->on_answered(caller, "sdp");
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_EQ(exchange_->counters().live_calls, 0);
}

// Rules that ask for more than the exchange can do yet are not silently ignored.
TEST_F(ExchangeTest, NoMediaNoCallBut503) {
    media_.is_available = false;
    const LegId caller = legs_->call_in("+493023125019", "");
    EXPECT_EQ(legs_->rejected[caller], 503);
    EXPECT_EQ(exchange_->counters().rejected_media, 1);
}

TEST_F(ExchangeTest, UnknownNumberHearsItsAnnouncementAndEnds) {
    const LegId caller = legs_->call_in("+4930999", "+498999998001");
    loop_->run_until([&] { return media_.did("play unknown_number"); });
    loop_->advance(5s);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(ExchangeTest, TheCallersNumberIsNowhereInTheLedger) {
    talking_call();
    std::string all;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        all += entry.payload;
        return true;
    }));
    // Outside the chain it is kept as long as the desk needs it, and by its commitment only.
    std::string commitment;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type == "call.offered") commitment = ledger::caller_of(entry);
        return true;
    }));
    const auto caller = ledger_->reveal(commitment);
    ASSERT_TRUE(caller && *caller);
    EXPECT_EQ((*caller)->reveal(), "+498999998001");
    EXPECT_EQ(all.find("8999998001"), std::string::npos);
    EXPECT_NE(all.find("3023125019"), std::string::npos); // ours may be there
}

TEST_F(ExchangeTest, SecondAnswerOfTheSameCallIsRefusedWithItsReason) {
    talking_call();
    const auto again = command(AgentCommand::Kind::answer);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "desk.not_now");
}

TEST_F(ExchangeTest, AfterARestartTheConversationGoesOn) {
    talking_call();
    ledger_types();
    media_.running = {CallId{(*parse_iso8601("2026-11-23T09:00:00Z")).us / 1000 - 1577836800000}};
    restart();
    EXPECT_TRUE(legs_->restored.contains("caller dialog"));
    EXPECT_TRUE(legs_->restored.contains("phone dialog"));
    EXPECT_FALSE(media_.did("end"));
    const LegId restored = legs_->restored["phone dialog"];
    legs_->listeners[restored]->on_ended(restored, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(legs_->restored["caller dialog"]); });
    EXPECT_TRUE(media_.did("end"));
}

TEST_F(ExchangeTest, NobodyPaysForTheHoursInWhichTheMachineWasOff) {
    talking_call();
    clock_.set(clock_.now() + 60s);
    ASSERT_TRUE(command(AgentCommand::Kind::hold)); // the last that is known of the call
    clock_.set(clock_.now() + std::chrono::hours(3));
    ledger_types();
    media_.running = {};
    restart();
    std::optional<Duration> talk;
    loop_->run_until([&] {
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "decision.end") {
                talk = std::get<routing::End>(ledger::to_decision(entry)->effect).talk;
            }
            return true;
        }));
        return talk.has_value();
    });
    EXPECT_EQ(talk, Duration{60s});
}

TEST_F(ExchangeTest, SnapshotAndReplayGiveTheSameRules) {
    std::optional<Expected<void>> saved;
    std::thread other([&] { saved = exchange_->save_snapshot(); });
    const auto before = ledger_->last_seq();
    loop_->run_until([&] { return ledger_->last_seq() > before; });
    // the answer comes back over the loop
    bool joined = false;
    std::thread waiter([&] {
        other.join();
        loop_->post([&] { joined = true; });
    });
    loop_->run_until([&] { return joined; });
    waiter.join();
    ASSERT_TRUE(saved && *saved);
    ASSERT_TRUE(*ledger_->latest_snapshot());
    restart();
    ASSERT_TRUE(
        command(AgentCommand::Kind::sign_in)); // the agent is known without a new rules change
}

} // namespace
} // namespace fernamt::telephony
