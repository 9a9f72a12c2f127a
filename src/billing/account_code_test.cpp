// SPDX-License-Identifier: EUPL-1.2
// Product and cost centre where a treasury looks for them: on the letter, in the XRechnung, in the
// journal, each by the year of its service; and nowhere on what was issued before they were kept.
#include "billing/account_code.h"
#include "billing/invoice_pdf.h"
#include "billing/invoice_rows.h"
#include "billing/invoice_samples.h"
#include "billing/journal.h"
#include "billing/pdf_reading.h"
#include "billing/xrechnung.h"
#include "ledger/entry_hash.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::minutes;

std::string text_of(const Document &document) {
    return samples::text_of(to_pdf(document, {}).value());
}

std::size_t count_of(const std::string &text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

TEST(AccountCode, OneTextForTheStandardAndWordsForPeople) {
    const AccountCode both{{2026, 1, 1}, {2026, 12, 31}, "01.17.01", "4711"};
    const AccountCode product{{2026, 1, 1}, {2026, 12, 31}, "11109", ""};
    const AccountCode centre{{2026, 1, 1}, {2026, 12, 31}, "", "4711"};
    EXPECT_EQ(reference_of(both), "01.17.01/4711");
    EXPECT_EQ(reference_of(product), "11109");
    EXPECT_EQ(reference_of(centre), "/4711");
    EXPECT_EQ(german_words(both), "Produkt 01.17.01, Kostenstelle 4711");
    EXPECT_EQ(german_words(product), "Produkt 11109");
    EXPECT_EQ(german_words(centre), "Kostenstelle 4711");
}

TEST(AccountCode, YearsThatSayTheSameAreOneAndOthersAreNot) {
    const auto codes = joined({{{2027, 1, 1}, {2027, 12, 31}, "1", "a"},
                               {{2026, 3, 1}, {2026, 12, 31}, "1", "a"},
                               {{2028, 1, 1}, {2028, 12, 31}, "2", "a"},
                               {{2030, 1, 1}, {2030, 12, 31}, "2", "a"}});
    ASSERT_EQ(codes.size(), 3u);
    EXPECT_EQ(codes[0], (AccountCode{{2026, 3, 1}, {2027, 12, 31}, "1", "a"}));
    EXPECT_EQ(code_of(codes, {2026, 12, 1}, {2027, 1, 31}), &codes[0]);
    EXPECT_EQ(code_of(codes, {2026, 1, 1}, {2026, 3, 31}), &codes[0]); // begins in mid-month
    EXPECT_EQ(code_of(codes, {2027, 12, 1}, {2028, 1, 31}), nullptr);  // two
    EXPECT_EQ(code_of(codes, {2029, 1, 1}, {2029, 12, 31}), nullptr);  // none
}

class AccountCodes : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { ledger_ = ledger::Ledger::open(db()).value(); }
    InvoiceBook book() { return InvoiceBook(db()); }
    void add_call(const LocalDate &date, int talk_minutes) {
        const CallFact fact = call(++calls_, at(date, 12), minutes{talk_minutes});
        (void)ledger_
            ->append_and_wait({offered_entry(kLangenhagen, fact.call, fact.offered_at),
                               end_entry(kLangenhagen, fact, fact.offered_at + minutes{61})})
            .value();
    }
    static agreements::Agreement agreed() {
        auto agreement = agreements::samples::agreement();
        agreement.municipality = kLangenhagen;
        agreement.budgets = {{2026, Money{2'500'000}, "01.17.01", "4711"},
                             {2027, Money{2'600'000}, "=11109", ""},
                             {2028, Money{2'700'000}, "", ""}};
        return agreement;
    }

    std::unique_ptr<ledger::Ledger> ledger_;
    std::int64_t calls_ = 0;
};
FERNAMT_ON_EVERY_ENGINE(AccountCodes);

