// SPDX-License-Identifier: EUPL-1.2
// Months that cost something else after they were invoiced: late facts, prices agreed for past
// days, documents issued and cancelled in any order, another VAT. What was issued stays as it is to
// the byte, and what all documents come to is what the months are rated at.
#include "billing/evidence_table.h"
#include "billing/invoice.h"
#include "billing/invoice_pdf.h"
#include "billing/invoice_samples.h"
#include "billing/journal.h"
#include "billing/standard_price.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::CorrectionReason;
using agreements::State;
using std::chrono::minutes;
using std::chrono::seconds;

class CorrectedMonths : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        ledger_ = ledger::Ledger::open(db()).value();
        ASSERT_TRUE(book().set_party(InvoiceBook::kCentre, centre()));
        ASSERT_TRUE(book().set_party(kLangenhagen, town()));
    }
    InvoiceBook book() { return InvoiceBook(db()); }
    AgreementBook agreements() { return AgreementBook(db()); }

    StoredAgreement sign(agreements::Agreement agreement, const LocalDate &recorded = {2025, 11, 1},
                         const LocalDate &signed_on = {2025, 11, 1}) {
        auto stored = agreements().create(std::move(agreement), change({2025, 9, 1})).value();
        stored = agreements()
                     .move(stored.agreement.id, stored.version, State::resolved, {2025, 10, 1},
                           change(recorded))
                     .value();
        return agreements()
            .move(stored.agreement.id, stored.version, State::signed_, signed_on, change(recorded))
            .value();
    }
    std::int64_t price(const LocalDate &from, Price per_minute_price) {
        StandardPrice standard = per_minute(per_minute_price);
        standard.id = 0;
        standard.valid_from = from;
        return add_price(db(), standard).value();
    }
    // A call of so many minutes at noon.
    void add_call(const LocalDate &date, int talk_minutes,
                  MunicipalityId municipality = kLangenhagen) {
        const CallFact fact = call(++calls_, at(date, 12), minutes{talk_minutes});
        (void)ledger_
            ->append_and_wait({offered_entry(municipality, fact.call, fact.offered_at),
                               end_entry(municipality, fact, fact.offered_at + minutes{61})})
            .value();
    }
    Issued issue(const Month &month, const LocalDate &on) {
        auto issued = book().issue(kLangenhagen, month, change(on));
        EXPECT_TRUE(issued) << describe(issued.error());
        return issued.value();
    }
    std::string bytes(const Document &document) {
        const auto evidence = book().evidence(document);
        if (!evidence) return describe(evidence.error());
        const auto table = evidence_table(*evidence).value();
        return to_json(document, *evidence) + to_csv(table) + to_pdf(document, table).value();
    }
    // What all documents together bill, and what the months are rated at now.
    Money billed(MunicipalityId municipality = kLangenhagen) {
        Money sum;
        const auto documents = book().list(municipality).value();
        for (const Document &document : documents)
            sum = sum + effect_of(document, document.net);
        return sum;
    }
    Money rated(const Month &first, const Month &last, MunicipalityId municipality = kLangenhagen) {
        Money sum;
        for (Month month = first; month <= last; month = next(month)) {
            const auto invoice = make_invoice(db(), municipality, month);
            EXPECT_TRUE(invoice) << describe(invoice.error());
            sum = sum + invoice->total;
        }
        return sum;
    }
    static std::vector<CorrectionReason> reasons(const Issued &issued) {
        std::vector<CorrectionReason> found;
        for (const EvidenceCorrection &each : issued.evidence.corrections) {
            for (const auto &line : each.lines)
                found.push_back(line.reason);
        }
        return found;
    }

    std::unique_ptr<ledger::Ledger> ledger_;
    std::int64_t calls_ = 0;
};

FERNAMT_ON_EVERY_ENGINE(CorrectedMonths);

// ---- prices agreed for days that have been invoiced --------------------------------------------

