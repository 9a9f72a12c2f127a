// SPDX-License-Identifier: EUPL-1.2
// Callbacks from the key to the conversation, over restarts, with far ends played by the test.
#include "telephony/exchange_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

constexpr const char *kCitizen = "+493023125777"; // the test's dial plan allows +4930

const PhoneNumber kOtherLine{"+493023125018"}; // with a queue of its own

constexpr Instant kLater{4'000'000'000'000'000};

class Callbacks : public ExchangeTest {
  protected:
    void SetUp() override {
        ExchangeTest::SetUp();
        auto rules = test_rules();
        routing::CallQueue queue;
        queue.id = routing::QueueId{1};
        queue.offers_callback = true;
        rules.numbers.push_back({kOtherLine, kWedemark});
        rules.queues = {queue, queue};
        rules.queues.back().id = routing::QueueId{2};
        rules.numbers.front().queue = queue.id;
        rules.numbers.back().queue = routing::QueueId{2};
        change_rules(rules);
        announcements_.there = {"ahead_0", "ahead_1", "callback_offer", "callback_noted",
                                "callback_exists"};
        ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
        ASSERT_TRUE(command(AgentCommand::Kind::pause));
    }
    LegId waiting(const std::string &caller = kCitizen, const PhoneNumber &number = kNumber) {
        media_.log.clear();
        const LegId leg = legs_->call_in(number.e164, caller);
        loop_->run_until([&] { return media_.did("play greeting"); });
        return leg;
    }
    CallId call() {
        CallId last;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "call.offered") last = *entry.call;
            return true;
        }));
        return last;
    }
    LegId noted() {
        const LegId leg = waiting();
        media_.digit(call(), "C", '1');
        loop_->run_until([&] { return media_.did("play callback_noted"); });
        loop_->advance(5s);
        EXPECT_TRUE(legs_->hung_up.contains(leg));
        return leg;
    }
    LegId dialled(std::size_t calls) {
        loop_->run_until([&] { return legs_->invited.size() == calls; });
        return legs_->invited.rbegin()->first;
    }
    void answers(LegId leg) { legs_->listeners[leg]->on_answered(leg, "sdp"); }
    bool sealed() {
        std::string commitment;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "callback.requested") commitment = ledger::caller_of(entry);
            return true;
        }));
        const auto value = ledger_->reveal(commitment);
        return value && *value && (**value).reveal() == kCitizen;
    }
    std::set<std::string> numbers() {
        std::optional<Expected<std::set<std::string>>> result;
        bool answered = false;
        std::thread other([&] {
            result = exchange_->callback_numbers();
            loop_->post([&] { answered = true; });
        });
        loop_->run_until([&] { return answered; });
        other.join();
        return **result;
    }
};

TEST_F(Callbacks, IsOfferedAfterTheGreetingWithThePlace) {
    waiting();
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play ahead_0"));
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play callback_offer"));
    loop_->advance(4s);
    EXPECT_TRUE(media_.did("play waiting_music"));
    media_.log.clear();
    loop_->advance(60s);
    EXPECT_TRUE(media_.did("play ahead_0")) << "told again";
}

TEST_F(Callbacks, IsNotOfferedToWhoCannotBeCalled) {
    const LegId leg = waiting("");
    loop_->advance(9s);
    EXPECT_FALSE(media_.did("play callback_offer"));
    media_.digit(call(), "C", '1');
    settle();
    EXPECT_FALSE(legs_->hung_up.contains(leg));
}

TEST_F(Callbacks, AnotherKeyIsNoCallback) {
    const LegId leg = waiting();
    media_.digit(call(), "C", '2');
    settle();
    EXPECT_FALSE(legs_->hung_up.contains(leg));
}

