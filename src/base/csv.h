// SPDX-License-Identifier: EUPL-1.2
// CSV files (RFC 4180) with the divider that a program prefers. Ours are divided by semicolons,
// each field quoted when it must be, and never a formula of the spreadsheet that opens it. Reading
// takes one record after the other, whatever the file's size, and knows no types.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt {

// A text that begins with one of these would be computed by a spreadsheet; an apostrophe stops it.
// A table with negative amounts leaves the minus out.
[[nodiscard]] std::string csv_field(std::string_view text, std::string_view formula_starts);

struct CsvRecord {
    std::int64_t line = 0; // where it begins, from 1
    std::vector<std::string> fields;
    bool broken = false; // a quote is never closed, or text follows a closing quote
};

// Lines end by LF or CRLF; a byte order mark and empty lines are passed over.
class CsvReader {
  public:
    CsvReader(std::istream &in, char divider) : in_(in), divider_(divider) {}
    [[nodiscard]] std::optional<CsvRecord> next(); // empty: the file has ended

  private:
    [[nodiscard]] bool read_line(std::string &line);
    void read_fields(CsvRecord &record, std::string line);

    std::istream &in_;
    char divider_;
    std::int64_t line_ = 0;
};

} // namespace fernamt
