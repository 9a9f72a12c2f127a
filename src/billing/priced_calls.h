// SPDX-License-Identifier: EUPL-1.2
// The calls that prices (terms.h) look at: the one place where they and the ledger meet before
// agreements/rating.h computes. Only reads; the same ledger and agreements always give the same.
#pragma once

#include "billing/call_collector.h"
#include "billing/evidence.h"
#include "billing/terms.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fernamt::billing {

// The calls that one source looks at to price some months (packages and caps: from the contract
// year's begin). Its price list reaches no further than these months: what is agreed later for
// later days changes no byte of it.
struct PricedPart {
    EvidencePart part;
    bool standard = false;
    std::vector<std::int64_t> ids; // per clause of the part
};
// The same before the calls are read: `calls` is empty. Sources without a day in the months have
// none.
[[nodiscard]] std::vector<PricedPart> priced_spans(const Terms &terms,
                                                   const std::vector<Month> &months);
// As the ledger knew the calls up to entry `up_to`. `range` grows by their entries.
[[nodiscard]] Expected<std::vector<PricedPart>>
priced_parts(storage::Database &database, const Terms &terms, MunicipalityId municipality,
             const std::vector<Month> &months, std::optional<std::int64_t> up_to,
             LedgerRange &range);

// Calls on days of the months that no part covers must not be given away unseen:
// "agreement.price_gap" (from, to).
[[nodiscard]] Expected<void> check_covered(const std::vector<CallFact> &calls,
                                           const std::vector<Month> &months,
                                           const std::vector<PricedPart> &parts);

} // namespace fernamt::billing
