// SPDX-License-Identifier: EUPL-1.2
// What the agent looks up: search, and one service as a municipality answers it.
#include "base/calendar.h"
#include "base/log.h"
#include "knowledge/search.h"
#include "knowledge/search_gaps.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuery = 200;
constexpr std::int64_t kMostHits = 100;
constexpr std::int64_t kUsualHits = 20;

json::object service_json(const knowledge::Service &service, knowledge::Freshness state) {
    return json::object{{"id", service.id.value},
                        {"leika", service.leika},
                        {"name", service.name},
                        {"colloquial", service.colloquial},
                        {"checked_on", fernamt::to_string(service.checked_on)},
                        {"state", std::string(knowledge::to_string(state))}};
}

// Why a service was found: what was typed, in which way it is said, and where.
json::array why_json(const knowledge::SearchHit &hit) {
    json::array all;
    for (const knowledge::Why &why : hit.why) {
        all.push_back(json::object{{"said", why.said},
                                   {"by", std::string(knowledge::to_string(why.kind))},
                                   {"field", std::string(knowledge::to_string(why.field))},
                                   {"found", why.found}});
    }
    return all;
}

json::object hit_json(const knowledge::SearchHit &hit) {
    json::object item = service_json(hit.service, hit.state);
    item["short_answer"] = hit.service.short_answer;
    item["section"] = hit.section ? json::value(std::string(knowledge::to_string(*hit.section)))
                                  : json::value(nullptr);
    item["why"] = why_json(hit);
    item["neighbour"] = hit.neighbour ? json::value(to_ars(*hit.neighbour)) : json::value(nullptr);
    return item;
}

json::value section_json(const knowledge::Section &section, Language language) {
    json::array lines;
    std::string text;
    for (const std::string &line : section.lines) {
        lines.emplace_back(line);
        if (!text.empty()) text += '\n';
        text += line;
    }
    const auto heading = language == Language::german ? knowledge::heading_de(section.key)
                                                      : knowledge::heading_en(section.key);
    return json::object{{"key", std::string(knowledge::to_string(section.key))},
                        {"heading", std::string(heading)},
                        {"text", text},
                        {"lines", std::move(lines)}};
}

// What nobody has written about yet. Losing a count is no reason to refuse an answer.
void count_gap(knowledge::SearchGaps &gaps, const Incoming &incoming, const std::string &query,
               std::optional<MunicipalityId> municipality, bool found) {
    if (query.empty()) return;
    const auto counted = gaps.asked(incoming.caller.user, municipality.value_or(MunicipalityId{}),
                                    query, found, incoming.now);
    if (!counted)
        log::warning("knowledge.gap_not_counted", {{"problem", describe(counted.error())}});
}

Expected<Reply> search(const ApiParts &parts, knowledge::SearchGaps &gaps,
                       const Incoming &incoming) {
    auto query = query_text(incoming.request, "q", kLongestQuery);
    if (!query) return tl::unexpected(query.error());
    auto limit = query_integer(incoming.request, "limit", 1, kMostHits, kUsualHits);
    if (!limit) return tl::unexpected(limit.error());
    auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());

    const LocalDate today = to_local(incoming.now).date;
    // Who works for one municipality reads that one's articles only.
    const bool neighbours = !incoming.caller.municipality;
    const auto result = parts.catalogue.search(*query, *municipality, *limit, today, neighbours);
    if (!result) return tl::unexpected(result.error());
    count_gap(gaps, incoming, *query, *municipality, result->total > 0);
    json::array items;
    for (const knowledge::SearchHit &hit : result->items)
        items.push_back(hit_json(hit));
    return json_reply(json::object{{"items", std::move(items)},
                                   {"total", result->total},
                                   {"websites", websites_json(result->websites)}});
}

Expected<Reply> show_service(const ApiParts &parts, const Incoming &incoming) {
    auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    if (!*municipality) return fail(ProblemKind::invalid_input, "knowledge.municipality_missing");

    const LocalDate today = to_local(incoming.now).date;
    auto article = parts.catalogue.article(knowledge::ServiceId{*id}, **municipality, today);
    if (!article) return tl::unexpected(article.error());
    json::object body = service_json(article->service, article->state);
    body["municipality"] = to_ars(article->municipality);
    body["read_aloud"] = article->read_aloud;
    json::array sections;
    for (const knowledge::Section &section : article->sections) {
        sections.push_back(section_json(section, incoming.language));
    }
    body["sections"] = std::move(sections);
    return json_reply(body);
}

} // namespace

void add_knowledge_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          knowledge::SearchGaps &gaps) {
    gate.add(router, "GET", "/api/v1/knowledge/services",
             [&](const Incoming &incoming) { return search(parts, gaps, incoming); });
    gate.add(router, "GET", "/api/v1/knowledge/services/{id}",
             [&](const Incoming &incoming) { return show_service(parts, incoming); });
}

} // namespace fernamt::web
