// SPDX-License-Identifier: EUPL-1.2
#include "web/session_reply.h"

#include "web/gate.h"
#include "web/user_json.h"

#include <boost/json/parse.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

json::value settings_json(const std::string &text) {
    json::error_code error;
    json::value settings = json::parse(json::string_view(text.data(), text.size()), error);
    if (error || !settings.is_object()) return json::object();
    return settings;
}

} // namespace

std::string session_cookie(const std::string &token, bool tls) {
    std::string text =
        std::string(kSessionCookie) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict";
    if (token.empty()) text += "; Max-Age=0";
    if (tls) text += "; Secure";
    return text;
}

json::object own_json(const people::User &user) {
    json::object own = user_json(user);
    own["language"] = user.language;
    own["settings"] = settings_json(user.settings);
    return own;
}

Reply session_reply(const people::User &user, const std::string &token, bool tls) {
    Reply reply = json_reply(own_json(user));
    reply.headers.emplace_back("Set-Cookie", session_cookie(token, tls));
    return reply;
}

} // namespace fernamt::web
