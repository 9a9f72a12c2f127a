// SPDX-License-Identifier: EUPL-1.2
// The standard model by the one engine: what clauses and roundings are worth, which day and month a
// call belongs to, what is not billed, and properties of every month.
#include "billing/billing_samples.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::CallKind;
using agreements::round_up_to;
using agreements::seconds_in;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Invoice rated(const std::vector<CallFact> &calls, const std::vector<StandardPrice> &agreements,
              const Month &month = kNovember) {
    const auto invoice = rate(month, calls, agreements);
    EXPECT_TRUE(invoice) << describe(invoice.error());
    return invoice.value_or(Invoice{});
}

std::string refused(const std::vector<CallFact> &calls,
                    const std::vector<StandardPrice> &agreements, const Month &month = kNovember) {
    const auto invoice = rate(month, calls, agreements);
    return invoice ? "" : describe(invoice.error());
}

// ---- golden values -----------------------------------------------------------------------------

TEST(StandardModel, SoestPaysNinetyFiveCentsPerMinute) { // F-23
    const auto invoice = rated({call(1, at({2026, 11, 2}), minutes{1})}, {per_minute()});
    EXPECT_EQ(invoice.total, Money{95});
    EXPECT_EQ(invoice.billed_seconds, 60);
}

// Worked by hand (docs/explanation/measured-facts.md):
// 10,000 calls of 120 s talk and 45 s after-call work at 1.59 EUR.
std::vector<CallFact> ten_thousand() {
    std::vector<CallFact> calls;
    for (int i = 0; i < 10'000; ++i) {
        calls.push_back(
            call(i + 1, at({2026, 11, 1 + i % 30}, 8 + i % 10), seconds{120}, seconds{45}));
    }
    return calls;
}

TEST(StandardModel, RoundingIsWorthAContractClause) {
    const Price price{1'590'000};
    const auto total = [&](Unit unit, Level level) {
        return rated(ten_thousand(), {per_minute(price, unit, level)}).total;
    };
    EXPECT_EQ(total(Unit::second, Level::on_sum), Money{4'372'500});           // 43.725,00
    EXPECT_EQ(total(Unit::started_minute, Level::per_call), Money{4'770'000}); // 47.700,00
    EXPECT_EQ(total(Unit::started_minute, Level::on_sum), Money{4'372'500});   // 27,500 min
    EXPECT_EQ(total(Unit::second, Level::per_call), Money{4'370'000});         // 4,3725 -> 4,37
    EXPECT_EQ(total(Unit::started_six_seconds, Level::per_call), Money{4'450'000}); // 168 s: 4,45
}

TEST(StandardModel, AfterCallWorkCountsOnlyIfAgreed) { // "je Gespraechsminute"
    StandardPrice talk_only = per_minute();
    talk_only.counts_after_call_work = false;
    const std::vector calls{call(1, at({2026, 11, 2}), seconds{60}, seconds{45})};
    EXPECT_EQ(rated(calls, {per_minute()}).total, Money{166}); // 105 s: 1,6625
    EXPECT_EQ(rated(calls, {talk_only}).total, Money{95});
    EXPECT_EQ(rated(calls, {talk_only}).after_call_work, seconds{45}); // shown all the same
}

