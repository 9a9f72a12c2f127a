// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/areas.h"

#include "knowledge/area_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <unordered_map>

namespace fernamt::knowledge {

namespace {

constexpr std::int64_t kAssociation = 1'000; // 3 digits of the municipality below
constexpr std::int64_t kDistrict = 10'000'000;
constexpr std::int64_t kLand = 10'000'000'000;

struct LandName {
    Land land;
    std::string_view name;
};
// By the first two digits of the key, 01 to 16.
constexpr std::array<LandName, 16> kLaender{{{Land::SH, "Schleswig-Holstein"},
                                             {Land::HH, "Hamburg"},
                                             {Land::NI, "Niedersachsen"},
                                             {Land::HB, "Bremen"},
                                             {Land::NW, "Nordrhein-Westfalen"},
                                             {Land::HE, "Hessen"},
                                             {Land::RP, "Rheinland-Pfalz"},
                                             {Land::BW, "Baden-Württemberg"},
                                             {Land::BY, "Bayern"},
                                             {Land::SL, "Saarland"},
                                             {Land::BE, "Berlin"},
                                             {Land::BB, "Brandenburg"},
                                             {Land::MV, "Mecklenburg-Vorpommern"},
                                             {Land::SN, "Sachsen"},
                                             {Land::ST, "Sachsen-Anhalt"},
                                             {Land::TH, "Thüringen"}}};

const LandName *land_name(AreaId id) {
    const std::int64_t number = id.value / kLand;
    if (number < 1 || number > 16) return nullptr;
    return &kLaender[static_cast<std::size_t>(number - 1)];
}

std::string joined(const std::vector<std::string_view> &pieces) {
    std::string all;
    for (const std::string_view piece : pieces)
        all += piece;
    return all;
}

std::optional<std::int64_t> digits(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

// Calls read for every row but comments.
template <class Read>
void each_row(std::string_view text, const Read &read) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view row = text.substr(0, end);
        if (!row.empty() && row.front() != '#') read(row);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

MunicipalityKind kind_of(char letter) {
    switch (letter) {
    case 'C':
        return MunicipalityKind::city;
    case 'M':
        return MunicipalityKind::market;
    case 'U':
        return MunicipalityKind::unincorporated;
    case 'P':
        return MunicipalityKind::part_of_city;
    default:
        return MunicipalityKind::municipality;
    }
}

struct Register {
    std::string text; // what the names point into
    std::vector<Municipality> all;
    std::unordered_map<std::int64_t, std::int64_t> by_ags;
    std::map<std::int64_t, std::string> districts; // by ARS

    Register() : text(joined(area_rows())) {
        each_row(text, [&](std::string_view row) {
            const std::string_view name = row.substr(15);
            all.push_back({.id = AreaId{digits(row.substr(0, 12)).value_or(0)},
                           .kind = kind_of(row[13]),
                           .official_name = name,
                           .name = name.substr(0, name.find(", "))});
        });
        std::ranges::sort(all, {}, &Municipality::id);
        for (const Municipality &each : all) {
            const std::int64_t id = each.id.value;
            by_ags.emplace(id / kDistrict * kAssociation + id % kAssociation, id);
        }
        const std::string rows = joined(district_rows());
        each_row(rows, [&](std::string_view row) {
            districts.emplace(digits(row.substr(0, 5)).value_or(0) * kDistrict, row.substr(6));
        });
    }
};

const Register &the_register() {
    static const Register loaded;
    return loaded;
}

} // namespace

std::string_view to_string(AreaLevel level) {
    switch (level) {
    case AreaLevel::municipality:
        return "municipality";
    case AreaLevel::association:
        return "association";
    case AreaLevel::district:
        return "district";
    case AreaLevel::land:
        return "land";
    case AreaLevel::federation:
        return "federation";
    }
    return "municipality";
}

std::string_view to_string(MunicipalityKind kind) {
    switch (kind) {
    case MunicipalityKind::city:
        return "city";
    case MunicipalityKind::market:
        return "market";
    case MunicipalityKind::municipality:
        return "municipality";
    case MunicipalityKind::unincorporated:
        return "unincorporated";
    case MunicipalityKind::part_of_city:
        return "part_of_city";
    }
    return "municipality";
}

AreaLevel level_of(AreaId id) {
    if (id.value == 0) return AreaLevel::federation;
    if (id.value % kAssociation != 0) return AreaLevel::municipality;
    if (id.value % kLand == 0) {
        // Berlin and Hamburg are a Land and a city with one key; the list names them as cities,
        // inheritance needs the Land.
        return AreaLevel::land;
    }
    if (find_municipality(id)) return AreaLevel::municipality; // a city that is its own district
    return id.value % kDistrict == 0 ? AreaLevel::district : AreaLevel::association;
}

std::vector<AreaId> lineage(AreaId id) {
    std::vector<AreaId> areas{id};
    const auto add = [&](std::int64_t value) {
        if (areas.back().value != value) areas.push_back(AreaId{value});
    };
    // The sixth digit of an association's key is 5; other keys there are the municipality's own.
    const bool has_association = id.value % kDistrict / 1'000'000 == 5;
    if (has_association) add(id.value / kAssociation * kAssociation);
    add(id.value / kDistrict * kDistrict);
    add(id.value / kLand * kLand);
    add(0);
    return areas;
}

bool contains(AreaId outer, AreaId inner) {
    const auto areas = lineage(inner);
    return std::ranges::find(areas, outer) != areas.end();
}

const std::vector<Municipality> &municipalities() {
    return the_register().all;
}

const Municipality *find_municipality(AreaId id) {
    const auto &all = municipalities();
    const auto found = std::ranges::lower_bound(all, id, {}, &Municipality::id);
    return found != all.end() && found->id == id ? &*found : nullptr;
}

std::string area_name(AreaId id) {
    if (id == kFederation) return "Bund";
    if (id.value % kLand == 0) {
        if (const auto *land = land_name(id)) return std::string(land->name);
    }
    if (const auto *found = find_municipality(id)) return std::string(found->name);
    const auto &districts = the_register().districts;
    if (const auto found = districts.find(id.value); found != districts.end()) {
        return found->second;
    }
    if (level_of(id) == AreaLevel::district) {
        return fmt::format("Kreis {:05}", id.value / kDistrict);
    }
    return fmt::format("{:012}", id.value);
}

std::optional<Land> land_of(AreaId id) {
    const auto *found = land_name(id);
    if (!found) return std::nullopt;
    return found->land;
}

std::optional<AreaId> parse_area(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ')
        text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ')
        text.remove_suffix(1);
    const auto value = digits(text);
    if (!value) return std::nullopt;
    switch (text.size()) {
    case 12:
        return AreaId{*value};
    case 5:
        return AreaId{*value * kDistrict};
    case 2:
        return AreaId{*value * kLand};
    case 8: {
        const auto &by_ags = the_register().by_ags;
        const auto found = by_ags.find(*value);
        if (found != by_ags.end()) return AreaId{found->second};
        // A district's or Land's AGS is filled with zeros as well.
        if (*value % kAssociation == 0) return AreaId{*value / kAssociation * kDistrict};
        return std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

std::string to_ags(AreaId id) {
    return fmt::format("{:05}{:03}", id.value / kDistrict, id.value % kAssociation);
}

} // namespace fernamt::knowledge
