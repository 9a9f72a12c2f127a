// SPDX-License-Identifier: EUPL-1.2
// What the agent looks up: search, one service as a municipality answers it, and which services
// were looked up in calls.
#include "base/calendar.h"
#include "base/log.h"
#include "knowledge/search.h"
#include "knowledge/search_gaps.h"
#include "knowledge/service_requests.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuery = 200;
constexpr std::int64_t kMostHits = 100;
constexpr std::int64_t kUsualHits = 20;
constexpr std::array kBesideKinds{knowledge::DocumentKind::office, knowledge::DocumentKind::person,
                                  knowledge::DocumentKind::guide};

json::object service_json(const knowledge::Service &service, knowledge::Freshness state) {
    return json::object{{"id", service.id.value},
                        {"leika", service.leika},
                        {"name", service.name},
                        {"colloquial", service.colloquial},
                        {"checked_on", date_json(service.check.on)},
                        {"changed_on", date_json(service.changed_on)},
                        {"state", std::string(knowledge::to_string(state))}};
}

// Why a service was found: what was typed, in which way it is said, and where.
json::object hit_json(const knowledge::SearchHit &hit) {
    json::object item = service_json(hit.service, hit.state);
    item["short_answer"] = hit.service.short_answer;
    item["section"] = hit.section ? json::value(std::string(knowledge::to_string(*hit.section)))
                                  : json::value(nullptr);
    item["why"] = why_json(hit.why);
    item["neighbour"] = hit.neighbour ? json::value(to_ars(*hit.neighbour)) : json::value(nullptr);
    item["answered"] = hit.answered;
    item["internal"] = hit.internal;
    return item;
}

json::array beside_json(const std::vector<knowledge::BesideHit> &hits) {
    json::array all;
    for (const knowledge::BesideHit &hit : hits) {
        all.push_back(json::object{{"kind", std::string(knowledge::to_string(hit.kind))},
                                   {"id", hit.id},
                                   {"title", hit.title},
                                   {"text", hit.text},
                                   {"telephone", hit.telephone},
                                   {"why", why_json(hit.why)}});
    }
    return all;
}

// What this reader may see and must not read aloud.
json::array internal_json(const std::vector<knowledge::InternalNote> &notes) {
    json::array all;
    for (const knowledge::InternalNote &note : notes) {
        json::value section = nullptr;
        if (note.section) section = std::string(knowledge::to_string(*note.section));
        json::value office = nullptr;
        if (!note.office.empty()) office = note.office;
        all.push_back(json::object{{"text", note.text},
                                   {"municipality", to_ars(note.municipality)},
                                   {"section", std::move(section)},
                                   {"office", std::move(office)}});
    }
    return all;
}

