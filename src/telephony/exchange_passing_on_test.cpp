// SPDX-License-Identifier: EUPL-1.2
// The town hall's own operator first, partner centres, consultation, conference, hand-over, and the
// correction of the municipality, with far ends played by the test.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

const PhoneNumber kOffice{"+493023125500"};
const PhoneNumber kPartner{"+493023125900"};
constexpr MunicipalityId kBurgdorf{32410019003};
constexpr const char *kCitizen = "+498999998001";

std::string header(const OutgoingCall &call, const std::string &name, int which = 0) {
    for (const auto &[key, value] : call.headers) {
        if (key == name && which-- == 0) return value;
    }
    return {};
}

class PassingOn : public ExchangeTest {
  protected:
    void office_first(const PhoneNumber &office = kOffice) {
        auto rules = test_rules();
        rules.numbers.front().office = routing::OfficeFirst{office, 20s, {}};
        change_rules(rules);
    }
    void overflow(routing::OverflowWhen when, const PhoneNumber &to = kPartner) {
        auto rules = test_rules();
        rules.partners = {{routing::PartnerId{3}, to}};
        routing::Overflow overflow;
        overflow.when = when;
        overflow.partner = routing::PartnerId{3};
        overflow.wait = 30s;
        rules.overflows = {overflow};
        change_rules(rules);
    }
    // Of whoever was dialled last.
    LegId dialled(std::size_t calls) {
        loop_->run_until([&] { return legs_->invited.size() == calls; });
        return legs_->invited.rbegin()->first;
    }
    void answers(LegId leg) { legs_->listeners[leg]->on_answered(leg, "sdp"); }
    void fails(LegId leg, int status) { legs_->listeners[leg]->on_failed(leg, status); }
    void hangs_up(LegId leg) { legs_->listeners[leg]->on_ended(leg, routing::HangUpCause::normal); }
    // Talking to the citizen, then asking the office: it answers.
    LegId consulting() {
        talking_call();
        media_.log.clear();
        EXPECT_TRUE(command(AgentCommand::Kind::consult, kOffice));
        const LegId office = dialled(2);
        legs_->listeners[office]->on_dialog(office, "office dialog");
        answers(office);
        loop_->run_until([&] { return media_.did("connect T2 A1"); });
        return office;
    }
    // rtpengine still knows the only call there is.
    void restart_with_sound() {
        std::optional<CallId> call;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "call.offered")
                call = std::get<routing::CallOffered>(*ledger::to_event(entry)).call;
            return true;
        }));
        media_.running = {call.value_or(CallId{})};
        restart();
    }
    std::string consult_state() {
        const auto view = desk();
        if (!view.call || !view.call->consult) return "";
        switch (*view.call->consult) {
        case routing::Consultation::State::ringing:
            return "ringing";
        case routing::Consultation::State::talking:
            return "talking";
        case routing::Consultation::State::joined:
            break;
        }
        return "joined";
    }
};

TEST_F(PassingOn, TheOfficeRingsFirstAndTheCallerIsAnsweredWhenItAnswers) {
    office_first();
    const LegId caller = legs_->call_in(kNumber.e164, kCitizen);
    const LegId office = dialled(1);
    const OutgoingCall call = legs_->invited[office];
    EXPECT_EQ(call.target, "sip:" + kOffice.e164 + "@trunk");
    EXPECT_EQ(call.from_user, kCitizen);
    EXPECT_EQ(header(call, "History-Info"), "<sip:+493023125019@trunk>;index=1");
    EXPECT_EQ(header(call, "History-Info", 1),
              "<sip:+493023125500@trunk;cause=302>;index=1.1;mp=1");
    EXPECT_EQ(header(call, "Diversion"),
              "<sip:+493023125019@trunk>;reason=unconditional;counter=1");
    EXPECT_EQ(call.max_forwards, 69);
    EXPECT_FALSE(legs_->answered.contains(caller)) << "nobody has answered yet";
    answers(office);
    loop_->run_until([&] { return media_.did("connect C T1"); });
    EXPECT_TRUE(legs_->answered.contains(caller));
    EXPECT_FALSE(media_.did("play greeting"));
    hangs_up(office);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
    EXPECT_NE(ledger_text().find("\"reason\":\"taken_by_office\""), std::string::npos);
}

