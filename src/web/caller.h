// SPDX-License-Identifier: EUPL-1.2
// Who makes a request, as far as access is concerned: the user, their roles and, if they belong to
// one municipality, which. No names here.
#pragma once

#include "base/id.h"

#include <cstdint>
#include <optional>

namespace fernamt::web {

// A set of roles.
struct Roles {
    std::uint8_t bits = 0;

    [[nodiscard]] constexpr bool any_of(Roles other) const { return (bits & other.bits) != 0; }
    friend constexpr Roles operator|(Roles a, Roles b) {
        return {static_cast<std::uint8_t>(a.bits | b.bits)};
    }
    friend constexpr bool operator==(Roles, Roles) = default;
};
inline constexpr Roles kAgent{1}, kLead{2}, kEditor{4}, kFinance{8}, kAdmin{16}, kAuditor{32};

struct Caller {
    UserId user;
    Roles roles;
    std::optional<MunicipalityId> municipality; // empty: the service centre, sees all

    [[nodiscard]] bool may_see(MunicipalityId id) const {
        return !municipality || *municipality == id;
    }
};

} // namespace fernamt::web
