// SPDX-License-Identifier: EUPL-1.2
// The answer that signs somebody in: who it is, and the session's cookie.
#pragma once

#include "people/users.h"
#include "web/reply.h"

#include <boost/json/value.hpp>

#include <string>

namespace fernamt::web {

// Strict: no other site's request carries it. HttpOnly: no script reads it. It ends with the
// browser; the server ends it earlier (people/sessions.h). Without a token it is taken back.
[[nodiscard]] std::string session_cookie(const std::string &token, bool tls);
[[nodiscard]] boost::json::object own_json(const people::User &user);
[[nodiscard]] Reply session_reply(const people::User &user, const std::string &token, bool tls);

} // namespace fernamt::web