// Whatever goes out for a call says where it has been and how often it may still go on.
TEST_F(PassingOn, ATransferAndAConsultationCarryTheHistory) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller{++legs_->last};
    legs_->incoming({.leg = caller,
                     .dialled = {{routing::DialledSource::request_uri, kNumber.e164}},
                     .caller = Redacted<std::string>(kCitizen),
                     .offer = "v=0",
                     .source = "trunk:test",
                     .way = {.history_info = {"<sip:+493023125700@pbx>;index=1"},
                             .hides_history = true,
                             .max_forwards = 12}});
    const LegId phone = ringing_phone();
    EXPECT_EQ(legs_->invited[phone].max_forwards, 11);
    answers(phone);
    loop_->run_until([&] { return media_.did("connect C A1"); });
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    const auto is_complete = [&](const OutgoingCall &call) {
        EXPECT_EQ(call.max_forwards, 11);
        EXPECT_EQ(call.from_user, kNumber.e164) << "never the citizen's";
        EXPECT_EQ(header(call, "History-Info"), "<sip:anonymous@anonymous.invalid>;index=1");
        EXPECT_EQ(header(call, "History-Info", 1),
                  "<sip:+493023125500@trunk;cause=302>;index=1.1;mp=1");
        EXPECT_EQ(header(call, "Diversion"),
                  "<sip:+493023125019@trunk>;reason=unconditional;counter=1");
        EXPECT_EQ(header(call, "Privacy"), "history");
        for (const auto &[name, value] : call.headers)
            EXPECT_EQ(value.find("8999998001"), std::string::npos) << name;
    };
    is_complete(legs_->invited[dialled(2)]);
    ASSERT_TRUE(command(AgentCommand::Kind::consult_end));
    legs_->listeners[caller]->on_dialog(caller, "caller dialog");
    legs_->listeners[phone]->on_dialog(phone, "phone dialog");
    restart_with_sound(); // a process that takes over knows it, too
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, kOffice));
    is_complete(legs_->invited[dialled(1)]);
}

TEST_F(PassingOn, TheOfficesPhoneRegisteredWithUsRingsFirst) {
    office_first(kOfficePhone);
    const LegId caller = legs_->call_in(kNumber.e164, kCitizen);
    const LegId office = dialled(1);
    const OutgoingCall call = legs_->invited[office];
    EXPECT_EQ(call.target, "office8");
    EXPECT_EQ(call.from_user, kCitizen);
    EXPECT_EQ(header(call, "History-Info", 1),
              "<sip:+493023125502@fernamt.invalid;cause=302>;index=1.1;mp=1");
    EXPECT_EQ(header(call, "Diversion"),
              "<sip:+493023125019@fernamt.invalid>;reason=unconditional;counter=1");
    answers(office);
    loop_->run_until([&] { return media_.did("connect C T1"); });
    EXPECT_TRUE(legs_->answered.contains(caller));
}

// As the registrar says it at once.
TEST_F(PassingOn, AnOfficesPhoneThatIsNotThereLeavesTheCallToTheCentre) {
    office_first(kOfficePhone);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in(kNumber.e164, kCitizen);
    fails(dialled(1), 404);
    EXPECT_EQ(legs_->invited[dialled(2)].target, "agent7");
    EXPECT_NE(ledger_text().find("\"rule\":\"office_no_answer\""), std::string::npos);
}

TEST_F(PassingOn, ABusyOfficeLeavesTheCallToTheCentre) {
    office_first();
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in(kNumber.e164, kCitizen);
    const LegId office = dialled(1);
    testing::internal::CaptureStderr();
    fails(office, 486);
    const LegId phone = dialled(2);
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("call.leg_refused"), std::string::npos) << log;
    EXPECT_NE(log.find("\"status\":486"), std::string::npos) << log;
    EXPECT_EQ(log.find("3023125500"), std::string::npos) << "a number";
    EXPECT_EQ(legs_->invited[phone].target, "agent7");
    EXPECT_TRUE(legs_->answered.contains(caller));
    EXPECT_TRUE(media_.did("play greeting"));
    EXPECT_NE(ledger_text().find("\"rule\":\"office_busy\""), std::string::npos);
    answers(phone);
    loop_->run_until([&] { return media_.did("connect C A2"); });
}

