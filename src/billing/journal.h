// SPDX-License-Identifier: EUPL-1.2
// The journal of issued documents for the bookkeeping of both sides: one record per document, in
// the order of issue, with its place in the book's chain (GoBD). Nothing in it changes later.
#pragma once

#include "billing/invoice_document.h"

#include <string>
#include <vector>

namespace fernamt::billing {

// Semicolons, CRLF, RFC 4180, decimal comma (docs/reference/billing.md).
[[nodiscard]] std::string journal_csv(const std::vector<Document> &documents);

} // namespace fernamt::billing
