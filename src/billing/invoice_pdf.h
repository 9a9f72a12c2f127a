// SPDX-License-Identifier: EUPL-1.2
// A document as a letter for people (letter.h): lines, tax, what is to be paid when and where, what
// it stands on; then each call as an annex. A preview without a number is marked as a draft. The
// XRechnung stays the invoice in the sense of the law; the letter says so.
#pragma once

#include "billing/evidence_table.h"
#include "billing/invoice_document.h"

#include <string>

namespace fernamt::billing {

[[nodiscard]] Expected<std::string> to_pdf(const Document &document, const EvidenceTable &evidence);

// "01.12.2026" and "Januar 2026".
[[nodiscard]] std::string german_date(const LocalDate &date);
[[nodiscard]] std::string german_month(const Month &month);

} // namespace fernamt::billing
