// SPDX-License-Identifier: EUPL-1.2
// Whole calls through the exchange, real SIP and a real rtpengine, checked by who hears which tone.
#include "telephony/exchange_real_bench.h"

#include <cstdlib>
#include <random>

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

// The agents' desk phones are registered: only then a second line is known to be theirs.
class DeskPhones : public RealExchange {
  protected:
    using Kind = AgentCommand::Kind;
    static constexpr AgentId kAgents[] = {kAgent, AgentId{8}};
    static std::string phone_of(AgentId agent) { return "agent" + std::to_string(agent.value); }

    void SetUp() override {
        registered_phone_ = true;
        for (const AgentId agent : kAgents) {
            const std::string at = kHost + (":" + std::to_string(world_.port()));
            bindings_[phone_of(agent)] = {.user = phone_of(agent),
                                          .contact = "sip:" + phone_of(agent) + "@" + at,
                                          .next_hop = "sip:" + at,
                                          .expires = clock_.now() + 1h,
                                          .call_id = "registered",
                                          .cseq = 1};
        }
        RealExchange::SetUp();
    }
};

TEST_F(DeskPhones, AskByTheirSecondLineAndConnectBoth) {
    talk();
    world_.hold("agent7", true);
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
    const auto line = world_.ask_by_second_line("agent7", sip_port_, kOffice);
    ASSERT_TRUE(eventually([&] { return line->answered(); }));
    world_.refer("agent7", kOffice, line->as_replaced());
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    EXPECT_TRUE(
        eventually([&] { return world_.is("agent7", &World::Party::ended) && line->ended(); }));
    EXPECT_EQ(exchange_->desk(kAgent)->state, routing::AgentState::after_call_work);
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

// Whatever all sides do, in whatever order and however fast, nothing stays behind: no call, no leg,
// no port, no timer, no reserved agent, nothing at rtpengine. Two agents, two callers at once; the
// desk's keys, and what the phones of agents, callers and offices do by themselves: hold
// (re-INVITE), hang up, transfer (REFER), a second line and the transfer that connects both
// (Replaces). FERNAMT_SEED plays one course of events again.
class RandomCourses : public DeskPhones {
  protected:
    void TearDown() override {
        lines_.clear();
        DeskPhones::TearDown();
    }
    bool on_line(const std::string &user) {
        return world_.is(user, &World::Party::answered) && !world_.is(user, &World::Party::ended);
    }
    void leave(const std::string &user) {
        if (!on_line(user)) return;
        world_.hang_up(user);
        ++done_["left"];
    }
    void command(AgentId agent, Kind kind, std::optional<PhoneNumber> target = {}) {
        if (press(kind, std::move(target), agent)) ++done_["pressed"]; // refused: also an answer
    }
    void refer(AgentId agent, const PhoneNumber &target) {
        if (!on_line(phone_of(agent))) return;
        world_.refer(phone_of(agent), target);
        ++done_["referred"];
    }
    // Asks by the second line, then connects both or thinks better of it.
    void second_line(AgentId agent, const PhoneNumber &target, bool connects) {
        if (!on_line(phone_of(agent))) return;
        auto &line = lines_[agent];
        if (line == nullptr || line->ended()) {
            line = world_.ask_by_second_line(phone_of(agent), sip_port_, target);
            ++done_["asked_by_phone"];
            return;
        }
        const std::string dialog = line->as_replaced();
        if (!connects || dialog.empty()) return line->hang_up();
        world_.refer(phone_of(agent), target, dialog);
        ++done_["connected_by_phone"];
    }
    void phone_key(const std::string &who, bool holds) {
        if (!on_line(who)) return;
        world_.hold(who, holds);
        ++done_[who.starts_with("agent") ? "held_by_phone" : "held_outside"];
    }
    // Only an agent's phone transfers: whoever else asks for it is refused.
    void refer_from_outside(const std::string &who) {
        if (!on_line(who)) return;
        world_.refer(who, kOffice);
        ++done_["referred_outside"];
    }
    void anything(std::mt19937 &random) {
        const auto below = [&](unsigned most) { return random() % most; };
        const AgentId agent = kAgents[below(2)];
        const PhoneNumber target = below(4) == 0 ? kBusyOffice : kOffice;
        const std::string outside[] = {"caller", "another", kOffice.e164};
        switch (below(22)) {
        case 0:
        case 1:
            return command(agent, Kind::hold);
        case 2:
        case 3:
            return command(agent, Kind::resume);
        case 4:
        case 5:
            return command(agent, Kind::consult, target);
        case 6:
            return command(agent, Kind::conference);
        case 7:
            return command(agent, Kind::consult_end);
        case 8:
            return command(agent, Kind::hand_over);
        case 9:
            return command(agent, Kind::transfer, target);
        case 10:
        case 11:
            return refer(agent, target);
        case 12:
            return leave(kOffice.e164);
        case 13:
        case 14:
        case 15:
            return second_line(agent, target, below(3) != 0);
        case 16:
        case 17:
            return phone_key(phone_of(agent), below(2) == 0);
        case 18:
        case 19:
            return phone_key(outside[below(3)], below(2) == 0);
        case 20:
            return refer_from_outside(outside[below(3)]);
        default:
            if (below(3) != 0) return;
            const std::string who[] = {phone_of(agent), "caller", "another"};
            leave(who[below(3)]);
        }
    }
    // Callers go, if still there, or go while still waiting; agents are free again, at once or with
    // a key.
    void everything_comes_to_its_end() {
        ASSERT_TRUE(eventually([&] {
            for (const std::string who : {"caller", "another"})
                if (!world_.is(who, &World::Party::ended)) world_.hang_up(who);
            return exchange_->state()->calls.empty();
        })) << "a call stays";
        leave(kOffice.e164);
        ASSERT_TRUE(nothing_left_over());
        for (const auto &[agent, line] : lines_)
            ASSERT_TRUE(eventually([&, &open = *line] { return open.ended(); }))
                << "a second line stays";
        lines_.clear();
        for (const AgentId agent : kAgents) {
            const auto state = [&] { return exchange_->desk(agent)->state; };
            ASSERT_TRUE(eventually([&] {
                if (state() == routing::AgentState::ready) return true;
                const bool wraps_up = state() == routing::AgentState::after_call_work;
                (void)press(wraps_up ? Kind::wrap_up_finish : Kind::ready, {}, agent);
                return false;
            })) << "agent "
                << agent.value << " stays in " << routing::to_string(state());
        }
    }
    std::size_t timers() {
        std::size_t open = 0;
        loop_->run_on_loop([&] { open = loop_->open_timers(); });
        return open;
    }
    std::map<AgentId, std::unique_ptr<SecondLine>> lines_;
    std::map<std::string, int> done_; // a course in which nothing happens is no proof
};

TEST_F(RandomCourses, LeaveNothingBehind) {
    constexpr int kRounds = 12, kActions = 20;
    auto with_two = rules();
    with_two.agents.assign(std::begin(kAgents), std::end(kAgents));
    obey(with_two);
    for (const AgentId agent : kAgents)
        ASSERT_TRUE(press(Kind::sign_in, {}, agent));
    const std::size_t timers_at_rest = timers();
    const char *given = std::getenv("FERNAMT_SEED");
    const std::uint32_t first = given != nullptr ? static_cast<std::uint32_t>(std::atol(given)) : 1;
    const char *many = std::getenv("FERNAMT_COURSES"); // for a night
    const int rounds = many != nullptr ? std::atoi(many) : given != nullptr ? 1 : kRounds;
    for (std::uint32_t seed = first; seed < first + static_cast<std::uint32_t>(rounds); ++seed) {
        SCOPED_TRACE("FERNAMT_SEED=" + std::to_string(seed));
        std::mt19937 random(seed);
        (void)world_.dial(sip_port_, "caller");
        (void)world_.dial(sip_port_, "another");
        const bool patient = random() % 4 != 0; // one in four does not even wait for the agent
        ASSERT_TRUE(!patient || eventually([&] { return on_line("agent7") || on_line("agent8"); }));
        for (int i = 0; i < kActions; ++i) {
            anything(random);
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4 * 20));
        }
        everything_comes_to_its_end();
        if (HasFatalFailure()) return;
        ASSERT_TRUE(eventually([&] { return timers() <= timers_at_rest; })) << "a timer stays";
    }
    for (const auto &[what, times] : done_)
        RecordProperty(what, times);
    if (given != nullptr || many != nullptr) return;
    EXPECT_GE(done_["pressed"], kRounds) << "hardly anything was possible";
    EXPECT_GE(done_["left"], 1);
    EXPECT_GE(done_["referred"], 3);
    for (const char *what : {"asked_by_phone", "held_by_phone", "held_outside", "referred_outside"})
        EXPECT_GE(done_[what], 1) << what;
}

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
    const Diverted diverted = diverted_of(seen.history_info, seen.diversion);
    ASSERT_EQ(diverted.history.size(), 2U);
    EXPECT_TRUE(was_at(diverted, kNumber));
    EXPECT_EQ(hops_of(diverted), 1);
    EXPECT_NE(diverted.history.back().find("index=1.1"), std::string::npos);
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
    ASSERT_EQ(seen.diversion.size(), 1U);
    EXPECT_NE(seen.diversion.front().find("reason=time-of-day"), std::string::npos);
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
