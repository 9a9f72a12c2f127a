// SPDX-License-Identifier: EUPL-1.2
#include "billing/finance_notices.h"
#include "billing/invoice_samples.h"
#include "billing/year_forecast.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <memory>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::Alarm;
using agreements::State;
using std::chrono::minutes;

Instant on(const LocalDate &date) {
    return to_instant(date, 9 * 3600);
}

class YearForecastTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { ledger_ = ledger::Ledger::open(db()).value(); }
    void TearDown() override { ledger_.reset(); }

    // Signed and thereby in force from its first day on.
    std::int64_t in_force(const LocalDate &begins, agreements::Agreement agreement) {
        AgreementBook book(db());
        const LocalDate before = add_days(begins, -100);
        auto stored = book.create(std::move(agreement), change(before)).value();
        for (const State to : {State::resolved, State::signed_}) {
            stored =
                book.move(stored.agreement.id, stored.version, to, before, change(before)).value();
        }
        return stored.agreement.id;
    }
    // `count` calls of `talk`, evenly on the month's days.
    void calls(const Month &month, int count, Duration talk) {
        std::vector<ledger::NewEntry> entries;
        const int days = last_day(month).day;
        for (int i = 0; i < count; ++i) {
            const CallFact fact =
                call(++next_, at({month.year, month.month, 1 + i * days / count}), talk);
            entries.push_back(end_entry(kLangenhagen, fact, fact.offered_at + talk));
        }
        (void)ledger_->append_and_wait(std::move(entries)).value();
    }
    YearForecast seen(const LocalDate &day) {
        auto forecast = year_forecast(db(), kLangenhagen, 2026, on(day));
        EXPECT_TRUE(forecast) << describe(forecast.error());
        return forecast.value_or(YearForecast{});
    }
    std::unique_ptr<ledger::Ledger> ledger_;
    std::int64_t next_ = 0;
};

