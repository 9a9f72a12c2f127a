// SPDX-License-Identifier: EUPL-1.2
// Callbacks that are still owed, without the numbers: how many, for whom, since when. A lead may
// withdraw one that nobody wants any more.
#include "people/audit.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/waiting.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

json::object callback_json(const routing::Call &call) {
    const routing::Callback &callback = *call.callback;
    return json::object{{"call", call.id.value},
                        {"municipality", to_json(call.municipality)},
                        {"offered_at", to_json(call.offered_at)},
                        {"requested_at", to_json(callback.requested_at)},
                        {"attempts", callback.attempts},
                        {"dialling", callback.dialling},
                        {"sleeps_until", to_json(callback.sleeps_until)}};
}

Expected<Reply> list(const ApiParts &parts) {
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    std::vector<const routing::Call *> owed;
    for (const auto &[id, call] : state->calls) {
        if (!routing::is_on_line(call)) owed.push_back(&call);
    }
    std::ranges::sort(owed, {}, [](const routing::Call *call) {
        return std::pair(call->place.value_or(call->offered_at), call->id);
    });
    json::array items;
    for (const routing::Call *call : owed)
        items.push_back(callback_json(*call));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> withdraw(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "callback.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    const auto call = state->calls.find(CallId{*id});
    if (call == state->calls.end() || routing::is_on_line(call->second))
        return fail(ProblemKind::not_found, "callback.not_found");
    auto acted = wait_for([&](auto done) {
        parts.exchange.act(routing::CallbackWithdrawn{CallId{*id}}, std::move(done));
    });
    if (acted)
        acted = parts.database.write([&](storage::Connection &connection) {
            return people::record(connection, incoming.now, incoming.caller.user,
                                  "callback.withdrawn", *id);
        });
    if (!acted) return tl::unexpected(acted.error());
    return nothing_to_show();
}

} // namespace

void add_callback_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/callbacks", [&](const Incoming &) { return list(parts); });
    gate.add(router, "DELETE", "/api/v1/callbacks/{id}",
             [&](const Incoming &incoming) { return withdraw(parts, incoming); });
}

} // namespace fernamt::web
