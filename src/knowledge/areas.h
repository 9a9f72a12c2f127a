// SPDX-License-Identifier: EUPL-1.2
// Germany's areas by ARS (Destatis, data/areas): every municipality with its name and kind, and
// what lies above it. Inheritance is a pure function of the key: municipality, association
// (Gemeindeverband), district, Land, federation (000000000000, here Id 0). Names of associations
// are not in the list. Read once, then immutable.
#pragma once

#include "base/calendar.h"
#include "base/id.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

using AreaId = MunicipalityId; // any level; Id 0 is the federation
inline constexpr AreaId kFederation{0};

enum class AreaLevel { municipality, association, district, land, federation };
[[nodiscard]] std::string_view to_string(AreaLevel level);

enum class MunicipalityKind { city, market, municipality, unincorporated, part_of_city };
[[nodiscard]] std::string_view to_string(MunicipalityKind kind);

struct Municipality {
    AreaId id;
    MunicipalityKind kind = MunicipalityKind::municipality;
    std::string_view official_name; // "Burgdorf, Stadt"
    std::string_view name;          // "Burgdorf"
};

// The key's own digits decide: ARS = Land 2, Regierungsbezirk 1, district 2, association 4,
// municipality 3; an association's key begins with 5. A city that is its own district has one key
// for both: it is a municipality.
[[nodiscard]] AreaLevel level_of(AreaId id);
// The area itself first, then what it lies in, the federation last; each once.
[[nodiscard]] std::vector<AreaId> lineage(AreaId id);
[[nodiscard]] bool contains(AreaId outer, AreaId inner); // also when they are the same

// All, by id.
[[nodiscard]] const std::vector<Municipality> &municipalities();
[[nodiscard]] const Municipality *find_municipality(AreaId id);
// "Langenhagen", "Region Hannover", "Niedersachsen", "Bund"; a district or association without a
// known name by its key, "Kreis 01051".
[[nodiscard]] std::string area_name(AreaId id);
[[nodiscard]] std::optional<Land> land_of(AreaId id);

// What deliveries write: ARS (12 digits), AGS (8, through the list: it cannot be computed where
// associations exist), district (5) or Land (2); blanks around are ignored.
[[nodiscard]] std::optional<AreaId> parse_area(std::string_view text);
[[nodiscard]] std::string to_ags(AreaId id); // 8 digits

} // namespace fernamt::knowledge
