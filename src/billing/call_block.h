// SPDX-License-Identifier: EUPL-1.2
// Many calls in few bytes: each fact as a column of short numbers, about 17 bytes a call, with a
// version and a checksum. What pack() made, unpack() gives back exactly; anything else is refused
// ("billing.call_block_damaged"). The order of the calls is that of their ids. No I/O.
#pragma once

#include "agreements/calls.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"

#include <cstddef>
#include <vector>

namespace fernamt::billing {

struct KnownCall {
    CallId call;
    Instant offered_at;
    agreements::CallKind kind = agreements::CallKind::own_number;     // as last said
    agreements::CallKind own_kind = agreements::CallKind::own_number; // as the call itself tells
    Duration talk{};
    Duration work{};
    std::int64_t price_class = 0;
    friend bool operator==(const KnownCall &, const KnownCall &) = default;
};

[[nodiscard]] std::vector<std::byte> pack(std::vector<KnownCall> calls);
[[nodiscard]] Expected<std::vector<KnownCall>> unpack(const std::vector<std::byte> &bytes);

} // namespace fernamt::billing
