// SPDX-License-Identifier: EUPL-1.2
// Where the calls of a municipality's local day stand (migration 104): as rows while more is to be
// expected of them, as one packed block (call_block.h) when the day is over. What comes late opens
// the day: its calls are rows again until it is packed the next time. A call is never in both.
// Problems, besides the database's: "billing.call_block_damaged", "billing.kind_unknown".
#pragma once

#include "billing/call_block.h"
#include "storage/database.h"

#include <functional>
#include <optional>

namespace fernamt::billing {

inline constexpr MunicipalityId kOfNoMunicipality{0};

struct CallDay {
    MunicipalityId municipality;
    Instant begin; // of a local day
};

// The block with this call, if it is in one.
[[nodiscard]] Expected<std::optional<CallDay>> packed_day_of(storage::Connection &connection,
                                                             CallId call);
// Only inside Database::write(), like pack_day().
[[nodiscard]] Expected<void> open_day(storage::Connection &connection, const CallDay &day);
// False: there is no call in this day.
[[nodiscard]] Expected<bool> pack_day(storage::Connection &connection, const CallDay &day);
// The one of the earliest call that stands as a row and was offered in (after, before).
struct OpenDay {
    CallDay day;
    Instant offered_at; // of that call
};
[[nodiscard]] Expected<std::optional<OpenDay>> oldest_open_day(storage::Connection &connection,
                                                               Instant after, Instant before);

// The calls offered in [begin, end), which are where local days begin. In no order.
using OnCall = std::function<Expected<void>(const KnownCall &)>;
[[nodiscard]] Expected<void> each_call(storage::Connection &connection, MunicipalityId municipality,
                                       Instant begin, Instant end, const OnCall &on_call);

} // namespace fernamt::billing
