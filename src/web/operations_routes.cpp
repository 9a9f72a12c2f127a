// SPDX-License-Identifier: EUPL-1.2
// What operators and machines ask: alive, ready, figures, and the description of the API.
#include "base/address_range.h"
#include "telephony/exchange.h"
#include "web/api.h"
#include "web/metrics.h"
#include "web/openapi.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

bool database_answers(storage::Database &database) {
    bool answered = false;
    auto read = database.read([&](storage::Connection &connection) {
        return connection.each("SELECT 1", {}, [&](const storage::Row &) {
            answered = true;
            return false;
        });
    });
    return read.has_value() && answered && database.accepting();
}

Expected<Reply> show_readiness(const ApiParts &parts) {
    const auto situation = parts.exchange.situation();
    const bool exchange =
        situation.has_value() && situation->recovered && (!parts.draining || !parts.draining());
    const bool media = situation && situation->media_available;
    const bool database = database_answers(parts.database);
    const bool ledger = parts.ledger.accepting();
    const bool ready = exchange && media && database && ledger;
    return json_reply(json::object{{"ready", ready},
                                   {"parts", json::object{{"database", database},
                                                          {"ledger", ledger},
                                                          {"media", media},
                                                          {"exchange", exchange}}}},
                      ready ? 200 : 503);
}

Readings read_all(const ApiParts &parts) {
    Readings readings;
    if (parts.projector.catch_up()) {
        if (const auto calls = parts.projector.calls()) readings.calls_offered = *calls;
    }
    if (const auto situation = parts.exchange.situation()) {
        readings.queue_waiting = situation->waiting;
        readings.media_available = situation->media_available;
        readings.legs_open = situation->open_legs;
        for (const auto &[state, count] : situation->agents) {
            readings.agents[std::string(routing::to_string(state))] = count;
        }
    }
    readings.exchange = parts.exchange.counters();
    readings.ledger_entries = parts.ledger.last_seq();
    readings.ledger_accepting = parts.ledger.accepting();
    readings.event_streams = parts.hub.listeners();
    readings.search_building = parts.catalogue.building();
    return readings;
}

// The figures of the house are for its operator, on a port that citizens reach. Whoever comes
// through a proxy has the proxy's address, so a forwarded request counts as from outside.
bool may_read_metrics(const ApiParts &parts, const net::Request &request) {
    for (const char *name : {"x-forwarded-for", "forwarded", "x-real-ip", "via"})
        if (request.headers.contains(name)) return false;
    return std::ranges::any_of(parts.metrics_from, [&](const std::string &range) {
        return lies_in(request.remote_address, range);
    });
}

Expected<Reply> show_metrics(const ApiParts &parts, HttpTimes &times, const Incoming &incoming) {
    if (!may_read_metrics(parts, incoming.request))
        return fail(ProblemKind::forbidden, "metrics.not_from_here");
    Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = metrics_text(times, read_all(parts));
    return reply;
}

} // namespace

void add_operations_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                           HttpTimes &times) {
    gate.add(router, "GET", "/healthz", [](const Incoming &) -> Expected<Reply> {
        return json_reply(json::object{{"status", "ok"}});
    });
    gate.add(router, "GET", "/readyz", [&](const Incoming &) { return show_readiness(parts); });
    gate.add(router, "GET", "/metrics",
             [&](const Incoming &incoming) { return show_metrics(parts, times, incoming); });
    gate.add(router, "GET", "/api/openapi.json", [](const Incoming &) -> Expected<Reply> {
        Reply reply;
        reply.body = std::string(openapi_text());
        return reply;
    });
}

} // namespace fernamt::web