TEST_P(CorrectedMonths, APriceThatEndsOnAPastDayChangesNoIssuedByte) {
    const auto old = price({2026, 1, 1}, Price{950'000});
    add_call({2026, 11, 10}, 1);
    add_call({2026, 11, 20}, 1);
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    const std::string before = bytes(november.document);
    ASSERT_TRUE(end_price(db(), old, {2026, 11, 15}));
    (void)price({2026, 11, 16}, Price{2'000'000});
    EXPECT_EQ(bytes(november.document), before);
    const Issued december = issue({2026, 12}, {2027, 1, 4});
    EXPECT_EQ(reasons(december), std::vector{CorrectionReason::price_changed});
    EXPECT_EQ(december.document.net, Money{105});
    EXPECT_EQ(billed(), rated({2026, 11}, {2026, 12}));
    EXPECT_EQ(bytes(november.document), before);
    const auto verdict = verify_invoice(to_json(december.document, december.evidence));
    EXPECT_TRUE(verdict && verdict->findings.empty()) << describe(*verdict);
}

TEST_P(CorrectedMonths, AnAgreementThatIsSignedLateComesAsACorrection) {
    (void)price({2026, 1, 1}, Price{950'000});
    add_call({2026, 11, 10}, 1);
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    const std::string before = bytes(november.document);
    auto agreement = agreements::samples::agreement({2026, 11, 1});
    agreement.municipality = kLangenhagen;
    agreement.prices[0].model = agreements::samples::per_minute(Price{1'590'000});
    (void)sign(agreement, {2026, 12, 5}, {2026, 10, 20});
    EXPECT_EQ(bytes(november.document), before);
    const Issued december = issue({2026, 12}, {2027, 1, 4});
    EXPECT_EQ(reasons(december), std::vector{CorrectionReason::price_changed});
    EXPECT_EQ(december.evidence.corrections[0].lines[0].before->clause,
              "Gesprächsminuten ab 2026-01-01");
    EXPECT_EQ(december.document.net, Money{159 - 95});
    EXPECT_EQ(billed(), rated({2026, 11}, {2026, 12}));
    EXPECT_EQ(bytes(november.document), before);
    EXPECT_EQ(book().evidence(december.document).value(), december.evidence);
}

TEST_P(CorrectedMonths, APopulationThatIsDatedBackComesAsACorrection) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    agreement.prices.push_back(agreements::samples::clause(
        "Grundbetrag", {2026, 1, 1}, agreements::InhabitantBase{Price{1'200'000}}));
    const auto stored = sign(agreement);
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    EXPECT_EQ(november.document.net, Money{300'000}); // 30,000 x 1.20 / 12
    const std::string before = bytes(november.document);
    auto changed = stored.agreement;
    changed.populations.push_back({{2026, 11, 1}, {2026, 9, 30}, 31'000, "register of the test"});
    const auto updated =
        agreements().update(changed, stored.version, change({2026, 12, 5}, "Fortschreibung"));
    ASSERT_TRUE(updated) << describe(updated.error());
    EXPECT_EQ(bytes(november.document), before);
    const Issued december = issue({2026, 12}, {2027, 1, 4});
    EXPECT_EQ(reasons(december), std::vector{CorrectionReason::clause_total});
    EXPECT_EQ(billed(), rated({2026, 11}, {2026, 12}));
}

// There is no next invoice: the correction is a document of its own.
TEST_P(CorrectedMonths, AnAgreementThatEndedOnAPastDayIsCorrectedAlone) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    agreement.prices.push_back(agreements::samples::clause("Grundbetrag", {2026, 1, 1},
                                                           agreements::FixedBase{Money{120'000}}));
    const auto stored = sign(agreement);
    add_call({2026, 11, 25}, 2);
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    EXPECT_EQ(november.document.net, Money{10'190});
    const std::string before = bytes(november.document);
    ASSERT_TRUE(agreements().move(stored.agreement.id, stored.version, State::ended, {2026, 11, 15},
                                  change({2026, 12, 5}, "einvernehmlich")));
    EXPECT_EQ(bytes(november.document), before);
    const auto issued = book().correct(kLangenhagen, change({2026, 12, 6}));
    ASSERT_TRUE(issued) << describe(issued.error());
    ASSERT_EQ(issued->size(), 1U);
    const Document &document = issued->front().document;
    EXPECT_EQ(document.net, Money{-5'000 - 190}); // half the month, and the call that nobody pays
    EXPECT_EQ(document.number, "R2026-000002");
    EXPECT_EQ(document.period_from, (LocalDate{2026, 11, 1}));
    ASSERT_EQ(document.notes.size(), 1U);
    EXPECT_NE(document.notes[0].find("2026-11: 1 Anrufe an Tagen ohne Vereinbarung"),
              std::string::npos);
    EXPECT_EQ(book().evidence(document).value(), issued->front().evidence);
    EXPECT_TRUE(book().correct(kLangenhagen, change({2026, 12, 7}))->empty());
    EXPECT_FALSE(book().verify()->first_broken);
}

TEST_P(CorrectedMonths, AMonthAfterAPastEndIsCreditedWholeAlsoWithAnOldPricePerMinute) {
    (void)price({2026, 1, 1}, Price{1'000'000}); // open-ended, from before the agreement
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    const auto stored = sign(agreement);
    add_call({2026, 11, 25}, 2);
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    EXPECT_EQ(november.document.net, Money{190});
    ASSERT_TRUE(agreements().move(stored.agreement.id, stored.version, State::ended, {2026, 10, 15},
                                  change({2026, 12, 5}, "einvernehmlich")));
    const auto issued = book().correct(kLangenhagen, change({2026, 12, 6}));
    ASSERT_TRUE(issued) << describe(issued.error());
    ASSERT_EQ(issued->size(), 1U);
    EXPECT_EQ(issued->front().document.net, Money{-190});
    EXPECT_TRUE(book().correct(kLangenhagen, change({2026, 12, 7}))->empty());
}

// ---- two agreements at once --------------------------------------------------------------------

TEST_P(CorrectedMonths, ASecondAgreementForTheSameDaysIsNotSigned) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    const auto first = sign(agreement);
    agreement.term.begins = {2026, 7, 1};
    agreement.prices[0].from = {2026, 7, 1};
    auto second = agreements().create(agreement, change({2026, 5, 1})).value();
    second = agreements()
                 .move(second.agreement.id, second.version, State::resolved, {2026, 5, 2},
                       change({2026, 5, 2}))
                 .value();
    const auto sign_second = [&] {
        return agreements().move(second.agreement.id, second.version, State::signed_, {2026, 6, 1},
                                 change({2026, 6, 1}));
    };
    const auto refused = sign_second();
    ASSERT_FALSE(refused);
    EXPECT_EQ(describe(refused.error()),
              "agreement.price_overlap place=6.term other=1 later=2 from=2026-07-01 to= "
              "remedy=end_the_earlier_one");
    ASSERT_TRUE(agreements().move(first.agreement.id, first.version, State::ended, {2026, 6, 30},
                                  change({2026, 6, 1}, "abgelöst")));
    EXPECT_TRUE(sign_second());
    add_call({2026, 6, 30}, 1);
    add_call({2026, 7, 1}, 1);
    EXPECT_EQ(rated({2026, 6}, {2026, 7}), Money{190});
}

// As a database of before the check may hold them.
TEST_P(CorrectedMonths, TwoAgreementsInForceAtOnceAreRefusedNotBilledTwice) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    (void)sign(agreement);
    const auto second = agreements().create(agreement, change({2025, 9, 1})).value();
    auto forged = second.agreement;
    forged.history = agreements().find(1)->agreement.history;
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("UPDATE agreement_record SET document = $1 WHERE id = $2",
                                         {to_document(forged), second.agreement.id});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    add_call({2026, 11, 10}, 1);
    const auto refused = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(describe(refused.error()),
              "agreement.price_overlap place=6.term other=1 later=2 from=2026-11-01 "
              "to=2026-11-30 remedy=end_the_earlier_one");
    EXPECT_EQ(make_invoice(db(), kLangenhagen, {2026, 11}).error().code, "agreement.price_overlap");
    // The way out is open.
    EXPECT_TRUE(agreements().move(2, second.version, State::ended, {2025, 12, 31},
                                  change({2026, 12, 1}, "doppelt")));
    EXPECT_EQ(issue({2026, 11}, {2026, 12, 1}).document.net, Money{95});
}

// ---- late facts, documents in any order --------------------------------------------------------

TEST_P(CorrectedMonths, AForgottenMonthThatIsIssuedLateLosesNoFactOfAnother) {
    (void)price({2026, 1, 1}, Price{1'000'000});
    add_call({2026, 10, 5}, 1);
    add_call({2026, 11, 5}, 1);
    (void)issue({2026, 11}, {2026, 12, 1});
    add_call({2026, 11, 6}, 2); // late
    const Issued october = issue({2026, 10}, {2026, 12, 2});
    EXPECT_EQ(october.document.corrected, std::vector<std::string>{"2026-11"});
    add_call({2026, 10, 6}, 4); // late
    (void)issue({2026, 12}, {2027, 1, 4});
    EXPECT_EQ(billed(), Money{800});
    EXPECT_EQ(billed(), rated({2026, 10}, {2026, 12}));
}

TEST_P(CorrectedMonths, CancellingAndIssuingAnewCorrectsNothingTwice) {
    (void)price({2026, 1, 1}, Price{1'000'000});
    add_call({2026, 10, 5}, 1);
    (void)issue({2026, 10}, {2026, 11, 2});
    add_call({2026, 10, 6}, 2); // late
    const Issued november = issue({2026, 11}, {2026, 12, 1});
    EXPECT_EQ(november.document.net, Money{200});
    ASSERT_TRUE(book().cancel(november.document.number, change({2026, 12, 2}, "Anschrift")));
    EXPECT_EQ(issue({2026, 12}, {2027, 1, 4}).document.net, Money{200});
    EXPECT_EQ(issue({2026, 11}, {2027, 1, 5}).document.net, Money{0});
    EXPECT_EQ(billed(), Money{300});
    // The other way round: the first one is cancelled while a later one corrects it.
    ASSERT_TRUE(book().cancel("R2026-000001", change({2027, 1, 6}, "Anschrift")));
    EXPECT_EQ(issue({2026, 10}, {2027, 1, 7}).document.net, Money{100});
    EXPECT_EQ(billed(), Money{300});
    EXPECT_TRUE(book().correct(kLangenhagen, change({2027, 1, 8}))->empty());
}

TEST_P(CorrectedMonths, WhatIsTooOldIsCountedAndSaid) {
    (void)price({2025, 1, 1}, Price{1'000'000});
    (void)issue({2025, 10}, {2025, 11, 3});
    add_call({2025, 10, 6}, 2);
    const Issued december = issue({2026, 12}, {2027, 1, 4});
    EXPECT_TRUE(december.evidence.corrections.empty());
    ASSERT_EQ(december.document.notes.size(), 1U);
    EXPECT_NE(december.document.notes[0].find("länger als zwölf Monate her: 2025-10 (1 Anruf)"),
              std::string::npos)
        << december.document.notes[0];
}

// Years of late facts, issues, cancellations and prices dated back, in random order.
TEST_P(CorrectedMonths, TheSumOfTheDocumentsIsTheSumOfTheRatedMonths) {
    using agreements::KindSet;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        const auto up_to = [&](unsigned count) { return static_cast<int>(random() % count); };
        const MunicipalityId municipality{32410020000 + seed};
        ASSERT_TRUE(book().set_party(municipality, town()));
        auto agreement = agreements::samples::agreement();
        agreement.municipality = municipality;
        agreements::Package package;
        package.per_year = Money{120'000};
        package.included_minutes = 20;
        package.overage_per_minute = Price{1'590'000};
        agreement.prices = {
            agreements::samples::clause("Paket", {2026, 1, 1}, package),
            agreements::samples::clause("Grundbetrag", {2026, 1, 1},
                                        agreements::InhabitantBase{Price{1'250'000}}),
            agreements::samples::clause("Deckel", {2026, 1, 1},
                                        agreements::InhabitantCap{{{1, Price{5'000}}}})};
        std::int64_t version = sign(agreement).version;
        const auto random_month = [&] { return Month{2026, 1 + up_to(4)}; };
        for (int step = 0; step < 30; ++step) {
            const Change now = change({2026, 6, 1 + step}, "Probe");
            switch (up_to(6)) {
            case 0:
            case 1: {
                const Month month = random_month();
                add_call({month.year, month.month, 1 + up_to(28)}, 1 + up_to(12), municipality);
                break;
            }
            case 2:
            case 3:
                (void)book().issue(municipality, random_month(), now).has_value();
                break;
            case 4: {
                InvoiceBook invoices(db());
                const auto documents = standing_documents(invoices, municipality).value();
                if (documents.empty()) break;
                const auto &one = documents[random() % documents.size()];
                ASSERT_TRUE(book().cancel(one.number, now));
                break;
            }
            default: {
                auto stored = agreements().list(municipality)->front();
                const LocalDate from{2026, 1 + up_to(4), 2 + step % 27};
                auto &populations = stored.agreement.populations;
                if (populations.back().from >= from) break;
                populations.push_back({from, {2025, 12, 31}, 30'000 + step, "register"});
                const auto updated = agreements().update(stored.agreement, version, now);
                ASSERT_TRUE(updated) << describe(updated.error());
                version = updated->version;
            }
            }
        }
        const Change end = change({2026, 7, 1}, "Probe");
        for (int month = 1; month <= 4; ++month)
            (void)book().issue(municipality, {2026, month}, end).has_value();
        ASSERT_TRUE(book().correct(municipality, end));
        EXPECT_EQ(billed(municipality), rated({2026, 1}, {2026, 4}, municipality));
        EXPECT_TRUE(book().correct(municipality, end)->empty());
        const auto documents = book().list(municipality).value();
        for (const Document &document : documents) {
            const auto evidence = book().evidence(document);
            EXPECT_TRUE(evidence) << document.number << " " << describe(evidence.error());
        }
    }
}

// ---- VAT ---------------------------------------------------------------------------------------

agreements::Agreement taxed_from(const LocalDate &from) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    agreement.prices[0].model = agreements::samples::per_minute(Price{1'000'000});
    agreement.taxes[0].to = add_days(from, -1);
    agreement.taxes.push_back(
        {from, std::nullopt, {agreements::TaxCategory::standard, 19, "§ 2b Abs. 3 UStG"}});
    return agreement;
}

TEST_P(CorrectedMonths, ACorrectionKeepsTheTaxOfItsMonth) {
    (void)sign(taxed_from({2027, 1, 1}));
    add_call({2026, 12, 7}, 1);
    (void)issue({2026, 12}, {2027, 1, 4});
    add_call({2026, 12, 8}, 3); // late
    add_call({2027, 1, 8}, 10);
    const Issued january = issue({2027, 1}, {2027, 2, 1});
    EXPECT_EQ(january.document.tax.rate_percent, 19);
    EXPECT_EQ(january.document.net, Money{1'000});
    EXPECT_EQ(january.document.vat, Money{190});
    ASSERT_EQ(january.document.notes.size(), 1U);
    EXPECT_NE(january.document.notes[0].find("2026-12 stehen auf einer eigenen Rechnung"),
              std::string::npos);
    const auto documents = book().list(kLangenhagen).value();
    ASSERT_EQ(documents.size(), 3U);
    EXPECT_EQ(documents[2].tax.category, agreements::TaxCategory::not_taxable);
    EXPECT_EQ(documents[2].net, Money{300});
    EXPECT_EQ(documents[2].vat, Money{});
    EXPECT_EQ(documents[2].corrected, std::vector<std::string>{"2026-12"});
    EXPECT_TRUE(book().evidence(documents[2]));
}

TEST_P(CorrectedMonths, AYearWithAnotherTaxInItsMiddleIsSettledInTwoParts) {
    (void)sign(taxed_from({2026, 7, 1}));
    add_call({2026, 3, 2}, 1);
    add_call({2026, 9, 7}, 10);
    const auto advance = [&](int month, std::int64_t cents) {
        return book()
            .issue_advance(kLangenhagen, {2026, month}, Money{cents}, change({2026, month, 1}))
            .value()
            .document;
    };
    EXPECT_EQ(advance(2, 50).gross, Money{50});
    EXPECT_EQ(advance(8, 500).gross, Money{595});
    const auto settle = [&] { return book().settle(kLangenhagen, 2026, change({2027, 1, 11})); };
    const auto first = settle();
    ASSERT_TRUE(first) << describe(first.error());
    EXPECT_EQ(first->document.months.size(), 6U);
    EXPECT_EQ(first->document.gross, Money{100});
    EXPECT_EQ(first->document.prepaid, Money{50});
    const auto second = settle();
    ASSERT_TRUE(second) << describe(second.error());
    EXPECT_EQ(second->document.period_from, (LocalDate{2026, 7, 1}));
    EXPECT_EQ(second->document.gross, Money{1'190});
    EXPECT_EQ(second->document.prepaid, Money{595});
    EXPECT_EQ(settle().error().code, "invoice.already_issued");
}

TEST_P(CorrectedMonths, AMonthWithTwoTaxesIsRefusedWithARemedy) {
    (void)sign(taxed_from({2026, 11, 16}));
    const auto refused = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(describe(refused.error()),
              "invoice.tax_mixed from=2026-11-16 remedy=let_the_tax_begin_with_a_month");
}

// A month that was billed under the wrong tax, once the right one is agreed for it.
TEST_P(CorrectedMonths, AnotherTaxForABilledMonthTakesItBackWholeAndBillsItAnew) {
    (void)price({2026, 1, 1}, Price{1'000'000});
    add_call({2026, 11, 10}, 1);
    (void)issue({2026, 11}, {2026, 12, 1});
    auto agreement = taxed_from({2026, 11, 1});
    agreement.term.begins = agreement.prices[0].from = {2026, 11, 1};
    agreement.taxes.erase(agreement.taxes.begin());
    (void)sign(agreement, {2026, 12, 5}, {2026, 10, 20});
    add_call({2026, 12, 10}, 2);
    const Issued december = issue({2026, 12}, {2027, 1, 4});
    EXPECT_EQ(december.document.net, Money{300}); // with November, under 19 %
    EXPECT_EQ(december.document.vat, Money{57});
    const auto documents = book().list(kLangenhagen).value();
    ASSERT_EQ(documents.size(), 3U);
    EXPECT_EQ(documents[2].net, Money{-100});
    EXPECT_EQ(documents[2].tax.rate_percent, 0);
    EXPECT_EQ(billed(), rated({2026, 11}, {2026, 12}));
}

// ---- sums that close ---------------------------------------------------------------------------

TEST_P(CorrectedMonths, WhatStandsOnADocumentIsTakenBackBeforeIt) {
    (void)price({2026, 1, 1}, Price{1'000'000});
    add_call({2026, 11, 10}, 1);
    (void)issue({2026, 11}, {2026, 12, 1});
    ASSERT_TRUE(book().credit("R2026-000001", "Kulanz", Money{20}, change({2026, 12, 2}, "Ton")));
    const auto cancel = [&](const char *number) {
        return book().cancel(number, change({2026, 12, 3}, "Irrtum"));
    };
    EXPECT_EQ(describe(cancel("R2026-000001").error()),
              "invoice.credited number=G2026-000001 remedy=cancel_the_credit_note_first");
    EXPECT_EQ(billed(), Money{80});
    const auto again = cancel("G2026-000001");
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(again->document.net, Money{20}) << "to be paid again";
    EXPECT_EQ(billed(), Money{100});
    const std::string journal = journal_csv(book().list(kLangenhagen).value());
    EXPECT_NE(journal.find(";R2026-000001;-0,20;"), std::string::npos) << journal;
    EXPECT_NE(journal.find(";G2026-000001;0,20;"), std::string::npos) << journal;
    ASSERT_TRUE(cancel("R2026-000001"));
    EXPECT_EQ(billed(), Money{});
    EXPECT_FALSE(book().verify()->first_broken);
}

TEST_P(CorrectedMonths, AdvancesAreCreditedOnceAlsoWhenEveryMonthHasItsInvoice) {
    auto agreement = agreements::samples::agreement();
    agreement.municipality = kLangenhagen;
    (void)sign(agreement);
    const auto advance =
        book().issue_advance(kLangenhagen, {2026, 3}, Money{3'000}, change({2026, 3, 1}));
    ASSERT_TRUE(advance) << describe(advance.error());
    for (int month = 1; month <= 12; ++month)
        (void)issue({2026, month}, {2027, 1, 4});
    const auto settled = book().settle(kLangenhagen, 2026, change({2027, 1, 11}));
    ASSERT_TRUE(settled) << describe(settled.error());
    EXPECT_EQ(settled->document.payable, Money{-3'000});
    EXPECT_TRUE(settled->document.months.empty());
    EXPECT_EQ(book().evidence(settled->document).value(), Evidence{});
    EXPECT_EQ(book().settle(kLangenhagen, 2026, change({2027, 1, 12})).error().code,
              "invoice.already_issued");
    const auto cancel = [&](const std::string &number) {
        return book().cancel(number, change({2027, 1, 13}, "Irrtum"));
    };
    EXPECT_EQ(describe(cancel(advance->document.number).error()),
              "invoice.settled number=" + settled->document.number +
                  " remedy=cancel_the_settlement_first");
    EXPECT_EQ(
        book().issue_advance(kLangenhagen, {2026, 4}, Money{1}, change({2027, 1, 13})).error().code,
        "invoice.settled");
    ASSERT_TRUE(cancel(settled->document.number));
    EXPECT_TRUE(cancel(advance->document.number));
}

} // namespace
} // namespace fernamt::billing
