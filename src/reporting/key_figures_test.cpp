// SPDX-License-Identifier: EUPL-1.2
#include "reporting/key_figures.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fernamt::reporting {
namespace {

constexpr Instant kMorning{1'795'000'000'000'000};

CallRecord offered_call() {
    CallRecord record;
    record.call = CallId{1};
    record.municipality = MunicipalityId{32'410'010'010};
    record.offered_at = kMorning;
    record.reached = Reached::centre;
    return record;
}

CallRecord answered_call(Duration waited, Duration talk = 60s) {
    CallRecord record = offered_call();
    record.answered_at = record.offered_at + waited;
    record.ended_at = *record.answered_at + talk;
    record.end_reason = routing::EndReason::completed;
    record.talk = talk;
    return record;
}

CallRecord abandoned_call(Duration waited) {
    CallRecord record = offered_call();
    record.ended_at = record.offered_at + waited;
    record.end_reason = routing::EndReason::abandoned;
    return record;
}

// Worked by hand: 100 offered, 90 answered of which 72 within 30 s, 10 abandoned. The competing
// definitions give 80.0, 72.0, 75.0 and 79.0; ours is number (2), answered <= t / offered.
TEST(KeyFigures, ServiceLevelIsAnsweredInTimeOfAllOffered) {
    KeyFigureSum sum;
    for (int i = 0; i < 72; ++i)
        sum.add(answered_call(20s));
    for (int i = 0; i < 18; ++i)
        sum.add(answered_call(50s));
    for (int i = 0; i < 4; ++i)
        sum.add(abandoned_call(3s));
    for (int i = 0; i < 3; ++i)
        sum.add(abandoned_call(20s));
    for (int i = 0; i < 3; ++i)
        sum.add(abandoned_call(60s));
    const KeyFigures figures = sum.figures();
    EXPECT_EQ(figures.offered, 100);
    EXPECT_EQ(figures.answered, 90);
    EXPECT_EQ(figures.abandoned, 10);
    EXPECT_EQ(figures.answered_within_30s, 72);
    EXPECT_EQ(figures.service_level_percent, 72.0);
    EXPECT_EQ(figures.average_wait_seconds, 26); // (72 x 20 + 18 x 50) / 90
    EXPECT_EQ(figures.average_talk_seconds, 60);
}

TEST(KeyFigures, ThirtySecondsSharpIsInTimeAndAMicrosecondMoreIsNot) {
    KeyFigureSum sum;
    sum.add(answered_call(30s));
    sum.add(answered_call(30s + 1us));
    EXPECT_EQ(sum.figures().answered_within_30s, 1);
    EXPECT_EQ(sum.figures().service_level_percent, 50.0);
}

TEST(KeyFigures, WithoutCallsThereAreNoAveragesAndNoServiceLevel) {
    const KeyFigures figures = KeyFigureSum().figures();
    EXPECT_EQ(figures, KeyFigures{});
    EXPECT_FALSE(figures.service_level_percent);
    EXPECT_FALSE(figures.average_wait_seconds);
    EXPECT_FALSE(figures.average_talk_seconds);
}

TEST(KeyFigures, ClosedAndUnknownCallsAreNotOffered) {
    CallRecord closed = offered_call();
    closed.reached = Reached::closed;
    closed.ended_at = closed.offered_at + 8s;
    closed.end_reason = routing::EndReason::closed;
    CallRecord unknown = offered_call();
    unknown.municipality.reset();
    unknown.reached = Reached::unknown_number;
    CallRecord nobody = offered_call();
    nobody.reached = Reached::nobody_available;
    nobody.end_reason = routing::EndReason::nobody_available;

    KeyFigureSum sum;
    for (const CallRecord &record : {closed, unknown, nobody})
        sum.add(record);
    EXPECT_EQ(sum.figures().closed, 1);
    EXPECT_EQ(sum.figures().offered, 1); // open, but nobody was there: a failure, so it counts
    EXPECT_EQ(sum.figures().answered, 0);
    EXPECT_EQ(sum.figures().service_level_percent, 0.0);
}

// Also while it still rings there: what the centre never got is neither its work nor its failure.
TEST(KeyFigures, WhatOnlyRangAtTheTownHallIsNotOffered) {
    CallRecord rings = offered_call();
    rings.reached = Reached::office;
    CallRecord gave_up = abandoned_call(5s);
    gave_up.reached = Reached::office;
    CallRecord failed = gave_up;
    failed.end_reason = routing::EndReason::failed;
    KeyFigureSum sum;
    for (const CallRecord &record : {rings, gave_up, failed})
        sum.add(record);
    EXPECT_EQ(sum.figures(), KeyFigures{});
}

// At night: rings there, is taken, and is given up while it rings there.
TEST(KeyFigures, WhatAPartnerGetsOutsideTheHoursIsClosedAndNotOffered) {
    CallRecord rings = offered_call();
    rings.reached = Reached::closed_partner;
    CallRecord taken = rings;
    taken.end_reason = routing::EndReason::taken_by_partner;
    CallRecord gave_up = rings;
    gave_up.end_reason = routing::EndReason::abandoned;
    KeyFigureSum sum;
    sum.add(answered_call(10s));
    for (const CallRecord &record : {rings, taken, gave_up})
        sum.add(record);
    EXPECT_EQ(sum.figures().offered, 1);
    EXPECT_EQ(sum.figures().abandoned, 0);
    EXPECT_EQ(sum.figures().taken_by_partner, 0);
    EXPECT_EQ(sum.figures().closed, 3);
    EXPECT_EQ(sum.figures().service_level_percent, 100.0);
    EXPECT_EQ(sum.figures().target_met, true);
}

TEST(KeyFigures, RunningCallsCountAsOfferedButNotInTheTalkTime) {
    CallRecord talking = answered_call(10s);
    talking.ended_at.reset();
    talking.end_reason.reset();
    talking.talk = {};
    KeyFigureSum sum;
    sum.add(talking);
    sum.add(offered_call());
    EXPECT_EQ(sum.figures().offered, 2);
    EXPECT_EQ(sum.figures().answered, 1);
    EXPECT_EQ(sum.figures().average_wait_seconds, 10);
    EXPECT_FALSE(sum.figures().average_talk_seconds);
}

TEST(KeyFigures, CallbacksAreNoWaitingTime) {
    CallRecord back = answered_call(7'200s);
    back.callback_at = back.offered_at + 60s;
    CallRecord given_up = offered_call();
    given_up.callback_at = given_up.offered_at + 60s;
    given_up.end_reason = routing::EndReason::callback_given_up;
    CallRecord withdrawn = given_up;
    withdrawn.end_reason = routing::EndReason::callback_withdrawn;
    CallRecord open = offered_call();
    open.callback_at = open.offered_at + 60s;
    CallRecord replaced = given_up;
    replaced.end_reason = routing::EndReason::callback_replaced;
    KeyFigureSum sum;
    for (const CallRecord &record : {back, given_up, withdrawn, open, replaced, answered_call(10s)})
        sum.add(record);
    const KeyFigures figures = sum.figures();
    EXPECT_EQ(figures.offered, 5) << "who called again counts once";
    EXPECT_EQ(figures.answered, 2);
    EXPECT_EQ(figures.average_wait_seconds, 10);
    EXPECT_EQ(figures.answered_within_30s, 1);
    EXPECT_FALSE(figures.callbacks) << "four: not told";
    sum.add(open);
    EXPECT_EQ(sum.figures().callbacks, (CallbackFigures{5, 1, 2, 7'140}));
    EXPECT_EQ(KeyFigureSum{}.figures().callbacks, CallbackFigures{});
}

TEST(KeyFigures, WhatOthersTookIsCountedApart) {
    CallRecord office = offered_call();
    office.reached = Reached::office;
    office.end_reason = routing::EndReason::taken_by_office;
    CallRecord partner = offered_call();
    partner.end_reason = routing::EndReason::taken_by_partner;
    CallRecord ours = answered_call(5s);
    ours.from = routing::PartnerId{3};
    ours.scope = routing::Scope::authority_115;
    ours.crisis = routing::CrisisId{4};
    ours.dialled = MunicipalityId{32'410'019'019};
    ours.transfers = 2;
    KeyFigureSum sum;
    for (const CallRecord &record : {office, partner, ours})
        sum.add(record);
    const KeyFigures figures = sum.figures();
    EXPECT_EQ(figures.offered, 2);
    EXPECT_EQ(figures.answered, 1);
    EXPECT_EQ(figures.taken_by_office, 1);
    EXPECT_EQ(figures.taken_by_partner, 1);
    EXPECT_EQ(figures.from_partner, 1);
    EXPECT_EQ(figures.on_115, 1);
    EXPECT_EQ(figures.in_crisis, 1);
    EXPECT_EQ(figures.corrected, 1);
    EXPECT_EQ(figures.transfers, 2);
}

// 10 offered: waits of 10, 20 (four), 40 (three) seconds, and two who gave up.
TEST(KeyFigures, AreMeasuredByWhatIsPromised) {
    const auto measured = [](const Target &target) {
        KeyFigureSum sum;
        sum.add(answered_call(10s), target);
        for (int i = 0; i < 4; ++i)
            sum.add(answered_call(20s), target);
        for (int i = 0; i < 3; ++i)
            sum.add(answered_call(40s), target);
        sum.add(abandoned_call(3s), target);
        sum.add(abandoned_call(50s), target);
        return sum.figures();
    };
    const KeyFigures by_115 = measured({});
    EXPECT_EQ(by_115.answered_in_time, 5);
    EXPECT_EQ(by_115.service_level_percent, 50.0);
    EXPECT_EQ(by_115.target_met, false);
    const KeyFigures slower = measured({40, 80, true});
    EXPECT_EQ(slower.answered_in_time, 8);
    EXPECT_EQ(slower.answered_within_30s, 5) << "stays comparable";
    EXPECT_EQ(slower.target_met, true);
    EXPECT_EQ(slower.targets, (std::vector<Target>{{40, 80, true}}));
    EXPECT_EQ(measured({40, 81, true}).target_met, false);
    EXPECT_EQ(measured({19, 10, true}).answered_in_time, 1);
    EXPECT_EQ(measured({19, 10, true}).target_met, true);
    KeyFigureSum mixed;
    mixed.add(answered_call(10s), {});
    mixed.add(answered_call(10s), {20, 90, true});
    EXPECT_EQ(mixed.figures().targets.size(), 2u);
    EXPECT_EQ(mixed.figures().target_met, std::nullopt);
    EXPECT_EQ(KeyFigureSum{}.figures().target_met, std::nullopt);
}

TEST(Targets, KeepWhatWasPromisedThen) {
    const MunicipalityId town{32'410'010'010};
    Targets targets;
    targets.add(town, {2026, 1, 1}, LocalDate{2026, 6, 30}, {20, 80, true});
    targets.add(town, {2026, 7, 1}, std::nullopt, {60, 90, true});
    EXPECT_EQ(targets.on(town, {2025, 12, 31}), Target{});
    EXPECT_EQ(targets.on(town, {2026, 6, 30}), (Target{20, 80, true}));
    EXPECT_EQ(targets.on(town, {2026, 7, 1}), (Target{60, 90, true}));
    EXPECT_EQ(targets.on(MunicipalityId{1}, {2026, 7, 1}), Target{});
    EXPECT_EQ(targets.on(std::nullopt, {2026, 7, 1}), Target{});
}

TEST(KeyFigures, AveragesAreRoundedHalfUp) {
    KeyFigureSum sum;
    sum.add(answered_call(1s, 10s));
    sum.add(answered_call(2s, 11s));
    EXPECT_EQ(sum.figures().average_wait_seconds, 2);  // 1.5
    EXPECT_EQ(sum.figures().average_talk_seconds, 11); // 10.5
}

TEST(KeyFigures, EachFigureHasItsDefinitionInBothLanguages) {
    std::set<std::string> keys;
    for (const Definition &definition : definitions()) {
        keys.emplace(definition.key);
        EXPECT_GT(definition.german.size(), 60U) << definition.key;
        EXPECT_GT(definition.english.size(), 60U) << definition.key;
        EXPECT_NE(definition.german, definition.english);
    }
    // The members of KeyFigures; `auto [..]` fails to compile when one is added.
    const auto [offered, answered, abandoned, closed, office, partner, from, on_115, crisis,
                corrected, transfers, callbacks, within, in_time, level, targets, met, wait, talk] =
        KeyFigures{};
    const auto [asked, reached, missed, back] = CallbackFigures{};
    static_cast<void>(offered + answered + abandoned + closed + within + in_time + office +
                      partner + from + on_115 + crisis + corrected + transfers + asked + reached +
                      missed);
    static_cast<void>(level), static_cast<void>(wait), static_cast<void>(talk);
    static_cast<void>(back), static_cast<void>(callbacks), static_cast<void>(targets),
        static_cast<void>(met);
    const std::set<std::string> expected{"offered",
                                         "answered",
                                         "abandoned",
                                         "closed",
                                         "taken_by_office",
                                         "taken_by_partner",
                                         "from_partner",
                                         "on_115",
                                         "in_crisis",
                                         "corrected",
                                         "transfers",
                                         "callbacks",
                                         "callbacks_reached",
                                         "callbacks_missed",
                                         "average_callback_seconds",
                                         "answered_within_30s",
                                         "answered_in_time",
                                         "service_level_percent",
                                         "targets",
                                         "target_met",
                                         "average_wait_seconds",
                                         "average_talk_seconds"};
    EXPECT_EQ(keys, expected);
    EXPECT_EQ(definitions().size(), expected.size());
}

TEST(KeyFigures, TheServiceLevelSaysWhichDefinitionItUses) {
    for (const Definition &definition : definitions()) {
        if (definition.key != "service_level_percent") continue;
        EXPECT_NE(definition.german.find("angenommen ≤ t / angeboten"), std::string_view::npos);
        EXPECT_NE(definition.english.find("answered ≤ t / offered"), std::string_view::npos);
    }
}

} // namespace
} // namespace fernamt::reporting
