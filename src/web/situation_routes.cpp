// SPDX-License-Identifier: EUPL-1.2
// The lead's wallboard: now from the exchange, today from the call records, in sums.
#include "reporting/reports.h"
#include "telephony/exchange.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/promised_targets.h"
#include "web/routes.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <map>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using reporting::KeyFigures;

json::value or_null(const std::optional<std::int64_t> &value) {
    if (!value) return nullptr;
    return *value;
}

json::value today_json(const KeyFigures &figures) {
    json::object object{{"offered", figures.offered},
                        {"answered", figures.answered},
                        {"abandoned", figures.abandoned},
                        {"closed", figures.closed},
                        {"average_wait_seconds", or_null(figures.average_wait_seconds)},
                        {"average_talk_seconds", or_null(figures.average_talk_seconds)}};
    add_service_level(object, figures);
    return object;
}

json::array hours_json(const reporting::Report &report) {
    json::array hours;
    for (std::size_t hour = 0; hour < report.per_hour.size(); ++hour) {
        const KeyFigures &figures = report.per_hour.at(hour);
        hours.push_back(json::object{{"hour", fmt::format("{:02}", hour)},
                                     {"offered", figures.offered},
                                     {"answered", figures.answered},
                                     {"abandoned", figures.abandoned}});
    }
    return hours;
}

json::object definitions_json(Language language) {
    json::object texts;
    for (const reporting::Definition &definition : reporting::definitions()) {
        const auto text = language == Language::german ? definition.german : definition.english;
        texts[json::string_view(definition.key.data(), definition.key.size())] = std::string(text);
    }
    return texts;
}

json::object agents_json(const telephony::Situation &situation) {
    json::object sums;
    for (const auto &[state, count] : situation.agents) {
        sums[std::string(routing::to_string(state))] = count;
    }
    return sums;
}

json::array crises_json(const telephony::Situation &situation) {
    json::array ids;
    for (const auto crisis : situation.crises)
        ids.push_back(crisis.value);
    return ids;
}

json::array municipalities_json(const std::vector<Town> &towns,
                                const telephony::Situation &situation,
                                const reporting::Report &report) {
    std::map<MunicipalityId, telephony::Situation::PerMunicipality> now;
    for (const auto &one : situation.municipalities)
        now[one.id] = one;
    json::array items;
    for (const Town &town : towns) {
        const auto figures = report.municipalities.find(town.id);
        const KeyFigures today =
            figures == report.municipalities.end() ? KeyFigures{} : figures->second;
        json::object item{{"ars", to_ars(town.id)},          {"short_name", town.short_name},
                          {"waiting", now[town.id].waiting}, {"talking", now[town.id].talking},
                          {"offered", today.offered},        {"answered", today.answered}};
        add_service_level(item, today);
        items.push_back(std::move(item));
    }
    return items;
}

Expected<Reply> show_situation(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto situation = parts.exchange.situation();
    if (!situation) return tl::unexpected(situation.error());
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    const auto day = reporting::local_day(to_local(incoming.now).date);
    const auto targets = promised_targets(parts.database);
    if (!targets) return tl::unexpected(targets.error());
    auto report = reporting::Reports(parts.database).report(day, std::nullopt, *targets);
    if (!report) return tl::unexpected(report.error());
    auto all_towns = towns.all();
    if (!all_towns) return tl::unexpected(all_towns.error());

    return json_reply(
        json::object{{"now", to_json(situation->now)},
                     {"waiting", situation->waiting},
                     {"longest_wait_seconds", whole_seconds(situation->longest_wait)},
                     {"callbacks", situation->callbacks},
                     {"crises", crises_json(*situation)},
                     {"agents", agents_json(*situation)},
                     {"today", today_json(report->total)},
                     {"per_hour", hours_json(*report)},
                     {"municipalities", municipalities_json(*all_towns, *situation, *report)},
                     {"definitions", definitions_json(incoming.language)},
                     {"media_available", situation->media_available},
                     {"ledger_accepting", situation->ledger_accepting}});
}

} // namespace

void add_situation_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/situation",
             [&](const Incoming &incoming) { return show_situation(parts, towns, incoming); });
}

} // namespace fernamt::web
