// SPDX-License-Identifier: EUPL-1.2
// The money side of the demo: invented billing details for the centre and every town, and one whole
// agreement in force, so that each page of finance shows something. A second run changes nothing
// that is there. Never for real use.
#pragma once

#include "agreements/template.h"
#include "base/time.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace fernamt::billing {

[[nodiscard]] Expected<void> seed_demo_billing(storage::Database &database,
                                               const std::vector<agreements::TemplateTown> &towns,
                                               Instant now);

// With its check digits (ISO 7064 MOD 97-10 over digits and letters, A = 10).
[[nodiscard]] std::string leitweg_id(const std::string &coarse, const std::string &fine);

} // namespace fernamt::billing
