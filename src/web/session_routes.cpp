// SPDX-License-Identifier: EUPL-1.2
// Signing in and out, and what a person keeps for itself.
#include "people/sessions.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/routes.h"
#include "web/user_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostSettings = 16 * 1024;

// Strict: no other site's request carries it. HttpOnly: no script reads it. It ends with the
// browser; the server ends it earlier (people/sessions.h).
std::string cookie(const std::string &token, bool tls) {
    std::string text =
        std::string(kSessionCookie) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict";
    if (token.empty()) text += "; Max-Age=0";
    if (tls) text += "; Secure";
    return text;
}

json::value settings_json(const std::string &text) {
    json::error_code error;
    json::value settings = json::parse(json::string_view(text.data(), text.size()), error);
    if (error || !settings.is_object()) return json::object();
    return settings;
}

json::value own_json(const people::User &user) {
    json::object own = user_json(user);
    own["language"] = user.language;
    own["settings"] = settings_json(user.settings);
    return own;
}

Expected<Reply> sign_in(people::Sessions &sessions, bool tls, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string login = reader->text("login", {.shortest = 1, .longest = 100});
    const std::string password = reader->text("password", {.shortest = 1, .longest = 1000});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());

    auto signed_in = sessions.sign_in(login, password, incoming.request.remote_address);
    if (!signed_in) return tl::unexpected(signed_in.error());
    Reply reply = json_reply(own_json(signed_in->user));
    reply.headers.emplace_back("Set-Cookie", cookie(signed_in->token, tls));
    return reply;
}

Expected<Reply> sign_out(people::Sessions &sessions, const ApiParts &parts,
                         const Incoming &incoming) {
    auto ended = sessions.sign_out(session_token(incoming.request));
    if (!ended) return tl::unexpected(ended.error());
    parts.hub.recheck_listeners(); // the event streams of this session end now
    Reply reply = nothing_to_show();
    reply.headers.emplace_back("Set-Cookie", cookie("", parts.tls));
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
