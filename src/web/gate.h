// SPDX-License-Identifier: EUPL-1.2
// The gate every request passes before its handler: request forgery header, session, roles,
// municipality, repeated creation; and every answer after it: problems rendered in the reader's
// language, exceptions turned into a plain 500 with a log line, the time taken measured by route.
// Handlers behind it deal with their subject only.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "net/http.h"
#include "people/access.h"
#include "web/idempotency.h"
#include "web/language.h"
#include "web/metrics.h"
#include "web/reply.h"
#include "web/route_rules.h"

#include <functional>
#include <optional>
#include <string>

namespace fernamt::web {

inline constexpr std::string_view kSessionCookie = "fernamt_session";
// The token of the request's session cookie; empty if there is none.
[[nodiscard]] std::string session_token(const net::Request &request);

struct Incoming { // what a handler gets
    const net::Request &request;
    people::Principal caller; // nobody on open routes
    Language language = Language::german;
    Instant now;
};

using RouteHandler = std::function<Expected<Reply>(const Incoming &)>;

// Whether a route's change can only be made now, can be made for later (?from=), or can also be
// tried (?preview=true). What a route does not know is refused: who wants to look must never change
// anything by it.
enum class Trials { refused, for_later, known };

class Gate {
  public:
    // The user of a session token, or why there is none ("session.none").
    using FindCaller = std::function<Expected<people::Principal>(const std::string &token)>;

    Gate(FindCaller find_caller, const Clock &clock, HttpTimes &times);

    // Throws std::logic_error if route_rules.cpp has no line for the route.
    void add(net::Router &router, std::string_view method, std::string_view pattern,
             RouteHandler handler, Trials trials = Trials::refused);
    // For the event stream, which net/ serves itself.
    [[nodiscard]] Expected<people::Principal> caller_of(const net::Request &request) const;

  private:
    struct Route {
        const RouteRule &rule;
        RouteHandler handler;
        Trials trials;
    };
    [[nodiscard]] net::Response answer(const Route &route, const net::Request &request);
    [[nodiscard]] Expected<Reply> pass(const Route &route, const net::Request &request,
                                       Language language);

    FindCaller find_caller_;
    const Clock &clock_;
    HttpTimes &times_;
    Idempotency idempotency_;
};

} // namespace fernamt::web