// One per number: what would be refused is not offered, and who asks for it hears why not.
TEST_F(Callbacks, IsNotOfferedToWhoHasOneOnAnotherLine) {
    noted();
    const LegId leg = waiting(kCitizen, kOtherLine);
    loop_->advance(9s);
    EXPECT_TRUE(media_.did("play ahead_1")); // the place all the same: behind the own callback
    EXPECT_FALSE(media_.did("play callback_offer"));
    media_.digit(call(), "C", '1');
    settle();
    EXPECT_TRUE(media_.did("play callback_exists"));
    EXPECT_FALSE(media_.did("play callback_noted"));
    EXPECT_FALSE(legs_->hung_up.contains(leg));
    media_.log.clear();
    loop_->advance(5s);
    EXPECT_TRUE(media_.did("play waiting_music"));
    EXPECT_EQ(numbers().size(), 1U) << "the first one's is kept";
    waiting("+493023125778", kOtherLine);
    loop_->advance(9s);
    EXPECT_TRUE(media_.did("play callback_offer")) << "somebody else";
}

TEST_F(Callbacks, WithoutSuchAWordARefusalIsThePlace) {
    announcements_.there.erase("callback_exists");
    noted();
    waiting(kCitizen, kOtherLine);
    loop_->advance(20s);
    media_.log.clear();
    media_.digit(call(), "C", '1');
    settle();
    EXPECT_TRUE(media_.did("play ahead_1"));
}

TEST_F(Callbacks, PressedWhileAPhoneRingsItIsNotedWhenNobodyAnswers) {
    const LegId leg = waiting();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = dialled(1);
    media_.digit(call(), "C", '1');
    settle();
    EXPECT_FALSE(media_.did("play callback_noted")) << "an answer now is better";
    legs_->listeners[phone]->on_failed(phone, 480);
    loop_->run_until([&] { return media_.did("play callback_noted"); });
    loop_->advance(5s);
    EXPECT_TRUE(legs_->hung_up.contains(leg));
    EXPECT_TRUE(sealed());
}

TEST_F(Callbacks, PressedWhileAPhoneRingsThatIsAnsweredItIsAConversation) {
    const LegId leg = waiting();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = dialled(1);
    media_.digit(call(), "C", '1');
    answers(phone);
    loop_->run_until([&] { return media_.did("connect C A1"); });
    loop_->advance(60s);
    settle();
    EXPECT_FALSE(legs_->hung_up.contains(leg));
    EXPECT_EQ(ledger_text().find("callback.requested"), std::string::npos);
}

