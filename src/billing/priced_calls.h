// SPDX-License-Identifier: EUPL-1.2
// Which prices hold for a municipality and a span of days, and the calls that they look at: the one
// place where agreements, standard prices and ledger meet before agreements/rating.h computes. Only
// reads; the same ledger and agreements always give the same.
#pragma once

#include "agreements/agreement.h"
#include "billing/call_collector.h"
#include "billing/evidence.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fernamt::billing {

// The prices of one agreement, or the standard prices of the municipality.
struct PriceSource {
    agreements::PriceList prices;
    bool standard = false;         // rows of standard_price.h
    std::vector<std::int64_t> ids; // per clause: the standard price's row, or the agreement
};

struct Terms {
    std::vector<PriceSource> sources; // by begin; empty: nothing was agreed for these days
    std::vector<agreements::Dated<agreements::Tax>> taxes;
    int payment_days = 30; // where only standard prices exist
    Land land = Land::NI;
};
// A whole agreement that is in force on one of the days goes before standard prices; these keep the
// days before it.
[[nodiscard]] Expected<Terms> terms_of(storage::Database &database, MunicipalityId municipality,
                                       const LocalDate &first, const LocalDate &last);

// The calls that one source looks at to price some months (packages and caps: from the contract
// year's begin). Its price list reaches no further than these months: what is agreed later for
// later days changes no byte of it.
struct PricedPart {
    EvidencePart part;
    bool standard = false;
    std::vector<std::int64_t> ids; // per clause of the part
};
// As the ledger knew the calls up to entry `up_to`. `range` grows by their entries. Sources without
// a day in the months have no part.
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
