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

TEST(WhatIf, AChosenCallbackKeepsNobodyOnTheLine) {
    Past past = morning();
    Rules offering = rules();
    CallQueue central;
    central.id = QueueId{3};
    central.offers_callback = true;
    offering.queues = {central};
    offering.numbers[0].queue = central.id;
    past.calls[1].chose_callback = 20s;
    past.calls[1].callback_to = CallerKey{77};
    Fates fates = play(past, offering);
    EXPECT_EQ(fates.at(CallId{2}).reason, EndReason::completed);
    EXPECT_EQ(fates.at(CallId{2}).waited, std::nullopt) << "not on the line";
    EXPECT_EQ(sum_up(fates).longest_wait_seconds, 158) << "the third: behind it, as it was";

    fates = play(past, rules());
    EXPECT_EQ(fates.at(CallId{2}).reason, EndReason::abandoned) << "none is offered";

    past.others.push_back({nine() + 40s, AgentSignedOut{kAnke}});
    const Outcome outcome = sum_up(play(past, offering));
    EXPECT_EQ(outcome.unfinished, 1) << "nobody is there who could call back";
    EXPECT_FALSE(outcome.calls.contains(EndReason::failed));
}

TEST(WhatIf, ACrisisIsPlayedAsIfItRanAllTheTime) {
    Past past = morning();
    Rules sunday = rules(); // closed on this day
    sunday.municipalities[0].exceptions = {{{2026, 11, 23}, {2026, 11, 23}, false, 0, 86'400}};
    EXPECT_EQ(sum_up(play(past, sunday)).calls.at(EndReason::closed), 3);
    CrisisPlan plan;
    plan.id = CrisisId{5};
    plan.municipality = kTown;
    plan.always_open = true;
    past.others.push_back({nine() + 1s, CrisisEnded{plan.id, UserId{1}}});
    EXPECT_EQ(sum_up(play(past, sunday, plan)).calls,
              (std::map<EndReason, std::int64_t>{{EndReason::completed, 3}}))
        << "also when it really ended in that time";
}

TEST(WhatIf, WhatHoldsLaterIsPlayedOnTheDayOnWhichItHolds) {
    const Past past = morning();
    const Rules now = rules();
    EXPECT_EQ(days_until_it_holds(past, now, now), 0);

    Rules closed = now; // Thursday, one day
    closed.municipalities[0].exceptions = {{{2026, 12, 24}, {2026, 12, 24}, true, 0, 86'400}};
    EXPECT_EQ(count_changed(play(past, now), play(past, closed)), 0) << "nothing on that Monday";
    EXPECT_EQ(days_until_it_holds(past, now, closed), 31);
    const Past thursday = moved(past, 31);
    EXPECT_EQ(to_local(thursday.calls[0].at).date, (LocalDate{2026, 12, 24}));
    EXPECT_EQ(to_local(thursday.calls[0].at).second_of_day, 9 * 3600);
    EXPECT_EQ(to_local(thursday.others[0].first).second_of_day, 9 * 3600 - 60);
    EXPECT_EQ(count_changed(play(thursday, now), play(thursday, closed)), 3);

    Rules left = now; // for good, from a Wednesday on: the Monday after it
    left.municipalities[0].leaves = to_instant({2026, 12, 2}, 0);
    EXPECT_EQ(days_until_it_holds(past, now, left), 14);
    EXPECT_EQ(days_until_it_holds(past, left, now), 14) << "also when it is taken back";
    const Past monday = moved(past, 14);
    EXPECT_EQ(sum_up(play(monday, left)).calls.at(EndReason::unknown_number), 3);

    Rules outing = now;
    outing.partners = {{PartnerId{2}, PhoneNumber{"+494066969100"}}};
    outing.overflows = {{OverflowWhen::planned, PartnerId{2}}};
    outing.overflows[0].from = nine() + 9h; // the evening of that day
    outing.overflows[0].until = nine() + 10h;
    EXPECT_EQ(days_until_it_holds(past, now, outing), 0) << "it is that very day";
    outing.overflows[0].from = nine() - 1h;
    EXPECT_EQ(days_until_it_holds(past, now, outing), 0) << "it holds within the past itself";
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
