// SPDX-License-Identifier: EUPL-1.2
// Reads the calls of a municipality and month from the ledger, by its index on municipality, type
// and time: never the whole ledger. Only reads.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "billing/call_collector.h"
#include "billing/month.h"
#include "storage/database.h"

namespace fernamt::billing {

[[nodiscard]] Expected<MonthCalls> read_month(storage::Database &database,
                                              MunicipalityId municipality, const Month &month);

} // namespace fernamt::billing
