// SPDX-License-Identifier: EUPL-1.2
// Who may call which route, on whose data: one line per route, and no route without a line (adding
// one throws at start). The roles are the x-roles of openapi.json; a test compares them. The gate
// enforces everything but Scope::filtered and Scope::own, which only a handler can.
#pragma once

#include "web/caller.h"

#include <span>
#include <string_view>

namespace fernamt::web {

enum class Access { open, signed_in, roles };

enum class Scope {
    none,           // no municipality's data
    own,            // the caller's own desk, session, notes
    filtered,       // the handler leaves out what caller.municipality does not cover
    in_path,        // {ars} must be one the caller may see; else 404 like an unknown one
    service_centre, // concerns all: only for users without a municipality
};

struct RouteRule {
    std::string_view method;
    std::string_view pattern;
    Access access = Access::roles;
    Roles roles;
    Scope scope = Scope::none;
    bool creates = false; // understands Idempotency-Key
};

[[nodiscard]] std::span<const RouteRule> route_rules();
[[nodiscard]] const RouteRule *find_rule(std::string_view method, std::string_view pattern);

} // namespace fernamt::web
