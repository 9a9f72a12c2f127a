// SPDX-License-Identifier: EUPL-1.2
// What an agreement's step means for the telephone service (people/agreed_service.h) happens in the
// step's own transaction: both are stored or neither. Distribution takes it up with
// RuleChange::make (a running program), or at the next start (the command line).
#pragma once

#include "agreements/service_plan.h"
#include "billing/change.h"
#include "storage/database.h"

#include <cstdint>

namespace fernamt::web {

// The plan of all agreements of a municipality, as they stand in this transaction.
[[nodiscard]] Expected<agreements::ServicePlan> plan_of(storage::Connection &connection,
                                                        MunicipalityId municipality);
// `agreement`: whose change it is. A municipality with a standard price for the day before its
// first agreement is served already, and goes on being served.
[[nodiscard]] billing::Change with_effect(billing::Change change, storage::Database &database,
                                          MunicipalityId municipality, std::int64_t agreement);

} // namespace fernamt::web
