// SPDX-License-Identifier: EUPL-1.2
#include "agreements/corrections.h"
#include "agreements/samples.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace fernamt::agreements {
namespace {

using namespace samples;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Month kJanuary{2026, 1};
const LocalDate kFirst{2026, 1, 1};
const LocalDate kLast{2026, 1, 31};

PriceList capped() {
    Package package;
    package.per_year = Money{120'000};
    package.included_minutes = 100;
    package.overage_per_minute = Price{1'590'000};
    return prices(kFirst, {clause("minutes", kFirst, per_minute(Price{950'000}),
                                  KindSet::of({CallKind::own_number})),
                           clause("115", kFirst, package, KindSet::of({CallKind::number_115})),
                           clause("cap", kFirst, InhabitantCap{{{1, Price{20'000}}}})}); // 600 €
}

MonthKnown known(const PriceList &list, const std::vector<Call> &calls) {
    auto month = know(list, columns(calls, kFirst, kLast), kJanuary);
    EXPECT_TRUE(month) << describe(month.error());
    return *month;
}
MonthKnown known(const std::vector<Call> &calls) {
    return known(capped(), calls);
}

Money sum(const std::vector<Correction> &lines) {
    Money total;
    for (const Correction &line : lines)
        total = total + line.difference;
    return total;
}

TEST(Corrections, NameTheCallAndTheReason) {
    auto calls = spread(5, kFirst, 31, minutes{2}, seconds{30});
    const MonthKnown before = known(calls);
    calls[0].work = seconds{90};          // late after-call work
    calls[1].kind = CallKind::number_115; // recognised late
    calls.erase(calls.begin() + 2);       // belonged to another municipality
    calls.push_back({99, at({2026, 1, 9}), CallKind::own_number, minutes{1}, {}});
    const MonthKnown after = known(calls);
    const auto lines = corrections(kJanuary, before, after);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].reason, CorrectionReason::time_changed);
    EXPECT_EQ(lines[0].before->billed_seconds, 150);
    EXPECT_EQ(lines[0].after->billed_seconds, 210);
    EXPECT_EQ(lines[0].after->after_call_work, seconds{90});
    EXPECT_EQ(lines[0].difference, Money{333 - 238});
    // One call, counted by another clause now: not one that came and one that went.
    EXPECT_EQ(lines[1].reason, CorrectionReason::kind_changed);
    EXPECT_EQ(lines[1].before->clause, "minutes");
    EXPECT_EQ(lines[1].before->kind, CallKind::own_number);
    EXPECT_EQ(lines[1].after->clause, "115");
    EXPECT_EQ(lines[1].difference, Money{-238});
    EXPECT_EQ(lines[2].reason, CorrectionReason::call_removed);
    EXPECT_EQ(lines[2].call, CallId{3});
    EXPECT_EQ(lines[3].reason, CorrectionReason::call_added);
    EXPECT_EQ(lines[3].call, CallId{99});
    EXPECT_TRUE(corrections(kJanuary, after, after).empty());
}

TEST(Corrections, SameCallsAtAnotherPriceOrUnderAnotherClause) {
    const auto calls = spread(3, kFirst, 31, minutes{1});
    const auto with = [&](const std::string &name, Price price) {
        return known(prices(kFirst, {clause(name, kFirst, per_minute(price))}), calls);
    };
    for (const std::string name : {"minutes", "renamed"}) {
        const auto lines =
            corrections(kJanuary, with("minutes", Price{950'000}), with(name, Price{1'000'000}));
        ASSERT_EQ(lines.size(), 3U) << name;
        for (const Correction &line : lines)
            EXPECT_EQ(line.reason, CorrectionReason::price_changed);
        EXPECT_EQ(sum(lines), Money{3 * 5});
    }
}

// Who pays changed: what the municipality was billed must come back.
TEST(Corrections, AClauseThatAThirdPartyPaysNowCostsTheTownNothing) {
    const auto calls = spread(2, kFirst, 31, minutes{1});
    PriceList list = prices(kFirst, {clause("minutes", kFirst, per_minute(Price{950'000}))});
    const MonthKnown before = known(list, calls);
    list.clauses[0].payer = Payer::third_party;
    list.clauses[0].payer_name = "Landkreis";
    const auto lines = corrections(kJanuary, before, known(list, calls));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(sum(lines), Money{-190});
}

TEST(Corrections, AMonthUnderTwoPriceListsIsOne) {
    const auto calls = spread(4, kFirst, 31, minutes{1});
    PriceList first = prices(kFirst, {clause("minutes", kFirst, per_minute(Price{950'000}))});
    const MonthKnown before = known(first, calls);
    first.ends = LocalDate{2026, 1, 15};
    PriceList second =
        prices({2026, 1, 16}, {clause("minutes", {2026, 1, 16}, per_minute(Price{2'000'000}))});
    MonthKnown after =
        know(first, columns({calls[0], calls[1]}, kFirst, {2026, 1, 15}), kJanuary).value();
    add(after, know(second, columns({calls[2], calls[3]}, {2026, 1, 16}, kLast), kJanuary).value());
    const auto lines = corrections(kJanuary, before, after);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].reason, CorrectionReason::price_changed);
    EXPECT_EQ(sum(lines), Money{2 * 105});
    EXPECT_EQ(sum(corrections(kJanuary, {}, before)), before.statement.total);
    EXPECT_EQ(sum(corrections(kJanuary, before, {})), Money{} - before.statement.total);
}

RC_GTEST_PROP(Corrections, AddUpToTheDifferenceOfTheTotals, ()) {
    const auto make = [] {
        std::vector<Call> calls;
        const int count = *rc::gen::inRange(0, 60);
        for (int i = 0; i < count; ++i) {
            const auto kind = static_cast<CallKind>(*rc::gen::inRange(0, 2) == 0 ? 0 : 1);
            calls.push_back({*rc::gen::inRange<std::int64_t>(1, 40) * 100 + i,
                             at({2026, 1, *rc::gen::inRange(1, 32)}), kind,
                             seconds{*rc::gen::inRange(0, 4000)},
                             seconds{*rc::gen::inRange(0, 60)}});
        }
        return calls;
    };
    const MonthKnown before = known(make());
    const MonthKnown after = known(make());
    RC_ASSERT(sum(corrections(kJanuary, before, after)) ==
              after.statement.total - before.statement.total);
}

} // namespace
} // namespace fernamt::agreements
