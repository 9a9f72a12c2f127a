// SPDX-License-Identifier: EUPL-1.2
// What a body says about giving a call to another municipality or kind (billing/classification.h):
// read alike by the route of a call and by the decision about a query. Refuses unknown words.
#pragma once

#include "billing/classification.h"
#include "web/json_reader.h"
#include "web/towns.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

// Members "municipality", "kind" (both optional) and, if `with_reason`, "reason".
[[nodiscard]] billing::Reclassification read_reclassification(JsonReader &reader, bool with_reason);
// "municipality.not_found" unless its municipality is known.
[[nodiscard]] Expected<void> check_town(Towns &towns, const billing::Reclassification &change);

} // namespace fernamt::web
