// SPDX-License-Identifier: EUPL-1.2
#include "base/csv.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fernamt {
namespace {

std::vector<CsvRecord> read(const std::string &text, char divider = ';') {
    std::istringstream in(text);
    CsvReader reader(in, divider);
    std::vector<CsvRecord> records;
    while (auto record = reader.next())
        records.push_back(std::move(*record));
    return records;
}

TEST(CsvReader, DividesQuotedAndPlainFieldsAndKnowsTheirLines) {
    const auto records = read("\xEF\xBB\xBF"
                              "a;b;c\r\n\r\n1;\"x;\"\"y\"\"\";\n\"two\nlines\";;\"\"");
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0].fields, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(records[1].fields, (std::vector<std::string>{"1", "x;\"y\"", ""}));
    EXPECT_EQ(records[1].line, 3);
    EXPECT_EQ(records[2].fields, (std::vector<std::string>{"two\nlines", "", ""}));
    EXPECT_EQ(records[2].line, 4);
    for (const auto &record : records)
        EXPECT_FALSE(record.broken);
}

TEST(CsvReader, TakesAnyDividerAndNothingFromNothing) {
    EXPECT_EQ(read("a\tb", '\t').front().fields, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(read("").empty());
    EXPECT_TRUE(read("\n\r\n").empty());
}

TEST(CsvReader, SaysWhatIsBroken) {
    EXPECT_TRUE(read("a;\"never closed\nb;c").front().broken);
    EXPECT_TRUE(read("\"a\"b;c").front().broken);
    EXPECT_FALSE(read("a\"b;c").front().broken) << "a quote inside a plain field is a character";
}

TEST(CsvField, RoundTrips) {
    for (const std::string text : {"plain", "with;divider", "with \"quotes\"", "two\nlines", ""}) {
        EXPECT_EQ(read(csv_field(text, "=") + ";x").front().fields.front(), text);
    }
}

} // namespace
} // namespace fernamt
