// SPDX-License-Identifier: EUPL-1.2
// A phone takes the place of its user's own line, by real SIP and sound.
#include "telephony/exchange_real_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

class ReplacingReal : public RealExchange {
  protected:
    // The agent's phone is one that registers; it and the citizen hear each other.
    std::unique_ptr<DeskPhone> talk_at_desk_phone() {
        registered_phone_ = true;
        auto phone = world_.desk_phone("agent7", sip_port_, kPhoneTone, true);
        EXPECT_TRUE(eventually([&] { return exchange_->desk(kAgent)->phone_registered; }));
        obey(rules());
        EXPECT_TRUE(press(AgentCommand::Kind::sign_in));
        (void)world_.dial(sip_port_);
        EXPECT_TRUE(hear({{"caller", {kPhoneTone}}}));
        EXPECT_TRUE(eventually([&] { return phone->hears(kCitizenTone); }));
        EXPECT_TRUE(eventually([&] { return !phone->replaces().empty(); }));
        return phone;
    }
};

TEST_F(ReplacingReal, TheOtherPhoneOfTheAgentGoesOnWithTheCall) {
    const auto phone = talk_at_desk_phone();
    const auto other = world_.desk_phone("agent7", sip_port_, kOfficeTone, false);
    other->dial(kNumber, phone->replaces());
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}}));
    EXPECT_TRUE(eventually([&] { return other->hears(kCitizenTone); }));
    EXPECT_TRUE(eventually([&] { return phone->ended(); }));
    EXPECT_EQ(exchange_->desk(kAgent)->state, routing::AgentState::talking);
    EXPECT_EQ(exchange_->counters().offered, 1);
    other->hang_up();
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

// The phone lost its power, and our process was killed, too.
TEST_F(ReplacingReal, APhoneThatWasRestartedPicksItsCallUpAlsoAfterACrash) {
    auto phone = talk_at_desk_phone();
    const std::string dialog = phone->replaces();
    phone.reset(); // says nothing to anybody
    crash();
    begin();
    phone = world_.desk_phone("agent7", sip_port_, kNameTone, true);
    phone->dial(kNumber, dialog);
    ASSERT_TRUE(hear({{"caller", {kNameTone}}}));
    EXPECT_TRUE(eventually([&] { return phone->hears(kCitizenTone); }));
    world_.hang_up("caller");
    EXPECT_TRUE(eventually([&] { return phone->ended(); }));
}

TEST_F(ReplacingReal, NobodyElseDoesAndTheConversationGoesOn) {
    const auto phone = talk_at_desk_phone();
    const std::string dialog = phone->replaces();
    const auto refused = [&](const std::string &user, const std::string &replaces) {
        const auto other = world_.desk_phone(user, sip_port_, 0, false);
        other->dial(kNumber, replaces);
        EXPECT_TRUE(eventually([&] { return other->ended(); }));
        return other->refused();
    };
    EXPECT_EQ(refused("agent8", dialog), 403);
    EXPECT_EQ(refused("agent7", dialog + "x"), 481);
    EXPECT_EQ(refused("agent7", dialog + ";early-only"), 486);
    EXPECT_EQ(world_.calls_of("agent7"), 0U);
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}}));
    EXPECT_FALSE(phone->ended());
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
