// SPDX-License-Identifier: EUPL-1.2
// What becomes of calls when the service was killed: they go on, also while nobody can say whether
// they still sound; those that are lost are ended in the ledger and at every far end.
#include "telephony/exchange_test_bench.h"
#include "telephony/leg_journal.h"

#include <thread>

namespace fernamt::telephony {
namespace {

using namespace exchange_test;
using routing::HangUpCause;

class AfterARestart : public ExchangeTest {
  protected:
    static constexpr CallId kUnknown{4711}; // runs at rtpengine, nobody knows why

    static CallId the_call() {
        const std::int64_t ms = parse_iso8601("2026-11-23T09:00:00Z")->us / 1000;
        return CallId{ms - 1'577'836'800'000};
    }
    void kill_and_start(std::vector<CallId> running) {
        (void)ledger_types();
        media_.running = std::move(running);
        media_.ended.clear();
        restart();
    }
    void media_answers(std::vector<CallId> running) {
        media_.running = std::move(running);
        media_.answers = media_.is_available = true;
        media_.availability(true);
    }
    void media_is_silent() { media_.answers = media_.is_available = false; }
    [[nodiscard]] bool told(const std::string &dialog) {
        const auto leg = legs_->restored.find(dialog);
        return leg != legs_->restored.end() && legs_->hung_up.contains(leg->second);
    }
    void both_are_told() {
        loop_->run_until([&] { return told("caller dialog") && told("phone dialog"); });
    }
    [[nodiscard]] std::optional<routing::End> end_of_call() {
        std::optional<routing::End> end;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "decision.end")
                end = std::get<routing::End>(ledger::to_decision(entry)->effect);
            return true;
        }));
        return end;
    }
    // Of the next process; this one is gone then.
    [[nodiscard]] bool journal_is_empty() {
        ledger_.reset();
        exchange_.reset();
        const auto journal = LegJournal::open(directory_);
        return journal && journal->live().empty();
    }
};

TEST_F(AfterARestart, WithoutSoundBothFarEndsAreToldAndNothingIsKept) {
    talking_call();
    kill_and_start({});
    both_are_told();
    EXPECT_TRUE(end_of_call());
    EXPECT_TRUE(journal_is_empty());
}

TEST_F(AfterARestart, ACallWhoseCallerCannotBeTakenUpIsOverForTheAgentsPhoneAndForMedia) {
    talking_call();
    unusable_dialogs_ = {"caller dialog"};
    kill_and_start({the_call()});
    loop_->run_until([&] { return told("phone dialog") && media_.ended.contains(the_call()); });
    EXPECT_TRUE(end_of_call());
    EXPECT_TRUE(journal_is_empty());
}

// Killed when the end was written and nobody had been told yet.
TEST_F(AfterARestart, ACallThatHadEndedIsOverForThoseWhoWereNotTold) {
    const LegId caller = talking_call().first;
    legs_->listeners[caller]->on_ended(caller, HangUpCause::normal);
    while (!end_of_call()) // durable; the loop does not run any more
        std::this_thread::yield();
    kill_and_start({the_call()});
    loop_->run_until([&] { return told("phone dialog") && media_.ended.contains(the_call()); });
    EXPECT_TRUE(journal_is_empty());
}

TEST_F(AfterARestart, WhileMediaDoesNotAnswerNobodyIsCutOff) {
    talking_call();
    media_is_silent();
    kill_and_start({the_call(), kUnknown});
    const LegId phone = legs_->restored["phone dialog"];
    ASSERT_TRUE(phone);
    EXPECT_TRUE(legs_->restored.contains("caller dialog"));
    EXPECT_FALSE(end_of_call());
    EXPECT_EQ(desk().state, AgentState::talking);
    const LegId another = legs_->call_in("+493023125019", ""); // is not let in, and told why
    EXPECT_EQ(legs_->rejected[another], 503);

    media_answers({the_call(), kUnknown});
    settle();
    EXPECT_FALSE(end_of_call());
    EXPECT_EQ(media_.ended, std::set<CallId>{kUnknown});

    clock_.set(clock_.now() + 60s);
    legs_->listeners[phone]->on_ended(phone, HangUpCause::normal);
    loop_->run_until([&] { return told("caller dialog"); });
    EXPECT_EQ(end_of_call()->talk, Duration{60s}); // billed whole
    EXPECT_TRUE(journal_is_empty());
}

