// SPDX-License-Identifier: EUPL-1.2
// Names of places, which the analyser leaves alone: no stem, no split, no correction ("Burgdorf" is
// no dorf, "Lehrte" no typing error of Lehre). A name that is an ordinary word too (Essen, Halle)
// counts as the word. Immutable; any number of threads may read.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace fernamt::knowledge {

class Gazetteer {
  public:
    Gazetteer() = default;
    // names: one per line, also of several words; "#" begins a comment. ordinary: says of a key
    // whether it is a word of everyday German.
    Gazetteer(std::string_view names, const std::function<bool(std::string_view)> &ordinary);

    [[nodiscard]] bool is_place(std::string_view key) const { return keys_.contains(key); }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_set<std::string, Hash, std::equal_to<>> keys_;
};

} // namespace fernamt::knowledge
