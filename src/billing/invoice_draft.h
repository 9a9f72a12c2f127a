// SPDX-License-Identifier: EUPL-1.2
// Makes a document and its evidence from agreements and ledger, before it has a number, and the
// evidence of an issued one again. Only reads; decides nothing: what a document bills and corrects
// is planned in invoice_plan.h. Internal to invoice_book.
#pragma once

#include "billing/invoice_book.h"
#include "billing/terms.h"

namespace fernamt::billing {

struct Draft {
    MunicipalityId municipality;
    Instant now;
    agreements::Tax tax;                 // of everything in it
    std::vector<Month> months;           // billed whole, by date; empty: corrections alone
    Basis basis;                         // of these months
    std::vector<BilledStep> corrections; // those that change nothing are left out
    std::int64_t known_seq = 0;          // the ledger's last entry
};

// "invoice.no_agreement", "agreement.price_gap", those of rating and of missing details.
[[nodiscard]] Expected<Issued> draft_invoice(storage::Database &database, const Draft &draft);
// Seller, buyer, tax and days for payment, without lines.
[[nodiscard]] Expected<Document> draft_frame(storage::Database &database,
                                             MunicipalityId municipality, const LocalDate &from,
                                             const LocalDate &to, const agreements::Tax &tax,
                                             Instant now);
// What an issued document stands on, by the ledger and the prices of then.
[[nodiscard]] Expected<Evidence> evidence_again(storage::Database &database,
                                                const Document &document);
[[nodiscard]] Expected<Party> read_party(storage::Database &database, MunicipalityId municipality);

} // namespace fernamt::billing
