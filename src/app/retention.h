// SPDX-License-Identifier: EUPL-1.2
// What a running office erases when its time is over: docs/reference/retention.md. Periods that
// agreements in force name (people/agreed_service.h) stand beside the configuration: the shorter
// one holds. Notes know their municipality. Numbers behind calls do not: for them the strictest
// agreement holds for all. Call records hold no person and are kept.
#pragma once

#include "base/time.h"
#include "ledger/ledger.h"
#include "storage/database.h"

#include <functional>
#include <set>
#include <string>

namespace fernamt::app {

struct Retention {
    storage::Database &database;
    ledger::Ledger &ledger;
    const Clock &clock;
    Duration caller_numbers{};
    Duration call_notes{};
    // Commitments of the numbers that are still to be called back.
    std::function<Expected<std::set<std::string>>()> still_needed;
    std::function<Expected<void>()> erase_deliveries; // what they replaced; goes by `clock`
};

inline constexpr Duration kEraseEvery = 1h;
// What is over by `clock` and by the wall clock that it may be ahead of: erasing cannot be undone.
// Failures are logged, and tried again next time.
void erase_what_is_over(const Retention &retention);

// How long a caller's number may be kept: `configured`, or less; never below an hour, so that no
// running call loses its number.
[[nodiscard]] Duration caller_number_period(storage::Database &database, Instant now,
                                            Duration configured);
// Returns how many notes it erased.
[[nodiscard]] Expected<std::int64_t> erase_notes_as_agreed(storage::Database &database,
                                                           Instant now);

} // namespace fernamt::app
