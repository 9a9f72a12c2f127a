// SPDX-License-Identifier: EUPL-1.2
// Signing in and out, and what a person keeps for itself.
#include "people/sessions.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/routes.h"
#include "web/session_reply.h"

#include <boost/json/value.hpp>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostSettings = 16 * 1024;

Expected<Reply> sign_in(people::Sessions &sessions, bool tls, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string login = reader->text("login", {.shortest = 1, .longest = 100});
    const std::string password = reader->text("password", {.shortest = 1, .longest = 1000});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());

    auto signed_in = sessions.sign_in(login, password, incoming.request.remote_address);
    if (!signed_in) return tl::unexpected(signed_in.error());
    return session_reply(signed_in->user, signed_in->token, tls);
}

Expected<Reply> sign_out(people::Sessions &sessions, const ApiParts &parts,
                         const Incoming &incoming) {
    auto ended = sessions.sign_out(session_token(incoming.request));
    if (!ended) return tl::unexpected(ended.error());
    parts.hub.recheck_listeners(); // the event streams of this session end now
    Reply reply = nothing_to_show();
    reply.headers.emplace_back("Set-Cookie", session_cookie("", parts.tls));
    return reply;
}

Expected<Reply> keep_settings(people::Users &users, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body, {.depth = 16});
    if (!reader) return tl::unexpected(reader.error());
    const auto language = reader->optional_text("language", {.longest = 2});
    const auto settings = reader->optional_object_text("settings", kMostSettings);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto user = users.keep_settings(incoming.caller.user, language, settings);
    if (!user) return tl::unexpected(user.error());
    return json_reply(own_json(*user));
}

} // namespace

void add_session_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                        people::Sessions &sessions, people::Users &users) {
    gate.add(router, "POST", "/api/v1/session",
             [&](const Incoming &incoming) { return sign_in(sessions, parts.tls, incoming); });
    gate.add(router, "GET", "/api/v1/session", [&](const Incoming &incoming) -> Expected<Reply> {
        auto user = users.find(incoming.caller.user);
        if (!user) return tl::unexpected(user.error());
        return json_reply(own_json(*user));
    });
    gate.add(router, "DELETE", "/api/v1/session",
             [&](const Incoming &incoming) { return sign_out(sessions, parts, incoming); });
    gate.add(router, "PUT", "/api/v1/session/settings",
             [&](const Incoming &incoming) { return keep_settings(users, incoming); });
}

} // namespace fernamt::web
