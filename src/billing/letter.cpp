// SPDX-License-Identifier: EUPL-1.2
#include "billing/letter.h"

#include "billing/tagged_pdf.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace fernamt::billing {

namespace {

// DIN 5008, form B, in millimetres.
constexpr double kLeft = 25;
constexpr double kRight = 190;
constexpr double kAddressTop = 45;
constexpr double kDetailsLeft = 125;
constexpr double kValueLeft = 150;
constexpr double kDetailsTop = 50;
constexpr double kTextTop = 98.5;
constexpr double kFirstFold = 105;
constexpr double kSecondFold = 210;
constexpr double kPunch = 148.5;
constexpr double kBottom = 262; // of the text; below it the foot
constexpr double kFootTop = 270;
constexpr double kFollowingTop = 30; // of the text on later pages
constexpr double kCellGap = 2;

constexpr double kNormal = 10.5;
constexpr double kSmall = 8;

double line_height(double points) {
    return points * 1.35 * 25.4 / 72;
}

// Broken at blanks; a word that is too long alone is broken anywhere. Lines that go on end with a
// blank, so that whoever reads the text finds words apart.
std::vector<std::string> wrapped(const std::string &text, Face face, double points, double width) {
    std::vector<std::string> lines;
    std::string line;
    std::string word;
    const auto fits = [&](const std::string &tried) {
        return TaggedPdf::width(tried, face, points) <= width;
    };
    const auto end_line = [&](const std::string &blank) {
        lines.push_back(line + blank);
        line.clear();
    };
    const auto end_word = [&] {
        if (word.empty()) return;
        if (!line.empty() && !fits(line + " " + word)) end_line(" ");
        while (line.empty() && !fits(word)) {
            std::size_t cut = word.size();
            while (cut > 1 && !fits(word.substr(0, cut)))
                --cut;
            while (cut > 1 && (static_cast<unsigned char>(word[cut]) & 0xC0U) == 0x80)
                --cut; // not within a character
            line = word.substr(0, cut);
            word.erase(0, cut);
            end_line("");
            if (word.empty()) return;
        }
        line += (line.empty() ? "" : " ") + word;
        word.clear();
    };
    for (const char c : text) {
        if (c == ' ' || c == '\n') {
            end_word();
            if (c == '\n') end_line("");
        } else {
            word += c;
        }
    }
    end_word();
    end_line("");
    return lines;
}

class Printer {
  public:
    explicit Printer(const Letter &letter)
        : letter_(letter),
          pdf_({.title = letter.title, .author = letter.author, .date = letter.date}) {}

    Expected<std::string> print() {
        first_page();
        for (const LetterBlock &block : letter_.blocks)
            std::visit([this](const auto &each) { put(each); }, block);
        number_pages();
        return pdf_.finish();
    }

  private:
    void marks() {
        pdf_.line(4, kFirstFold, 8, kFirstFold, 0.4);
        pdf_.line(4, kSecondFold, 8, kSecondFold, 0.4);
        pdf_.line(4, kPunch, 10, kPunch, 0.4);
    }

    void paragraph(double x, double y, const std::string &text, Face face, double points) {
        pdf_.open("P");
        pdf_.text(x, y, text, face, points);
        pdf_.close();
    }

    void first_page() {
        pdf_.add_page();
        marks();
        paragraph(kLeft, kAddressTop - 22, letter_.author, Face::bold, 14);
        pdf_.line(kLeft, kAddressTop - 18, kRight, kAddressTop - 18, 0.6);
        // Return address in the window's upper zone, the address below it.
        paragraph(kLeft, kAddressTop + 4, letter_.sender, Face::regular, 7);
        double y = kAddressTop + 17.7 + 4;
        for (const std::string &line : letter_.address) {
            paragraph(kLeft, y, line, Face::regular, kNormal);
            y += line_height(kNormal);
        }
        details();
        y_ = kTextTop;
        heading("H1", letter_.subject, 12);
        foot();
    }

    void details() {
        double y = kDetailsTop + 3;
        for (const auto &[label, value] : letter_.details) {
            pdf_.open("P");
            pdf_.text(kDetailsLeft, y, label + ": ", Face::regular, 7.5);
            for (const std::string &line : wrapped(value, Face::regular, 9, kRight - kValueLeft)) {
                pdf_.text(kValueLeft, y, line, Face::regular, 9);
                y += line_height(9);
            }
            pdf_.close();
        }
    }

    void foot() {
        if (letter_.foot.empty()) return;
        pdf_.line(kLeft, kFootTop, kRight, kFootTop, 0.4);
        const double width = (kRight - kLeft) / static_cast<double>(letter_.foot.size());
        double x = kLeft;
        for (const auto &column : letter_.foot) {
            double y = kFootTop + 4;
            for (const std::string &line : column) {
                paragraph(x, y, line, Face::regular, 7);
                y += line_height(7);
            }
            x += width;
        }
    }

    void next_page() {
        pdf_.add_page();
        marks();
        y_ = kFollowingTop;
    }
    // False if a new page had to be begun.
    bool make_room(double height) {
        if (y_ + height <= kBottom) return true;
        next_page();
        return false;
    }

    void heading(std::string_view type, const std::string &text, double points) {
        make_room(3 * line_height(points));
        pdf_.open(type);
        for (const std::string &line : wrapped(text, Face::bold, points, kRight - kLeft)) {
            y_ += line_height(points);
            pdf_.text(kLeft, y_, line, Face::bold, points);
        }
        pdf_.close();
        y_ += 2;
    }

