// SPDX-License-Identifier: EUPL-1.2
// The official list of Germany's municipalities, asked by name or key: so that nobody has to type
// twelve digits when a municipality joins.
#include "knowledge/areas.h"
#include "people/municipalities.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/text_check.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostAreas = 20;

// Only what German names need: "Ä" finds "ä".
std::string folded(std::string_view text) {
    std::string low;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool after_lead = i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xC3;
        const bool capital = (c >= 'A' && c <= 'Z') ||
                             (after_lead && (c == 0x84 || c == 0x96 || c == 0x9C)); // Ä Ö Ü
        low += static_cast<char>(capital ? c + 0x20 : c);
    }
    return low;
}

// Smaller is nearer; nothing: no match.
std::optional<int> rank_of(const knowledge::Municipality &area, const std::string &wanted) {
    const std::string name = folded(area.name);
    if (name == wanted || to_ars(area.id) == wanted) return 0;
    if (name.starts_with(wanted)) return 1;
    if (to_ars(area.id).starts_with(wanted)) return 2;
    if (name.find(wanted) != std::string::npos) return 3;
    return std::nullopt;
}

std::vector<const knowledge::Municipality *> find_areas(const std::string &wanted) {
    std::vector<std::pair<int, const knowledge::Municipality *>> ranked;
    for (const auto &area : knowledge::municipalities()) {
        if (const auto rank = rank_of(area, wanted)) ranked.emplace_back(*rank, &area);
    }
    std::ranges::stable_sort(ranked, {}, [](const auto &one) { return one.first; });
    if (ranked.size() > kMostAreas) ranked.resize(kMostAreas);
    std::vector<const knowledge::Municipality *> found;
    for (const auto &[rank, area] : ranked)
        found.push_back(area);
    return found;
}

json::value area_json(const knowledge::Municipality &area, bool joined) {
    const auto land = knowledge::land_of(area.id);
    json::value land_json = nullptr;
    if (land) land_json = std::string(fernamt::to_string(*land));
    const auto lineage = knowledge::lineage(area.id);
    std::string within;
    for (const auto above : lineage) {
        if (above == area.id || above == knowledge::kFederation) continue;
        if (knowledge::level_of(above) == knowledge::AreaLevel::association) continue;
        within += (within.empty() ? "" : ", ") + knowledge::area_name(above);
    }
    return json::object{{"ars", to_ars(area.id)},
                        {"name", std::string(area.name)},
                        {"official_name", std::string(area.official_name)},
                        {"kind", std::string(knowledge::to_string(area.kind))},
                        {"within", within},
                        {"land", land_json},
                        {"joined", joined}};
}

Expected<Reply> list(const people::Municipalities &municipalities, const Incoming &incoming) {
    auto text = query_text(incoming.request, "q", 100);
    if (!text) return tl::unexpected(text.error());
    auto joined = municipalities.all();
    if (!joined) return tl::unexpected(joined.error());
    std::set<MunicipalityId> known;
    for (const auto &one : *joined)
        known.insert(one.id);
    json::array items;
    if (length_of(*text) >= 2) {
        for (const auto *area : find_areas(folded(*text)))
            items.push_back(area_json(*area, known.contains(area->id)));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

} // namespace

void add_area_routes(net::Router &router, Gate &gate, people::Municipalities &municipalities) {
    gate.add(router, "GET", "/api/v1/areas",
             [&](const Incoming &incoming) { return list(municipalities, incoming); });
}

} // namespace fernamt::web
