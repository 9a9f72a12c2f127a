// SPDX-License-Identifier: EUPL-1.2
// Two desk phones that are not ours (baresip, Linphone) at the exchange: they register, answer,
// hold, resume, transfer by REFER and hang up, and the tones say who is connected with whom.
#include "telephony/exchange_real_bench.h"
#include "telephony/real_phones.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

class RealPhones : public RealExchange {
  protected:
    // The phone is registered, its agent signed in, a citizen calls, it rings and answers.
    template <class Phone>
    void talk_with(double tone) {
        registered_phone_ = true;
        phone_ = std::make_unique<Phone>(RealPhone::Account{"agent7", kPassword, sip_port_}, tone);
        ASSERT_TRUE(eventually([&] { return exchange_->desk(kAgent)->phone_registered; }))
            << phone_->log();
        obey(rules());
        ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
        (void)world_.dial(sip_port_);
        ASSERT_TRUE(eventually([&] { return state() == routing::AgentState::ringing; }));
        ASSERT_TRUE(eventually([&] { // it may not have seen the call yet
            phone_->answer();
            std::this_thread::sleep_for(200ms);
            return state() == routing::AgentState::talking;
        })) << phone_->log();
        ASSERT_TRUE(phone_hears(kCitizenTone));
        ASSERT_TRUE(hear({{"caller", {kPhoneTone}}}));
    }
    routing::AgentState state() { return exchange_->desk(kAgent)->state; }
    bool phone_hears(double tone) {
        phone_->forget();
        const bool heard = eventually([&] {
            return phone_->hears({kCitizenTone, kOfficeTone, kMusicTone}) == std::set<double>{tone};
        });
        if (!heard) ADD_FAILURE() << phone_->log();
        return heard;
    }
    bool becomes(routing::AgentState wanted) {
        const bool became = eventually([&] { return state() == wanted; });
        if (!became) ADD_FAILURE() << routing::to_string(state()) << "\n" << phone_->log();
        return became;
    }
    void holds_and_resumes() {
        phone_->hold();
        ASSERT_TRUE(becomes(routing::AgentState::held));
        ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
        phone_->resume();
        ASSERT_TRUE(becomes(routing::AgentState::talking));
        ASSERT_TRUE(hear({{"caller", {kPhoneTone}}}));
        ASSERT_TRUE(!phone_->records_after_hold() || phone_hears(kCitizenTone));
    }
    void transfers_blindly() {
        phone_->transfer("sip:" + kOffice.e164 + "@127.0.0.1:" + std::to_string(sip_port_));
        ASSERT_TRUE(becomes(routing::AgentState::after_call_work));
        ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
        world_.hang_up("caller");
        EXPECT_TRUE(eventually([&] { return world_.is(kOffice.e164, &World::Party::ended); }));
        EXPECT_TRUE(nothing_left_over());
    }
    std::unique_ptr<RealPhone> phone_;
};

TEST_F(RealPhones, BaresipHoldsResumesAndTransfers) {
    talk_with<Baresip>(kPhoneTone);
    holds_and_resumes();
    transfers_blindly();
}

TEST_F(RealPhones, BaresipHangsUp) {
    talk_with<Baresip>(kPhoneTone);
    phone_->hang_up();
    ASSERT_TRUE(becomes(routing::AgentState::after_call_work));
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

// A transfer that comes to nothing: the phone is told, the citizen waits on.
TEST_F(RealPhones, BaresipIsToldThatTheOfficeIsBusy) {
    talk_with<Baresip>(kPhoneTone);
    phone_->transfer("sip:" + kBusyOffice.e164 + "@127.0.0.1:" + std::to_string(sip_port_));
    ASSERT_TRUE(becomes(routing::AgentState::after_call_work));
    EXPECT_TRUE(eventually([&] {
        return phone_->log().find("transfer failure: 486") != std::string::npos;
    })) << phone_->log();
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealPhones, LinphoneHoldsResumesAndTransfers) {
    talk_with<Linphone>(kPhoneTone);
    holds_and_resumes();
    transfers_blindly();
}

TEST_F(RealPhones, LinphoneAsksTheOfficeAndConnectsBoth) {
    talk_with<Linphone>(kPhoneTone);
    auto &phone = dynamic_cast<Linphone &>(*phone_);
    phone.hold(); // or it would not dial
    ASSERT_TRUE(becomes(routing::AgentState::held));
    phone.call("sip:" + kOffice.e164 + "@127.0.0.1:" + std::to_string(sip_port_));
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}, {kOffice.e164, {kPhoneTone}}}));
    ASSERT_TRUE(phone_hears(kOfficeTone));
    phone.connect_both();
    ASSERT_TRUE(becomes(routing::AgentState::after_call_work));
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealPhones, LinphoneHangsUp) {
    talk_with<Linphone>(kPhoneTone);
    phone_->hang_up();
    ASSERT_TRUE(becomes(routing::AgentState::after_call_work));
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
