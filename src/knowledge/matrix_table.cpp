// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/matrix_table.h"

#include "base/csv.h"

#include <fmt/format.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace fernamt::knowledge {

namespace {

using Line = std::vector<std::string>;

constexpr std::string_view state_de(CellState state) {
    constexpr std::array<std::string_view, 3> kTexts{"vollständig", "zu prüfen", "unvollständig"};
    return kTexts.at(static_cast<std::size_t>(state));
}

std::string yes_no(bool yes) {
    return yes ? "ja" : "fehlt";
}

std::string german(const std::optional<LocalDate> &date) {
    return date ? fmt::format("{:02}.{:02}.{:04}", date->day, date->month, date->year) : "nie";
}

const Line kHead{"ARS",
                 "Kommune",
                 "Leistung",
                 "LeiKa",
                 "Zuständige Stelle",
                 "Ansprechstelle",
                 "Erreichbarkeit",
                 "zuletzt geprüft",
                 "Stand"};
const Line kSumHead{"ARS", "Kommune", "vollständig", "zu prüfen", "unvollständig"};

Line line_of(const MatrixRow &row, const MatrixService &service, const MatrixCell &cell,
             const MunicipalityName &name) {
    return {to_ars(row.municipality),
            name(row.municipality),
            service.name,
            service.leika,
            yes_no(cell.office),
            yes_no(cell.contact),
            yes_no(cell.reachability),
            german(cell.checked_on),
            std::string(state_de(cell.state()))};
}

template <class Visit>
void each_line(const Matrix &matrix, const MunicipalityName &name, const Visit &visit) {
    for (const MatrixRow &row : matrix.rows) {
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            visit(line_of(row, matrix.services[i], row.cells[i], name), row.cells[i].state());
    }
}

// libxlsxwriter writes files only: one of our own, gone at the end.
class TemporaryFile {
  public:
    TemporaryFile() {
        path_ = (std::filesystem::temp_directory_path() / "fernamt-XXXXXX").string();
        const int file = mkstemp(path_.data());
        if (file < 0) path_.clear();
        if (file >= 0) close(file);
    }
    ~TemporaryFile() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;
    [[nodiscard]] const std::string &path() const { return path_; }

  private:
    std::string path_;
};

class Sheet {
  public:
    Sheet(lxw_workbook *workbook, const char *name, const Line &head)
        : sheet_(workbook_add_worksheet(workbook, name)) {
        lxw_format *bold = workbook_add_format(workbook);
        format_set_bold(bold);
        worksheet_freeze_panes(sheet_, 1, 2);
        worksheet_set_column(sheet_, 0, static_cast<lxw_col_t>(head.size() - 1), 20, nullptr);
        row(head, bold);
    }
    void row(const Line &cells, lxw_format *format = nullptr) {
        for (std::size_t column = 0; column < cells.size(); ++column) {
            worksheet_write_string(sheet_, row_, static_cast<lxw_col_t>(column),
                                   cells[column].c_str(), format);
        }
        ++row_;
    }
    void counts(const MatrixRow &of, const std::string &name) {
        row({to_ars(of.municipality), name});
        lxw_col_t column = 2;
        for (const std::int64_t count : {of.counts.complete, of.counts.stale, of.counts.missing}) {
            worksheet_write_number(sheet_, row_ - 1, column++, static_cast<double>(count), nullptr);
        }
    }

  private:
    lxw_worksheet *sheet_;
    lxw_row_t row_ = 0;
};

// The same words as in the table; colour only helps the eye.
lxw_format *format_of(lxw_workbook *workbook, CellState state) {
    lxw_format *format = workbook_add_format(workbook);
    constexpr std::array<lxw_color_t, 3> kColours{0xE3F3E6, 0xFFF3D6, 0xFBE3E3};
    format_set_bg_color(format, kColours.at(static_cast<std::size_t>(state)));
    return format;
}

} // namespace

std::string matrix_csv(const Matrix &matrix, const MunicipalityName &name) {
    std::string out = "\xEF\xBB\xBF"; // spreadsheets take it for UTF-8 then
    const auto write = [&](const Line &line) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (i > 0) out += ';';
            out += csv_field(line[i], "=+-@\t\r");
        }
        out += "\r\n";
    };
    write(kHead);
    each_line(matrix, name, [&](const Line &line, CellState) { write(line); });
    return out;
}

Expected<std::string> matrix_workbook(const Matrix &matrix, const MunicipalityName &name,
                                      const LocalDate &today) {
    const auto failed = [] {
        return fail(ProblemKind::unavailable, "knowledge.export_failed", {{"file", "xlsx"}});
    };
    const TemporaryFile file;
    lxw_workbook *workbook = file.path().empty() ? nullptr : workbook_new(file.path().c_str());
    if (workbook == nullptr) return failed();
    lxw_doc_properties properties{};
    properties.created = to_instant(today, 0).us / 1'000'000; // not the moment: same bytes
    workbook_set_properties(workbook, &properties);
    Sheet sums(workbook, "Summen", kSumHead);
    for (const MatrixRow &row : matrix.rows)
        sums.counts(row, name(row.municipality));
    Sheet cells(workbook, "Matrix", kHead);
    std::array<lxw_format *, 3> formats{};
    for (std::size_t i = 0; i < formats.size(); ++i)
        formats[i] = format_of(workbook, static_cast<CellState>(i));
    each_line(matrix, name, [&](const Line &line, CellState state) {
        cells.row(line, formats[static_cast<std::size_t>(state)]);
    });
    if (workbook_close(workbook) != LXW_NO_ERROR) return failed();
    std::ifstream in(file.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in || bytes.empty()) return failed();
    return bytes;
}

} // namespace fernamt::knowledge