TEST(StandardModel, ARoundingNamesItsHalfCent) {
    // 0.90 EUR per minute is 1.5 cents per second: odd numbers of seconds end on half a cent.
    const auto total = [](Rounding rounding, int talk) {
        return rated({call(1, at({2026, 11, 2}), seconds{talk})},
                     {per_minute(Price{900'000}, Unit::second, Level::per_call, rounding)})
            .total.cents;
    };
    EXPECT_EQ(total(Rounding::half_up, 1), 2);
    EXPECT_EQ(total(Rounding::half_even, 1), 2);
    EXPECT_EQ(total(Rounding::up, 1), 2);
    EXPECT_EQ(total(Rounding::down, 1), 1);
    EXPECT_EQ(total(Rounding::half_up, 3), 5);
    EXPECT_EQ(total(Rounding::half_even, 3), 4);
    EXPECT_EQ(total(Rounding::up, 3), 5);
    EXPECT_EQ(total(Rounding::down, 3), 4);
}

TEST(StandardModel, ACadenceCountsEveryStartedUnit) {
    EXPECT_EQ(round_up_to(Unit::second, Duration{0}), 0);
    EXPECT_EQ(round_up_to(Unit::second, Duration{1}), 1);
    EXPECT_EQ(round_up_to(Unit::second, Duration{1'000'000}), 1);
    EXPECT_EQ(round_up_to(Unit::second, Duration{1'000'001}), 2);
    EXPECT_EQ(round_up_to(Unit::started_six_seconds, seconds{6}), 6);
    EXPECT_EQ(round_up_to(Unit::started_six_seconds, Duration{6'000'001}), 12);
    EXPECT_EQ(round_up_to(Unit::started_minute, Duration{1}), 60);
    EXPECT_EQ(round_up_to(Unit::started_minute, seconds{60}), 60);
    EXPECT_EQ(round_up_to(Unit::started_minute, seconds{61}), 120);
}

// Every unit, level and rounding against an oracle that rounds by counting.
std::int64_t oracle_cents(Price price, std::int64_t billed_seconds, Rounding rounding) {
    const std::int64_t whole = price.micro_euro * billed_seconds; // micro euro x 60
    const std::int64_t cent = 600'000;
    std::int64_t cents = 0;
    while ((cents + 1) * cent <= whole)
        ++cents;
    const std::int64_t rest = whole - cents * cent;
    const bool up = rounding == Rounding::up        ? rest > 0
                    : rounding == Rounding::down    ? false
                    : rounding == Rounding::half_up ? rest * 2 >= cent
                    : rest * 2 == cent              ? cents % 2 == 1
                                                    : rest * 2 > cent;
    return cents + (up ? 1 : 0);
}

std::int64_t oracle_seconds(Unit unit, Duration duration) {
    std::int64_t billed = 0;
    while (seconds{billed} < duration)
        billed += seconds_in(unit);
    return billed;
}

TEST(StandardModel, EveryClauseAgreesWithTheOracle) {
    std::mt19937 random{20261122};
    std::uniform_int_distribution<std::int64_t> duration{0, 400'000'000};
    for (const Unit unit : {Unit::second, Unit::started_six_seconds, Unit::started_minute}) {
        for (const Level level : {Level::per_call, Level::on_sum}) {
            for (const Rounding rounding :
                 {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down}) {
                for (const std::int64_t price : {0, 1, 900'000, 950'000, 1'590'000, 333'333}) {
                    std::vector<CallFact> calls;
                    Duration sum{};
                    std::int64_t expected = 0;
                    for (int i = 1; i <= 25; ++i) {
                        const CallFact made = call(i, at({2026, 11, i}), Duration{duration(random)},
                                                   Duration{duration(random)});
                        const Duration both = made.talk + made.after_call_work;
                        sum += both;
                        if (level == Level::per_call) {
                            expected +=
                                oracle_cents(Price{price}, oracle_seconds(unit, both), rounding);
                        }
                        calls.push_back(made);
                    }
                    if (level == Level::on_sum) {
                        expected = oracle_cents(Price{price}, oracle_seconds(unit, sum), rounding);
                    }
                    EXPECT_EQ(
                        rated(calls, {per_minute(Price{price}, unit, level, rounding)}).total.cents,
                        expected)
                        << to_string(unit) << ' ' << to_string(level) << ' ' << to_string(rounding)
                        << ' ' << price;
                }
            }
        }
    }
}

// ---- which day, which month --------------------------------------------------------------------

TEST(StandardModel, MonthsBeginAndEndAtLocalMidnight) {
    EXPECT_EQ(to_iso8601(begin_of({2026, 3})), "2026-02-28T23:00:00.000000Z");
    EXPECT_EQ(to_iso8601(end_of({2026, 3})), "2026-03-31T22:00:00.000000Z"); // summer time since 29
    EXPECT_EQ(to_iso8601(begin_of({2026, 10})), "2026-09-30T22:00:00.000000Z");
    EXPECT_EQ(to_iso8601(end_of({2026, 10})), "2026-10-31T23:00:00.000000Z");
    EXPECT_EQ(to_iso8601(end_of({2026, 12})), "2026-12-31T23:00:00.000000Z");
    EXPECT_EQ(last_day({2028, 2}), (LocalDate{2028, 2, 29}));
    EXPECT_EQ(last_day({2026, 12}), (LocalDate{2026, 12, 31}));
}

TEST(StandardModel, ACallBelongsToTheDayItWasOffered) {
    const Instant last = end_of(kNovember) - Duration{1};
    const std::vector calls{
        call(1, last, minutes{10}, minutes{2}),                 // talks into December
        call(2, end_of(kNovember), minutes{1}),                 // December
        call(3, begin_of(kNovember), minutes{1}),               // the first instant
        call(4, begin_of(kNovember) - Duration{1}, minutes{1}), // October
        call(5, at({2026, 11, 9}, 23, 58), minutes{10}),        // across midnight
    };
    const auto invoice = rated(calls, {per_minute()});
    ASSERT_EQ(invoice.lines.size(), 3u);
    EXPECT_EQ(invoice.lines[0].date, (LocalDate{2026, 11, 1}));
    EXPECT_EQ(invoice.lines[1].date, (LocalDate{2026, 11, 9}));
    EXPECT_EQ(invoice.lines[2].date, (LocalDate{2026, 11, 30}));
    EXPECT_EQ(invoice.lines[2].billed_seconds, 720);
    EXPECT_EQ(rated(calls, {per_minute()}, {2026, 12}).calls, 1);
    EXPECT_EQ(rated(calls, {per_minute()}, {2026, 10}).calls, 1);
}

TEST(StandardModel, DaysOf23And25HoursKeepTheirCalls) {
    for (const auto &[month, day] : {std::pair{Month{2026, 3}, LocalDate{2026, 3, 29}},
                                     std::pair{Month{2026, 10}, LocalDate{2026, 10, 25}}}) {
        const Instant begin = to_instant(day, 0);
        const Instant end = to_instant(add_days(day, 1), 0);
        const std::vector calls{
            call(1, begin - Duration{1}, minutes{1}),         call(2, begin, minutes{1}),
            call(3, end - Duration{1}, minutes{1}),           call(4, end, minutes{1}),
            call(5, end_of(month) - Duration{1}, minutes{1}), call(6, begin_of(month), minutes{1})};
        const auto invoice = rated(calls, {per_minute()}, month);
        EXPECT_EQ(invoice.calls, 6);
        const auto line = std::ranges::find(invoice.lines, day, &InvoiceLine::date);
        ASSERT_NE(line, invoice.lines.end());
        EXPECT_EQ(line->calls, 2);
    }
    EXPECT_EQ(to_instant({2026, 3, 30}, 0) - to_instant({2026, 3, 29}, 0), hours{23});
    EXPECT_EQ(to_instant({2026, 10, 26}, 0) - to_instant({2026, 10, 25}, 0), hours{25});
}

TEST(StandardModel, EveryHourOfAYearIsInExactlyOneMonth) {
    std::vector<CallFact> calls;
    std::int64_t id = 0;
    for (Instant t = begin_of({2026, 1}); t < begin_of({2027, 1}); t = t + minutes{30}) {
        calls.push_back(call(++id, t, seconds{60}));
    }
    StandardPrice yearly = per_minute();
    std::int64_t found = 0;
    std::int64_t cents = 0;
    for (int month = 1; month <= 12; ++month) {
        const auto invoice = rated(calls, {yearly}, {2026, month});
        found += invoice.calls;
        cents += invoice.total.cents;
        for (const InvoiceLine &line : invoice.lines) {
            EXPECT_EQ(month_of(line.date), (Month{2026, month}));
        }
    }
    EXPECT_EQ(found, id);
    EXPECT_EQ(cents, id * 95);
}

// ---- agreements --------------------------------------------------------------------------------

TEST(StandardModel, APriceChangeInMidMonthBillsEachCallAtItsDate) {
    StandardPrice first = per_minute();
    first.valid_to = LocalDate{2026, 11, 14};
    StandardPrice second = per_minute(Price{1'000'000});
    second.id = 2;
    second.valid_from = {2026, 11, 15};
    const std::vector calls{call(1, at({2026, 11, 14}, 23, 59), minutes{2}),
                            call(2, at({2026, 11, 15}, 0, 0), minutes{2})};
    EXPECT_EQ(rated(calls, {second, first}).total, Money{190 + 200});
    {
        const auto invoice = rated(calls, {first, second});
        EXPECT_EQ(invoice.total, Money{190 + 200});
        ASSERT_EQ(invoice.charges.size(), 2u);
        EXPECT_EQ(invoice.charges[0].charge.amount, Money{190});
        EXPECT_EQ(invoice.charges[0].charge.from, (LocalDate{2026, 11, 1}));
        EXPECT_EQ(invoice.charges[0].charge.to, (LocalDate{2026, 11, 14}));
        EXPECT_EQ(invoice.charges[1].charge.amount, Money{200});
        EXPECT_EQ(invoice.charges[1].charge.from, (LocalDate{2026, 11, 15}));
        EXPECT_EQ(invoice.charges[1].charge.to, (LocalDate{2026, 11, 30}));
    }
}

TEST(StandardModel, OnSumRoundsOncePerAgreement) {
    StandardPrice first = per_minute(Price{900'000}, Unit::second, Level::on_sum);
    first.valid_to = LocalDate{2026, 11, 14};
    StandardPrice second = per_minute(Price{900'000}, Unit::second, Level::on_sum);
    second.id = 2;
    second.valid_from = {2026, 11, 15};
    const std::vector calls{call(1, at({2026, 11, 1}), seconds{1}),
                            call(2, at({2026, 11, 20}), seconds{1})};
    const auto invoice = rated(calls, {first, second});
    EXPECT_EQ(invoice.total, Money{4}); // 1.5 -> 2, twice; not 3
    EXPECT_FALSE(invoice.lines[0].amount);
    EXPECT_FALSE(invoice.lines[0].billed_seconds);
}

TEST(StandardModel, AGapWithCallsIsNamed) {
    StandardPrice first = per_minute();
    first.valid_to = LocalDate{2026, 11, 9};
    StandardPrice second = per_minute();
    second.id = 2;
    second.valid_from = {2026, 11, 20};
    const std::vector prices{first, second};
    EXPECT_EQ(refused({call(1, at({2026, 11, 12}), minutes{1})}, prices),
              "agreement.price_gap kind=own_number from=2026-11-10 to=2026-11-19 "
              "remedy=add_a_price_for_these_days");
    EXPECT_EQ(refused({call(1, at({2026, 11, 12}), minutes{1})}, {}),
              "agreement.price_gap from=2026-11-01 to=2026-11-30");
    // Nobody was served in the gap: nothing to bill, nothing to refuse.
    EXPECT_EQ(refused({call(1, at({2026, 11, 9}), minutes{1}),
                       not_taken(2, at({2026, 11, 12}), CallKind::abandoned)},
                      prices),
              "");
}

TEST(StandardModel, AnOverlapIsNamed) {
    const auto overlap = [](const std::vector<StandardPrice> &prices) {
        const auto apart = check_overlap(prices);
        return apart ? "" : describe(apart.error());
    };
    StandardPrice first = per_minute();
    first.valid_to = LocalDate{2026, 11, 15};
    StandardPrice second = per_minute();
    second.id = 2;
    second.valid_from = {2026, 11, 15};
    EXPECT_EQ(overlap({first, second}), "agreement.price_overlap from=2026-11-15 to=2026-11-15");
    EXPECT_EQ(overlap({per_minute(), second}), "agreement.price_overlap from=2026-11-15 to=");
    StandardPrice third = per_minute(); // a long one under a short one
    third.id = 3;
    third.valid_from = {2026, 11, 2};
    third.valid_to = LocalDate{2026, 11, 3};
    EXPECT_EQ(overlap({third, per_minute()}),
              "agreement.price_overlap from=2026-11-02 to=2026-11-03");
    // Nobody can store such prices; whoever rates them all the same is stopped.
    EXPECT_EQ(refused({}, {first, second}).substr(0, 23), "agreement.price_overlap");
}

TEST(StandardModel, AnImpossiblePriceIsRefused) {
    const auto wrong = [](const StandardPrice &price) {
        const auto valid = check(price);
        return valid ? "" : describe(valid.error());
    };
    EXPECT_EQ(wrong(per_minute()), "");
    EXPECT_EQ(wrong(per_minute(Price{-1})), "agreement.invalid field=price_per_minute");
    EXPECT_EQ(wrong(per_minute(Price{kHighestPrice.micro_euro + 1})),
              "agreement.invalid field=price_per_minute");
    StandardPrice backwards = per_minute();
    backwards.valid_from = {2026, 11, 5};
    backwards.valid_to = LocalDate{2026, 11, 4};
    EXPECT_EQ(wrong(backwards), "agreement.invalid field=valid_to");
    StandardPrice unsaid = per_minute();
    unsaid.clause.clear();
    EXPECT_EQ(wrong(unsaid), "agreement.invalid field=clause");
}

// ---- what is not billed ------------------------------------------------------------------------

TEST(StandardModel, NoCallsMakeAnEmptyInvoice) {
    const auto invoice = rated({}, {per_minute()});
    EXPECT_EQ(invoice.total, Money{0});
    EXPECT_TRUE(invoice.lines.empty());
    EXPECT_TRUE(invoice.excluded.empty());
    ASSERT_EQ(invoice.charges.size(), 1u);
    EXPECT_EQ(invoice.charges[0].charge.to, (LocalDate{2026, 11, 30}));
    EXPECT_TRUE(rated({}, {}).charges.empty());
}

TEST(StandardModel, CallsNotTakenAreCountedByRule) {
    const Instant noon = at({2026, 11, 2}, 12);
    const auto invoice =
        rated({not_taken(1, noon, CallKind::abandoned), not_taken(2, noon, CallKind::abandoned),
               not_taken(3, noon, CallKind::closed), not_taken(4, noon, CallKind::nobody_available),
               not_taken(5, noon, CallKind::failed), call(6, noon, minutes{1})},
              {per_minute()});
    EXPECT_EQ(invoice.calls, 1);
    const std::vector<Excluded> expected{
        {"abandoned", 2}, {"closed", 1}, {"failed", 1}, {"nobody_available", 1}};
    EXPECT_EQ(invoice.excluded, expected);
}

TEST(StandardModel, NegativeDurationsAreRefused) {
    EXPECT_EQ(refused({call(9, at({2026, 11, 2}), Duration{-1})}, {per_minute()}),
              "billing.negative_duration call=9");
    EXPECT_EQ(refused({call(9, at({2026, 11, 2}), minutes{1}, Duration{-1})}, {per_minute()}),
              "billing.negative_duration call=9");
}

TEST(StandardModel, HugeDurationsAreNotBilledUnseen) {
    const Duration huge{std::numeric_limits<std::int64_t>::max()};
    const Instant noon = at({2026, 11, 2}, 12);
    const auto invoice =
        rated({call(1, noon, huge), call(2, noon, huge, huge), call(3, noon, minutes{1}, huge),
               call(4, noon, hours{24}), call(5, noon, hours{24}, Duration{1})},
              {per_minute()});
    EXPECT_EQ(invoice.calls, 1); // 24 hours exactly is the longest
    EXPECT_EQ(invoice.excluded, (std::vector<Excluded>{{"implausible_duration", 4}}));
    EXPECT_EQ(invoice.total, Money{24 * 60 * 95});
}

TEST(StandardModel, ACallOfNoLengthCostsNothing) {
    const auto invoice = rated({call(1, at({2026, 11, 2}), Duration{0})}, {per_minute()});
    EXPECT_EQ(invoice.calls, 1);
    EXPECT_EQ(invoice.total, Money{0});
}

// ---- properties --------------------------------------------------------------------------------

std::vector<CallFact> any_calls() {
    return *rc::gen::container<std::vector<CallFact>>(rc::gen::apply(
        [](int day, int second, std::int64_t talk, std::int64_t work, bool taken) {
            CallFact fact =
                call(0, to_instant({2026, 11, day}, second), Duration{talk}, Duration{work});
            if (!taken) fact.kind = CallKind::abandoned;
            return fact;
        },
        rc::gen::inRange(1, 31), rc::gen::inRange(0, 86'400),
        rc::gen::inRange<std::int64_t>(0, 7'200'000'000),
        rc::gen::inRange<std::int64_t>(0, 600'000'000), rc::gen::element(true, true, true, false)));
}

std::vector<CallFact> numbered(std::vector<CallFact> calls) {
    std::int64_t id = 0;
    for (CallFact &fact : calls)
        fact.call = CallId{++id};
    return calls;
}

StandardPrice any_agreement() {
    return per_minute(
        Price{*rc::gen::inRange<std::int64_t>(0, 10'000'000)},
        *rc::gen::element(Unit::second, Unit::started_six_seconds, Unit::started_minute),
        *rc::gen::element(Level::per_call, Level::on_sum),
        *rc::gen::element(Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down));
}

RC_GTEST_PROP(StandardModelProperty, PartsMakeTheWhole, ()) {
    const auto calls = numbered(any_calls());
    const StandardPrice agreed = any_agreement();
    const auto invoice = rate(kNovember, calls, {agreed});
    RC_ASSERT(invoice.has_value());
    std::int64_t counted = 0;
    for (const Excluded &each : invoice->excluded)
        counted += each.calls;
    RC_ASSERT(counted + invoice->calls == static_cast<std::int64_t>(calls.size()));
    std::int64_t lines = 0;
    Money amounts{};
    std::int64_t billed = 0;
    Duration talk{};
    for (const InvoiceLine &line : invoice->lines) {
        lines += line.calls;
        talk += line.talk;
        if (line.amount) amounts = amounts + *line.amount;
        if (line.billed_seconds) billed += *line.billed_seconds;
    }
    RC_ASSERT(lines == invoice->calls);
    RC_ASSERT(talk == invoice->talk);
    if (agreed.level == Level::per_call) {
        RC_ASSERT(amounts == invoice->total);
        RC_ASSERT(billed == invoice->billed_seconds);
    }
    RC_ASSERT(invoice->charges.front().charge.amount == invoice->total);
}

RC_GTEST_PROP(StandardModelProperty, TheEvidenceMakesTheLine, ()) {
    const auto calls = numbered(any_calls());
    const std::vector agreed{any_agreement()};
    const auto invoice = rate(kNovember, calls, agreed);
    RC_ASSERT(invoice.has_value());
    for (const InvoiceLine &line : invoice->lines) {
        const auto evidence = calls_of(line.date, parts(kNovember, calls, agreed));
        RC_ASSERT(evidence.has_value());
        RC_ASSERT(static_cast<std::int64_t>(evidence->size()) == line.calls);
        Money amounts{};
        for (const RatedCall &each : *evidence) {
            if (each.amount) amounts = amounts + *each.amount;
        }
        if (line.amount) RC_ASSERT(amounts == *line.amount);
    }
}

RC_GTEST_PROP(StandardModelProperty, OrderDoesNotMatter, ()) {
    auto calls = numbered(any_calls());
    const std::vector agreed{any_agreement()};
    const auto before = rate(kNovember, calls, agreed);
    std::mt19937 random{*rc::gen::arbitrary<std::uint32_t>()};
    std::ranges::shuffle(calls, random);
    const auto after = rate(kNovember, calls, agreed);
    RC_ASSERT(after.has_value() && before.has_value());
    RC_ASSERT((*after == *before));
}

RC_GTEST_PROP(StandardModelProperty, AMunicipalityNeverPaysLessForMore, ()) {
    auto calls = numbered(any_calls());
    const std::vector agreed{any_agreement()};
    const auto before = rate(kNovember, calls, agreed);
    calls.push_back(
        call(1'000'000, at({2026, 11, 2}), Duration{*rc::gen::inRange(0, 100'000'000)}));
    const auto after = rate(kNovember, calls, agreed);
    RC_ASSERT(after->total >= before->total);
    RC_ASSERT(after->calls == before->calls + 1);
}

} // namespace
} // namespace fernamt::billing
