// SPDX-License-Identifier: EUPL-1.2
// What a municipality's year will cost, as it looked at the end of each month that is over: the
// calls of the months to come are extrapolated (agreements/early_warning.h) and rated by what is
// agreed for their days. Amounts with VAT. Only reads.
#pragma once

#include "agreements/early_warning.h"
#include "base/id.h"
#include "storage/database.h"

#include <optional>
#include <vector>

namespace fernamt::billing {

struct YearForecast {
    std::optional<Money> budget;                   // of the agreements in force in the year
    std::vector<agreements::MonthForecast> months; // from the first served one on
    std::vector<Money> amounts;                    // of these months
};
// Problems: those of rating, also for days to come: "agreement.price_gap" (from, to) if prices end
// before the year does.
[[nodiscard]] Expected<YearForecast>
year_forecast(storage::Database &database, MunicipalityId municipality, int year, Instant now);

// What agreements in force in the year have in the budget; drafts, and those that ended before,
// have no say.
[[nodiscard]] Expected<std::optional<Money>> budget_of(storage::Database &database,
                                                       MunicipalityId municipality, int year);

} // namespace fernamt::billing