// ?kinds=office,person,guide beside services and websites.
Expected<std::vector<knowledge::DocumentKind>> wanted_kinds(const Incoming &incoming) {
    using knowledge::DocumentKind;
    const auto text = query_text(incoming.request, "kinds", 40);
    if (!text) return tl::unexpected(text.error());
    std::vector<DocumentKind> kinds{DocumentKind::website};
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        const auto kind = std::ranges::find_if(
            kBesideKinds, [&](DocumentKind each) { return name == knowledge::to_string(each); });
        if (kind == kBesideKinds.end()) return invalid_value("kinds", "not_one_of");
        if (std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
    }
    return kinds;
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

// Something that only is valid there does not help the caller further, nor what shares a part of a
// word with the question or only looks like it: "Volkshochschule" is a gap also where there is a
// Grundschule.
bool is_answered(const knowledge::SearchResult &result) {
    using knowledge::MatchKind;
    const auto meant = [](const knowledge::Why &why) {
        return why.kind != MatchKind::part && why.kind != MatchKind::similar;
    };
    const auto answers = [&](const knowledge::SearchHit &hit) {
        return hit.answered && (hit.why.empty() || std::ranges::any_of(hit.why, meant));
    };
    return std::ranges::any_of(result.items, answers) ||
           std::ranges::any_of(result.beside, [&](const knowledge::BesideHit &hit) {
               return std::ranges::any_of(hit.why, meant);
           });
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
    const auto kinds = wanted_kinds(incoming);
    if (!kinds) return tl::unexpected(kinds.error());
    const auto result =
        parts.catalogue.search({.text = *query,
                                .municipality = *municipality,
                                .today = today,
                                .limit = *limit,
                                .reader = reader_of(incoming.caller),
                                // Who works for one municipality reads that one's articles only.
                                .neighbours = !incoming.caller.municipality,
                                .unanswered = true,
                                .beside = *kinds});
    if (!result) return tl::unexpected(result.error());
    // What names alone do not find is no gap in the knowledge.
    if (!result->building) count_gap(gaps, incoming, *query, *municipality, is_answered(*result));
    json::array items;
    for (const knowledge::SearchHit &hit : result->items)
        items.push_back(hit_json(hit));
    return json_reply(json::object{{"items", std::move(items)},
                                   {"total", result->total},
                                   {"websites", websites_json(result->websites)},
                                   {"beside", beside_json(result->beside)},
                                   {"building", building_json(result->building)}});
}

// An article opened in a call tells what callers ask for: noted with the call, not with who
// answers it. Losing a count is no reason to refuse an answer.
void count_request(const ApiParts &parts, const Incoming &incoming,
                   const knowledge::Article &article) {
    if (!people::may(incoming.caller, people::Action::use_desk)) return;
    const auto desk = parts.exchange.desk(AgentId{incoming.caller.user.value});
    if (!desk || !desk->call || desk->call->municipality != article.municipality) return;
    const auto noted = knowledge::note_request(parts.database, desk->call->id, article.service.id,
                                               article.municipality, to_local(incoming.now).date);
    if (!noted) {
        log::warning("knowledge.request_not_counted", {{"problem", describe(noted.error())}});
    }
}

Expected<Reply> show_service(const ApiParts &parts, const Incoming &incoming) {
    auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    if (!*municipality) return fail(ProblemKind::invalid_input, "knowledge.municipality_missing");

    const LocalDate today = to_local(incoming.now).date;
    auto article = parts.catalogue.article(knowledge::ServiceId{*id}, **municipality, today,
                                           reader_of(incoming.caller));
    if (!article) return tl::unexpected(article.error());
    count_request(parts, incoming, *article);
    json::object body = service_json(article->service, article->state);
    body["municipality"] = to_ars(article->municipality);
    body["level"] = level_json(*article);
    body["answered"] = article->answered;
    body["read_aloud"] = article->read_aloud;
    body["internal"] = internal_json(article->internal);
    json::array sections;
    for (const knowledge::Section &section : article->sections) {
        sections.push_back(section_json(section, incoming.language));
    }
    body["sections"] = std::move(sections);
    return json_reply(body);
}

// Of the last days, 30 unless asked otherwise.
Expected<Reply> list_requests(const ApiParts &parts, const Incoming &incoming) {
    const auto days = query_integer(incoming.request, "days", 1, knowledge::kKeptDays, 30);
    if (!days) return tl::unexpected(days.error());
    const auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    const LocalDate today = to_local(incoming.now).date;
    const auto requested = knowledge::requested_services(
        parts.database, add_days(today, 1 - static_cast<int>(*days)), today, *municipality);
    if (!requested) return tl::unexpected(requested.error());
    json::array items;
    for (const knowledge::RequestedService &one : *requested) {
        items.push_back(
            json::object{{"service", one.service.value}, {"name", one.name}, {"calls", one.calls}});
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

} // namespace

void add_knowledge_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          knowledge::SearchGaps &gaps) {
    gate.add(router, "GET", "/api/v1/knowledge/services",
             [&](const Incoming &incoming) { return search(parts, gaps, incoming); });
    gate.add(router, "GET", "/api/v1/knowledge/services/{id}",
             [&](const Incoming &incoming) { return show_service(parts, incoming); });
    gate.add(router, "GET", "/api/v1/knowledge/requests",
             [&](const Incoming &incoming) { return list_requests(parts, incoming); });
}

} // namespace fernamt::web
