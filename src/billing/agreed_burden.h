// SPDX-License-Identifier: EUPL-1.2
// What a municipality bears for some months by all that is agreed with it, rated as its invoices
// are: the column that other financing models are compared with. Only reads, issues nothing.
#pragma once

#include "billing/call_fact.h"
#include "billing/month.h"
#include "billing/price_variants.h"
#include "storage/database.h"

#include <optional>
#include <vector>

namespace fernamt::billing {

// `calls`: those of the months. Empty: nothing is agreed on any of their days, or the prices have a
// gap or an overlap, with which no invoice could be made either.
[[nodiscard]] Expected<std::optional<Burden>> agreed_burden(storage::Database &database,
                                                            MunicipalityId municipality,
                                                            const Month &first, const Month &last,
                                                            const std::vector<CallFact> &calls);

} // namespace fernamt::billing
