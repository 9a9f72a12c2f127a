// SPDX-License-Identifier: EUPL-1.2
// Who can be reached in a town hall, and whether now, for transfers: its editors bring the list as
// a table, agents search it together with the delivered offices and people. Who works for one
// municipality sees that one's only.
#include "base/calendar.h"
#include "knowledge/directory.h"
#include "knowledge/search.h"
#include "people/hours.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/text_check.h"
#include "web/towns.h"

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuery = 200;
constexpr std::int64_t kMostEntries = 100;
constexpr std::int64_t kUsualEntries = 20;

std::string_view to_string(knowledge::Reach reach) {
    switch (reach) {
    case knowledge::Reach::open:
        return "open";
    case knowledge::Reach::closed:
        return "closed";
    case knowledge::Reach::unknown:
        break;
    }
    return "unknown";
}

json::object reachable_json(const knowledge::Reachable &one) {
    return json::object{
        {"office", one.entry.office},      {"name", one.entry.name},
        {"position", one.entry.position},  {"telephone", to_json(one.entry.telephone)},
        {"hours", one.entry.hours},        {"reach", std::string(to_string(one.now.reach))},
        {"until", to_json(one.now.until)}, {"opens", to_json(one.now.opens)}};
}

json::value entry_json(const knowledge::FoundEntry &one, Towns &towns) {
    json::object made = reachable_json(one);
    const auto town = towns.find(one.municipality);
    made["municipality"] = to_ars(one.municipality);
    made["town"] = town ? town->name : knowledge::area_name(one.municipality);
    made["email"] = one.entry.email;
    made["room"] = one.entry.room;
    made["delivered"] = one.entry.delivered;
    made["substitute"] = nullptr;
    if (one.substitute) made["substitute"] = reachable_json(*one.substitute);
    return made;
}

// The other towns of the same district.
std::vector<MunicipalityId> neighbours_of(MunicipalityId municipality, Towns &towns) {
    std::vector<MunicipalityId> near;
    const auto areas = knowledge::lineage(municipality);
    const auto district =
        std::ranges::find(areas, knowledge::AreaLevel::district, &knowledge::level_of);
    const auto all = towns.all();
    if (!all || district == areas.end()) return near; // the own town's are better than none
    for (const Town &town : *all) {
        if (town.id != municipality && knowledge::contains(*district, town.id))
            near.push_back(town.id);
    }
    return near;
}

// As the switchboard knows them; a line's own exceptions are the line's. Without them when they
// cannot be read: the rest of the answer still helps.
std::vector<routing::HoursException> closures_of(storage::Database &database,
                                                 MunicipalityId municipality) {
    std::vector<routing::HoursException> closures;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        closures.clear();
        const auto all = people::hours_exceptions(connection, municipality);
        if (!all) return tl::unexpected(all.error());
        for (const people::HoursException &one : *all) {
            if (one.line == 0 && !one.rule.open) closures.push_back(one.rule);
        }
        return {};
    });
    return done ? closures : std::vector<routing::HoursException>{};
}

// Offices have more names than the list says ("Jugendamt"): the search knows them. What it cannot
// say now, the list's own words do.
std::vector<std::int64_t> offices_meant(const ApiParts &parts, const Incoming &incoming,
                                        MunicipalityId municipality, const std::string &query) {
    const auto result = parts.catalogue.search({.text = query,
                                                .municipality = municipality,
                                                .today = to_local(incoming.now).date,
                                                .limit = 1,
                                                .reader = reader_of(incoming.caller),
                                                .beside = {knowledge::DocumentKind::office}});
    std::vector<std::int64_t> offices;
    if (!result) return offices;
    for (const knowledge::BesideHit &hit : result->beside)
        offices.push_back(hit.id);
    return offices;
}

Expected<Reply> search(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto query = query_text(incoming.request, "q", kLongestQuery);
    if (!query) return tl::unexpected(query.error());
    auto limit = query_integer(incoming.request, "limit", 1, kMostEntries, kUsualEntries);
    if (!limit) return tl::unexpected(limit.error());
    auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    if (!*municipality) return fail(ProblemKind::invalid_input, "knowledge.municipality_missing");
    knowledge::DirectoryQuestion question{.municipality = **municipality,
                                          .neighbours = {},
                                          .text = *query,
                                          .offices = {},
                                          .limit = static_cast<std::size_t>(*limit),
                                          .now = incoming.now};
    if (query->find_first_not_of(' ') != std::string::npos)
        question.offices = offices_meant(parts, incoming, **municipality, *query);
    question.closures = [&](MunicipalityId town) { return closures_of(parts.database, town); };
    if (!incoming.caller.municipality) question.neighbours = neighbours_of(**municipality, towns);
    const auto found = knowledge::find_in_directory(parts.database, question);
    if (!found) return tl::unexpected(found.error());
    json::array items;
    for (const knowledge::FoundEntry &one : *found)
        items.push_back(entry_json(one, towns));
    return json_reply(json::object{{"items", std::move(items)}});
}

// With dry_run the table is only looked at; with a fault nothing is stored.
Expected<Reply> import(const ApiParts &parts, const Incoming &incoming) {
    auto type = check_media_type(incoming.request, "text/csv");
    if (!type) return tl::unexpected(type.error());
    auto dry_run = query_text(incoming.request, "dry_run", 5);
    if (!dry_run) return tl::unexpected(dry_run.error());
    if (!is_clean_text(incoming.request.body, Lines::many)) {
        return invalid_value("body", "not_clean_text");
    }
    const auto parsed = knowledge::parse_directory(incoming.request.body);
    const bool stores = *dry_run != "true" && parsed.faults.empty();
    if (stores) {
        auto stored = knowledge::store_directory(
            parts.database, path_municipality(incoming.request), parsed.entries);
        if (!stored) return tl::unexpected(stored.error());
    }
    json::array faults;
    for (const knowledge::DirectoryFault &fault : parsed.faults)
        faults.push_back(json::object{{"line", fault.line}, {"field", fault.field}});
    return json_reply(json::object{
        {"entries", parsed.entries.size()}, {"stored", stores}, {"faults", std::move(faults)}});
}

} // namespace

void add_directory_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/knowledge/directory",
             [&](const Incoming &incoming) { return search(parts, towns, incoming); });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/directory",
             [&](const Incoming &incoming) { return import(parts, incoming); });
}

} // namespace fernamt::web
