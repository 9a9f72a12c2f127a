// SPDX-License-Identifier: EUPL-1.2
// The letter as its readers meet it: by eye and by screen reader (poppler's tools stand in for
// both), and byte for byte the same.
#include "billing/invoice_pdf.h"
#include "billing/invoice_samples.h"
#include "billing/letter.h"
#include "billing/pdf_reading.h"
#include "billing/re_run_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <set>
#include <sstream>

namespace fernamt::billing {
namespace {

using namespace samples;

Document document() {
    Document made;
    made.number = "R2026-000042";
    made.period_from = {2026, 11, 1};
    made.period_to = {2026, 11, 30};
    made.issued_on = {2026, 12, 1};
    made.due_on = {2026, 12, 31};
    made.seller = centre();
    made.buyer = town();
    made.lines = {{"Minuten",
                   "12 Anrufe, 27,50 Minuten zu 0,95 €",
                   {2026, 11, 1},
                   {2026, 11, 30},
                   Money{2'613}}};
    made.tax = {agreements::TaxCategory::standard, 19, "§ 2b UStG"};
    made.ledger = {3, 77, std::string(64, 'a')};
    made.evidence_root = std::string(64, 'b');
    add_up(made);
    return made;
}

EvidenceTable calls(int count) {
    EvidenceTable table;
    for (int i = 1; i <= count; ++i) {
        table.rows.push_back({"Anruf", std::to_string(i), "2026-11-05 10:00:00", "own_number",
                              "90,5", "10", "Minuten", "101", "1,60"});
    }
    return table;
}

TEST(InvoicePdf, IsByteForByteTheSame) {
    const auto first = to_pdf(document(), calls(200));
    ASSERT_TRUE(first) << describe(first.error());
    EXPECT_EQ(*to_pdf(document(), calls(200)), *first);
    Document other = document();
    other.buyer.name = "Stadt Anderstedt";
    EXPECT_NE(*to_pdf(other, calls(200)), *first);
}

TEST(InvoicePdf, SaysWhatHasToBePaidWhenAndWhy) {
    const std::string text = read_with("pdftotext -layout", *to_pdf(document(), calls(3)));
    for (const char *said : {"Regionsstadt, Servicecenter",
                             "Stadt Musterstedt",
                             "30002 Musterstedt",
                             "R2026-000042",
                             "01.12.2026",
                             "November 2026",
                             "03241001-1234512345-06",
                             "12 Anrufe, 27,50 Minuten zu 0,95",
                             "26,13",
                             "Umsatzsteuer 19 %",
                             "4,96",
                             "31,09",
                             "31.12.2026",
                             "DE89 3704 0044 0532 0130 00",
                             "§ 2b UStG",
                             "Anlage: Nachweis je Anruf",
                             "Seite 1 von 2",
                             "Seite 2 von 2",
                             "05.11.2026 10:00:00",
                             "eigene"}) {
        EXPECT_NE(text.find(said), std::string::npos) << said << "\n" << text;
    }
    EXPECT_EQ(text.find("ENTWURF"), std::string::npos);
}

TEST(InvoicePdf, ADraftSaysSoOnEveryPage) {
    Document draft = document();
    draft.number.clear();
    const std::string text = read_with("pdftotext", *to_pdf(draft, calls(3)));
    const std::size_t first = text.find("ENTWURF");
    ASSERT_NE(first, std::string::npos);
    EXPECT_NE(text.find("ENTWURF", first + 1), std::string::npos);
}

// ISO 14289-1 as far as tools of this machine see it: title, language, structure with header cells.
TEST(InvoicePdf, AScreenReaderFindsTitleLanguageHeadingsAndTables) {
    const std::string pdf = *to_pdf(document(), calls(60));
    const std::string info = read_with("pdfinfo", pdf);
    EXPECT_NE(info.find("Title:           Rechnung R2026-000042"), std::string::npos) << info;
    EXPECT_NE(info.find("Tagged:          yes"), std::string::npos) << info;
    EXPECT_NE(info.find("(A4)"), std::string::npos) << info;
    const std::string structure = read_with("pdfinfo -struct-text", pdf);
    EXPECT_NE(structure.find("H1"), std::string::npos) << structure;
    EXPECT_NE(structure.find("Rechnung: telefonischer Bürgerservice, November 2026"),
              std::string::npos)
        << structure;
    EXPECT_NE(structure.find("/Scope /Column"), std::string::npos) << structure;
    // The head that is repeated on the second page is for the eye only.
    std::size_t heads = 0;
    for (std::size_t at = 0; (at = structure.find("\"Preisregel\"", at)) != std::string::npos; ++at)
        ++heads;
    EXPECT_EQ(heads, 1u) << structure;
    const std::string catalogue = read_with("pdfinfo -meta", pdf);
    EXPECT_NE(catalogue.find("<pdfuaid:part>1</pdfuaid:part>"), std::string::npos);
}

TEST(InvoicePdf, EveryLetterIsEmbeddedAndMeansItself) {
    Document odd = document();
    odd.buyer.name = "Łódź & Straße <Außenstelle> „Ämter“ – Σ";
    const std::string pdf = *to_pdf(odd, calls(1));
    EXPECT_NE(read_with("pdftotext", pdf).find(odd.buyer.name), std::string::npos);
    const std::string fonts = read_with("pdffonts", pdf);
    EXPECT_NE(fonts.find("LiberationSans"), std::string::npos) << fonts;
    EXPECT_EQ(fonts.find(" no  no "), std::string::npos) << fonts; // not embedded
}

TEST(InvoicePdf, LongTablesGoOnOverPagesAndLongWordsDoNotLeaveTheirCell) {
    Document many = document();
    for (int i = 0; i < 120; ++i)
        many.lines.push_back({std::string(90, 'W'), "", {2026, 11, 1}, {2026, 11, 30}, Money{1}});
    add_up(many);
    const auto pdf = to_pdf(many, calls(2'000));
    ASSERT_TRUE(pdf);
    const std::string text = read_with("pdftotext", *pdf);
    const std::size_t of = text.find("Seite 1 von ");
    ASSERT_NE(of, std::string::npos);
    EXPECT_GT(std::stoi(text.substr(of + 12)), 40);
    EXPECT_EQ(text.find(std::string(60, 'W')), std::string::npos);
}

TEST(InvoicePdf, ACancellationGivesBackAndANoteOfZeroAsksForNothing) {
    Document back = document();
    back.kind = DocumentKind::cancellation;
    back.number = "S2026-000001";
    back.refers_to = "R2026-000042";
    back.reason = "Falscher Monat";
    back.lines[0].amount = Money{-2'613};
    add_up(back);
    const std::string text = read_with("pdftotext", *to_pdf(back, {}));
    EXPECT_NE(text.find("Stornorechnung: telefonischer Bürgerservice"), std::string::npos) << text;
    EXPECT_NE(text.find("Zu R2026-000042. Grund: Falscher Monat"), std::string::npos) << text;
    EXPECT_EQ(text.find("überweisen"), std::string::npos);
    Document nothing = document();
    nothing.lines.clear();
    add_up(nothing);
    const std::string zero = read_with("pdftotext", *to_pdf(nothing, {}));
    EXPECT_NE(zero.find("Es ist nichts zu zahlen."), std::string::npos);
    EXPECT_NE(zero.find("Keine abrechenbaren Anrufe"), std::string::npos);
}

// Or the runs below would all be one and the same.
TEST(EveryForm, IsMadeInSurroundingsThatTrulyDiffer) {
    std::set<int> hours;
    std::set<std::string> numbers;
    std::set<std::int64_t> firsts;
    samples::ReRun again(60);
    for (std::size_t run = 0; run < 4; ++run) {
        (void)again.bytes(run);
        firsts.insert(again.first_seq());
        const samples::ReRun::Surroundings around{run};
        const std::time_t noon = 1'795'003'200; // 2026-11-18 12:00 UTC
        hours.insert(std::localtime(&noon)->tm_hour);
        std::ostringstream text;
        text << 1234.5;
        numbers.insert(text.str());
    }
    EXPECT_EQ(hours.size(), 4u);
    EXPECT_EQ(numbers, (std::set<std::string>{"1234.5", "1.234,5"}));
    EXPECT_GT(firsts.size(), 1u) << "shuffled";
}

// The benchmark makes a thousand of them.
TEST(EveryForm, IsTheSameToTheByteForShuffledEntriesAndOtherZonesAndLocales) {
    samples::ReRun again(60);
    const std::string first = again.bytes(0);
    EXPECT_NE(first.find("%PDF"), std::string::npos);
    EXPECT_NE(first.find("fernamt-evidence-2"), std::string::npos);
    for (std::size_t run = 1; run < 12; ++run)
        ASSERT_TRUE(again.bytes(run) == first) << run;
}

} // namespace
} // namespace fernamt::billing