TEST_F(PassingOn, AnOfficeThatDoesNotAnswerStopsRinging) {
    office_first();
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in(kNumber.e164, kCitizen);
    const LegId office = dialled(1);
    loop_->advance(21s);
    dialled(2);
    EXPECT_TRUE(legs_->hung_up.contains(office));
    EXPECT_TRUE(media_.did("drop T1"));
    EXPECT_NE(ledger_text().find("\"rule\":\"office_no_answer\""), std::string::npos);
}

TEST_F(PassingOn, ACallThatTheOfficeHasPassedOnDoesNotGoBackThere) {
    office_first();
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in(kNumber.e164, kCitizen, {"<sip:+493023125500@pbx>;reason=no-answer;counter=1"});
    const LegId phone = dialled(1);
    EXPECT_EQ(legs_->invited[phone].target, "agent7");
}

TEST_F(PassingOn, ALongWaitGoesToThePartnerAndComesBackAtItsPlace) {
    overflow(routing::OverflowWhen::longest_wait);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(command(AgentCommand::Kind::pause));
    const LegId caller = legs_->call_in(kNumber.e164, kCitizen);
    loop_->run_until([&] { return media_.did("play greeting"); });
    loop_->advance(31s);
    const LegId partner = dialled(1);
    EXPECT_EQ(legs_->invited[partner].target, "sip:" + kPartner.e164 + "@trunk");
    EXPECT_NE(header(legs_->invited[partner], "Diversion").find("reason=no-answer"),
              std::string::npos);
    media_.log.clear();
    fails(partner, 480);
    loop_->run_until([&] { return media_.did("play waiting_music"); });
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_NE(ledger_text().find("partner_gave_back"), std::string::npos);
}

// The first one's time is over, the next one is decided, and before that is written down the first
// one answers.
TEST_F(PassingOn, WhoAnswersTooLateIsNotTheNextOne) {
    auto rules = test_rules();
    rules.partners = {{routing::PartnerId{3}, kPartner}, {routing::PartnerId{4}, kTrunkPartner}};
    for (const auto &partner : rules.partners) {
        routing::Overflow overflow;
        overflow.when = routing::OverflowWhen::planned;
        overflow.partner = partner.id;
        rules.overflows.push_back(overflow);
    }
    change_rules(rules);
    const LegId caller = legs_->call_in(kNumber.e164, kCitizen);
    const LegId first = dialled(1);
    loop_->advance(26s);
    answers(first);
    const LegId next = dialled(2);
    EXPECT_NE(legs_->invited[next].target, legs_->invited[first].target);
    EXPECT_TRUE(legs_->hung_up.contains(first));
    answers(next);
    loop_->run_until([&] { return media_.did("connect C T2"); });
    EXPECT_FALSE(media_.did("up T1")) << "that was nobody's answer any more";
    EXPECT_FALSE(legs_->hung_up.contains(next));
    EXPECT_FALSE(legs_->hung_up.contains(caller));
}

TEST_F(PassingOn, APartnerWithATrunkOfItsOwnIsCalledOverThatOne) {
    overflow(routing::OverflowWhen::planned, kTrunkPartner);
    legs_->call_in(kNumber.e164, kCitizen);
    const OutgoingCall call = legs_->invited[dialled(1)];
    EXPECT_EQ(call.target, "sip:" + kTrunkPartner.e164 + "@partner");
    EXPECT_EQ(header(call, "History-Info"), "<sip:+493023125019@partner>;index=1");
    EXPECT_EQ(header(call, "Diversion"),
              "<sip:+493023125019@partner>;reason=time-of-day;counter=1");
}

TEST_F(PassingOn, APartnersCallIsMarkedAndNeverSentOn) {
    overflow(routing::OverflowWhen::planned);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in(kNumber.e164, kCitizen, {"<sip:+493023125900@partner>;reason=no-answer"});
    const LegId phone = dialled(1);
    EXPECT_EQ(legs_->invited[phone].target, "agent7") << "sent back to the partner";
    const std::string ledger = ledger_text();
    EXPECT_NE(ledger.find("\"from\":3"), std::string::npos) << ledger;
    EXPECT_NE(ledger.find("\"hops\":1"), std::string::npos) << ledger;
}