TEST_F(Callbacks, KeepsNobodyWaitingOnTheLine) {
    noted();
    loop_->advance(3'600s);
    EXPECT_EQ(desk().waiting, 1);
    EXPECT_EQ(desk().longest_wait, 0s) << "nobody is on the line";
    EXPECT_EQ(situation().longest_wait, 0s);
    waiting("+493023125778");
    loop_->advance(10s);
    EXPECT_EQ(desk().longest_wait, 10s);
    EXPECT_EQ(situation().longest_wait, 10s);
}

TEST_F(Callbacks, FromTheKeyToTheConversation) {
    noted();
    EXPECT_TRUE(media_.did("end")); // no sound is kept open for nobody
    EXPECT_TRUE(sealed());
    EXPECT_EQ(numbers().size(), 1U);
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = dialled(1);
    EXPECT_EQ(legs_->invited[phone].display_name, "Rückruf Wedemark");
    EXPECT_TRUE(desk().call->callback);
    answers(phone);
    const LegId citizen = dialled(2);
    EXPECT_EQ(legs_->invited[citizen].target, std::string("sip:") + kCitizen + "@trunk");
    EXPECT_EQ(legs_->invited[citizen].from_user, kNumber.e164);
    EXPECT_TRUE(desk().call->dialling);
    EXPECT_EQ(desk().call->caller.reveal(), kCitizen);
    answers(citizen);
    loop_->run_until([&] { return media_.did("connect C2 A1"); });
    EXPECT_FALSE(desk().call->dialling);
    legs_->listeners[citizen]->on_ended(citizen, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_TRUE(numbers().empty());
    EXPECT_EQ(ledger_->erase_sealed_before(ledger::kSealedCallback, kLater, numbers()).value(), 1);
    EXPECT_FALSE(sealed());
    EXPECT_EQ(ledger_text().find("3023125777"), std::string::npos);
}

TEST_F(Callbacks, SurvivesARestartAndItsNumberIsKept) {
    noted();
    restart();
    EXPECT_EQ(numbers().size(), 1U);
    EXPECT_EQ(ledger_->erase_sealed_before(ledger::kSealedCallback, kLater, numbers()).value(), 0);
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    answers(dialled(1));
    const LegId citizen = dialled(2);
    EXPECT_EQ(legs_->invited[citizen].target, std::string("sip:") + kCitizen + "@trunk");
    answers(citizen);
    loop_->run_until([&] { return media_.did("connect C2 A1"); });
}

TEST_F(Callbacks, ARestartWhileItIsDialledFreesTheAgentAndTriesAgain) {
    noted();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = dialled(1);
    answers(phone);
    legs_->listeners[phone]->on_dialog(phone, "phone dialog");
    dialled(2);
    restart();
    loop_->run_until([&] { return ledger_text().find("callback.failed") != std::string::npos; });
    settle();
    EXPECT_TRUE(legs_->hung_up.contains(legs_->restored["phone dialog"]));
    EXPECT_EQ(desk().state, AgentState::ready);
    EXPECT_NE(ledger_text().find(R"("ours":true)"), std::string::npos);
    loop_->advance(301s); // the rule for what we could not dial
    dialled(1);
}

// No trunk, a dead one, no sound: whatever is ours is none of the citizen's three attempts.
TEST_F(Callbacks, OurOwnFaultsAreNoAttempts) {
    noted();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    std::size_t calls = 0;
    const auto citizen = [&] {
        answers(dialled(++calls));
        return dialled(++calls);
    };
    const auto fails = [&](int status) {
        const LegId leg = legs_->invited.rbegin()->first;
        legs_->listeners[leg]->on_failed(leg, status);
        settle();
    };
    citizen();
    fails(503); // the trunk
    loop_->advance(301s);
    citizen();
    fails(408); // our time-out, without a ringing tone before
    loop_->advance(301s);
    const LegId answered = citizen();
    media_.understands_answers = false;
    answers(answered);
    settle();
    media_.understands_answers = true;
    loop_->advance(301s);
    citizen();
    fails(503);
    EXPECT_EQ(exchange_->counters().live_calls, 1) << "not given up";
    loop_->advance(301s);
    EXPECT_EQ(legs_->invited.size(), calls) << "the pause grows";
    loop_->advance(1500s);

    const LegId rings = citizen();
    legs_->listeners[rings]->on_ringing(rings);
    fails(408); // nobody answered: the first attempt
    loop_->advance(1801s);
    citizen();
    fails(486);
    loop_->advance(301s);
    citizen();
    fails(404);
    EXPECT_EQ(exchange_->counters().live_calls, 0) << "three attempts";
    EXPECT_NE(ledger_text().find(R"("callback_attempts":3)"), std::string::npos);
}

TEST_F(Callbacks, NobodyAnswersAndTheAgentIsFreeAtOnce) {
    noted();
    ASSERT_TRUE(command(AgentCommand::Kind::ready));
    const LegId phone = dialled(1);
    answers(phone);
    const LegId citizen = dialled(2);
    legs_->listeners[citizen]->on_failed(citizen, 480);
    loop_->run_until([&] { return legs_->hung_up.contains(phone); });
    EXPECT_EQ(desk().state, AgentState::ready);
    loop_->advance(1801s);
    dialled(3);
}

TEST_F(Callbacks, TheLeadTakesItOutOfTheList) {
    noted();
    ASSERT_TRUE(act(routing::CallbackWithdrawn{call()}));
    EXPECT_EQ(exchange_->counters().live_calls, 0);
    EXPECT_TRUE(numbers().empty());
    const auto again = act(routing::CallbackWithdrawn{call()});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().arguments.front().second, "call_unknown");
}

} // namespace
} // namespace fernamt::telephony
