// SPDX-License-Identifier: EUPL-1.2
// Which prices and taxes hold for a municipality and a span of days: whole agreements, and standard
// prices before the first of them, also when that has ended. As they stand today, or as they stood
// when a month was billed: what is signed late, ended or entered for past days changes no document
// that was issued, it comes as a correction. Only reads.
#pragma once

#include "agreements/agreement.h"
#include "billing/account_code.h"
#include "billing/billed_step.h"
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
    // Each only on the days of its agreement.
    std::vector<agreements::Dated<agreements::Tax>> taxes;
    std::vector<AccountCode> codes; // of the municipality's budget, on the days of its agreement
    int payment_days = 30;          // where only standard prices exist
    Land land = Land::NI;
    std::vector<TermsSource> stand_on; // the versions that all this was read from
};
// "agreement.price_overlap" (place, other, from, to, remedy): two agreements in force on the same
// days; each call would be billed twice.
[[nodiscard]] Expected<Terms> terms_of(storage::Database &database, MunicipalityId municipality,
                                       const LocalDate &first, const LocalDate &last);
// The same from these versions only.
[[nodiscard]] Expected<Terms> terms_as_of(storage::Database &database, MunicipalityId municipality,
                                          const LocalDate &first, const LocalDate &last,
                                          const std::vector<TermsSource> &stood_on);

// The VAT of a month's service (§ 13 UStG: the month is when it is rendered), empty if nothing is
// agreed in it. "invoice.tax_missing" (from, remedy); "invoice.tax_mixed" (from, remedy): it
// changes within the month, and one document has one VAT category (BR-O-11).
[[nodiscard]] Expected<std::optional<agreements::Tax>> tax_of(const Terms &terms,
                                                              const Month &month);

} // namespace fernamt::billing
