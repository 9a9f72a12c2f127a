// SPDX-License-Identifier: EUPL-1.2
// Where agreed_service.h leads to becomes the municipality's term, hours, lines, promises and
// periods: through the same functions that people's changes take. Decides nothing. Internal to
// people.
#pragma once

#include "people/agreed_service.h"

namespace fernamt::people::store {

// `now`: what is stored. Problems of set_term, modify and the lines.
[[nodiscard]] Expected<void> write_state(const Change &change, MunicipalityId municipality,
                                         const AgreedState &now, const AgreedState &wanted);

} // namespace fernamt::people::store
