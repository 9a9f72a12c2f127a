// SPDX-License-Identifier: EUPL-1.2
#include "billing/evidence_table.h"
#include "billing/invoice_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::CallKind;
using std::chrono::seconds;

Evidence sample() {
    Evidence evidence;
    evidence.months = {kNovember};
    EvidencePart part;
    part.prices = agreements::samples::prices(
        {2026, 1, 1},
        {agreements::samples::clause("=Minuten;\"x\"", {2026, 1, 1},
                                     agreements::samples::per_minute(Price{950'000}))});
    part.first = {2026, 1, 1};
    part.last = {2026, 11, 30};
    part.calls = {
        {CallId{1}, at({2026, 10, 5}), CallKind::own_number, seconds{60}, {}},
        {CallId{2}, at({2026, 11, 5}), CallKind::own_number, Duration{90'500'000}, seconds{10}},
        {CallId{3}, at({2026, 11, 6}), CallKind::abandoned, {}, {}},
        {CallId{4}, at({2026, 11, 7}), CallKind::test_call, seconds{5}, {}}};
    evidence.parts = {part};
    return evidence;
}

TEST(EvidenceTable, ShowsTheMonthsCallsAndCountsTheOthers) {
    const auto table = evidence_table(sample());
    ASSERT_TRUE(table);
    EXPECT_EQ(to_csv(*table),
              "Satz;Anruf;Zeit;Art;Gespraech in Sekunden;Nachbereitung in Sekunden;Preisregel;"
              "abgerechnet in Sekunden;Betrag in Euro\r\n"
              "Anruf;2;2026-11-05 10:00:00;own_number;90,5;10;\"'=Minuten;\"\"x\"\"\";101;1,60\r\n"
              "nicht abgerechnet;1;;abandoned;;;;;\r\n"
              "nicht abgerechnet;1;;test_call;;;;;\r\n");
}

TEST(EvidenceTable, IsAWorkbook) {
    const storage::testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/nachweis.xlsx";
    Document document;
    document.issued_on = {2026, 12, 1};
    document.lines = {{"Minuten", "1 Anruf", {2026, 11, 1}, {2026, 11, 30}, Money{160}}};
    add_up(document);
    const auto table = evidence_table(sample()).value();
    ASSERT_TRUE(write_workbook(path, document, table));
    const auto content = [&] {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    };
    const std::string first = content();
    EXPECT_EQ(first.substr(0, 2), "PK");
    EXPECT_NE(first.find("xl/worksheets/sheet2.xml"), std::string::npos);
    ASSERT_TRUE(write_workbook(path, document, table));
    EXPECT_EQ(content(), first); // the same bytes
}

TEST(EvidenceTable, SaysWhenItCannotBeWritten) {
    const auto written = write_workbook("/dev/full", Document{}, EvidenceTable{{"a"}, {}});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, "evidence.not_written");
    EXPECT_FALSE(write_workbook("/nowhere/at/all.xlsx", Document{}, EvidenceTable{{"a"}, {}}));
}

} // namespace
} // namespace fernamt::billing
