// SPDX-License-Identifier: EUPL-1.2
// Who may do what, in one table: an action needs one of its roles, and concerns either everything,
// one municipality (then a person who belongs to a municipality may touch that one only) or the
// service centre itself (then nobody who belongs to a municipality may). Pure.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "people/roles.h"

#include <optional>

namespace fernamt::people {

struct Principal { // who asks; no name
    UserId user;
    Roles roles;
    std::optional<MunicipalityId> municipality; // empty: the service centre
};

enum class Action {
    use_desk,
    see_situation,
    read_knowledge,
    read_municipality,
    change_municipality, // name, greeting, hours, announcements
    add_municipality,    // somebody new pays and is answered for
    change_numbers,      // what is dialled belongs to the trunk, so to the service centre
    list_people,
    change_people,
    change_settings,
    see_invoices,
    change_prices,  // what a municipality pays is not its own to set
    issue_invoices, // and whatever stands on them
    query_invoices, // what a municipality pays, its own finance people may ask about
    see_calls,      // of a municipality, without the caller
    read_audit,
    edit_knowledge,      // own texts of a municipality; the common ones belong to the centre
    govern_knowledge,    // who checks what, the TOP list, the gate before going live
    change_distribution, // skills, queues, partners, overflows, crises, callbacks
    switch_office,       // the town hall's operator is there or not, for now
    take_deliveries,     // what a Land delivers changes every municipality's texts
};
inline constexpr int kActions = 21;

[[nodiscard]] bool may_see(const Principal &who, MunicipalityId id);
// `about` is the municipality concerned; nothing: all of them together (sums, lists).
[[nodiscard]] bool may(const Principal &who, Action action,
                       std::optional<MunicipalityId> about = std::nullopt);
// The same as a Problem: forbidden "access.role_missing" or "access.service_centre_only"; a foreign
// municipality is not_found "municipality.not_found", as if it did not exist.
[[nodiscard]] Expected<void> check(const Principal &who, Action action,
                                   std::optional<MunicipalityId> about = std::nullopt);

} // namespace fernamt::people
