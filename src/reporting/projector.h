// SPDX-License-Identifier: EUPL-1.2
// Projector derives the call_record table from the ledger. catch_up() takes the entries since the
// last time; position and records change in one transaction, so a crash loses and doubles nothing.
// rebuild() drops everything and derives it again: the result is the same. It never writes the
// ledger. Thread-safe.
#pragma once

#include "base/problem.h"
#include "ledger/ledger.h"
#include "storage/database.h"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace fernamt::reporting {

class Projector {
  public:
    Projector(ledger::Ledger &ledger, storage::Database &database);

    // Returns the number of entries taken. Cheap when there are none: no query at all.
    [[nodiscard]] Expected<std::int64_t> catch_up();
    [[nodiscard]] Expected<std::int64_t> rebuild();
    // Calls ever seen, for the metrics: counted along the way, never by scanning.
    [[nodiscard]] Expected<std::int64_t> calls() const;

  private:
    [[nodiscard]] Expected<std::int64_t> catch_up_locked();
    [[nodiscard]] Expected<bool> take_batch();

    ledger::Ledger &ledger_;
    storage::Database &database_;
    mutable std::mutex mutex_;
    std::atomic<std::int64_t> position_ = -1; // last entry taken; -1: not read from the table yet
};

} // namespace fernamt::reporting