// Anybody can write a number into From, Diversion and History-Info; a partner is billed.
TEST_F(PassingOn, NobodyIsBookedAsAPartnerForSayingSo) {
    auto rules = test_rules();
    rules.partners = {{routing::PartnerId{3}, kPartner}, {routing::PartnerId{4}, kTrunkPartner}};
    change_rules(rules);
    const auto by = [](const PhoneNumber &number) {
        return std::vector<std::string>{"<sip:" + number.e164 + "@partner>;reason=no-answer"};
    };
    legs_->call_in(kNumber.e164, kTrunkPartner.e164, by(kTrunkPartner));        // by our provider
    legs_->call_in(kNumber.e164, kTrunkPartner.e164, {}, "trunk:test", true);   // even vouched for
    legs_->call_in(kNumber.e164, kPartner.e164);                                // From alone
    legs_->call_in(kNumber.e164, "", by(kPartner), "phone:agent9");             // by a phone
    legs_->call_in(kNumber.e164, kPartner.e164, by(kPartner), "trunk:partner"); // of the other one
    legs_->call_in(kNumber.e164, kCitizen, {}, "trunk:partner");                // its own trunk
    legs_->call_in(kNumber.e164, kPartner.e164, {}, "trunk:test", true);        // vouched for
    settle();
    std::vector<std::int64_t> booked;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type != "call.offered") return true;
        booked.push_back(std::get<routing::CallOffered>(*ledger::to_event(entry)).from.value);
        return true;
    }));
    EXPECT_EQ(booked, (std::vector<std::int64_t>{0, 0, 0, 0, 4, 4, 3}));
}

TEST_F(PassingOn, TheCallersPseudonymIsInTheLedgerAndTheNumberIsNot) {
    legs_->call_in(kNumber.e164, "08999998001");
    legs_->call_in(kNumber.e164, kCitizen); // the same number, written in full
    legs_->call_in(kNumber.e164, "");
    settle();
    std::vector<std::int64_t> keys;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type != "call.offered") return true;
        keys.push_back(std::get<routing::CallOffered>(*ledger::to_event(entry)).caller.value);
        return true;
    }));
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_NE(keys[0], 0);
    EXPECT_EQ(keys[0], keys[1]);
    EXPECT_LT(keys[0], std::int64_t{1} << 53);
    EXPECT_EQ(keys[2], 0);
    EXPECT_EQ(ledger_text().find("8999998001"), std::string::npos);
}

TEST_F(PassingOn, InAConsultationTheCallerHearsMusicAndComesBack) {
    const LegId office = consulting();
    EXPECT_TRUE(media_.did("play waiting_music"));
    EXPECT_TRUE(media_.did("park A1"));
    EXPECT_EQ(consult_state(), "talking");
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::consult_end));
    EXPECT_TRUE(legs_->hung_up.contains(office));
    EXPECT_TRUE(media_.did("connect C A1"));
    EXPECT_EQ(consult_state(), "");
    EXPECT_EQ(ledger_text().find("3023125500"), std::string::npos) << "the office's number";
}

TEST_F(PassingOn, AnOfficeThatCannotBeAskedGivesTheAgentBackAtOnce) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    EXPECT_EQ(consult_state(), "ringing");
    fails(dialled(2), 486);
    loop_->run_until([&] { return media_.did("drop T2"); });
    EXPECT_EQ(consult_state(), "");
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
}

TEST_F(PassingOn, AllThreeSpeakAndTheTargetLeaves) {
    const LegId office = consulting();
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::conference));
    EXPECT_TRUE(media_.did("conference C A1 T2"));
    EXPECT_EQ(consult_state(), "joined");
    media_.log.clear();
    hangs_up(office);
    loop_->run_until([&] { return media_.did("connect C A1"); });
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(PassingOn, HandedOverTheOtherTwoGoOn) {
    consulting();
    const LegId phone = legs_->invited.begin()->first;
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::hand_over));
    EXPECT_TRUE(media_.did("connect C T2"));
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_EQ(desk().state, AgentState::after_call_work);
    EXPECT_EQ(exchange_->counters().live_calls, 1);
}

TEST_F(PassingOn, HandedOverWhileRingingItIsATransfer) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    const LegId office = dialled(2);
    ASSERT_TRUE(command(AgentCommand::Kind::hand_over));
    media_.log.clear();
    answers(office);
    loop_->run_until([&] { return media_.did("connect C T2"); });
    EXPECT_NE(ledger_text().find("\"rule\":\"transfer_answered\""), std::string::npos);
}

