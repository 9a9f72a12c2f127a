// SPDX-License-Identifier: EUPL-1.2
// The working set of rating: what the ledger says of each ended call, kept as numbers in tables of
// its own (call_days.h), so that sums of the whole house need not decode millions of entries.
// Derived: it can be emptied and made again, and empties itself when a disk has spoilt it.
// Documents never stand on it; they read the ledger (invoice_source.h). Whoever reads it is told
// when it is behind, and then asks the ledger.
#pragma once

#include "agreements/calls.h"
#include "base/problem.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>

namespace fernamt::billing {

// Takes at most so many of the ledger's new entries, in small transactions; position and calls
// change in one. Returns how many were passed over: fewer than `most` is all there were.
inline constexpr std::int64_t kAllEntries = 1'000'000'000'000;
[[nodiscard]] Expected<std::int64_t> keep_call_set(storage::Database &database,
                                                   std::int64_t most = kAllEntries);
// The next keep_call_set() begins with the ledger's first entry.
[[nodiscard]] Expected<void> empty_call_set(storage::Database &database);
// Each local day that is over at this instant becomes a block for each municipality. Done by
// keep_call_set() for the time of the newest entry.
[[nodiscard]] Expected<void> pack_days_before(storage::Database &database, Instant at);

// The calls offered on the days [first, last], in no order; empty while the ledger knows more than
// the set.
[[nodiscard]] Expected<std::optional<agreements::Calls>> read_call_set(storage::Database &database,
                                                                       MunicipalityId municipality,
                                                                       const LocalDate &first,
                                                                       const LocalDate &last);

} // namespace fernamt::billing
