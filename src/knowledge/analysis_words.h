// SPDX-License-Identifier: EUPL-1.2
// From text to words, as a pure function: lower case, umlauts and ß spelt out (normalise), gender
// suffixes dropped ("Bürger:innen", "BürgerInnen" = "buerger"), hyphenated words as one word that
// remembers its parts, "§ 34c" as one word. Any bytes are accepted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct Word {
    std::string folded;             // "fuehrerschein"
    std::vector<std::string> parts; // of "i-Kfz": "i", "kfz"; else empty
    std::size_t from = 0;           // bytes in the text: what to show
    std::size_t to = 0;
};

[[nodiscard]] std::vector<Word> tokenise(std::string_view text);

// Umlauts without their e, so that "führerschein", "fuehrerschein" and "fuhrerschein" are one word:
// "ae", "oe", "ue" lose their e, but "ue" after a vowel or q is no umlaut (neue, Steuer, Frauen).
[[nodiscard]] std::string key_of(std::string_view folded);

// Snowball's German stem of a key. Safe in any thread.
[[nodiscard]] std::string stem(std::string_view key);

[[nodiscard]] bool has_digit(std::string_view word);

} // namespace fernamt::knowledge
