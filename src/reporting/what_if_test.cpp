// SPDX-License-Identifier: EUPL-1.2
#include "ledger/routing_codec.h"
#include "reporting/projector.h"
#include "reporting/what_if.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::reporting {
namespace {

using namespace routing;

constexpr MunicipalityId kTown{32'410'010'010};
const PhoneNumber kNumber{"+493023125110"};
constexpr AgentId kAnke{7}, kBernd{8};

Instant nine() {
    return to_instant({2026, 11, 23}, 9 * 3600); // a Monday
}

Rules rules() {
    Rules rules;
    routing::Municipality town;
    town.id = kTown;
    town.hours = {{Weekday::monday, 8 * 3600, 18 * 3600}};
    rules.municipalities = {town};
    rules.numbers = {{kNumber, kTown}};
    rules.agents = {kAnke, kBernd};
    return rules;
}

PastCall call(std::int64_t id, Duration after_nine) {
    return {CallOffered{CallId{id}, DialledNumber{kNumber, DialledSource::request_uri, kTown}},
            nine() + after_nine,
            60s,
            {}};
}

Past morning() {
    Past past;
    past.period = {nine(), nine() + 8h};
    past.others = {{nine() - 60s, AgentSignedIn{kAnke}}};
    past.mean_work = 10s;
    past.calls = {call(1, 0s), call(2, 1s), call(3, 2s)};
    return past;
}

TEST(WhatIf, PlaysTheDayThroughTheMachine) {
    const Fates fates = play(morning(), rules());
    ASSERT_EQ(fates.size(), 3U);
    for (const auto &[id, fate] : fates)
        EXPECT_EQ(fate.reason, EndReason::completed) << id.value;
    // One agent: 5 s until answered, 60 s of talk and 10 s of work each.
    EXPECT_EQ(fates.at(CallId{1}).waited, 5s);
    EXPECT_EQ(fates.at(CallId{2}).waited, 5s + 70s + 5s - 1s);
    EXPECT_EQ(fates.at(CallId{3}).waited, 5s + 70s + 5s + 70s + 5s - 2s - 0s - 0s);
    const Outcome outcome = sum_up(fates);
    EXPECT_EQ(outcome.calls, (std::map<EndReason, std::int64_t>{{EndReason::completed, 3}}));
    EXPECT_EQ(outcome.longest_wait_seconds, 153);
    EXPECT_EQ(outcome.average_wait_seconds, 79); // (5 + 79 + 153) / 3
}

TEST(WhatIf, ShowsWhatAChangeWouldHaveDone) {
    const Past past = morning();
    const Fates before = play(past, rules());
    EXPECT_EQ(count_changed(before, before), 0);

    Rules closed = rules();
    closed.municipalities[0].exceptions = {{{2026, 11, 23}, {2026, 11, 23}, false, 0, 86'400}};
    const Fates shut = play(past, closed);
    EXPECT_EQ(sum_up(shut).calls.at(EndReason::closed), 3);
    EXPECT_EQ(count_changed(before, shut), 3);

    Rules helped = rules();
    helped.partners = {{PartnerId{2}, PhoneNumber{"+494066969100"}}};
    helped.overflows = {{OverflowWhen::queue_length, PartnerId{2}, {}, 1}};
    const Fates shared = play(past, helped);
    EXPECT_EQ(sum_up(shared).calls.at(EndReason::taken_by_partner), 1);
    EXPECT_EQ(count_changed(before, shared), 1) << "the third finds one waiting already";

    Rules gone = rules();
    gone.municipalities[0].leaves = nine() + 1s;
    EXPECT_EQ(count_changed(before, play(past, gone)), 2);
}

TEST(WhatIf, CallersKeepTheirPatience) {
    Past past = morning();
    past.calls[1].gave_up = 30s;
    past.calls[1].talk.reset();
    Fates fates = play(past, rules());
    EXPECT_EQ(fates.at(CallId{2}).reason, EndReason::abandoned);
    past.others.push_back({nine() - 50s, AgentSignedIn{kBernd}});
    fates = play(past, rules());
    EXPECT_EQ(fates.at(CallId{2}).reason, EndReason::completed) << "a second agent was in time";
    past.others.clear();
    fates = play(past, rules());
    EXPECT_EQ(fates.at(CallId{1}).reason, EndReason::nobody_available);
}

class WhatIfCollect : public storage::testing::DatabaseTest {};

TEST_P(WhatIfCollect, TakesTheLastDayFromTheLedger) {
    auto ledger = ledger::Ledger::open(db());
    ASSERT_TRUE(ledger);
    Machine machine;
    const auto happens = [&](const Event &event, Instant at) {
        std::vector<ledger::NewEntry> entries{ledger::to_entry(event, at)};
        for (const Decision &decision : machine.step(event, at))
            entries.push_back(ledger::to_entry(decision, at));
        ASSERT_TRUE((*ledger)->append_and_wait(std::move(entries)));
    };
    const auto whole_call = [&](std::int64_t id, Instant at) {
        happens(CallOffered{CallId{id}, DialledNumber{kNumber, DialledSource::request_uri, kTown}},
                at);
        happens(AgentAnswered{kAnke, CallId{id}}, at + 3s);
        happens(CallerHungUp{CallId{id}}, at + 43s);
        happens(WrapUpFinished{kAnke}, at + 63s);
    };
    happens(RulesChanged{rules(), {}}, nine() - 26h);
    happens(AgentSignedIn{kAnke}, nine() - 25h);
    whole_call(1, nine() - 24h); // Sunday: closed, so nobody answers
    happens(AgentReady{kAnke}, nine() - 1s);
    whole_call(2, nine());
    happens(CallOffered{CallId{3}, DialledNumber{kNumber, DialledSource::request_uri, kTown}},
            nine() + 100s);
    happens(AgentDeclined{kAnke, CallId{3}}, nine() + 101s);
    happens(CallerHungUp{CallId{3}}, nine() + 104s);

    Projector projector(**ledger, db());
    ASSERT_TRUE(projector.catch_up());
    Reports reports(db());
    const auto past = collect(**ledger, reports, nine() + 1h);
    ASSERT_TRUE(past) << describe(past.error());
    ASSERT_EQ(past->calls.size(), 2U) << "the last 24 hours only";
    EXPECT_EQ(past->calls[0].talk, 40s);
    EXPECT_EQ(past->calls[1].gave_up, 4s);
    EXPECT_EQ(past->mean_talk, 40s);
    EXPECT_EQ(past->mean_work, 20s);
    EXPECT_EQ(past->others.size(), 2U) << "also the sign-in, before any call";
    EXPECT_EQ(
        sum_up(play(*past, rules())).calls,
        (std::map<EndReason, std::int64_t>{{EndReason::completed, 1}, {EndReason::abandoned, 1}}))
        << "as it was: the third caller waits less than a phone rings";
    const auto later = collect(**ledger, reports, nine() + 480h);
    ASSERT_TRUE(later);
    EXPECT_EQ(later->calls.size(), 2U) << "a quiet fortnight: the last day that had calls";
    EXPECT_TRUE(collect(**ledger, reports, nine() - 100h)->calls.empty());
}

FERNAMT_ON_EVERY_ENGINE(WhatIfCollect);

} // namespace
} // namespace fernamt::reporting
