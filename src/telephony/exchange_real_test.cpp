// SPDX-License-Identifier: EUPL-1.2
// Whole calls through the exchange, real SIP and a real rtpengine, checked by who hears which tone.
#include "telephony/exchange_real_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

TEST_F(RealExchange, TheAgentHearsTheMunicipalityFirstAndTheCallerNothingOfIt) {
    whispers_ = true;
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    bool caller_heard_it = false;
    ASSERT_TRUE(eventually([&] {
        caller_heard_it = caller_heard_it || world_.hears("caller").contains(kNameTone);
        return world_.hears("agent7") == Tones{kNameTone};
    }));
    ASSERT_TRUE(eventually([&] {
        caller_heard_it = caller_heard_it || world_.hears("caller").contains(kNameTone);
        return world_.hears("agent7") == Tones{kCitizenTone};
    }));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}}));
    EXPECT_FALSE(caller_heard_it);
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, WhoeverHangsUpOrHoldsWhileTheNameIsSaidIsObeyed) {
    whispers_ = true;
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(eventually([&] { return world_.hears("agent7") == Tones{kNameTone}; }));
    ASSERT_TRUE(press(AgentCommand::Kind::hold));
    ASSERT_TRUE(eventually([&] {
        world_.forget(); // silence brings no packets that would push the old sound out
        std::this_thread::sleep_for(300ms);
        return world_.hears("agent7").empty() && world_.hears("caller") == Tones{kMusicTone};
    }));
    ASSERT_TRUE(press(AgentCommand::Kind::resume));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, AConsultationBecomesAConferenceAndIsHandedOver) {
    talk();
    ASSERT_TRUE(press(AgentCommand::Kind::consult, kOffice));
    ASSERT_TRUE(
        hear({{"caller", {kMusicTone}}, {"agent7", {kOfficeTone}}, {kOffice.e164, {kPhoneTone}}}));
    const IncomingCall asked = world_.call_of(kOffice.e164);
    EXPECT_EQ(asked.way.max_forwards, kMaxForwards - 1);
    EXPECT_TRUE(was_at(diverted_of(asked.way), kNumber));
    ASSERT_TRUE(press(AgentCommand::Kind::conference));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}},
                      {"agent7", {kCitizenTone, kOfficeTone}},
                      {kOffice.e164, {kCitizenTone, kPhoneTone}}}));

    crash(); // in the middle of the conference
    world_.forget();
    begin();
    ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}},
                      {"agent7", {kCitizenTone, kOfficeTone}},
                      {kOffice.e164, {kCitizenTone, kPhoneTone}}}));

    ASSERT_TRUE(press(AgentCommand::Kind::hand_over));
    EXPECT_TRUE(eventually([&] { return world_.is("agent7", &World::Party::ended); }));
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, BackFromTheQuestionTheCallerIsHeardAgain) {
    talk();
    ASSERT_TRUE(press(AgentCommand::Kind::consult, kOffice));
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}, {"agent7", {kOfficeTone}}}));
    ASSERT_TRUE(press(AgentCommand::Kind::consult_end));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_TRUE(eventually([&] { return world_.is(kOffice.e164, &World::Party::ended); }));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, TheOfficeRingsFirstAndSeesWhoCallsAndWhere) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kOffice, 20s, {}};
    obey(with_office);
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    const IncomingCall seen = world_.call_of(kOffice.e164);
    EXPECT_EQ(seen.caller.reveal(), kCitizen.e164);
    const Diverted diverted = diverted_of(seen.way);
    ASSERT_EQ(diverted.history.size(), 2U);
    EXPECT_TRUE(was_at(diverted, kNumber));
    EXPECT_EQ(hops_of(diverted), 1);
    EXPECT_NE(diverted.history.back().find("index=1.1"), std::string::npos);
    EXPECT_EQ(seen.way.max_forwards, kMaxForwards - 1);
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_NE(ledger_text().find("taken_by_office"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, ABusyOfficeLeavesTheCallerToTheAgent) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kBusyOffice, 20s, {}};
    obey(with_office);
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_NE(ledger_text().find("office_busy"), std::string::npos);
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, OverflowGoesToThePartnerWithItsHistory) {
    auto with_partner = rules();
    with_partner.partners = {{routing::PartnerId{3}, kOffice}};
    routing::Overflow planned;
    planned.partner = routing::PartnerId{3};
    with_partner.overflows = {planned};
    obey(with_partner);
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    const IncomingCall seen = world_.call_of(kOffice.e164);
    ASSERT_EQ(seen.way.diversion.size(), 1U);
    EXPECT_NE(seen.way.diversion.front().find("reason=time-of-day"), std::string::npos);
    world_.hang_up("caller");
    EXPECT_TRUE(eventually([&] { return world_.is(kOffice.e164, &World::Party::ended); }));
    EXPECT_NE(ledger_text().find("taken_by_partner"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

// Keys for somebody's menu: they reach who is spoken with, and only them.
TEST_F(RealExchange, KeysReachWhoeverIsSpokenWith) {
    talk();
    const auto heard = [&](const std::string &by, const std::string &keys) {
        const bool same = eventually([&] { return world_.keys(by) == keys; });
        if (!same) ADD_FAILURE() << by << " heard " << world_.keys(by);
        return same;
    };
    world_.press("caller", '5');
    EXPECT_TRUE(heard("agent7", "5"));
    world_.press("agent7", '7');
    EXPECT_TRUE(heard("caller", "7"));

    ASSERT_TRUE(press(AgentCommand::Kind::consult, kOffice));
    ASSERT_TRUE(hear({{"agent7", {kOfficeTone}}, {kOffice.e164, {kPhoneTone}}}));
    world_.press("agent7", '9');
    EXPECT_TRUE(heard(kOffice.e164, "9"));
    world_.press(kOffice.e164, '3');
    EXPECT_TRUE(heard("agent7", "53"));
    EXPECT_EQ(world_.keys("caller"), "7") << "heard what was pressed in the consultation";

    ASSERT_TRUE(press(AgentCommand::Kind::conference));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}},
                      {"agent7", {kCitizenTone, kOfficeTone}},
                      {kOffice.e164, {kCitizenTone, kPhoneTone}}}));
    world_.press("agent7", '#');
    EXPECT_TRUE(heard("caller", "7#"));
    EXPECT_TRUE(heard(kOffice.e164, "9#"));
    world_.press("caller", '0');
    EXPECT_TRUE(heard("agent7", "530"));
    EXPECT_TRUE(heard(kOffice.e164, "9#0"));
    EXPECT_EQ(world_.keys("caller"), "7#") << "its own key came back";
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, FromThePressedKeyOverACrashToTheConversation) {
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(press(AgentCommand::Kind::pause));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
    world_.press("caller", '1');
    ASSERT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_EQ(exchange_->situation()->callbacks, 1);
    EXPECT_TRUE(nothing_left_over());

    crash();
    begin();
    EXPECT_EQ(exchange_->situation()->callbacks, 1);
    ASSERT_TRUE(press(AgentCommand::Kind::ready));
    ASSERT_TRUE(hear({{kCitizen.e164, {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_EQ(world_.call_of(kCitizen.e164).caller.reveal(), kNumber.e164);
    world_.hang_up(kCitizen.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("agent7", &World::Party::ended); }));
    EXPECT_EQ(ledger_text().find("3023125777"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