TEST_F(PassingOn, AnAgentWhoseLineFailsInAConsultationCutsNobodyOff) {
    consulting();
    const LegId phone = legs_->invited.begin()->first;
    media_.log.clear();
    hangs_up(phone);
    loop_->run_until([&] { return media_.did("connect C T2"); });
    EXPECT_EQ(exchange_->counters().live_calls, 1);
}

TEST_F(PassingOn, AfterARestartAConsultationGoesOn) {
    consulting();
    media_.running = {desk().call->id};
    restart();
    EXPECT_EQ(legs_->restored.size(), 3U); // caller, agent, office
    EXPECT_EQ(consult_state(), "talking");
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::conference));
    EXPECT_TRUE(media_.did("conference C A1 T2"));
}

TEST_F(PassingOn, ARestartWhileTheOfficeRingsEndsTheQuestionTruthfully) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    dialled(2);
    media_.running = {desk().call->id};
    restart();
    loop_->run_until([&] { return ledger_text().find("consult.failed") != std::string::npos; });
    EXPECT_EQ(desk().state, AgentState::held);
    EXPECT_EQ(consult_state(), "");
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    EXPECT_TRUE(media_.did("connect C A1"));
}

// A browser hears nothing when it goes back to an earlier source: a fresh leg carries that.
TEST_F(PassingOn, ABrowserGetsAFreshLegForItsWayBack) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    answers(dialled(1));
    loop_->run_until([&] { return media_.did("connect T2 A1"); });
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::consult_end));
    EXPECT_TRUE(media_.did("out A3"));
    EXPECT_FALSE(media_.did("connect C A1"));
    ASSERT_TRUE(desk().browser_offer);
    EXPECT_TRUE(browser_answer("A3"));
    EXPECT_TRUE(media_.did("connect C A3"));
    EXPECT_TRUE(media_.did("drop A1"));
}

// REFER: the phone's line stays until it has been told how its transfer went, heard by nobody.
TEST_F(PassingOn, APhoneIsToldHowItsTransferWent) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    EXPECT_TRUE(legs_->refers[phone]);
    const LegId office = dialled(2);
    EXPECT_TRUE(media_.did("park A1"));
    EXPECT_FALSE(legs_->hung_up.contains(phone));
    EXPECT_EQ(desk().state, AgentState::after_call_work);
    legs_->listeners[office]->on_ringing(office);
    EXPECT_EQ(legs_->told[phone], std::vector<int>{180});
    answers(office);
    loop_->run_until([&] { return media_.did("connect C T2"); });
    EXPECT_EQ(legs_->told[phone], (std::vector<int>{180, 200}));
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_TRUE(media_.did("drop A1"));
    hangs_up(office);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(PassingOn, APhoneIsToldThatItsTransferFailed) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    fails(dialled(2), 486);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_EQ(legs_->told[phone], std::vector<int>{486});
    EXPECT_FALSE(legs_->hung_up.contains(caller));
}

TEST_F(PassingOn, APhoneIsToldThatNobodyAnswers) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    dialled(2);
    loop_->advance(61s);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_EQ(legs_->told[phone], std::vector<int>{408});
    EXPECT_FALSE(legs_->hung_up.contains(caller));
}

TEST_F(PassingOn, APhoneIsToldThatTheCallerHasLeft) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    dialled(2);
    hangs_up(caller);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_EQ(legs_->told[phone], std::vector<int>{487});
}

TEST_F(PassingOn, ATransferThatIsNotPossibleNowIsRefusedAtOnce) {
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::consult, kOffice));
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    EXPECT_FALSE(legs_->refers[phone]);
    EXPECT_EQ(consult_state(), "ringing");
}

// It hangs up at once, or is to ring again: nothing of the old line stays.
TEST_F(PassingOn, APhoneNeedNotWaitForNewsOfItsTransfer) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    dialled(2);
    hangs_up(phone);
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_EQ(desk().state, AgentState::after_call_work);
    EXPECT_EQ(exchange_->counters().live_calls, 1);
}

TEST_F(PassingOn, APhoneThatIsToRingAgainIsFreedFirst) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    dialled(2);
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    legs_->call_in(kNumber.e164, kCitizen);
    const LegId next = dialled(3);
    EXPECT_EQ(legs_->invited[next].target, "agent7");
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_TRUE(legs_->told[phone].empty()) << "hang_up() tells it";
}

