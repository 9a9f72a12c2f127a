// SPDX-License-Identifier: EUPL-1.2
// Rules of rating: kinds, days, limits, bad input, and that nothing depends on order, time zone or
// locale.
#include "agreements/samples.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <ctime>
#include <random>

namespace fernamt::agreements {
namespace {

using namespace samples;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const LocalDate kNewYear{2026, 1, 1};
const LocalDate kYearsEnd{2026, 12, 31};

std::vector<MonthStatement> rated(const PriceList &list, const std::vector<Call> &calls,
                                  const LocalDate &first = kNewYear,
                                  const LocalDate &last = kYearsEnd) {
    const auto months = rate(list, columns(calls, first, last));
    EXPECT_TRUE(months) << describe(months.error());
    return months.value_or(std::vector<MonthStatement>{});
}

std::string refused(const PriceList &list, const std::vector<Call> &calls) {
    const auto months = rate(list, columns(calls, kNewYear, kYearsEnd));
    return months ? "rated" : describe(months.error());
}

PriceList standard(Price price = Price{950'000}) {
    return prices(kNewYear, {clause("minutes", kNewYear, per_minute(price))});
}

TEST(Rating, CountsWhatItDoesNotBillByItsRule) {
    std::vector<Call> calls{{1, at({2026, 3, 2}), CallKind::own_number, minutes{1}, {}}};
    for (int kind = kBilledKinds; kind < kCallKinds; ++kind)
        calls.push_back({kind + 10, at({2026, 3, 2}), static_cast<CallKind>(kind), minutes{1}, {}});
    const auto march = rated(standard(), calls)[2];
    EXPECT_EQ(march.calls, 1);
    EXPECT_EQ(march.total, Money{95});
    ASSERT_EQ(march.excluded.size(), static_cast<std::size_t>(kCallKinds - kBilledKinds));
    for (const ExcludedCalls &each : march.excluded)
        EXPECT_EQ(each.calls, 1) << to_string(each.kind);
}

TEST(Rating, ACallThatLastsOverTheAgreementsEndIsBilledWhole) {
    PriceList list = standard();
    list.ends = LocalDate{2026, 6, 30};
    const std::vector<Call> calls{
        {1, at({2026, 6, 30}, 23, 59), CallKind::own_number, minutes{10}, minutes{5}}};
    EXPECT_EQ(rated(list, calls)[5].total, Money{15 * 95});
    EXPECT_EQ(refused(list, {{2, at({2026, 7, 1}, 0), CallKind::own_number, minutes{1}, {}}}),
              "agreement.price_gap kind=own_number from=2026-07-01 to=2026-12-31 "
              "remedy=add_a_price_for_these_days");
}

TEST(Rating, ACallOverAPriceChangeHasThePriceOfItsBeginning) {
    PriceList list = standard();
    list.clauses[0].to = LocalDate{2026, 6, 30};
    list.clauses.push_back(clause("minutes-july", {2026, 7, 1}, per_minute(Price{1'200'000})));
    const auto months =
        rated(list, {{1, at({2026, 6, 30}, 23, 59), CallKind::own_number, minutes{2}, {}},
                     {2, at({2026, 7, 1}, 0, 0), CallKind::own_number, minutes{2}, {}}});
    EXPECT_EQ(months[5].total, Money{190});
    EXPECT_EQ(months[6].total, Money{240});
}

TEST(Rating, HoursThatTheClockSkipsOrRepeatsChangeNothing) {
    // 29 March 2026: 02:00 to 03:00 does not exist; 25 October: it comes twice.
    const Instant spring = to_instant({2026, 3, 29}, 2 * 3600);
    const Instant autumn = to_instant({2026, 10, 25}, 2 * 3600 + 1800);
    const std::vector<Call> calls{
        {1, spring, CallKind::own_number, hours{1}, {}},
        {2, autumn, CallKind::own_number, hours{1}, {}},
        {3, autumn + hours{1}, CallKind::own_number, hours{1}, {}},
        {4, at({2026, 10, 25}, 23, 59), CallKind::own_number, hours{1}, {}}};
    const auto months = rated(standard(), calls);
    EXPECT_EQ(months[2].total, Money{5'700});
    EXPECT_EQ(months[9].total, Money{3 * 5'700});
    const Calls made = columns(calls, kNewYear, kYearsEnd);
    for (std::size_t i = 1; i < 4; ++i)
        EXPECT_EQ(made.date(made.day()[i]), (LocalDate{2026, 10, 25}));
}

TEST(Rating, RefusesNegativeDurationsAndCountsHugeOnes) {
    Calls calls(kNewYear, kYearsEnd);
    const auto negative =
        calls.add(CallId{7}, at({2026, 2, 2}), CallKind::own_number, seconds{-1}, {});
    ASSERT_FALSE(negative);
    EXPECT_EQ(describe(negative.error()), "billing.negative_duration call=7");
    EXPECT_EQ(calls.size(), 0U);
    ASSERT_TRUE(calls.add(CallId{8}, at({2026, 2, 2}), CallKind::own_number, hours{24}, {}));
    ASSERT_TRUE(
        calls.add(CallId{9}, at({2026, 2, 2}), CallKind::own_number, hours{24}, seconds{1}));
    ASSERT_TRUE(calls.add(CallId{10}, at({2026, 2, 2}), CallKind::own_number, Duration::max(),
                          Duration::max()));
    const auto months = rate(standard(), calls);
    ASSERT_TRUE(months);
    EXPECT_EQ((*months)[1].calls, 1);
    EXPECT_EQ((*months)[1].total, Money{24 * 60 * 95});
    EXPECT_EQ((*months)[1].excluded,
              (std::vector<ExcludedCalls>{{CallKind::implausible_duration, 2}}));
}

TEST(Rating, ZeroInhabitantsAndZeroEurosAreFigures) {
    const PriceList list = prices(kNewYear,
                                  {clause("base", kNewYear, InhabitantBase{Price{500'000}}),
                                   clause("cap", kNewYear, InhabitantCap{{{1, Price{40'000}}}}),
                                   clause("minutes", kNewYear, per_minute(Price{950'000}))},
                                  0);
    const auto months = rated(list, spread(12, kNewYear, 365, minutes{5}));
    EXPECT_EQ(total(months), Money{0}); // capped at 0 inhabitants x 0,04 €
    EXPECT_EQ(months[0].charges[0].amount, Money{0});
    EXPECT_EQ(total(rated(standard(Price{0}), spread(12, kNewYear, 365, minutes{5}))), Money{0});
}

TEST(Rating, ABillionTimesAThousandEurosIsExact) {
    const PriceList list = prices(kNewYear, {clause("base", kNewYear, FixedBase{kHighestAmount}),
                                             clause("calls", kNewYear, NotCharged{})});
    const auto months = rated(list, {});
    EXPECT_EQ(total(months), kHighestAmount); // 10^12 €, to the cent
    EXPECT_EQ(months[0].total, Money{8'333'333'333'333});
    PriceList beyond = list;
    beyond.clauses[0].model = FixedBase{kHighestAmount + Money{1}};
    EXPECT_EQ(refused(beyond, {}),
              "agreement.price_invalid place=prices[0].per_year remedy=correct_value");
}

TEST(Rating, PopulationCountsFromItsDay) {
    PriceList list =
        prices(kNewYear, {clause("base", kNewYear, InhabitantBase{Price{1'200'000}})}, 10'000);
    list.populations.push_back({{2026, 7, 1}, {2026, 3, 31}, 20'000, "register"});
    const auto months = rated(list, {});
    EXPECT_EQ(months[5].total, Money{100'000}); // 10,000 x 1,20 € / 12
    EXPECT_EQ(months[6].total, Money{200'000});
    EXPECT_EQ(months[6].charges[0].quantity, 20'000);
    list.populations.clear();
    EXPECT_EQ(refused(list, {}), "agreement.population_missing place=prices[0] from=2026-01-01 "
                                 "remedy=add_population_with_key_date_and_source");
}

TEST(Rating, AMinimumIsDueAtTheYearsEndAndByDaysWhenItEndsEarly) {
    PriceList list = standard();
    list.clauses.push_back(clause("minimum", kNewYear, Minimum{Money{100'000}}));
    const auto calls = spread(10, kNewYear, 31, minutes{10}); // 95,00 € in January
    const auto months = rated(list, calls);
    EXPECT_EQ(months[0].total, Money{9'500});
    EXPECT_EQ(months[11].total, Money{90'500});
    list.ends = LocalDate{2026, 7, 2}; // 183 of 365 days: 501,37 €
    EXPECT_EQ(rated(list, calls)[6].total, Money{50'137 - 9'500});
}

TEST(Rating, StepsFollowTheContractYearAlsoWithinAMonth) {
    MinutePrice steps = per_minute(Price{950'000});
    steps.steps = {{1, Price{950'000}}, {2, Price{1'100'000}}};
    PriceList list = prices({2025, 3, 15}, {clause("minutes", {2025, 3, 15}, steps)});
    const auto march =
        rate(list, columns({{1, at({2026, 3, 14}), CallKind::own_number, minutes{1}, {}},
                            {2, at({2026, 3, 15}), CallKind::own_number, minutes{1}, {}}},
                           {2026, 3, 1}, {2026, 3, 31}));
    ASSERT_TRUE(march);
    ASSERT_EQ(march->at(0).charges.size(), 2U);
    EXPECT_EQ(march->at(0).charges[0].amount, Money{95});
    EXPECT_EQ(march->at(0).charges[1].amount, Money{110});
    EXPECT_EQ(march->at(0).charges[1].contract_year, 2);
}

TEST(Rating, OverflowAndCrisisHaveTheirOwnPrices) {
    const PriceList list = prices(
        kNewYear,
        {clause("minutes", kNewYear, per_minute(Price{950'000}),
                KindSet::of({CallKind::own_number, CallKind::number_115})),
         clause("crisis", kNewYear, per_minute(Price{500'000}), KindSet::of({CallKind::crisis})),
         clause("help", kNewYear, NotCharged{}, KindSet::of({CallKind::from_partner})),
         clause("partner", kNewYear, CallPrice{{{1, Price{4'160'000}}}},
                KindSet::of({CallKind::to_partner}))});
    std::vector<Call> calls;
    for (int kind = 0; kind < kBilledKinds; ++kind)
        calls.push_back({kind + 1, at({2026, 1, 5}), static_cast<CallKind>(kind), minutes{2}, {}});
    const auto january = rated(list, calls)[0];
    EXPECT_EQ(january.total, Money{190 + 190 + 100 + 0 + 416});
    EXPECT_EQ(january.charges[0].calls, 2);
}

TEST(Rating, WhatAPartnerSentIsNotTheTownsUnlessAClauseNamesIt) {
    PriceList list = prices(kNewYear, {clause("minutes", kNewYear, per_minute(Price{950'000}))});
    const std::vector<Call> calls{{1, at({2026, 1, 5}), CallKind::own_number, minutes{2}, {}},
                                  {2, at({2026, 1, 6}), CallKind::from_partner, minutes{9}, {}}};
    const auto january = rated(list, calls)[0];
    EXPECT_EQ(january.total, Money{190});
    EXPECT_EQ(january.calls, 1);
    ASSERT_EQ(january.excluded.size(), 1U);
    EXPECT_EQ(january.excluded[0].kind, CallKind::from_partner);
    EXPECT_EQ(january.excluded[0].calls, 1);
    list.clauses.push_back(clause("help", kNewYear, per_minute(Price{500'000}),
                                  KindSet::of({CallKind::from_partner})));
    EXPECT_EQ(rated(list, calls)[0].total, Money{190 + 450});
    EXPECT_TRUE(rated(list, calls)[0].excluded.empty());
}

// a line's price class has its own price; the clause without one keeps the rest.
TEST(Rating, AClauseThatNamesAPriceClassTakesItsCalls) {
    PriceList list =
        prices(kNewYear, {clause("minutes", kNewYear, per_minute(Price{950'000})),
                          clause("citizens' office", kNewYear, per_minute(Price{2'000'000}))});
    list.clauses[1].price_classes = {2};
    std::vector<Call> calls{{1, at({2026, 1, 5}), CallKind::own_number, minutes{1}, {}},
                            {2, at({2026, 1, 6}), CallKind::own_number, minutes{1}, {}, 2},
                            {3, at({2026, 1, 7}), CallKind::own_number, minutes{1}, {}, 3},
                            {4, at({2026, 1, 8}), CallKind::own_number, minutes{1}, {}}};
    const auto january = rated(list, calls)[0];
    EXPECT_EQ(january.charges[0].calls, 3);
    EXPECT_EQ(january.charges[1].calls, 1);
    EXPECT_EQ(january.total, Money{3 * 95 + 200});
    const auto amounts = call_amounts(list, columns(calls, kNewYear, {2026, 1, 31}), {2026, 1});
    ASSERT_TRUE(amounts);
    ASSERT_EQ(amounts->size(), 4U);
    EXPECT_EQ(amounts->at(1).amount, Money{200});
    EXPECT_EQ(amounts->at(2).amount, Money{95});

    list.clauses[0].price_classes = {0, 2};
    EXPECT_EQ(refused(list, calls), "agreement.price_overlap place=prices[1] other=prices[0] "
                                    "from=2026-01-01 to= remedy=end_the_earlier_one");
    list.clauses[0].price_classes = {0};
    EXPECT_EQ(refused(list, calls), "agreement.price_gap kind=own_number from=2026-01-07 "
                                    "to=2026-01-07 remedy=add_a_price_for_these_days");
    list.clauses[0].price_classes = {-1};
    EXPECT_EQ(refused(list, calls), "agreement.price_invalid place=prices[0].price_classes "
                                    "remedy=correct_value");
}

TEST(Rating, PriceAndMinutesTogetherBillACallTwiceByAgreement) {
    const PriceList list =
        prices(kNewYear, {clause("calls", kNewYear, CallPrice{{{1, Price{2'000'000}}}}),
                          clause("minutes", kNewYear, per_minute(Price{500'000}))});
    const auto january =
        rated(list, {{1, at({2026, 1, 5}), CallKind::own_number, minutes{2}, {}}})[0];
    EXPECT_EQ(january.calls, 1);
    EXPECT_EQ(january.total, Money{300});
}

TEST(Rating, TwoPricesForTheSameCallsAreRefusedWithTheirPlaces) {
    PriceList list = standard();
    list.clauses.push_back(clause("again", {2026, 11, 1}, per_minute(Price{1'000'000})));
    EXPECT_EQ(refused(list, {}), "agreement.price_overlap place=prices[1] other=prices[0] "
                                 "from=2026-11-01 to= remedy=end_the_earlier_one");
    list.clauses[1].kinds = KindSet::of({CallKind::crisis});
    list.clauses[0].kinds = KindSet::of({CallKind::own_number});
    EXPECT_EQ(refused(list, {}), "rated");
}

TEST(Rating, EvidenceAddsUpToTheCharge) {
    const auto calls = spread(500, {2026, 1, 1}, 31, seconds{97}, seconds{31});
    const Calls made = columns(calls, {2026, 1, 1}, {2026, 1, 31});
    const auto amounts = call_amounts(standard(), made, {2026, 1});
    const auto months = rate(standard(), made);
    ASSERT_TRUE(amounts && months);
    Money sum;
    for (const CallAmount &each : *amounts)
        sum = sum + each.amount.value();
    EXPECT_EQ(amounts->size(), 500U);
    EXPECT_EQ(sum, months->at(0).total);
}

// ---- nothing but calls and prices decides ------------------------------------------------------

PriceList everything() {
    Package package;
    package.per_year = Money{9'500'000};
    package.included_minutes = 2'000;
    package.overage_per_minute = Price{1'590'000};
    return prices(
        kNewYear,
        {clause("minutes", kNewYear, per_minute(Price{953'333}, true, Unit::started_six_seconds),
                KindSet::of({CallKind::own_number})),
         clause("package", kNewYear, package, KindSet::of({CallKind::number_115})),
         clause("calls", kNewYear, CallPrice{{{1, Price{4'165'555}}}},
                KindSet::of({CallKind::crisis, CallKind::to_partner})),
         clause("help", kNewYear, NotCharged{}, KindSet::of({CallKind::from_partner})),
         clause("base", kNewYear, InhabitantBase{Price{333'333}}),
         clause("cap", kNewYear, InhabitantCap{{{1, Price{700'000}}}}),
         clause("minimum", kNewYear, Minimum{Money{2'000'000}}),
         clause("credit", kNewYear, SecondmentCredit{33, Money{5'360'000}})});
}

std::vector<Call> random_year(unsigned seed, std::size_t count) {
    std::mt19937_64 random{seed};
    std::vector<Call> calls;
    const Instant begin = at(kNewYear, 0);
    for (std::size_t i = 0; i < count; ++i) {
        calls.push_back({static_cast<std::int64_t>(i) + 1,
                         begin + Duration{static_cast<std::int64_t>(random() % 31'500'000'000'000)},
                         static_cast<CallKind>(random() % kCallKinds),
                         Duration{static_cast<std::int64_t>(random() % 900'000'000)},
                         Duration{static_cast<std::int64_t>(random() % 200'000'000)}});
    }
    return calls;
}

// A thousand orders under other time zones and locales.
TEST(Rating, AThousandShuffledRunsAreEqual) {
    auto calls = random_year(20261122, 400);
    const auto expected = rated(everything(), calls);
    const char *const zones[] = {"UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"};
    const char *const locales[] = {"C", "C.UTF-8", "POSIX"};
    std::mt19937_64 random{7};
    int equal = 0;
    for (int run = 0; run < 1'000; ++run) {
        ::setenv("TZ", zones[run % 4], 1);
        ::tzset();
        std::setlocale(LC_ALL, locales[run % 3]);
        std::ranges::shuffle(calls, random);
        equal += rated(everything(), calls) == expected ? 1 : 0;
    }
    ::unsetenv("TZ");
    ::tzset();
    std::setlocale(LC_ALL, "C");
    EXPECT_EQ(equal, 1'000);
}

RC_GTEST_PROP(Rating, TheMonthsOfAYearAddUpWhateverTheYearlyAmount, ()) {
    const auto cents = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
    const int year = *rc::gen::inRange(2018, 2040);
    const PriceList list =
        prices({year, 1, 1}, {clause("base", {year, 1, 1}, FixedBase{Money{cents}})});
    const auto months = rate(list, Calls({year, 1, 1}, {year, 12, 31}));
    RC_ASSERT(months);
    RC_ASSERT(total(*months) == Money{cents});
}

RC_GTEST_PROP(Rating, ACapIsNeverExceededAndAMinimumAlwaysReached, ()) {
    const auto seed = *rc::gen::arbitrary<unsigned>();
    auto calls = random_year(seed, 300);
    std::erase_if(calls, [](const Call &call) { return !is_billed(call.kind); });
    PriceList list = standard();
    list.clauses.push_back(clause("cap", kNewYear, InhabitantCap{{{1, Price{10'000}}}})); // 300 €
    list.clauses.push_back(clause("minimum", kNewYear, Minimum{Money{25'000}}));
    const auto months = rate(list, columns(calls, kNewYear, kYearsEnd));
    RC_ASSERT(months);
    RC_ASSERT(total(*months) <= Money{30'000});
    RC_ASSERT(total(*months) >= Money{25'000});
}

} // namespace
} // namespace fernamt::agreements
