// SPDX-License-Identifier: EUPL-1.2
#include "people/access.h"

#include <array>

namespace fernamt::people {

namespace {

enum class Scope {
    own,            // a person of a municipality sees that one
    service_centre, // nobody who belongs to a municipality
};

struct Rule {
    Action action;
    Roles roles;
    Scope scope;
};

constexpr Roles kEverybody{Role::agent, Role::lead,    Role::editor, Role::finance,
                           Role::admin, Role::auditor, Role::reader};

constexpr std::array<Rule, kActions> kRules{{
    {Action::use_desk, {Role::agent}, Scope::service_centre},
    {Action::see_situation, {Role::lead, Role::admin}, Scope::service_centre},
    {Action::read_knowledge, kEverybody, Scope::own},
    {Action::read_municipality, kEverybody, Scope::own},
    {Action::change_municipality, {Role::admin}, Scope::own},
    {Action::add_municipality, {Role::admin}, Scope::service_centre},
    {Action::change_numbers, {Role::admin}, Scope::service_centre},
    {Action::list_people, {Role::admin, Role::lead}, Scope::service_centre},
    {Action::change_people, {Role::admin}, Scope::service_centre},
    {Action::change_settings, {Role::admin}, Scope::service_centre},
    {Action::see_invoices, {Role::finance, Role::admin, Role::auditor}, Scope::own},
    {Action::change_prices, {Role::finance, Role::admin}, Scope::service_centre},
    {Action::issue_invoices, {Role::finance}, Scope::service_centre},
    {Action::query_invoices, {Role::finance}, Scope::own},
    {Action::see_calls, {Role::lead, Role::finance, Role::auditor}, Scope::own},
    {Action::read_audit, {Role::admin, Role::auditor}, Scope::service_centre},
    {Action::edit_knowledge, {Role::editor}, Scope::own},
    {Action::govern_knowledge, {Role::editor, Role::lead, Role::admin}, Scope::service_centre},
    {Action::change_distribution, {Role::lead, Role::admin}, Scope::service_centre},
    {Action::switch_office, {Role::lead, Role::admin}, Scope::own},
    {Action::take_deliveries, {Role::editor, Role::admin}, Scope::service_centre},
}};

const Rule &rule_of(Action action) {
    return kRules.at(static_cast<std::size_t>(action));
}

constexpr bool in_order() {
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (static_cast<std::size_t>(kRules[i].action) != i) return false;
    }
    return true;
}
static_assert(in_order());

} // namespace

bool may_see(const Principal &who, MunicipalityId id) {
    return !who.municipality || *who.municipality == id;
}

Expected<void> check(const Principal &who, Action action, std::optional<MunicipalityId> about) {
    const Rule &rule = rule_of(action);
    if (!who.user || !who.roles.any_of(rule.roles))
        return fail(ProblemKind::forbidden, "access.role_missing");
    if (rule.scope == Scope::service_centre && who.municipality)
        return fail(ProblemKind::forbidden, "access.service_centre_only");
    if (about && !may_see(who, *about))
        return fail(ProblemKind::not_found, "municipality.not_found");
    return {};
}

bool may(const Principal &who, Action action, std::optional<MunicipalityId> about) {
    return check(who, action, about).has_value();
}

} // namespace fernamt::people
