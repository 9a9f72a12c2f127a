// SPDX-License-Identifier: EUPL-1.2
#include "web/route_rules.h"

#include "web/request_values.h"

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace {

using enum Access;
using enum Scope;
using A = people::Action;

#define V1 "/api/v1"
// clang-format off
constexpr std::array kRules = {
    RouteRule{"GET",    "/healthz",                             open,      none},
    RouteRule{"GET",    "/readyz",                              open,      none},
    RouteRule{"GET",    "/metrics",                             open,      none}, // by address
    RouteRule{"GET",    "/api/openapi.json",                    open,      none},

    RouteRule{"GET",    "/robots.txt",                            open,      none},
    RouteRule{"GET",    "/sitemap.xml",                           open,      none},
    RouteRule{"GET",    "/buerger",                               open,      none},
    RouteRule{"GET",    "/buerger/stil.css",                      open,      none},
    RouteRule{"GET",    "/buerger/barrierefreiheit",              open,      none},
    RouteRule{"GET",    "/buerger/{ars}",                         open,      none},
    RouteRule{"GET",    "/buerger/{ars}/sitemap.xml",             open,      none},
    RouteRule{"GET",    "/buerger/{ars}/leistung/{id}",           open,      none},
    RouteRule{"GET",    "/buerger/{ars}/stelle/{id}",             open,      none},
    RouteRule{"GET",    "/api/public/v1/towns",                   open,      none},
    RouteRule{"GET",    "/api/public/v1/towns/{ars}/services",    open,      none},
    RouteRule{"GET",    "/api/public/v1/towns/{ars}/services/{id}",  open,      none},
    RouteRule{"GET",    "/api/public/v1/towns/{ars}/offices/{id}",  open,      none},
    RouteRule{"GET",    "/api/public/pvog/v7/servicedescriptions/{ars}",  open,      none},
    RouteRule{"GET",    "/api/public/pvog/v6/servicedescriptions/{id}/detail",  open,      none},
    RouteRule{"GET",    "/api/public/pvog/v3/servicedescriptions/leikaid",  open,      none},
    RouteRule{"GET",    "/api/public/pvog/v5/servicedescriptions/csv",  open,      none},
    RouteRule{"GET",    "/api/public/pvog/v5/organisationunits/detail",  open,      none},

    RouteRule{"POST",   V1 "/session",                          open,      none},
    RouteRule{"GET",    V1 "/session",                          signed_in, own},
    RouteRule{"DELETE", V1 "/session",                          signed_in, own},
    RouteRule{"PUT",    V1 "/session/settings",                 signed_in, own},

    RouteRule{"GET",    V1 "/desk",                             action, own,      A::use_desk},
    RouteRule{"POST",   V1 "/desk/commands",                    action, own,      A::use_desk},
    RouteRule{"POST",   V1 "/desk/media",                       action, own,      A::use_desk},

    RouteRule{"GET",    V1 "/calls/{id}",                       action, filtered, A::use_desk, A::see_calls},
    RouteRule{"GET",     V1 "/calls/{id}/why",                     action, filtered, A::see_calls},
    RouteRule{"PUT",    V1 "/calls/{id}/notes",                 action, own,      A::use_desk},
    RouteRule{"GET",    V1 "/calls/{id}/classification",        action, none,     A::issue_invoices},
    RouteRule{"GET",    V1 "/calls/{id}/classification/effects", action, none,    A::issue_invoices},
    RouteRule{"POST",   V1 "/calls/{id}/classification",        action, none,     A::issue_invoices, {}, true},

    RouteRule{"GET",    V1 "/knowledge/services",               action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/services/{id}",          action, filtered, A::read_knowledge},

    RouteRule{"GET",    V1 "/knowledge/services/{id}/texts",    action, filtered, A::edit_knowledge},
    RouteRule{"PUT",    V1 "/knowledge/services/{id}/draft",    action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/services/{id}/draft/steps", action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/services/{id}/versions", action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/services/{id}/restore",  action, filtered, A::edit_knowledge},
    RouteRule{"PUT",    V1 "/knowledge/services/{id}/care",     action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/services/{id}/checks",   action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/tasks",                  action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/tasks",                  action, filtered, A::edit_knowledge, {}, true},
    RouteRule{"POST",   V1 "/knowledge/tasks/{id}/close",       action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/reports",                action, filtered, A::read_knowledge, {}, true},
    RouteRule{"PUT",    V1 "/knowledge/reports/{id}",           action, own,      A::read_knowledge},
    RouteRule{"DELETE", V1 "/knowledge/reports/{id}",           action, own,      A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/services/{id}/more",     action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/services/{id}/offers",   action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/editors",                action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/reminder",               action, own,      A::edit_knowledge},
    RouteRule{"PUT",    V1 "/knowledge/reminder",               action, own,      A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/requests",               action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/gaps",                   action, filtered, A::edit_knowledge},
    RouteRule{"DELETE", V1 "/knowledge/gaps/{id}",              action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/guides",                 action, filtered, A::read_knowledge},
    RouteRule{"POST",   V1 "/knowledge/guides",                 action, filtered, A::edit_knowledge, {}, true},
    RouteRule{"GET",    V1 "/knowledge/guides/{id}",            action, filtered, A::read_knowledge},
    RouteRule{"PUT",    V1 "/knowledge/guides/{id}",            action, filtered, A::edit_knowledge},
    RouteRule{"DELETE", V1 "/knowledge/guides/{id}",            action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/guides/{id}/steps",      action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/directory",              action, filtered, A::read_knowledge},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/directory",   action, in_path,  A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/sources",                action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/websites",               action, filtered, A::edit_knowledge, {}, true},
    RouteRule{"PUT",    V1 "/knowledge/websites/{id}",          action, filtered, A::edit_knowledge},
    RouteRule{"DELETE", V1 "/knowledge/websites/{id}",          action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/websites/{id}/restore",  action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/website-readings",       action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/synonyms",               action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/synonyms",               action, filtered, A::edit_knowledge, {}, true},
    RouteRule{"PUT",    V1 "/knowledge/synonyms/{id}",          action, filtered, A::edit_knowledge},
    RouteRule{"DELETE", V1 "/knowledge/synonyms/{id}",          action, filtered, A::edit_knowledge},
    RouteRule{"POST",   V1 "/knowledge/synonyms/{id}/restore",  action, filtered, A::edit_knowledge},
    RouteRule{"GET",    V1 "/knowledge/top",                    action, none,     A::read_knowledge},
    RouteRule{"POST",   V1 "/knowledge/uploads",                action, none,     A::take_deliveries},
    RouteRule{"PUT",    V1 "/knowledge/uploads/{upload}",       action, own,      A::take_deliveries},
    RouteRule{"DELETE", V1 "/knowledge/uploads/{upload}",       action, own,      A::take_deliveries},
    RouteRule{"GET",    V1 "/knowledge/deliveries",             action, none,     A::take_deliveries},
    RouteRule{"POST",   V1 "/knowledge/deliveries",             action, none,     A::take_deliveries, {}, true},
    RouteRule{"GET",    V1 "/knowledge/deliveries/{id}",        action, none,     A::take_deliveries},
    RouteRule{"DELETE", V1 "/knowledge/deliveries/{id}",        action, none,     A::take_deliveries},
    RouteRule{"POST",   V1 "/knowledge/deliveries/{id}/apply",  action, none,     A::take_deliveries},
    RouteRule{"POST",   V1 "/knowledge/deliveries/{id}/undo",   action, none,     A::take_deliveries},
    RouteRule{"PUT",    V1 "/knowledge/top",                    action, none,     A::govern_knowledge},
    RouteRule{"GET",    V1 "/knowledge/matrix",                 action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/matrix.csv",             action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/knowledge/matrix.xlsx",            action, filtered, A::read_knowledge},
    RouteRule{"GET",    V1 "/municipalities/{ars}/go-live",     action, in_path,  A::read_municipality},
    RouteRule{"POST",   V1 "/municipalities/{ars}/go-live",     action, in_path,  A::govern_knowledge},

    RouteRule{"GET",    V1 "/situation",                        action, none,     A::see_situation},

    RouteRule{"GET",    V1 "/municipalities",                   action, filtered, A::read_municipality},
    RouteRule{"POST",   V1 "/municipalities",                   action, none,     A::add_municipality, {}, true},
    RouteRule{"GET",    V1 "/municipalities/{ars}",             action, in_path,  A::read_municipality},
    RouteRule{"PUT",    V1 "/municipalities/{ars}",             action, in_path,  A::change_municipality},
    RouteRule{"POST",   V1 "/municipalities/{ars}/numbers",     action, in_path,  A::change_numbers, {}, true},
    RouteRule{"DELETE", V1 "/municipalities/{ars}/numbers/{e164}", action, in_path, A::change_numbers},
    RouteRule{"GET",    V1 "/municipalities/{ars}/announcements", action, in_path, A::change_municipality},
    RouteRule{"GET",    V1 "/municipalities/{ars}/announcements/{kind}", action, in_path, A::change_municipality},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/announcements/{kind}", action, in_path, A::change_municipality},
    RouteRule{"DELETE", V1 "/municipalities/{ars}/announcements/{kind}", action, in_path, A::change_municipality},
    RouteRule{"GET",    V1 "/municipalities/{ars}/announcements/{kind}/versions", action, in_path, A::change_municipality},
    RouteRule{"GET",    V1 "/municipalities/{ars}/announcements/{kind}/versions/{version}", action, in_path, A::change_municipality},
    RouteRule{"POST",   V1 "/municipalities/{ars}/announcements/{kind}/versions/{version}/restore", action, in_path, A::change_municipality},
    RouteRule{"DELETE", V1 "/municipalities/{ars}/announcements/{kind}/versions/{version}", action, in_path, A::change_municipality},

    RouteRule{"PUT",     V1 "/municipalities/{ars}/term",          action, in_path, A::add_municipality},
    RouteRule{"GET",     V1 "/municipalities/{ars}/lines",         action, in_path, A::read_municipality},
    RouteRule{"POST",    V1 "/municipalities/{ars}/lines",         action, in_path, A::change_numbers, {}, true},
    RouteRule{"PUT",     V1 "/municipalities/{ars}/lines/{id}",    action, in_path, A::change_numbers},
    RouteRule{"DELETE",  V1 "/municipalities/{ars}/lines/{id}",    action, in_path, A::change_numbers},
    RouteRule{"GET",     V1 "/municipalities/{ars}/hours-exceptions", action, in_path, A::read_municipality},
    RouteRule{"POST",    V1 "/municipalities/{ars}/hours-exceptions", action, in_path, A::change_municipality, {}, true},
    RouteRule{"PUT",     V1 "/municipalities/{ars}/hours-exceptions/{id}", action, in_path, A::change_municipality},
    RouteRule{"DELETE",  V1 "/municipalities/{ars}/hours-exceptions/{id}", action, in_path, A::change_municipality},
    RouteRule{"GET",     V1 "/municipalities/{ars}/office",        action, in_path, A::switch_office},
    RouteRule{"PUT",     V1 "/municipalities/{ars}/office",        action, in_path, A::switch_office},

    RouteRule{"GET",    V1 "/municipalities/{ars}/prices",      action, in_path,  A::see_invoices},
    RouteRule{"POST",   V1 "/municipalities/{ars}/prices",      action, in_path,  A::change_prices, {}, true},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/prices/{id}", action, in_path,  A::change_prices},
    RouteRule{"DELETE", V1 "/municipalities/{ars}/prices/{id}", action, in_path,  A::change_prices},
    RouteRule{"GET",    V1 "/areas",                            action, none,     A::add_municipality},

    RouteRule{"GET",    V1 "/agents",                           action, none,     A::list_people},
    RouteRule{"POST",   V1 "/agents",                           action, none,     A::change_people, {}, true},
    RouteRule{"PUT",    V1 "/agents/{id}",                      action, none,     A::change_people},
    RouteRule{"POST",   V1 "/agents/{id}/sip-password",         action, none,     A::change_people},
    RouteRule{"GET",     V1 "/agents/{id}/skills",                 action, none, A::change_distribution},
    RouteRule{"PUT",     V1 "/agents/{id}/skills",                 action, none, A::change_distribution},
    RouteRule{"PUT",     V1 "/agents/{id}/live-skills",            action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/agents/{id}/live-skills",            action, none, A::change_distribution},

    RouteRule{"GET",     V1 "/skills",                             action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/skills",                             action, none, A::change_distribution, {}, true},
    RouteRule{"PUT",     V1 "/skills/{id}",                        action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/skills/{id}",                        action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/queues",                             action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/queues",                             action, none, A::change_distribution, {}, true},
    RouteRule{"PUT",     V1 "/queues/{id}",                        action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/queues/{id}",                        action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/partners",                           action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/partners",                           action, none, A::change_distribution, {}, true},
    RouteRule{"PUT",     V1 "/partners/{id}",                      action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/partners/{id}",                      action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/overflows",                          action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/overflows",                          action, none, A::change_distribution, {}, true},
    RouteRule{"PUT",     V1 "/overflows/{id}",                     action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/overflows/{id}",                     action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/rule-changes",                       action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/rule-changes/{id}/undo",             action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/planned-changes",                    action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/planned-changes/{id}",               action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/planned-changes/{id}/preview",       action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-plans",                       action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/crisis-plans",                       action, none, A::change_distribution, {}, true},
    RouteRule{"PUT",     V1 "/crisis-plans/{id}",                  action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/crisis-plans/{id}",                  action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-plans/{id}/announcements",    action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-plans/{id}/announcements/{kind}", action, none, A::change_distribution},
    RouteRule{"PUT",     V1 "/crisis-plans/{id}/announcements/{kind}", action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/crisis-plans/{id}/announcements/{kind}", action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-plans/{id}/announcements/{kind}/versions", action, none, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-plans/{id}/announcements/{kind}/versions/{version}", action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/crisis-plans/{id}/announcements/{kind}/versions/{version}/restore", action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/crisis-plans/{id}/announcements/{kind}/versions/{version}", action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/crisis-plans/{id}/begin",            action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/crisis-plans/{id}/end",              action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/crisis-plans/{id}/codes",            action, none, A::change_distribution, {}, true},
    RouteRule{"GET",     V1 "/crises",                             action, none, A::use_desk, A::change_distribution},
    RouteRule{"GET",     V1 "/crisis-reports",                     action, none, A::change_distribution},
    RouteRule{"POST",   V1 "/helpers",                          open,      none},
    RouteRule{"GET",     V1 "/desk/notices",                       action, own,  A::use_desk},
    RouteRule{"GET",     V1 "/notices",                            action, none, A::change_distribution},
    RouteRule{"POST",    V1 "/notices",                            action, none, A::change_distribution, {}, true},
    RouteRule{"DELETE",  V1 "/notices/{id}",                       action, none, A::change_distribution},

    RouteRule{"GET",     V1 "/callbacks",                          action, none, A::change_distribution},
    RouteRule{"DELETE",  V1 "/callbacks/{id}",                     action, none, A::change_distribution},

    RouteRule{"GET",    V1 "/settings",                         action, none,     A::change_settings},
    RouteRule{"PUT",    V1 "/settings",                         action, none,     A::change_settings},

    RouteRule{"GET",     V1 "/reports/calls",                      action, filtered, A::see_calls},
    RouteRule{"GET",     V1 "/audit",                              action, none, A::read_audit},

    RouteRule{"GET",    V1 "/invoices",                         action, filtered, A::see_invoices},
    RouteRule{"GET",    V1 "/invoices/{ars}/{month}",           action, in_path,  A::see_invoices},
    RouteRule{"GET",    V1 "/invoices/{ars}/{month}/lines/{key}", action, in_path, A::see_invoices},
    RouteRule{"GET",    V1 "/invoices/{ars}/{month}/draft",     action, in_path,  A::issue_invoices},
    RouteRule{"GET",    V1 "/municipalities/{ars}/forecast",    action, in_path,  A::see_invoices},

    RouteRule{"GET",    V1 "/onboarding",                       action, filtered, A::see_invoices},
    RouteRule{"GET",    V1 "/municipalities/{ars}/onboarding",  action, in_path,  A::see_invoices},
    RouteRule{"POST",   V1 "/municipalities/{ars}/onboarding",  action, in_path,  A::change_prices, {}, true},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/onboarding",  action, in_path,  A::change_prices},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/onboarding/answers", action, in_path, A::change_municipality, A::query_invoices},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/onboarding/tasks/{key}", action, in_path, A::change_municipality, A::query_invoices},
    RouteRule{"GET",    V1 "/municipalities/{ars}/onboarding/files/{form}", action, in_path, A::see_invoices},

    RouteRule{"GET",    V1 "/costs/{id}",                       action, none,     A::change_prices},
    RouteRule{"PUT",    V1 "/costs/{id}",                       action, none,     A::change_prices},
    RouteRule{"GET",    V1 "/price-proposals",                  action, filtered, A::see_invoices},
    RouteRule{"POST",   V1 "/price-proposals",                  action, none,     A::change_prices, {}, true},
    RouteRule{"POST",   V1 "/price-proposals/{id}/consents",    action, filtered, A::query_invoices, {}, true},
    RouteRule{"GET",    V1 "/variants",                         action, none,     A::change_prices},
    RouteRule{"GET",    V1 "/journal",                          action, filtered, A::see_invoices},

    RouteRule{"GET",    V1 "/documents",                        action, filtered, A::see_invoices},
    RouteRule{"POST",   V1 "/documents",                        action, none,     A::issue_invoices, {}, true},
    RouteRule{"GET",    V1 "/municipalities/{ars}/corrections", action, in_path,  A::issue_invoices},
    RouteRule{"POST",   V1 "/municipalities/{ars}/corrections", action, in_path,  A::issue_invoices, {}, true},
    RouteRule{"GET",    V1 "/documents/{number}",               action, filtered, A::see_invoices},
    RouteRule{"GET",    V1 "/documents/{number}/files/{form}",  action, filtered, A::see_invoices},
    RouteRule{"POST",   V1 "/documents/{number}/cancellation",  action, none,     A::issue_invoices, {}, true},
    RouteRule{"POST",   V1 "/documents/{number}/credits",       action, none,     A::issue_invoices, {}, true},
    RouteRule{"POST",   V1 "/documents/{number}/disputes",      action, filtered, A::query_invoices, {}, true},
    RouteRule{"GET",    V1 "/disputes",                         action, filtered, A::see_invoices},
    RouteRule{"POST",   V1 "/disputes/{id}/comments",           action, filtered, A::query_invoices, {}, true},
    RouteRule{"POST",   V1 "/disputes/{id}/decision",           action, none,     A::issue_invoices},
    RouteRule{"GET",    V1 "/billing-details",                  action, none,     A::issue_invoices},
    RouteRule{"PUT",    V1 "/billing-details",                  action, none,     A::issue_invoices},
    RouteRule{"GET",    V1 "/municipalities/{ars}/billing-details", action, in_path, A::see_invoices},
    RouteRule{"PUT",    V1 "/municipalities/{ars}/billing-details", action, in_path, A::query_invoices},

    RouteRule{"GET",    V1 "/run-preview",                      action, none,     A::issue_invoices},
    RouteRule{"GET",    V1 "/runs",                             action, none,     A::issue_invoices},
    RouteRule{"POST",   V1 "/runs",                             action, none,     A::issue_invoices, {}, true},
    RouteRule{"POST",   V1 "/runs/{id}/resume",                 action, none,     A::issue_invoices},
    RouteRule{"GET",    V1 "/partner-accounts",                 action, none,     A::change_prices},
    RouteRule{"PUT",    V1 "/partner-accounts/{id}",            action, none,     A::change_prices},
    RouteRule{"GET",    V1 "/finance/notices",                  action, filtered, A::see_invoices},
    RouteRule{"GET",    V1 "/agreements",                       action, filtered, A::see_invoices},
    RouteRule{"POST",   V1 "/agreements",                       action, none,     A::change_prices, {}, true},
    RouteRule{"GET",    V1 "/agreements/{id}",                  action, filtered, A::see_invoices},
    RouteRule{"PUT",    V1 "/agreements/{id}",                  action, none,     A::change_prices},
    RouteRule{"POST",   V1 "/agreements/{id}/states",           action, none,     A::change_prices},
    RouteRule{"GET",    V1 "/agreements/{id}/annex",            action, filtered, A::see_invoices},
    RouteRule{"GET",    V1 "/agreements/{id}/offboarding",      action, filtered, A::see_invoices},
};
// clang-format on
#undef V1

tl::unexpected<Problem> no_such_municipality() {
    return fail(ProblemKind::not_found, "municipality.not_found");
}

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

Expected<void> check_access(const RouteRule &rule, const people::Principal &who,
                            const net::Request &request) {
    if (rule.access != Access::action) return {};
    std::optional<MunicipalityId> about;
    if (rule.scope == Scope::in_path) about = parse_ars(path_text(request, "ars"));

    auto allowed = people::check(who, *rule.action, about);
    if (!allowed && rule.or_action) allowed = people::check(who, *rule.or_action, about);
    if (!allowed) return allowed;
    // Only after the role: whoever may not ask learns nothing, not even what an ARS looks like.
    if (rule.scope == Scope::in_path && !about) return no_such_municipality();
    return {};
}

} // namespace fernamt::web