TEST_F(AfterARestart, MediaThatAnswersThatItKnowsNothingEndsThemTruthfully) {
    talking_call();
    media_is_silent();
    kill_and_start({});
    clock_.set(clock_.now() + 60s);
    media_answers({});
    both_are_told();
    EXPECT_EQ(end_of_call()->talk, Duration{0}); // nobody talked after the last that is known
    EXPECT_TRUE(journal_is_empty());
}

TEST_F(AfterARestart, WhoHangsUpWhileMediaDoesNotAnswerHasHungUp) {
    talking_call();
    media_is_silent();
    kill_and_start({the_call()});
    const LegId caller = legs_->restored["caller dialog"];
    ASSERT_TRUE(caller);
    legs_->listeners[caller]->on_ended(caller, HangUpCause::normal);
    loop_->run_until([&] { return told("phone dialog"); });
    EXPECT_EQ(end_of_call()->reason, routing::EndReason::completed);
    EXPECT_TRUE(media_.ended.contains(the_call()));
}

TEST_F(AfterARestart, HoursLaterNobodyTalksAnyMoreWhetherMediaAnswersOrNot) {
    talking_call();
    clock_.set(clock_.now() + 300s);
    std::optional<Expected<void>> saved; // nothing else has happened, but the house ran
    bool done = false;
    std::thread other([&] {
        saved = exchange_->save_snapshot();
        loop_->post([&] { done = true; });
    });
    loop_->run_until([&] { return done; });
    other.join();
    ASSERT_TRUE(saved && *saved);
    clock_.set(clock_.now() + std::chrono::hours(3));
    media_is_silent();
    kill_and_start({});
    both_are_told();
    EXPECT_EQ(end_of_call()->talk, Duration{300s});
}

// Another program may decide the same events differently: what is written as ended has ended.
TEST_F(AfterARestart, ACallWhoseEndIsWrittenEndsOnceWhateverTheReplayDecides) {
    talking_call();
    clock_.set(clock_.now() + 60s);
    routing::End written;
    written.call = the_call();
    written.municipality = kWedemark;
    written.offered_at = clock_.now() - 60s;
    bool appended = false;
    ledger_->append(
        {ledger::to_entry(routing::Decision{written, routing::Rule::caller_hung_up}, clock_.now())},
        [&](Expected<std::int64_t>) { loop_->post([&] { appended = true; }); });
    loop_->run_until([&] { return appended; });
    for (int start = 0; start < 2; ++start) {
        kill_and_start({the_call()});
        EXPECT_EQ(desk().state, AgentState::after_call_work);
        settle();
        int ends = 0;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            ends += entry.type == "decision.end" ? 1 : 0;
            return true;
        }));
        EXPECT_EQ(ends, 1) << "at start " << start;
        EXPECT_TRUE(start > 0 || (told("caller dialog") && told("phone dialog")));
        EXPECT_TRUE(media_.ended.contains(the_call()));
    }
}

// The other way round: to the program before us this event ended nothing.
TEST_F(AfterARestart, ACallThatOnlyTheReplayEndsIsNamedAndItsEndIsWrittenOnce) {
    talking_call();
    clock_.set(clock_.now() + 60s);
    bool appended = false;
    ledger_->append(
        {ledger::to_entry(routing::CallerHungUp{the_call(), HangUpCause::normal}, clock_.now())},
        [&](Expected<std::int64_t>) { loop_->post([&] { appended = true; }); });
    loop_->run_until([&] { return appended; });
    ASSERT_FALSE(end_of_call());
    clock_.set(clock_.now() + 30s); // they talked on
    for (int start = 0; start < 2; ++start) {
        ::testing::internal::CaptureStderr();
        kill_and_start({the_call()});
        const std::string log = ::testing::internal::GetCapturedStderr();
        const bool named = log.find("exchange.end_was_not_written") != std::string::npos &&
                           log.find(std::to_string(the_call().value)) != std::string::npos;
        EXPECT_EQ(named, start == 0) << log;
        int ends = 0;
        EXPECT_TRUE(ledger_->each_of_call(the_call(), [&](const ledger::Entry &entry) {
            ends += entry.type == "decision.end" ? 1 : 0;
            return true;
        }));
        EXPECT_EQ(ends, 1) << "at start " << start;
        ASSERT_TRUE(end_of_call());
        EXPECT_EQ(end_of_call()->talk, Duration{60s}); // what can be proved
        EXPECT_TRUE(start > 0 || (told("caller dialog") && told("phone dialog")));
        EXPECT_TRUE(media_.ended.contains(the_call()));
    }
}

} // namespace
} // namespace fernamt::telephony
