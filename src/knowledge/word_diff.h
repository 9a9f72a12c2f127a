// SPDX-License-Identifier: EUPL-1.2
// What changed between two texts, word by word, so that the person who releases reads the change
// and not the whole. Joining what is same and added gives the newer text back,
// same and removed the older one, byte by byte. Very long texts that differ everywhere become one
// removal and one addition. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class Change { same, removed, added };
[[nodiscard]] std::string_view to_string(Change change); // "same"

struct DiffPiece {
    Change change = Change::same;
    std::string text;
    friend bool operator==(const DiffPiece &, const DiffPiece &) = default;
};

// Neighbouring pieces differ in `change`; what is removed stands before what came in its place.
[[nodiscard]] std::vector<DiffPiece> word_diff(std::string_view older, std::string_view newer);

} // namespace fernamt::knowledge
