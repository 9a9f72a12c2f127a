// SPDX-License-Identifier: EUPL-1.2
// Makes a document and its evidence from agreements and ledger, before it has a number. Only reads.
// Internal to invoice_book.
#pragma once

#include "billing/invoice_book.h"

namespace fernamt::billing {

struct Draft {
    MunicipalityId municipality;
    std::vector<Month> months; // by date; not empty
    Instant now;
    std::optional<std::int64_t> up_to; // the ledger as it was known; empty: now
    // Earlier months whose facts are known to have been invoiced up to an entry.
    std::vector<Month> correct;
    std::int64_t corrected_up_to = 0;
};

[[nodiscard]] Expected<Issued> draft_invoice(storage::Database &database, const Draft &draft);
// Seller, buyer, tax and days for payment, without lines.
[[nodiscard]] Expected<Document> draft_frame(storage::Database &database,
                                             MunicipalityId municipality, const Month &first,
                                             const Month &last, Instant now);
[[nodiscard]] Expected<Party> read_party(storage::Database &database, MunicipalityId municipality);

} // namespace fernamt::billing
