// SPDX-License-Identifier: EUPL-1.2
// What an agreed scope is on a line: absence and overflow let the town hall's
// operator ring first, "out of hours" opens the number at the centre only when nobody sits there,
// "crisis only" never but in a crisis, and 115 is what its calls are counted as. Pure.
#pragma once

#include "agreements/service_plan.h"
#include "people/agreed_service.h"

namespace fernamt::people {

// `without`: the line as it is without this agreement; what the scope says nothing about stays so.
// All of it where the agreement does not say enough: people set that, and open_points() asks for
// it. `hours`: those of the centre, by their days.
[[nodiscard]] AgreedState::Setup
setup_of(const agreements::Dated<agreements::NumberScope> &agreed,
         const std::vector<agreements::Dated<std::vector<agreements::ServiceHours>>> &hours,
         AgreedState::Setup without);

} // namespace fernamt::people
