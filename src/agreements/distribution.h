// SPDX-License-Identifier: EUPL-1.2
// Divides an amount of money by a key so that not a cent is lost or made: largest remainder
// (Hare/Niemeyer), equal remainders in the order of the key. Used for surplus, shortage and levies.
#pragma once

#include "base/money.h"
#include "base/problem.h"

#include <cstdint>
#include <vector>

namespace fernamt::agreements {

// One part per weight. Also for negative amounts (a surplus is paid back). Weights may be 0, not
// all of them: "agreement.key_empty" (remedy); negative: the same.
[[nodiscard]] Expected<std::vector<Money>> distribute(Money amount,
                                                      const std::vector<std::int64_t> &weights);

} // namespace fernamt::agreements
