// SPDX-License-Identifier: EUPL-1.2
// What the demo's administration and lead have arranged: skills of some agents, queues that ask for
// them (the Region's number leads to one), a partner who helps during the staff outing, and
// prepared crises. Written once, into a house that has no skills, queues, partners or plans yet.
#pragma once

#include "base/time.h"
#include "people/demo.h"
#include "storage/database.h"

namespace fernamt::people {

[[nodiscard]] Expected<void> seed_demo_house(storage::Database &database, const Clock &clock,
                                             const DemoRegion &region);

} // namespace fernamt::people
