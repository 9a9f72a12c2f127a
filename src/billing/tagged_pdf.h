// SPDX-License-Identifier: EUPL-1.2
// A tagged PDF (ISO 32000-1 section 14.8): whatever is written stands in a structure that a screen
// reader follows (headings, paragraphs, tables with header cells), or is marked as an artifact.
// Title and language are set, the fonts are embedded as subsets with their meaning in Unicode. The
// same calls give the same bytes. Positions are millimetres from the page's upper left corner. Only
// left-to-right text without ligatures; no images. qpdf and HarfBuzz stay in the .cpp.
#pragma once

#include "base/calendar.h"
#include "base/problem.h"

#include <memory>
#include <string>
#include <string_view>

namespace fernamt::billing {

enum class Face { regular, bold };

struct PdfDetails {
    std::string title;
    std::string author;
    std::string language = "de-DE";
    LocalDate date; // of creation: never the clock's
};

class TaggedPdf {
  public:
    explicit TaggedPdf(PdfDetails details);
    ~TaggedPdf();
    TaggedPdf(const TaggedPdf &) = delete;
    TaggedPdf &operator=(const TaggedPdf &) = delete;

    static constexpr double kWidth = 210.0; // A4
    static constexpr double kHeight = 297.0;

    [[nodiscard]] static double width(std::string_view text, Face face, double points); // mm

    // Pages are numbered from 0; what is written goes to the page that was added or chosen last.
    void add_page();
    void choose_page(int page);
    [[nodiscard]] int pages() const;

    // Structure elements nest: "H1", "P", "Table", "TR", "TH", "TD", "Sect". An element may go on
    // over pages.
    void open(std::string_view type);
    void open_header(std::string_view scope); // TH of a "Column" or "Row"
    void close();
    // While set, what is written is an artifact within any element (repeated heads).
    void set_artifacts(bool on);

    // Baseline at y. Outside every element it is an artifact (page numbers).
    void text(double x, double y, std::string_view text, Face face, double points);
    void line(double x1, double y1, double x2, double y2, double points); // always an artifact

    // "pdf.not_written": the library refuses; a defect.
    [[nodiscard]] Expected<std::string> finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fernamt::billing