    void put(const LetterHeading &block) {
        y_ += 2;
        heading("H2", block.text, 11);
    }
    void put(const LetterPageBreak &) { next_page(); }

    void put(const LetterParagraph &block) {
        const double points = block.small ? kSmall : kNormal;
        pdf_.open("P");
        for (const std::string &line : wrapped(block.text, Face::regular, points, kRight - kLeft)) {
            make_room(line_height(points));
            y_ += line_height(points);
            pdf_.text(kLeft, y_, line, Face::regular, points);
        }
        pdf_.close();
        y_ += 2.2;
    }

    struct Row {
        std::vector<std::vector<std::string>> cells; // their lines
        double height = 0;
    };

    [[nodiscard]] std::vector<double> widths(const LetterTable &table) const {
        const double all = std::accumulate(
            table.columns.begin(), table.columns.end(), 0.0,
            [](double sum, const LetterColumn &column) { return sum + column.share; });
        std::vector<double> found;
        for (const LetterColumn &column : table.columns)
            found.push_back(column.share / all * (kRight - kLeft));
        return found;
    }

    [[nodiscard]] Row laid_out(const std::vector<std::string> &cells,
                               const std::vector<double> &wide, Face face, double points) const {
        Row row;
        std::size_t most = 1;
        for (std::size_t i = 0; i < wide.size(); ++i) {
            const std::string text = i < cells.size() ? cells[i] : "";
            row.cells.push_back(wrapped(text, face, points, wide[i] - kCellGap));
            most = std::max(most, row.cells.back().size());
        }
        row.height = static_cast<double>(most) * line_height(points) + 0.8;
        return row;
    }

    enum class Kind { head, body, repeated };
    void print_row(const LetterTable &table, const Row &row, const std::vector<double> &wide,
                   Face face, double points, Kind kind) {
        if (kind != Kind::repeated) pdf_.open("TR");
        double x = kLeft;
        for (std::size_t i = 0; i < wide.size(); ++i) {
            if (kind == Kind::head) pdf_.open_header("Column");
            if (kind == Kind::body) pdf_.open("TD");
            double y = y_;
            for (const std::string &line : row.cells[i]) {
                y += line_height(points);
                const double free = wide[i] - kCellGap - TaggedPdf::width(line, face, points);
                pdf_.text(table.columns[i].number ? x + free : x, y, line, face, points);
            }
            if (kind != Kind::repeated) pdf_.close();
            x += wide[i];
        }
        if (kind != Kind::repeated) pdf_.close();
        y_ += row.height;
    }

    void put(const LetterTable &table) {
        const double points = table.small ? 7.5 : 9.5;
        const std::vector<double> wide = widths(table);
        std::vector<std::string> heads;
        for (const LetterColumn &column : table.columns)
            heads.push_back(column.head);
        const Row head = laid_out(heads, wide, Face::bold, points);
        make_room(head.height + 2 * line_height(points));
        pdf_.open("Table");
        print_head(table, head, wide, points, Kind::head);
        for (const auto &cells : table.rows)
            put_row(table, head, cells, wide, Face::regular, points);
        if (!table.sums.empty()) pdf_.line(kLeft, y_ + 0.8, kRight, y_ + 0.8, 0.5);
        for (const auto &cells : table.sums)
            put_row(table, head, cells, wide, Face::bold, points);
        pdf_.close();
        y_ += 3;
    }

    void print_head(const LetterTable &table, const Row &head, const std::vector<double> &wide,
                    double points, Kind kind) {
        print_row(table, head, wide, Face::bold, points, kind);
        pdf_.line(kLeft, y_ + 0.6, kRight, y_ + 0.6, 0.5);
        y_ += 1;
    }

    void put_row(const LetterTable &table, const Row &head, const std::vector<std::string> &cells,
                 const std::vector<double> &wide, Face face, double points) {
        const Row row = laid_out(cells, wide, face, points);
        if (!make_room(row.height)) repeat_head(table, head, wide, points);
        print_row(table, row, wide, face, points, Kind::body);
    }

    // On a new page for the eye only: to a screen reader the table simply goes on.
    void repeat_head(const LetterTable &table, const Row &head, const std::vector<double> &wide,
                     double points) {
        pdf_.set_artifacts(true);
        print_head(table, head, wide, points, Kind::repeated);
        pdf_.set_artifacts(false);
    }

    void number_pages() {
        for (int page = 0; page < pdf_.pages(); ++page) {
            pdf_.choose_page(page);
            const std::string text = fmt::format("Seite {} von {}", page + 1, pdf_.pages());
            const double wide = TaggedPdf::width(text, Face::regular, kSmall);
            pdf_.text(kRight - wide, kBottom + 5, text, Face::regular, kSmall);
            if (page > 0) pdf_.text(kLeft, 20, letter_.title, Face::regular, kSmall);
            if (!letter_.mark.empty()) {
                const double width = TaggedPdf::width(letter_.mark, Face::bold, 14);
                pdf_.text(kRight - width, 15, letter_.mark, Face::bold, 14);
            }
        }
    }

    const Letter &letter_;
    TaggedPdf pdf_;
    double y_ = kTextTop;
};

} // namespace

Expected<std::string> to_pdf(const Letter &letter) {
    return Printer(letter).print();
}

} // namespace fernamt::billing
