// SPDX-License-Identifier: EUPL-1.2
// Calls that another telephone system has recorded stand in the ledger as three entries at most:
// "call.imported" (which record of which source, as a hash), its decision.end with the rule
// "imported", and its after-call work. The first makes an import idempotent; none is an event of
// the switchboard, so a replay passes over them.
#pragma once

#include "ledger/ledger.h"
#include "storage/database.h"

#include <functional>
#include <string>
#include <string_view>

namespace fernamt::ledger {

// SHA-256 of a record's identity as 64 hex digits. No personal data may be in it: it is not salted.
[[nodiscard]] std::string record_hash(std::string_view source, std::string_view identity);

[[nodiscard]] NewEntry imported_entry(CallId call, MunicipalityId municipality, Instant at,
                                      std::string_view source, std::string_view record);

// The hash of each record that was imported, and its call; in no order.
[[nodiscard]] Expected<void>
each_imported(storage::Database &database,
              const std::function<void(const std::string &record, CallId call)> &on_record);

} // namespace fernamt::ledger
