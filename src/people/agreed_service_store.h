// SPDX-License-Identifier: EUPL-1.2
// The tables of agreed_service.h: promises and periods by day, and the effects with their states as
// JSON. No rules here. Internal to people.
#pragma once

#include "people/agreed_service.h"

#include <vector>

namespace fernamt::people::store {

[[nodiscard]] Expected<void>
replace_promises(storage::Connection &connection, MunicipalityId municipality,
                 const std::vector<agreements::Dated<agreements::Promise>> &all);
[[nodiscard]] Expected<void>
replace_retentions(storage::Connection &connection, MunicipalityId municipality,
                   const std::vector<agreements::Dated<agreements::Retention>> &all);
[[nodiscard]] Expected<void> insert_effect(const Change &change, AgreedEffect &effect);

} // namespace fernamt::people::store
