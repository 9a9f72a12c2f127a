// SPDX-License-Identifier: EUPL-1.2
// The gate before a municipality goes live (R-40, knowledge/go_live.h), asked where the
// administration gives it its first number or a first day: within the change itself, so that
// nothing of a refused change stays. Who is served already is asked nothing. What an agreement
// that both have signed sets (web/agreed_change.h) is not asked either: it is signed long before.
#pragma once

#include "people/municipalities.h"

namespace fernamt::web {

// After `added` numbers were stored: "knowledge.gate_undecided" if it had none before and nobody
// has let it go live, unless its first day has come: then a number is only replaced.
[[nodiscard]] Expected<void> may_get_numbers(storage::Connection &connection,
                                             MunicipalityId municipality, std::size_t added,
                                             Instant now);
// `before`: as it was stored; `joins`: wanted. "knowledge.gate_undecided" for a day that it did not
// have, unless calls for it are taken already and are to be taken on.
[[nodiscard]] Expected<void> may_join(storage::Connection &connection,
                                      const people::Municipality &before,
                                      std::optional<Instant> joins, Instant now);

} // namespace fernamt::web
