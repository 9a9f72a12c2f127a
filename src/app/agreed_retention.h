// SPDX-License-Identifier: EUPL-1.2
// Periods for deletion that agreements in force name (people/agreed_service.h) beside the
// configuration: the shorter one holds. Notes know their municipality. Numbers behind calls do not:
// for them the strictest agreement holds for all. Call records hold no person and are kept.
#pragma once

#include "base/time.h"
#include "storage/database.h"

namespace fernamt::app {

// How long a caller's number may be kept: `configured`, or less; never below an hour, so that no
// running call loses its number.
[[nodiscard]] Duration caller_number_period(storage::Database &database, Instant now,
                                            Duration configured);
// Returns how many notes it erased.
[[nodiscard]] Expected<std::int64_t> erase_notes_as_agreed(storage::Database &database,
                                                           Instant now);

} // namespace fernamt::app
