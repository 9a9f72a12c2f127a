// SPDX-License-Identifier: EUPL-1.2
// Splits German compounds ("hundesteueranmeldung" = hund + steuer + anmeldung) with our own list of
// parts, linking letters between them, and a price for short parts. Works on keys (key_of). Words
// on the list with "-" are never split. Immutable; any number of threads may read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace fernamt::knowledge {

class Compounds {
  public:
    // words: one or more per line, "#" begins a comment, "-word" is never split.
    explicit Compounds(std::string_view words);

    // The parts in order, also parts of parts: steuer, anmeldung, hund, hundesteuer. Empty: no
    // compound. The word itself is not among them.
    [[nodiscard]] std::vector<std::string> split(std::string_view key) const;

    [[nodiscard]] bool knows(std::string_view key) const { return parts_.contains(key); }
    [[nodiscard]] std::size_t size() const { return parts_.size(); }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Words = std::unordered_set<std::string, Hash, std::equal_to<>>;

    [[nodiscard]] std::vector<std::string> best_split(std::string_view key) const;

    Words parts_;
    Words whole_; // never split
    std::size_t longest_ = 0;
};

} // namespace fernamt::knowledge
