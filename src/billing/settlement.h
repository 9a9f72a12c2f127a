// SPDX-License-Identifier: EUPL-1.2
// Payments on account and the yearly settlement that credits them: which months and advances of a
// year are still open, by VAT, and their drafts. Each advance is counted by one settlement. Only
// reads. Internal to invoice_book.
#pragma once

#include "billing/invoice_plan.h"

namespace fernamt::billing {

[[nodiscard]] Expected<Document> draft_advance(storage::Database &database,
                                               MunicipalityId municipality, const Month &month,
                                               Money net, const std::vector<Row> &rows,
                                               Instant now);
[[nodiscard]] Expected<std::vector<Issued>> draft_settlement(storage::Database &database,
                                                             MunicipalityId municipality, int year,
                                                             const std::vector<Row> &rows,
                                                             Instant now);
// "invoice.settled": that settlement has to be taken back first.
[[nodiscard]] tl::unexpected<Problem> settled(const std::string &number);

} // namespace fernamt::billing
