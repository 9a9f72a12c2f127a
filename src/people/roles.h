// SPDX-License-Identifier: EUPL-1.2
// What a person works as, and a set of it in one byte. A person may have several roles; what each
// may do stands in access.h, whose municipality it concerns in Principal. Names and the order of
// the bits are known outside the program: a new role is added at the end, none is renamed.
#pragma once

#include "base/problem.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

enum class Role : std::uint8_t {
    agent,
    lead,
    editor,
    finance,
    admin,
    auditor,
    reader, // in a town hall: looks up what the centre tells, nothing else
};
inline constexpr int kRoles = 7;

[[nodiscard]] std::string_view to_string(Role role); // "agent"
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

class Roles {
  public:
    constexpr Roles() = default;
    constexpr Roles(std::initializer_list<Role> roles) {
        for (const Role role : roles)
            add(role);
    }
    constexpr void add(Role role) { bits_ = static_cast<std::uint8_t>(bits_ | bit(role)); }
    [[nodiscard]] constexpr bool contains(Role role) const { return (bits_ & bit(role)) != 0; }
    [[nodiscard]] constexpr bool any_of(Roles other) const { return (bits_ & other.bits_) != 0; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    // One bit per role in the order of Role, lowest first.
    [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
    friend constexpr bool operator==(Roles, Roles) = default;

  private:
    static constexpr std::uint8_t bit(Role role) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
    }
    std::uint8_t bits_ = 0;
};

[[nodiscard]] std::vector<std::string> names(Roles roles);
// invalid_input "user.role_unknown" {field, role} or "user.roles_missing" {field}.
[[nodiscard]] Expected<Roles> parse_roles(const std::vector<std::string> &names);

} // namespace fernamt::people
