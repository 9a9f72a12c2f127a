// SPDX-License-Identifier: EUPL-1.2
#include "billing/evidence_table.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::billing {

namespace {

// Numbers as numbers, so that a spreadsheet can add them up; everything else as text, never as a
// formula.
bool is_number(const std::string &text) {
    return !text.empty() && text.find_first_not_of("0123456789,-") == std::string::npos &&
           std::ranges::count(text, ',') <= 1 && text.find('-', 1) == std::string::npos &&
           text != "-" && text.size() < 16;
}

class Sheet {
  public:
    Sheet(lxw_workbook *workbook, const char *name)
        : sheet_(workbook_add_worksheet(workbook, name)), bold_(workbook_add_format(workbook)) {
        format_set_bold(bold_);
        worksheet_freeze_panes(sheet_, 1, 0);
    }
    void head(const std::vector<std::string> &cells) {
        for (std::size_t column = 0; column < cells.size(); ++column) {
            note(worksheet_write_string(sheet_, row_, static_cast<lxw_col_t>(column),
                                        cells[column].c_str(), bold_));
        }
        worksheet_set_column(sheet_, 0, static_cast<lxw_col_t>(cells.size() - 1), 22, nullptr);
        ++row_;
    }
    void row(const std::vector<std::string> &cells) {
        for (std::size_t column = 0; column < cells.size(); ++column)
            cell(static_cast<lxw_col_t>(column), cells[column]);
        ++row_;
    }
    [[nodiscard]] bool good() const { return good_; }

  private:
    void cell(lxw_col_t column, const std::string &text) {
        if (!is_number(text)) {
            note(worksheet_write_string(sheet_, row_, column, text.c_str(), nullptr));
            return;
        }
        // Exact: at most 15 digits.
        const bool negative = text.front() == '-';
        double whole = 0;
        double scale = 1;
        bool decimals = false;
        for (const char c : text) {
            if (c == ',') decimals = true;
            if (c < '0' || c > '9') continue;
            whole = whole * 10 + (c - '0');
            if (decimals) scale *= 10;
        }
        note(worksheet_write_number(sheet_, row_, column, (negative ? -whole : whole) / scale,
                                    nullptr));
    }
    void note(lxw_error error) { good_ = good_ && error == LXW_NO_ERROR; }

    lxw_worksheet *sheet_;
    lxw_format *bold_;
    lxw_row_t row_ = 0;
    bool good_ = true;
};

std::string with_comma(std::string decimal) {
    std::ranges::replace(decimal, '.', ',');
    return decimal;
}

} // namespace

Expected<void> write_workbook(const std::string &path, const Document &document,
                              const EvidenceTable &table) {
    lxw_workbook *workbook = workbook_new(path.c_str());
    if (workbook == nullptr) return fail(ProblemKind::unavailable, "evidence.not_written");
    // The same bytes each time: the file's own date is the document's.
    lxw_doc_properties properties{};
    properties.created = to_instant(document.issued_on, 0).us / 1'000'000;
    workbook_set_properties(workbook, &properties);
    Sheet lines(workbook, "Positionen");
    lines.head({"Text", "Einzelheiten", "von", "bis", "Betrag in Euro"});
    for (const DocumentLine &line : document.lines) {
        lines.row({line.text, line.detail, to_string(line.from), to_string(line.to),
                   with_comma(to_decimal(line.amount))});
    }
    lines.row({"Summe", "", "", "", with_comma(to_decimal(document.net))});
    lines.row({"Umsatzsteuer", "", "", "", with_comma(to_decimal(document.vat))});
    lines.row({"Zahlbetrag", "", "", "", with_comma(to_decimal(document.payable))});
    Sheet calls(workbook, "Anrufe");
    calls.head(table.header);
    for (const auto &row : table.rows)
        calls.row(row);
    const bool good = lines.good() && calls.good();
    if (workbook_close(workbook) != LXW_NO_ERROR || !good) {
        return fail(ProblemKind::unavailable, "evidence.not_written");
    }
    return {};
}

// The library writes to a file only; nobody else sees this one.
Expected<std::string> to_workbook(const Document &document, const EvidenceTable &table) {
    std::string pattern = std::filesystem::temp_directory_path() / "fernamt-XXXXXX";
    const char *made = mkdtemp(pattern.data());
    if (made == nullptr) return fail(ProblemKind::unavailable, "evidence.not_written");
    const std::string path = pattern + "/evidence.xlsx";
    const auto written = write_workbook(path, document, table);
    std::ostringstream bytes;
    if (written) bytes << std::ifstream(path, std::ios::binary).rdbuf();
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
    if (!written) return tl::unexpected(written.error());
    return bytes.str();
}

} // namespace fernamt::billing
