// SPDX-License-Identifier: EUPL-1.2
// Reads the calls of a municipality and a span of days from the ledger, by its index on
// municipality, type and time: never the whole ledger. Only reads.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "billing/call_collector.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>

namespace fernamt::billing {

// The calls offered on the days [first, last], as the ledger knew them up to entry `up_to` (empty:
// now): what an invoice stood on can always be read again.
[[nodiscard]] Expected<MonthCalls> read_calls(storage::Database &database,
                                              MunicipalityId municipality, const LocalDate &first,
                                              const LocalDate &last,
                                              std::optional<std::int64_t> up_to = std::nullopt);

} // namespace fernamt::billing