// 0.95 EUR a minute, 31 calls a day of 2 minutes: a town that joined on July 1.
TEST_P(YearForecastTest, TheMonthsBeforeJoiningAreNoMonthsWithoutCalls) {
    in_force({2026, 7, 1}, agreements::samples::agreement({2026, 7, 1}));
    calls({2026, 7}, 1'240, minutes{2});
    calls({2026, 8}, 1'240, minutes{2});
    const YearForecast forecast = seen({2026, 9, 5});
    ASSERT_EQ(forecast.months.size(), 2U);
    EXPECT_EQ(forecast.months[0].month, 7);
    EXPECT_EQ(forecast.months[0].spent, Money{1'240 * 190});
    EXPECT_EQ(forecast.months[1].month, 8);
    EXPECT_EQ(forecast.months[1].forecast, Money{6 * 1'240 * 190}) << "six months of the year";
    EXPECT_EQ(forecast.amounts[1], Money{1'240 * 190});
}

// What is flat until the minutes are used up: the money of the first months says nothing.
TEST_P(YearForecastTest, APackagesOverageIsSeenBeforeItComes) {
    auto agreement = agreements::samples::agreement();
    agreements::Package package;
    package.per_year = Money{2'500'000};
    package.included_minutes = 15'000;
    package.overage_per_minute = Price{1'590'000};
    agreement.prices[0].model = package;
    in_force({2026, 1, 1}, agreement);
    calls({2026, 1}, 1'200, minutes{3});
    calls({2026, 2}, 1'200, minutes{3});
    const YearForecast forecast = seen({2026, 3, 2});
    EXPECT_EQ(forecast.budget, Money{2'500'000});
    ASSERT_EQ(forecast.months.size(), 2U);
    EXPECT_EQ(forecast.months[1].spent, Money{416'667});
    // 14,400 calls of 3 minutes, 28,200 minutes beyond the package.
    EXPECT_EQ(forecast.months[1].forecast, Money{2'500'000 + 28'200 * 159});
    EXPECT_EQ(forecast.months[1].alarm, Alarm::warning);
}

TEST_P(YearForecastTest, ACapIsNotExtrapolatedBeyondItself) {
    auto agreement = agreements::samples::agreement();
    auto cap = agreement.prices[0];
    cap.name = "Obergrenze";
    cap.model = agreements::InhabitantCap{{{1, Price{40'000}}}}; // 30,000 inhabitants: 1,200 EUR
    agreement.prices.push_back(cap);
    in_force({2026, 1, 1}, agreement);
    calls({2026, 1}, 310, minutes{2});
    EXPECT_EQ(seen({2026, 2, 1}).months.at(0).forecast, Money{120'000});
}

TEST_P(YearForecastTest, VatIsCostToATown) {
    auto agreement = agreements::samples::agreement();
    agreement.taxes[0].value = {agreements::TaxCategory::standard, 19, "§ 1 UStG"};
    in_force({2026, 1, 1}, agreement);
    calls({2026, 1}, 310, minutes{2});
    EXPECT_EQ(seen({2026, 2, 1}).months.at(0).spent, Money{310 * 190 * 119 / 100});
}

TEST_P(YearForecastTest, TheYearBeforeTellsHowMonthsDiffer) {
    in_force({2025, 1, 1}, agreements::samples::agreement({2025, 1, 1}));
    for (int month = 1; month <= 12; ++month)
        calls({2025, month}, month == 2 ? 60 : 20, minutes{1}); // carnival
    calls({2026, 1}, 100, minutes{1});
    // January was a 14th of the year before.
    EXPECT_EQ(seen({2026, 2, 1}).months.at(0).forecast, Money{14 * 100 * 95});
}

TEST_P(YearForecastTest, OnlyWhatIsInForceHasABudget) {
    AgreementBook book(db());
    auto draft = agreements::samples::agreement();
    ASSERT_TRUE(book.create(draft, change({2025, 9, 1})));
    EXPECT_EQ(budget_of(db(), kLangenhagen, 2026).value(), std::nullopt);
    in_force({2026, 1, 1}, agreements::samples::agreement());
    EXPECT_EQ(budget_of(db(), kLangenhagen, 2026).value(), Money{2'500'000});
}

TEST_P(YearForecastTest, FinanceIsToldOncePerThreshold) {
    auto agreement = agreements::samples::agreement();
    agreement.budgets[0].amount = Money{400'000};
    in_force({2026, 1, 1}, agreement);
    ASSERT_TRUE(InvoiceBook(db()).set_party(InvoiceBook::kCentre, centre()));
    ASSERT_TRUE(InvoiceBook(db()).set_party(kLangenhagen, town()));
    calls({2026, 1}, 310, minutes{2});
    std::vector<std::string> to;
    bool works = true;
    const auto send = [&](const LocalDate &day) {
        to.clear();
        EXPECT_EQ(watch_budgets(db(), on(day)), 0);
        return send_notices(
            db(), on(day),
            [&](const std::string &address, const std::string &,
                const std::string &) -> Expected<void> {
                if (!works) return fail(ProblemKind::unavailable, "mail.unreachable");
                to.push_back(address);
                return {};
            },
            "https://fernamt.example.de");
    };
    ASSERT_TRUE(send({2026, 2, 2}));
    EXPECT_TRUE(to.empty()) << "one month may be chance";
    const auto notices = finance_notices(db(), kLangenhagen, on({2026, 2, 2})).value();
    ASSERT_EQ(notices.budgets.size(), 1U) << "but it is shown";
    EXPECT_EQ(notices.budgets[0].alarm, Alarm::watch);
    EXPECT_EQ(notices.budgets[0].forecast, Money{12 * 310 * 190});
    EXPECT_TRUE(finance_notices(db(), kWedemark, on({2026, 2, 2}))->budgets.empty());

    calls({2026, 2}, 310, minutes{2});
    works = false;
    EXPECT_EQ(send({2026, 3, 2})->failed, 2);
    works = true;
    ASSERT_TRUE(send({2026, 3, 2}));
    EXPECT_EQ(to, (std::vector<std::string>{centre().email, town().email}));
    ASSERT_TRUE(send({2026, 3, 3}));
    EXPECT_TRUE(to.empty()) << "told already";
    for (int month = 3; month <= 7; ++month)
        calls({2026, month}, 310, minutes{2});
    ASSERT_TRUE(send({2026, 8, 3}));
    EXPECT_EQ(to.size(), 2U) << "exceeded is another threshold";
}

// Two years, then from year to year with six months' notice: reminded 180, 90 and 30 days before.
TEST_P(YearForecastTest, AnAgreementsNoticePeriodIsRemembered) {
    const std::int64_t id = in_force({2025, 1, 1}, agreements::samples::agreement({2025, 1, 1}));
    ASSERT_TRUE(InvoiceBook(db()).set_party(InvoiceBook::kCentre, centre()));
    int sent = 0;
    const auto send = [&](const LocalDate &day) {
        sent = 0;
        return send_notices(
            db(), on(day),
            [&](const std::string &, const std::string &, const std::string &) -> Expected<void> {
                ++sent;
                return {};
            },
            "");
    };
    EXPECT_TRUE(finance_notices(db(), std::nullopt, on({2025, 6, 1}))->agreements.empty());
    const auto due = finance_notices(db(), std::nullopt, on({2026, 4, 10})).value();
    ASSERT_EQ(due.agreements.size(), 1U);
    EXPECT_EQ(due.agreements[0].agreement, id);
    EXPECT_EQ(due.agreements[0].last_day, (LocalDate{2026, 12, 31}));
    EXPECT_EQ(due.agreements[0].notice_until, (LocalDate{2026, 6, 30}));
    ASSERT_TRUE(send({2026, 4, 10}));
    EXPECT_EQ(sent, 1);
    ASSERT_TRUE(send({2026, 4, 11}));
    EXPECT_EQ(sent, 0);
    ASSERT_TRUE(send({2026, 6, 2}));
    EXPECT_EQ(sent, 1) << "the last of the three";
}

FERNAMT_ON_EVERY_ENGINE(YearForecastTest);

} // namespace
} // namespace fernamt::billing
