// SPDX-License-Identifier: EUPL-1.2
#include "web/route_rules.h"

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace {

constexpr Roles kNobody{};

// clang-format off
constexpr std::array kRules = {
    RouteRule{"GET",    "/healthz",                       Access::open,      kNobody, Scope::none},
    RouteRule{"GET",    "/readyz",                        Access::open,      kNobody, Scope::none},
    RouteRule{"GET",    "/metrics",                       Access::open,      kNobody, Scope::none},
    RouteRule{"GET",    "/api/openapi.json",              Access::open,      kNobody, Scope::none},

    RouteRule{"POST",   "/api/v1/session",                Access::open,      kNobody, Scope::none},
    RouteRule{"GET",    "/api/v1/session",                Access::signed_in, kNobody, Scope::own},
    RouteRule{"DELETE", "/api/v1/session",                Access::signed_in, kNobody, Scope::own},
    RouteRule{"PUT",    "/api/v1/session/settings",       Access::signed_in, kNobody, Scope::own},

    RouteRule{"GET",    "/api/v1/desk",                   Access::roles,     kAgent,  Scope::own},
    RouteRule{"POST",   "/api/v1/desk/commands",          Access::roles,     kAgent,  Scope::own},
    RouteRule{"POST",   "/api/v1/desk/media",             Access::roles,     kAgent,  Scope::own},

    RouteRule{"GET",    "/api/v1/calls/{id}",             Access::roles,
              kAgent | kLead | kFinance | kAuditor,                                   Scope::filtered},
    RouteRule{"PUT",    "/api/v1/calls/{id}/notes",       Access::roles,     kAgent,  Scope::own},

    RouteRule{"GET",    "/api/v1/knowledge/services",     Access::signed_in, kNobody, Scope::filtered},
    RouteRule{"GET",    "/api/v1/knowledge/services/{id}", Access::signed_in, kNobody, Scope::filtered},

    RouteRule{"GET",    "/api/v1/situation",              Access::roles, kLead | kAdmin, Scope::filtered},

    RouteRule{"GET",    "/api/v1/municipalities",         Access::signed_in, kNobody, Scope::filtered},
    RouteRule{"GET",    "/api/v1/municipalities/{ars}",   Access::signed_in, kNobody, Scope::in_path},
    RouteRule{"PUT",    "/api/v1/municipalities/{ars}",   Access::roles,     kAdmin,  Scope::in_path},
    RouteRule{"POST",   "/api/v1/municipalities/{ars}/numbers",
              Access::roles, kAdmin, Scope::in_path, true},
    RouteRule{"DELETE", "/api/v1/municipalities/{ars}/numbers/{e164}",
              Access::roles, kAdmin, Scope::in_path},
    RouteRule{"GET",    "/api/v1/municipalities/{ars}/announcements",
              Access::roles, kAdmin, Scope::in_path},
    RouteRule{"GET",    "/api/v1/municipalities/{ars}/announcements/{kind}",
              Access::roles, kAdmin, Scope::in_path},
    RouteRule{"PUT",    "/api/v1/municipalities/{ars}/announcements/{kind}",
              Access::roles, kAdmin, Scope::in_path},
    RouteRule{"DELETE", "/api/v1/municipalities/{ars}/announcements/{kind}",
              Access::roles, kAdmin, Scope::in_path},

    RouteRule{"GET",    "/api/v1/agents",                 Access::roles, kAdmin | kLead, Scope::filtered},
    RouteRule{"POST",   "/api/v1/agents",                 Access::roles, kAdmin, Scope::filtered, true},
    RouteRule{"PUT",    "/api/v1/agents/{id}",            Access::roles, kAdmin, Scope::filtered},
    RouteRule{"POST",   "/api/v1/agents/{id}/sip-password", Access::roles, kAdmin, Scope::filtered},

    RouteRule{"GET",    "/api/v1/settings",               Access::roles, kAdmin, Scope::service_centre},
    RouteRule{"PUT",    "/api/v1/settings",               Access::roles, kAdmin, Scope::service_centre},

    RouteRule{"GET",    "/api/v1/invoices",               Access::roles, kFinance | kAdmin, Scope::filtered},
    RouteRule{"GET",    "/api/v1/invoices/{ars}/{month}", Access::roles, kFinance | kAdmin, Scope::in_path},
    RouteRule{"GET",    "/api/v1/invoices/{ars}/{month}/lines/{key}",
              Access::roles, kFinance | kAdmin, Scope::in_path},
};
// clang-format on

} // namespace

std::span<const RouteRule> route_rules() {
    return kRules;
}

const RouteRule *find_rule(std::string_view method, std::string_view pattern) {
    const auto *found = std::find_if(kRules.begin(), kRules.end(), [&](const RouteRule &rule) {
        return rule.method == method && rule.pattern == pattern;
    });
    return found == kRules.end() ? nullptr : found;
}

} // namespace fernamt::web
