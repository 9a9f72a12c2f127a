// SPDX-License-Identifier: EUPL-1.2
#include "web/first_day.h"

#include "knowledge/go_live.h"
#include "people/lines.h"

namespace fernamt::web {

Expected<void> may_get_numbers(storage::Connection &connection, MunicipalityId municipality,
                               std::size_t added, Instant now) {
    if (added == 0) return {};
    const auto known = people::lines(connection, municipality);
    if (!known) return tl::unexpected(known.error());
    if (known->size() > added) return {};
    const auto town = people::load_municipality(connection, municipality);
    if (!town) return tl::unexpected(town.error());
    if (town->joins && *town->joins <= now) return {};
    return knowledge::require_go_live(connection, municipality);
}

Expected<void> may_join(storage::Connection &connection, const people::Municipality &before,
                        std::optional<Instant> joins, Instant now) {
    if (joins == before.joins) return {};
    const bool answered = !before.numbers.empty();
    if (!answered && !joins) return {}; // its first number is asked for
    const bool served = answered && (!before.joins || *before.joins <= now);
    if (served && (!joins || *joins <= now)) return {};
    return knowledge::require_go_live(connection, before.id);
}

} // namespace fernamt::web
