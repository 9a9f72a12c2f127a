// SPDX-License-Identifier: EUPL-1.2
#include "people/roles.h"

#include <array>

namespace fernamt::people {

namespace {

constexpr std::array<std::string_view, kRoles> kNames{"agent", "lead",    "editor", "finance",
                                                      "admin", "auditor", "reader"};

} // namespace

std::string_view to_string(Role role) {
    return kNames.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view text) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames.at(i) == text) return static_cast<Role>(i);
    }
    return std::nullopt;
}

std::vector<std::string> names(Roles roles) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (roles.contains(static_cast<Role>(i))) out.emplace_back(kNames.at(i));
    }
    return out;
}

Expected<Roles> parse_roles(const std::vector<std::string> &names) {
    Roles roles;
    for (const std::string &name : names) {
        const auto role = parse_role(name);
        // The text itself is not repeated: it came from outside and goes into logs.
        if (!role)
            return fail(ProblemKind::invalid_input, "user.role_unknown", {{"field", "roles"}});
        roles.add(*role);
    }
    if (roles.empty())
        return fail(ProblemKind::invalid_input, "user.roles_missing", {{"field", "roles"}});
    return roles;
}

} // namespace fernamt::people
