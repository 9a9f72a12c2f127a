// SPDX-License-Identifier: EUPL-1.2
// Days on which towns change, over the stored book: an agreement ends in mid-call, two towns become
// one, a year is paid on account and settled. What was billed once is billed once.
#include "billing/invoice_samples.h"
#include "billing/journal.h"
#include "billing/standard_price.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::State;
using std::chrono::minutes;

class BadDays : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        set_up(db());
        ledger_ = ledger::Ledger::open(db()).value();
    }
    InvoiceBook book() { return InvoiceBook(db()); }
    void end_agreement(const LocalDate &last) {
        AgreementBook agreements(db());
        const auto stored = agreements.list(kLangenhagen)->at(0);
        const auto moved = agreements.move(stored.agreement.id, stored.version, State::ended, last,
                                           change(last, "einvernehmlich"));
        ASSERT_TRUE(moved) << describe(moved.error());
    }
    void add_call(MunicipalityId municipality, std::int64_t id, Instant offered, Duration talk) {
        const CallFact fact = call(id, offered, talk);
        ASSERT_TRUE(ledger_->append_and_wait(
            {offered_entry(municipality, fact.call, offered),
             end_entry(municipality, fact, offered + Duration{5'000'000} + talk)}));
    }
    // The neighbour that takes the town over, at twice the price.
    void neighbour_agrees(const LocalDate &begins) {
        auto agreement = agreements::samples::agreement(begins);
        agreement.municipality = kWedemark;
        agreement.prices[0].model = agreements::samples::per_minute(Price{2'000'000});
        AgreementBook agreements(db());
        auto stored = agreements.create(agreement, change(add_days(begins, -90))).value();
        for (const State state : {State::resolved, State::signed_}) {
            stored = agreements
                         .move(stored.agreement.id, stored.version, state, add_days(begins, -60),
                               change(add_days(begins, -60)))
                         .value();
        }
        ASSERT_TRUE(book().set_party(kWedemark, town()));
    }

    std::unique_ptr<ledger::Ledger> ledger_;
};

FERNAMT_ON_EVERY_ENGINE(BadDays);

TEST_P(BadDays, ACallOverTheAgreementsLastMidnightIsBilledWholeAndOnce) {
    end_agreement({2026, 11, 30});
    add_call(kLangenhagen, 1, at({2026, 11, 30}, 23, 58), minutes{10});
    const auto november = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}));
    ASSERT_TRUE(november) << describe(november.error());
    EXPECT_EQ(november->document.net, Money{950}) << "ten minutes, also those in December";
    const auto december = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}));
    ASSERT_FALSE(december);
    EXPECT_EQ(december.error().code, "invoice.no_agreement");
}

TEST_P(BadDays, AnOldPricePerMinuteDoesNotComeBackWhenAnAgreementEnds) {
    StandardPrice standard = per_minute(Price{1'000'000});
    standard.id = 0;
    standard.municipality = kLangenhagen;
    ASSERT_TRUE(add_price(db(), standard)) << "open-ended, from before the agreement";
    end_agreement({2026, 11, 15});
    add_call(kLangenhagen, 1, at({2026, 11, 10}, 10), minutes{1});
    add_call(kLangenhagen, 2, at({2026, 12, 2}, 10), minutes{1});
    const auto november = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}));
    ASSERT_TRUE(november) << describe(november.error());
    EXPECT_EQ(november->document.net, Money{95});
    EXPECT_EQ(book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4})).error().code,
              "invoice.no_agreement");
}

TEST_P(BadDays, TwoTownsBecomeOneAndEachCallIsBilledOnce) {
    neighbour_agrees({2026, 12, 1});
    end_agreement({2026, 11, 30});
    add_call(kLangenhagen, 1, at({2026, 11, 30}, 10), minutes{1});
    add_call(kWedemark, 2, at({2026, 12, 1}, 10), minutes{1}); // the same number, the new town
    const auto old_town = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}));
    const auto new_town = book().issue(kWedemark, {2026, 12}, change({2027, 1, 4}));
    ASSERT_TRUE(old_town) << describe(old_town.error());
    ASSERT_TRUE(new_town) << describe(new_town.error());
    EXPECT_EQ(old_town->document.net, Money{95});
    EXPECT_EQ(new_town->document.net, Money{200});
    EXPECT_EQ(book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4})).error().code,
              "invoice.no_agreement");
    // The town that is no more keeps its documents, and its last one can still be corrected.
    EXPECT_EQ(book().list(kLangenhagen)->size(), 1u);
    EXPECT_TRUE(book().credit(old_town->document.number, "Kulanz", Money{5},
                              change({2027, 1, 5}, "Leitungsstörung")));
    EXPECT_FALSE(book().verify()->first_broken);
}

TEST_P(BadDays, AdvancesAreSettledAndTheJournalShowsEachDocument) {
    add_calls(*ledger_, {2026, 3}, 10, minutes{10}, 100); // 95.00
    (void)book().issue_advance(kLangenhagen, {2026, 1}, Money{4'000}, change({2026, 1, 5})).value();
    (void)book().issue_advance(kLangenhagen, {2026, 2}, Money{4'000}, change({2026, 2, 5})).value();
    const auto settled = book().settle(kLangenhagen, 2026, change({2027, 1, 4}));
    ASSERT_TRUE(settled) << describe(settled.error());
    EXPECT_EQ(settled->document.prepaid, Money{8'000});
    EXPECT_EQ(settled->document.payable, Money{1'500});
    const std::string csv = journal_csv(book().list().value());
    EXPECT_EQ(std::ranges::count(csv, '\n'), 4) << csv;
    EXPECT_NE(csv.find("Abschlag"), std::string::npos);
    EXPECT_NE(csv.find(";95,00;80,00;15,00;"), std::string::npos) << csv;
}

} // namespace
} // namespace fernamt::billing
