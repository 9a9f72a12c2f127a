// SPDX-License-Identifier: EUPL-1.2
// The key figures of any period: in total, on 115 apart, per municipality, and which municipality
// was dialled when another was meant. Sums only; a municipality's people see their own.
#include "reporting/reports.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/promised_targets.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using reporting::KeyFigures;

constexpr int kMostDays = 400;

json::value or_null(const std::optional<std::int64_t> &value) {
    if (!value) return nullptr;
    return *value;
}

void add_callbacks(json::object &object, const std::optional<reporting::CallbackFigures> &told) {
    const auto or_hidden = [&](std::int64_t reporting::CallbackFigures::*value) {
        return told ? json::value(*told.*value) : json::value(nullptr);
    };
    object["callbacks"] = or_hidden(&reporting::CallbackFigures::asked);
    object["callbacks_reached"] = or_hidden(&reporting::CallbackFigures::reached);
    object["callbacks_missed"] = or_hidden(&reporting::CallbackFigures::missed);
    object["average_callback_seconds"] = told ? or_null(told->average_seconds) : nullptr;
}

json::object figures_json(const KeyFigures &figures) {
    json::object object{{"offered", figures.offered},
                        {"answered", figures.answered},
                        {"abandoned", figures.abandoned},
                        {"closed", figures.closed},
                        {"taken_by_office", figures.taken_by_office},
                        {"taken_by_partner", figures.taken_by_partner},
                        {"from_partner", figures.from_partner},
                        {"on_115", figures.on_115},
                        {"in_crisis", figures.in_crisis},
                        {"corrected", figures.corrected},
                        {"transfers", figures.transfers},
                        {"average_wait_seconds", or_null(figures.average_wait_seconds)},
                        {"average_talk_seconds", or_null(figures.average_talk_seconds)}};
    add_callbacks(object, figures.callbacks);
    add_service_level(object, figures);
    return object;
}

Expected<LocalDate> query_day(const net::Request &request, std::string_view name) {
    const auto text = query_text(request, name, 10);
    if (!text) return tl::unexpected(text.error());
    const auto day = parse_date(*text);
    if (!day) return invalid_value(name, "not_a_date");
    return *day;
}

Expected<reporting::Period> query_period(const net::Request &request) {
    const auto first = query_day(request, "from");
    if (!first) return tl::unexpected(first.error());
    const auto last = query_day(request, "to");
    if (!last) return tl::unexpected(last.error());
    if (*last < *first || add_days(*first, kMostDays) < *last)
        return invalid_value("to", "out_of_range");
    return reporting::Period{to_instant(*first, 0), to_instant(add_days(*last, 1), 0)};
}

// Whom the figures are about: the municipality asked for, or the caller's own.
Expected<std::optional<MunicipalityId>> about(const Incoming &incoming) {
    auto wanted = query_municipality(incoming.request);
    if (!wanted) return wanted;
    if (!*wanted) return incoming.caller.municipality;
    auto allowed = people::check(incoming.caller, people::Action::see_calls, *wanted);
    if (!allowed) return tl::unexpected(allowed.error());
    return wanted;
}

json::array misroutes_json(const std::vector<reporting::Misroute> &misroutes,
                           const people::Principal &reader) {
    const auto visible = [&](MunicipalityId id) -> std::optional<MunicipalityId> {
        if (!people::may_see(reader, id)) return std::nullopt; // somebody else's
        return id;
    };
    json::array items;
    for (const auto &one : misroutes)
        items.push_back(json::object{{"dialled", to_json(visible(one.dialled))},
                                     {"meant", to_json(visible(one.meant))},
                                     {"calls", one.calls}});
    return items;
}

Expected<Reply> show(const ApiParts &parts, const Incoming &incoming) {
    const auto period = query_period(incoming.request);
    if (!period) return tl::unexpected(period.error());
    const auto only = about(incoming);
    if (!only) return tl::unexpected(only.error());
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    reporting::Reports reports(parts.database);
    const auto targets = promised_targets(parts.database);
    if (!targets) return tl::unexpected(targets.error());
    const auto report = reports.report(*period, *only, *targets);
    if (!report) return tl::unexpected(report.error());
    const auto misroutes = reports.misroutes(*period, *only);
    if (!misroutes) return tl::unexpected(misroutes.error());

    json::array municipalities;
    for (const auto &[id, figures] : report->municipalities) {
        json::object item = figures_json(figures);
        item["ars"] = to_ars(id);
        municipalities.push_back(std::move(item));
    }
    json::object definitions;
    for (const reporting::Definition &one : reporting::definitions()) {
        const auto text = incoming.language == Language::german ? one.german : one.english;
        definitions[json::string_view(one.key.data(), one.key.size())] = std::string(text);
    }
    return json_reply(json::object{{"from", to_json(period->from)},
                                   {"to", to_json(period->to)},
                                   {"total", figures_json(report->total)},
                                   {"authority_115", figures_json(report->authority_115)},
                                   {"municipalities", std::move(municipalities)},
                                   {"misroutes", misroutes_json(*misroutes, incoming.caller)},
                                   {"definitions", std::move(definitions)}});
}

} // namespace

void add_report_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/reports/calls",
             [&](const Incoming &incoming) { return show(parts, incoming); });
}

} // namespace fernamt::web
