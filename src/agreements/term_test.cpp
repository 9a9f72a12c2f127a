// SPDX-License-Identifier: EUPL-1.2
#include "agreements/term.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::agreements {
namespace {

Term soest() { // council paper 237/2017; the notice period is not in it
    Term term;
    term.begins = {2018, 1, 1};
    return term;
}

TEST(Dates, TermsEndByTheCivilCode) { // BGB § 187 Abs. 2, § 188 Abs. 2 and 3
    EXPECT_EQ(last_day_of_term({2018, 1, 1}, 24), (LocalDate{2019, 12, 31}));
    EXPECT_EQ(last_day_of_term({2022, 3, 15}, 12), (LocalDate{2023, 3, 14}));
    EXPECT_EQ(last_day_of_term({2024, 2, 29}, 12), (LocalDate{2025, 2, 28}));
    EXPECT_EQ(last_day_of_term({2024, 2, 29}, 48), (LocalDate{2028, 2, 28}));
    EXPECT_EQ(last_day_of_term({2026, 8, 31}, 6), (LocalDate{2027, 2, 28}));
    EXPECT_EQ(end_of_period({2026, 1, 31}, {1, Period::Unit::months}), (LocalDate{2026, 2, 28}));
    EXPECT_EQ(end_of_period({2026, 11, 20}, {2, Period::Unit::weeks}), (LocalDate{2026, 12, 4}));
}

TEST(Dates, NoticeArrivesAWholePeriodBeforeTheEnd) {
    EXPECT_EQ(latest_notice({2019, 12, 31}, {6, Period::Unit::months}), (LocalDate{2019, 6, 30}));
    EXPECT_EQ(latest_notice({2027, 2, 28}, {6, Period::Unit::months}), (LocalDate{2026, 8, 31}));
    EXPECT_EQ(latest_notice({2026, 8, 30}, {6, Period::Unit::months}), (LocalDate{2026, 2, 28}));
    EXPECT_EQ(latest_notice({2026, 12, 31}, {4, Period::Unit::weeks}), (LocalDate{2026, 12, 3}));
    EXPECT_EQ(latest_notice({2026, 12, 31}, {0, Period::Unit::days}), (LocalDate{2026, 12, 31}));
}

TEST(Dates, PaymentsMoveToAWorkingDayOfTheLand) { // § 193
    // 31 October is a holiday in Niedersachsen, not in Nordrhein-Westfalen; 2025 it is a Friday.
    EXPECT_EQ(next_working_day({2025, 10, 31}, Land::NI), (LocalDate{2025, 11, 3}));
    EXPECT_EQ(next_working_day({2025, 10, 31}, Land::NW), (LocalDate{2025, 10, 31}));
    EXPECT_EQ(previous_working_day({2026, 1, 1}, Land::NI), (LocalDate{2025, 12, 31}));
}

RC_GTEST_PROP(Dates, TheLatestNoticeIsInTimeAndADayLaterIsNot, ()) {
    const LocalDate last = add_days({2020, 1, 1}, *rc::gen::inRange(0, 8000));
    const auto unit = static_cast<Period::Unit>(*rc::gen::inRange(0, 3));
    const Period period{*rc::gen::inRange(0, 25), unit};
    const LocalDate day = latest_notice(last, period);
    RC_ASSERT(end_of_period(day, period) <= last);
    RC_ASSERT(end_of_period(add_days(day, 1), period) > last);
}

TEST(TermTest, RenewsFromYearToYear) {
    EXPECT_EQ(running_until(soest(), {2017, 1, 1}), (LocalDate{2019, 12, 31}));
    EXPECT_EQ(running_until(soest(), {2019, 12, 31}), (LocalDate{2019, 12, 31}));
    EXPECT_EQ(running_until(soest(), {2020, 1, 1}), (LocalDate{2020, 12, 31}));
    EXPECT_EQ(running_until(soest(), {2031, 5, 5}), (LocalDate{2031, 12, 31}));
}

TEST(TermTest, KnowsTheNextPossibleEndAndTheDayForNotice) {
    const auto first = next_possible_end(soest(), {2018, 3, 1}, Land::NW);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->last_day, (LocalDate{2019, 12, 31}));
    EXPECT_EQ(first->notice_until, (LocalDate{2019, 6, 30}));   // a Sunday: not moved
    EXPECT_EQ(first->notice_advised, (LocalDate{2019, 6, 28})); // the post is opened on Friday
    const auto missed = next_possible_end(soest(), {2019, 7, 1}, Land::NW);
    ASSERT_TRUE(missed);
    EXPECT_EQ(missed->last_day, (LocalDate{2020, 12, 31}));
}

TEST(TermTest, RemindsBeforeTheDayForNotice) {
    const auto all = reminders(soest(), {2018, 3, 1}, Land::NW);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], (Reminder{{2019, 1, 1}, 180}));
    EXPECT_EQ(all[1], (Reminder{{2019, 4, 1}, 90}));
    EXPECT_EQ(all[2], (Reminder{{2019, 5, 31}, 30}));
}

TEST(TermTest, FixedAndUnlimitedTerms) {
    Term fixed = soest();
    fixed.renewal_months = 0; // Gifhorn: term to February 2022, no renewal named
    EXPECT_EQ(running_until(fixed, {2020, 1, 1}), std::nullopt);
    EXPECT_FALSE(next_possible_end(fixed, {2019, 8, 1}, Land::NI));
    EXPECT_TRUE(reminders(fixed, {2019, 8, 1}, Land::NI).empty());
    Term unlimited = soest();
    unlimited.first_months = 0;
    EXPECT_EQ(running_until(unlimited, {2040, 1, 1}), std::nullopt);
    EXPECT_EQ(next_possible_end(unlimited, {2026, 6, 30}, Land::NI)->last_day,
              (LocalDate{2026, 12, 31}));
    EXPECT_EQ(next_possible_end(unlimited, {2026, 7, 1}, Land::NI)->last_day,
              (LocalDate{2027, 12, 31}));
}

TEST(TermTest, ContractYearsCountFromTheBeginning) {
    EXPECT_EQ(contract_year({2022, 3, 15}, {2022, 3, 14}), 0);
    EXPECT_EQ(contract_year({2022, 3, 15}, {2023, 3, 14}), 1);
    EXPECT_EQ(contract_year({2022, 3, 15}, {2023, 3, 15}), 2);
    EXPECT_EQ(contract_year({2024, 2, 29}, {2025, 2, 28}), 1);
    EXPECT_EQ(contract_year({2024, 2, 29}, {2025, 3, 1}), 2);
}

TEST(TermTest, RefusesImpossibleTermsWithTheirPlace) {
    Term term = soest();
    term.begins = {2026, 2, 30};
    EXPECT_EQ(describe(check(term).error()),
              "agreement.term_invalid place=term.begins remedy=correct_value");
    term = soest();
    term.first_months = -1;
    EXPECT_EQ(describe(check(term).error()),
              "agreement.term_invalid place=term.first_months remedy=correct_value");
    term = soest();
    term.notice = {100'000, Period::Unit::days};
    EXPECT_EQ(describe(check(term).error()),
              "agreement.term_invalid place=term.notice remedy=correct_value");
}

} // namespace
} // namespace fernamt::agreements
