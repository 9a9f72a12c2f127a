// SPDX-License-Identifier: EUPL-1.2
// A letter of an authority as a tagged PDF: DIN 5008 form B with address window, fold and punch
// marks, information block, subject, then headings, paragraphs and tables, the sender's details at
// the foot of the first page and "Seite x von y" on each. Long tables go on over pages and repeat
// their head. The same content gives the same bytes.
#pragma once

#include "base/calendar.h"
#include "base/problem.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fernamt::billing {

struct LetterHeading {
    std::string text;
};
struct LetterParagraph {
    std::string text; // lines are broken; '\n' begins a new one
    bool small = false;
};
struct LetterColumn {
    std::string head;
    double share = 1;    // of the width
    bool number = false; // aligned to the right
};
struct LetterTable {
    std::vector<LetterColumn> columns;
    std::vector<std::vector<std::string>> rows; // as many cells as columns
    std::vector<std::vector<std::string>> sums; // bold, below a line
    bool small = false;
};
struct LetterPageBreak {};
using LetterBlock = std::variant<LetterHeading, LetterParagraph, LetterTable, LetterPageBreak>;

struct Letter {
    std::string title; // for the reader's window
    std::string author;
    LocalDate date;
    std::string sender;                                       // one line above the address
    std::vector<std::string> address;                         // at most six lines
    std::vector<std::pair<std::string, std::string>> details; // information block
    std::string subject;
    std::vector<LetterBlock> blocks;
    std::vector<std::vector<std::string>> foot; // columns of lines
    std::string mark;                           // "ENTWURF", on every page; empty: none
};

[[nodiscard]] Expected<std::string> to_pdf(const Letter &letter);

} // namespace fernamt::billing
