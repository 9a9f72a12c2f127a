// SPDX-License-Identifier: EUPL-1.2
// Strong ids: a CallId is never mistaken for an AgentId. Values are positive; 0 means "none".
// Ids are made by the application (never by the database) and fit into a JSON number (< 2^53).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt {

template <class Tag>
struct Id {
    std::int64_t value = 0;

    [[nodiscard]] constexpr explicit operator bool() const { return value != 0; }
    friend constexpr auto operator<=>(Id, Id) = default;
};

using CallId = Id<struct CallTag>;
using AgentId = Id<struct AgentTag>; // an agent is a user with the role agent: same value as UserId
using UserId = Id<struct UserTag>;

// A municipality (the tenant) is known by its ARS, the 12-digit Amtlicher Regionalschluessel, which
// also names districts (03241 -> 032410000000). Stored as a number, written with leading zeros.
using MunicipalityId = Id<struct MunicipalityTag>;

[[nodiscard]] std::string to_ars(MunicipalityId id);
// Accepts exactly 12 digits, or 5 digits of a district.
[[nodiscard]] std::optional<MunicipalityId> parse_ars(std::string_view text);

} // namespace fernamt

template <class Tag>
struct std::hash<fernamt::Id<Tag>> {
    std::size_t operator()(fernamt::Id<Tag> id) const noexcept {
        return std::hash<std::int64_t>{}(id.value);
    }
};
