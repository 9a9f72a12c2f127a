// SPDX-License-Identifier: EUPL-1.2
// Exact times as whole units for people who add them up. The clauses round up ("every started
// second counts"), so the billed sum is rounded up, too, and its parts are given so that they make
// just this sum; each part is off by less than one unit. Shown only: nothing is computed from it.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <vector>

namespace fernamt::web {

struct ShownTimes { // in units
    std::int64_t talk = 0;
    std::int64_t after_call_work = 0;
};
// If after-call work is not billed, talk alone is the billed sum.
[[nodiscard]] ShownTimes shown_times(Duration talk, Duration after_call_work,
                                     bool counts_after_call_work, Duration unit);

// The parts of a sum that is rounded up once, in order.
[[nodiscard]] std::vector<std::int64_t> shown_parts(const std::vector<Duration> &parts,
                                                    Duration unit);

} // namespace fernamt::web