TEST_F(PassingOn, AfterARestartNobodyWaitsForNewsOfATransfer) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:" + kOffice.e164 + "@anywhere");
    dialled(2);
    restart_with_sound();
    ASSERT_TRUE(legs_->restored.contains("phone dialog"));
    EXPECT_TRUE(legs_->hung_up.contains(legs_->restored.at("phone dialog")));
}

// A desk phone's own way: hold, second line, REFER with Replaces.
TEST_F(PassingOn, APhoneAsksByItsSecondLineAndConnectsBoth) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendonly"));
    loop_->run_until([&] { return desk().state == AgentState::held; });
    media_.log.clear();
    const LegId second = legs_->call_from_phone("agent7", kOffice.e164);
    const LegId office = dialled(2);
    EXPECT_EQ(legs_->invited[office].target, "sip:" + kOffice.e164 + "@trunk");
    EXPECT_FALSE(legs_->answered.contains(second));
    EXPECT_EQ(consult_state(), "ringing");
    answers(office);
    loop_->run_until([&] { return media_.did("connect T3 P2"); });
    EXPECT_TRUE(legs_->answered.contains(second));
    LegListener *listener = legs_->listeners[phone];
    EXPECT_FALSE(listener->on_refer_replaces(phone, LegId{999})) << "not a dialog of ours";
    EXPECT_FALSE(listener->on_refer_replaces(phone, office)) << "not a line of this phone";
    ASSERT_TRUE(listener->on_refer_replaces(phone, second));
    loop_->run_until([&] { return media_.did("connect C T3"); });
    EXPECT_TRUE(legs_->refers[phone]);
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_TRUE(legs_->hung_up.contains(second));
    EXPECT_EQ(desk().state, AgentState::after_call_work);
    EXPECT_FALSE(legs_->hung_up.contains(caller));
}

TEST_F(PassingOn, APhoneThatHangsUpItsSecondLineIsBackWithTheCaller) {
    const auto [caller, phone] = talking_call();
    const LegId second = legs_->call_from_phone("agent7", kOffice.e164);
    const LegId office = dialled(2);
    answers(office);
    loop_->run_until([&] { return media_.did("connect T3 P2"); });
    media_.log.clear();
    hangs_up(second);
    loop_->run_until([&] { return media_.did("connect C A1"); });
    EXPECT_TRUE(legs_->hung_up.contains(office));
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(PassingOn, ASecondLineToAForbiddenNumberIsRefused) {
    talking_call();
    const LegId second = legs_->call_from_phone("agent7", "+49900123456");
    EXPECT_EQ(legs_->rejected[second], 403);
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(PassingOn, TheMunicipalityThatWasMeantFollows) {
    auto rules = test_rules();
    auto burgdorf = rules.municipalities.front();
    burgdorf.id = kBurgdorf;
    rules.municipalities.insert(rules.municipalities.begin(), burgdorf);
    change_rules(rules);
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(correct_to(kBurgdorf));
    const auto view = desk();
    ASSERT_TRUE(view.call);
    EXPECT_EQ(view.call->municipality, kBurgdorf);
    EXPECT_EQ(view.call->dialled, kWedemark);
    const auto again = correct_to(kBurgdorf);
    ASSERT_FALSE(again);
    hangs_up(caller);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_NE(ledger_text().find("\"dialled\":\"032410019019\""), std::string::npos)
        << ledger_text();
}

TEST_F(PassingOn, ACrisisIsHeardInsteadOfTheGreeting) {
    routing::CrisisPlan plan;
    plan.id = routing::CrisisId{5};
    plan.municipality = kWedemark;
    ASSERT_TRUE(act(routing::CrisisBegan{plan, UserId{1}}));
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in(kNumber.e164, kCitizen);
    loop_->run_until([&] { return media_.did("play crisis 5"); });
    EXPECT_FALSE(media_.did("play greeting"));
    dialled(1);
    EXPECT_EQ(desk().call->crisis, routing::CrisisId{5});
    const auto twice = act(routing::CrisisBegan{plan, UserId{1}});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, "exchange.refused");
    EXPECT_EQ(twice.error().kind, ProblemKind::conflict);
    const auto foreign = act(routing::AgentReady{kAgent});
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, "exchange.not_administrative");
    ASSERT_TRUE(act(routing::CrisisEnded{routing::CrisisId{5}, UserId{1}}));
}

} // namespace
} // namespace fernamt::telephony