TEST_P(AccountCodes, StandOnEachDocumentByTheYearOfItsService) {
    set_up(db(), agreed());
    add_call({2026, 12, 3}, 10);
    const Document december =
        book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}))->document;
    const std::string xml = to_xrechnung(december).value();
    EXPECT_NE(xml.find("<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\n "
                       "<cbc:AccountingCost>01.17.01/4711</cbc:AccountingCost>\n "
                       "<cbc:BuyerReference>"), // the order of the UBL schema
              std::string::npos)
        << xml;
    EXPECT_EQ(count_of(xml, "AccountingCost>"), 2u) << "the lines are booked as the document";
    EXPECT_NE(text_of(december).find("Ihre Buchung: Produkt 01.17.01, Kostenstelle 4711."),
              std::string::npos);

    add_call({2026, 12, 4}, 20); // became known after the invoice
    add_call({2027, 1, 5}, 30);
    const Document january = book().issue(kLangenhagen, {2027, 1}, change({2027, 2, 2}))->document;
    ASSERT_EQ(january.corrected, std::vector<std::string>{"2026-12"});
    const std::string mixed = to_xrechnung(january).value();
    EXPECT_NE(mixed.find("<cbc:AccountingCost>=11109</cbc:AccountingCost>\n <cbc:BuyerReference>"),
              std::string::npos)
        << mixed;
    const auto line = mixed.find("<cbc:AccountingCost>01.17.01/4711<");
    ASSERT_NE(line, std::string::npos) << mixed;
    EXPECT_GT(line, mixed.find("<cac:InvoiceLine>")); // in its line, after the header
    EXPECT_LT(mixed.rfind("<cbc:LineExtensionAmount", line), line);
    EXPECT_NE(text_of(january).find("Ihre Buchung: Produkt =11109; Nr. 2 Produkt 01.17.01"),
              std::string::npos)
        << text_of(january);

    const std::string journal = journal_csv(book().list(kLangenhagen).value());
    EXPECT_NE(journal.find(";Pruefsumme;Produkt;Kostenstelle\r\n"), std::string::npos);
    EXPECT_NE(journal.find(december.evidence_root + ";01.17.01;4711\r\n"), std::string::npos);
    EXPECT_NE(journal.find(january.evidence_root + ";01.17.01, =11109;4711\r\n"), std::string::npos)
        << journal;
}

TEST_P(AccountCodes, StayAsTheyWereIssuedAndGoWithWhatIsTakenBack) {
    set_up(db(), agreed());
    add_call({2026, 12, 3}, 10);
    const auto advance =
        book().issue_advance(kLangenhagen, {2026, 11}, Money{1'000}, change({2026, 11, 2}));
    ASSERT_TRUE(advance) << describe(advance.error());
    EXPECT_EQ(reference_of(*code_of(advance->document)), "01.17.01/4711");
    const Document issued = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}))->document;
    AgreementBook agreements(db());
    auto stored = agreements.list(kLangenhagen)->front();
    stored.agreement.budgets.push_back({2029, Money{1}, "9", "9"});
    ASSERT_TRUE(agreements.update(stored.agreement, stored.version, change({2027, 1, 5})));
    EXPECT_EQ(book().find(issued.number).value(), issued);
    const auto taken_back = book().cancel(issued.number, change({2027, 1, 6}, "Probe"));
    ASSERT_TRUE(taken_back) << describe(taken_back.error());
    EXPECT_EQ(taken_back->document.codes, issued.codes);
}

TEST_P(AccountCodes, AreNotNumberedOnADocumentThatCouldNotBeSent) {
    set_up(db(), agreed());
    add_call({2026, 12, 3}, 10);
    Party wrong = centre();
    wrong.iban = "DE88370400440532013000";
    ASSERT_TRUE(book().set_party(InvoiceBook::kCentre, wrong));
    const auto refused = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "xrechnung.rule_broken");
    EXPECT_TRUE(book().list(kLangenhagen)->empty());
    ASSERT_TRUE(book().set_party(InvoiceBook::kCentre, centre()));
    const auto issued = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}));
    ASSERT_TRUE(issued) << describe(issued.error());
    EXPECT_EQ(issued->document.number, "R2027-000001") << "no number is used up";
}

// A document as it was stored before codes were kept: read, written and printed as ever.
TEST_P(AccountCodes, AreNotOnWhatWasIssuedBeforeTheyWereKept) {
    auto without = agreed();
    without.budgets = {{2026, Money{2'500'000}, "", ""}};
    set_up(db(), without);
    add_call({2026, 12, 3}, 10);
    Document document = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4}))->document;
    const std::string stored = to_json(document);
    EXPECT_EQ(stored.find("codes"), std::string::npos);
    const Document again = document_from(stored).value();
    EXPECT_EQ(to_json(again), stored);
    EXPECT_EQ(to_xrechnung(again)->find("AccountingCost"), std::string::npos);
    EXPECT_EQ(text_of(again).find("Ihre Buchung"), std::string::npos);
    document.codes = {{{2026, 1, 1}, {2026, 12, 31}, "01.17.01", "4711"}};
    EXPECT_EQ(document_from(to_json(document)).value(), document);
}

} // namespace
} // namespace fernamt::billing
