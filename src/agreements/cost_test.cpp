// SPDX-License-Identifier: EUPL-1.2
// Cost, cover, recalculation, early warning, variants and corrections. The cost table of Hannover's
// council paper 2271/2021 is a golden test to the cent.
#include "agreements/cost.h"
#include "agreements/cost_cover.h"
#include "agreements/distribution.h"
#include "agreements/early_warning.h"
#include "agreements/samples.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace fernamt::agreements {
namespace {

using namespace samples;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Money euro(std::int64_t euros) {
    return Money{euros * 100};
}

// ---- Drucksache 2271/2021 ----------------------------------------------------------------------

std::vector<CostBlock> paper_2271_2021() {
    CostBlock running;
    running.name = "laufend";
    running.items = {
        {"5 Mitarbeitende", CostKind::personnel, euro(268'000), Posts{500, euro(53'600)}},
        {"Sachkosten", CostKind::material, euro(48'500)}};
    running.bearers = {{"beteiligte Kommunen", IncomeKind::private_fees, {}, true}};
    CostBlock once;
    once.name = "einmalig";
    once.running = false;
    once.items = {
        {"Aufrüstung der Telefonanlage und Lizenzen", CostKind::invest_other, euro(120'000)},
        {"Arbeitsplatzausstattung", CostKind::invest_movable, euro(13'000)},
        {"Schulungen und Personalauswahlverfahren", CostKind::material, euro(100'000)},
        {"Externe Beratung", CostKind::material, euro(100'000)}};
    once.bearers = {{"Regionsverwaltung", IncomeKind::reimbursement, euro(200'000)},
                    {"Fachbereich Personal und Organisation", IncomeKind::own_funds, {}, true}};
    return {running, once};
}

TEST(CostTable2271, IsEqualToTheCent) {
    const auto table = cost_table(paper_2271_2021());
    ASSERT_TRUE(table);
    EXPECT_EQ(table->private_fees, euro(316'500));
    EXPECT_EQ(table->reimbursements, euro(200'000));
    EXPECT_EQ(table->personnel, euro(268'000));
    EXPECT_EQ(table->material, euro(248'500));
    EXPECT_EQ(table->ordinary_balance, euro(0));
    EXPECT_EQ(table->invest_movable, euro(13'000));
    EXPECT_EQ(table->invest_other, euro(120'000));
    EXPECT_EQ(table->invest_balance, euro(-133'000));
}

TEST(CostTable2271, ShowsWhoBearsEachBlock) {
    const auto blocks = paper_2271_2021();
    const auto running = evaluate(blocks[0]);
    const auto once = evaluate(blocks[1]);
    ASSERT_TRUE(running && once);
    EXPECT_EQ(running->cost, euro(316'500));
    EXPECT_EQ(running->refinanced_basis_points, 10'000); // "zu 100 %"
    EXPECT_EQ(running->post_hundredths, 500);
    EXPECT_EQ(once->post_hundredths, 0);
    EXPECT_EQ(once->cost, euro(333'000));
    EXPECT_EQ(once->borne[0], euro(200'000));
    EXPECT_EQ(once->borne[1], euro(133'000));
    EXPECT_EQ(once->refinanced_basis_points, 6'006); // 60,06 %
    EXPECT_EQ(once->open, euro(0));
}

TEST(CostTable2271, RefusesWhatCannotBe) {
    auto blocks = paper_2271_2021();
    blocks[1].items[2].amount = Money{-1};
    EXPECT_EQ(describe(cost_table(blocks).error()),
              "cost.invalid place=einmalig.items[2] remedy=correct_value");
    blocks = paper_2271_2021();
    blocks[1].bearers[0].rest = true;
    EXPECT_EQ(describe(cost_table(blocks).error()),
              "cost.invalid place=einmalig.bearers remedy=let_one_bear_the_rest");
    blocks[1].bearers = {{"Region", IncomeKind::reimbursement, euro(400'000)}};
    EXPECT_EQ(evaluate(blocks[1])->open, euro(-67'000)); // more than it costs: shown
}

TEST(CostPosts, AreWhatTheAmountComesFrom) {
    EXPECT_EQ(cost_of({650, euro(64'000)}), euro(416'000)); // Soest's 6,5 posts at Hannover's cost
    EXPECT_EQ(cost_of({33, Money{5'000'050}}), Money{1'650'017}) << "half a cent up";
    const auto refused = [](CostItem item) {
        const auto result =
            evaluate({.name = "laufend", .items = {std::move(item)}, .bearers = {}});
        return result ? "" : describe(result.error());
    };
    const std::string wrong = "cost.invalid place=laufend.items[0] remedy=correct_value";
    EXPECT_EQ(refused({"5", CostKind::personnel, euro(268'000), Posts{500, euro(53'600)}}), "");
    EXPECT_EQ(refused({"5", CostKind::personnel, euro(268'001), Posts{500, euro(53'600)}}), wrong);
    EXPECT_EQ(refused({"5", CostKind::material, euro(268'000), Posts{500, euro(53'600)}}), wrong);
    EXPECT_EQ(refused({"0", CostKind::personnel, euro(0), Posts{0, euro(53'600)}}), wrong);
    EXPECT_EQ(refused({"-", CostKind::personnel, euro(0), Posts{-100, euro(0)}}), wrong);
}

// ---- distribution and recalculation ------------------------------------------------------------

TEST(Distribution, LosesNoCent) {
    EXPECT_EQ(distribute(Money{100}, {1, 1, 1}).value(),
              (std::vector<Money>{Money{34}, Money{33}, Money{33}}));
    EXPECT_EQ(distribute(Money{-100}, {1, 1, 1}).value(),
              (std::vector<Money>{Money{-34}, Money{-33}, Money{-33}}));
    EXPECT_EQ(distribute(Money{5}, {0, 7}).value(), (std::vector<Money>{Money{0}, Money{5}}));
    EXPECT_FALSE(distribute(Money{5}, {0, 0}));
    EXPECT_FALSE(distribute(Money{5}, {}));
    EXPECT_FALSE(distribute(Money{5}, {-1, 2}));
}

RC_GTEST_PROP(Distribution, AddsUpForEveryKey, ()) {
    const auto cents = *rc::gen::inRange<std::int64_t>(-100'000'000'000'000, 100'000'000'000'000);
    auto weights = *rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(0, 100'000'000));
    weights.push_back(1);
    const auto parts = distribute(Money{cents}, weights);
    RC_ASSERT(parts);
    std::int64_t sum = 0;
    for (const Money part : *parts)
        sum += part.cents;
    RC_ASSERT(sum == cents);
}

TEST(Recalculation, DividesTheOpenCostByTheMinutes) {
    // Hannover's TIZ: 832.000 € and 200,000 calls of one minute.
    const PreviousYear tiz{2020, euro(832'000), {}, 200'000 * 60};
    EXPECT_EQ(cost_covering_price(tiz).value(), Price{4'160'000});
    const PreviousYear with_base{2020, euro(832'000), euro(632'000), 200'000 * 60};
    EXPECT_EQ(cost_covering_price(with_base).value(), Price{1'000'000});
    const PreviousYear odd{2020, euro(100), {}, 33 * 60};
    EXPECT_EQ(cost_covering_price(odd).value(), Price{3'030'000});
    EXPECT_EQ(cost_covering_price(odd, 10'000).value(), Price{3'030'300});
    EXPECT_EQ(cost_covering_price(odd, 100, Rounding::up).value(), Price{3'040'000});
    EXPECT_EQ(cost_covering_price({2020, euro(100), euro(200), 60}).value(), Price{0});
    EXPECT_EQ(describe(cost_covering_price({2020, euro(100), {}, 0}).error()),
              "recalculation.no_minutes place=billable_seconds remedy=choose_a_year_with_calls");
}

TEST(Recalculation, ShowsSurplusAndShortageByKey) {
    const auto shortage = cost_cover(euro(832'000), euro(190'000), {3, 1});
    ASSERT_TRUE(shortage);
    EXPECT_EQ(shortage->surplus, euro(-642'000)); // Soest's price cannot be carried over
    EXPECT_EQ(shortage->shares, (std::vector<Money>{euro(-481'500), euro(-160'500)}));
}

TEST(Recalculation, CountsOnlyWhenBothAgreed) { // "einvernehmlich"
    Proposal proposal{.municipality = kTown,
                      .clause = "Minuten",
                      .old_price = Price{950'000},
                      .new_price = Price{1'020'000},
                      .effective = {2027, 1, 1},
                      .proposed_on = {2026, 9, 1},
                      .proposed_by = UserId{1}};
    EXPECT_EQ(state_of(proposal), ProposalState::proposed);
    ASSERT_TRUE(consent(proposal, {Side::centre, true, UserId{1}, {2026, 9, 2}, ""}));
    EXPECT_EQ(state_of(proposal), ProposalState::agreed_by_one);
    EXPECT_EQ(consent(proposal, {Side::centre, true, UserId{2}, {2026, 9, 2}, ""}).error().code,
              "recalculation.twice");
    EXPECT_EQ(
        consent(proposal, {Side::municipality, true, UserId{2}, {2027, 1, 2}, ""}).error().code,
        "recalculation.too_late");
    ASSERT_TRUE(consent(proposal, {Side::municipality, true, UserId{2}, {2026, 11, 2}, ""}));
    EXPECT_EQ(state_of(proposal), ProposalState::agreed);
    EXPECT_EQ(
        consent(proposal, {Side::municipality, false, UserId{2}, {2026, 12, 2}, ""}).error().code,
        "recalculation.decided");
}

// ---- early warning -----------------------------------------------------------------------------

Course even(int over, Money each) {
    Course course;
    course.over = over;
    course.months.fill(each);
    return course;
}

TEST(EarlyWarning, OneExpensiveMonthIsNoWarning) {
    const Budget budget{.per_year = euro(12'000)};
    const auto forecasts = forecast(budget, {even(1, euro(1'500)), even(2, euro(1'000))});
    ASSERT_TRUE(forecasts);
    EXPECT_EQ(forecasts->at(0).alarm, Alarm::watch);
    EXPECT_EQ(forecasts->at(0).exhausted_in, 9);
    EXPECT_EQ(forecasts->at(1).alarm, Alarm::none);
    EXPECT_EQ(forecasts->at(1).exhausted_in, std::nullopt);
    EXPECT_EQ(forecasts->at(1).spent, euro(2'000));
}

TEST(EarlyWarning, RefusesWhatCannotBe) {
    EXPECT_FALSE(forecast({.per_year = Money{-1}}, {}));
    EXPECT_FALSE(forecast({.per_year = Money{1}}, {even(13, Money{})}));
    Budget zero{.per_year = euro(0)};
    EXPECT_EQ(forecast(zero, {even(1, Money{1})})->at(0).alarm, Alarm::exceeded);
    EXPECT_EQ(forecast(zero, {even(1, Money{})})->at(0).alarm, Alarm::none);
}

std::vector<VolumeCall> volume(int calls, const LocalDate &first, int days, Duration talk) {
    std::vector<VolumeCall> made;
    for (int i = 0; i < calls; ++i)
        made.push_back({at(add_days(first, i * days / calls)), CallKind::own_number, talk, {}, 0});
    return made;
}

std::array<int, 12> by_month(const std::vector<VolumeCall> &calls) {
    std::array<int, 12> counts{};
    for (const VolumeCall &call : calls)
        ++counts.at(static_cast<std::size_t>(to_local(call.offered_at).date.month - 1));
    return counts;
}

TEST(CallsToCome, TheJoiningYearKnowsNothingOfTheMonthsBefore) {
    const auto july = volume(310, {2026, 7, 1}, 31, std::chrono::minutes{3});
    const auto ahead = calls_to_come(july, {2026, 7, 1}, {2026, 7, 31}, kEvenMonths);
    EXPECT_EQ(ahead.size(), 310U * 5) << "not a twelfth and not eleven times";
    EXPECT_EQ(by_month(ahead), (std::array<int, 12>{0, 0, 0, 0, 0, 0, 0, 310, 310, 310, 310, 310}));
    EXPECT_EQ(to_local(ahead.back().offered_at).date, (LocalDate{2026, 12, 31}));
}

// F-24: Baden-Baden planned 25.000 € a year for a package and paid about 228.000 € for two: beyond
// the package's minutes each one costs. Until those are used up a month costs its twelfth, and
// whoever extrapolates the money sees nothing. The figures of a town with more than twice the
// calls.
TEST(EarlyWarning, BadenBadenIsWarnedBeforeThePackageIsUsedUp) {
    Package package;
    package.per_year = euro(25'000);
    package.included_minutes = 15'000;
    package.overage_per_minute = Price{1'590'000};
    const LocalDate begin{2018, 1, 1};
    const PriceList list = prices(begin, {clause("package", begin, package)});
    std::vector<Course> courses;
    for (int over = 1; over <= 2; ++over) {
        const LocalDate known{2018, over, over == 1 ? 31 : 28};
        auto calls = volume(1'233 * over, begin, over == 1 ? 31 : 59, minutes{3});
        const auto ahead = calls_to_come(calls, begin, known, kEvenMonths);
        calls.insert(calls.end(), ahead.begin(), ahead.end());
        Calls columns(begin, {2018, 12, 31});
        for (const VolumeCall &call : calls)
            ASSERT_TRUE(columns.add(CallId{1}, call.offered_at, call.kind, call.talk, {}));
        const auto statements = rate(list, columns);
        ASSERT_TRUE(statements) << describe(statements.error());
        Course course{.over = over, .months = {}};
        for (const MonthStatement &each : *statements)
            course.months.at(static_cast<std::size_t>(each.month.month - 1)) = each.total;
        courses.push_back(course);
    }
    const auto forecasts = forecast({.per_year = euro(25'000)}, courses);
    ASSERT_TRUE(forecasts);
    EXPECT_EQ(forecasts->at(0).spent, Money{208'333}); // a twelfth: nothing to see
    EXPECT_EQ(forecasts->at(0).alarm, Alarm::watch);
    EXPECT_EQ(forecasts->at(1).alarm, Alarm::warning);
    // 14,796 calls of 3 minutes: 44,388 minutes, 29,388 of them beyond the package.
    EXPECT_EQ(forecasts->at(1).forecast, Money{2'500'000 + 29'388 * 159});
    EXPECT_EQ(forecasts->at(1).exhausted_in, 7);
}

TEST(CallsToCome, PartOfAMonthStandsForTheWhole) {
    const auto half = volume(150, {2026, 7, 17}, 15, std::chrono::minutes{3});
    const auto ahead = calls_to_come(half, {2026, 7, 17}, {2026, 7, 31}, kEvenMonths);
    EXPECT_EQ(by_month(ahead)[7], 310);
}

TEST(CallsToCome, KnowsTheExpensiveMonths) {
    MonthWeights weights = kEvenMonths;
    weights[1] = 3; // carnival
    const auto ahead = calls_to_come(volume(100, {2026, 1, 1}, 31, std::chrono::minutes{3}),
                                     {2026, 1, 1}, {2026, 1, 31}, weights);
    EXPECT_EQ(by_month(ahead)[1], 300);
    EXPECT_EQ(by_month(ahead)[2], 100);
    EXPECT_TRUE(calls_to_come({}, {2026, 1, 1}, {2026, 1, 31}, weights).empty());
}

} // namespace
} // namespace fernamt::agreements
