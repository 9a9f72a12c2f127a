// SPDX-License-Identifier: EUPL-1.2
// Enums and the words that are stored for them, as one table each, searched in both directions. The
// tables stand beside their enums' functions; a word that was stored once is never changed, or what
// is stored could not be read again. For stored words, not for people: those come from the
// catalogue at the edge. Internal to the room.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace fernamt::agreements {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

// "" for no value of the enum.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view name_in(const Names<E, N> &names, E value) {
    for (const auto &[each, name] : names) {
        if (each == value) return name;
    }
    return {};
}

template <class E, std::size_t N>
[[nodiscard]] constexpr std::optional<E> value_in(const Names<E, N> &names, std::string_view text) {
    for (const auto &[value, name] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

} // namespace fernamt::agreements
