// SPDX-License-Identifier: EUPL-1.2
// The ledger's SQL: rows of ledger_entry, the snapshot, the sealed personal values. No threads, no
// hashing. Internal to the ledger.
#pragma once

#include "ledger/ledger.h"
#include "storage/database.h"

#include <functional>
#include <optional>
#include <span>

namespace fernamt::ledger::store {

// Also the personal values that the entries carry.
[[nodiscard]] Expected<void> insert(storage::Connection &connection,
                                    std::span<const Entry> entries);

struct Head {
    std::int64_t seq = 0;
    Hash hash{};
};
[[nodiscard]] Expected<Head> head(storage::Database &database);

// At most limit entries with seq >= from, in order; tells how many there were.
[[nodiscard]] Expected<std::int64_t> read(storage::Database &database, std::int64_t from,
                                          std::int64_t limit,
                                          const std::function<bool(const Entry &)> &on_entry);

[[nodiscard]] Expected<void> read_call(storage::Database &database, CallId call,
                                       const std::function<bool(const Entry &)> &on_entry);

[[nodiscard]] Expected<void> save(storage::Database &database, const Ledger::Snapshot &snapshot);
[[nodiscard]] Expected<std::optional<Ledger::Snapshot>> snapshot(storage::Database &database,
                                                                 std::int64_t up_to);

[[nodiscard]] Expected<std::optional<std::string>> reveal(storage::Database &database,
                                                          const std::string &commitment);
[[nodiscard]] Expected<std::int64_t> erase(storage::Database &database, std::string_view kind,
                                           Instant before);
[[nodiscard]] Expected<std::int64_t> erase_but(storage::Database &database, std::string_view kind,
                                               Instant before, const std::set<std::string> &kept);

} // namespace fernamt::ledger::store
