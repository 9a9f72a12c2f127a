// SPDX-License-Identifier: EUPL-1.2
// The evidence per call as a table for people: CSV, and a workbook (libxlsxwriter). One row for
// each billed call and clause, the corrections, what is not billed by reason. No person, no caller.
#pragma once

#include "billing/evidence.h"

#include <string>
#include <vector>

namespace fernamt::billing {

// As many cells in every row as in the header. Numbers are texts with a decimal comma, times are
// local.
struct EvidenceTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
};
[[nodiscard]] Expected<EvidenceTable> evidence_table(const Evidence &evidence);

// Semicolons, CRLF, RFC 4180 quoting, no formulas: as docs/reference/billing.md says.
[[nodiscard]] std::string to_csv(const EvidenceTable &table);
// A workbook with two sheets, the document's lines and the calls; written to `path`, which is
// replaced. "evidence.not_written" when the disk takes no more.
[[nodiscard]] Expected<void> write_workbook(const std::string &path, const Document &document,
                                            const EvidenceTable &table);

// The same as bytes.
[[nodiscard]] Expected<std::string> to_workbook(const Document &document,
                                                const EvidenceTable &table);

} // namespace fernamt::billing
