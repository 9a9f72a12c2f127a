// SPDX-License-Identifier: EUPL-1.2
// What deliveries say about one service in one place: the service's own text modules and numbers
// (fees, deadlines, durations), each replaced by what the specialisation of the most specific area
// above the place says of the same kind. A kind that the specialisation does not mention keeps what
// the service says; words stand before numbers, but never another owner's words. German only; own
// texts of the municipalities are not delivered and do not come from here.
#pragma once

#include "knowledge/areas.h"
#include "knowledge/service.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

// "($2, $3)" for some areas, and the values that go with it.
struct AreaFilter {
    std::string list;
    std::vector<storage::Value> values;
};
// first: $1; without it the areas begin with $1.
[[nodiscard]] AreaFilter area_filter(const std::vector<AreaId> &areas,
                                     std::optional<std::int64_t> first);

// The specialisation of the most specific of the areas, which are a lineage.
[[nodiscard]] Expected<std::optional<std::int64_t>>
specialisation_for(storage::Connection &connection, ServiceId service,
                   const std::vector<AreaId> &areas);

struct Delivered {
    // HTML of the white list by module ("06", "fee", "own"), as many pieces as were delivered.
    std::map<std::string, std::vector<std::string>, std::less<>> html;
    // "12,50 €", "14 Tage": by module too, only where no words of the same owner say it.
    std::map<std::string, std::vector<std::string>, std::less<>> numbers;
    bool specialised = false;

    // Of a module, words or numbers as plain lines, each once.
    [[nodiscard]] std::vector<std::string> lines(std::string_view module) const;
};
[[nodiscard]] Expected<Delivered> read_delivered(storage::Connection &connection, ServiceId service,
                                                 const std::vector<AreaId> &areas);
// What one owner, a service or a specialisation, says by itself.
[[nodiscard]] Expected<Delivered> read_delivered_of(storage::Connection &connection,
                                                    std::int64_t owner);

// Module "05", "24" or "06", the first that there is, as one line to read aloud.
[[nodiscard]] std::string delivered_short_text(const Delivered &delivered);

} // namespace fernamt::knowledge
