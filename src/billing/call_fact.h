// SPDX-License-Identifier: EUPL-1.2
// One ended call of one municipality as billing knows it, and the entries of the ledger that such
// facts come from. No person, no number.
#pragma once

#include "agreements/calls.h"
#include "base/id.h"
#include "base/time.h"

#include <cstdint>
#include <string>

namespace fernamt::billing {

struct CallFact {
    CallId call;
    Instant offered_at;
    // Which price it has, or why it has none.
    agreements::CallKind kind = agreements::CallKind::own_number;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t price_class = 0; // of the line
    friend bool operator==(const CallFact &, const CallFact &) = default;
};

struct LedgerRange {        // the entries that a result stands on
    std::int64_t first = 0; // 0: none
    std::int64_t last = 0;
    std::string root; // hash of entry `last`, 64 hex digits; it seals all entries before it
    friend bool operator==(const LedgerRange &, const LedgerRange &) = default;
};

} // namespace fernamt::billing
