// SPDX-License-Identifier: EUPL-1.2
// Who may call which route, on whose data: one line per route, and no route without a line (adding
// one throws at start). A line names the actions of people/access.h, which know roles and
// municipalities; openapi.json says the same as x-roles and x-scope, and a test compares them.
#pragma once

#include "base/problem.h"
#include "net/http.h"
#include "people/access.h"

#include <optional>
#include <span>
#include <string_view>

namespace fernamt::web {

enum class Access { open, signed_in, action };

enum class Scope {
    none,     // no municipality's data
    own,      // the caller's own session, desk or notes
    in_path,  // {ars}: the gate refuses a foreign one like one that does not exist
    filtered, // the handler leaves out what belongs to others
};

struct RouteRule {
    std::string_view method;
    std::string_view pattern;
    Access access = Access::action;
    Scope scope = Scope::none;
    std::optional<people::Action> action = std::nullopt;
    std::optional<people::Action> or_action = std::nullopt; // one of both is enough
    bool creates = false;                                   // understands Idempotency-Key
};

[[nodiscard]] std::span<const RouteRule> route_rules();
[[nodiscard]] const RouteRule *find_rule(std::string_view method, std::string_view pattern);

// "access.role_missing", "access.service_centre_only" or "municipality.not_found".
[[nodiscard]] Expected<void> check_access(const RouteRule &rule, const people::Principal &who,
                                          const net::Request &request);

} // namespace fernamt::web
