// SPDX-License-Identifier: EUPL-1.2
// Texts as machines exchange them: ends without blanks, ASCII in small letters, compared so. No
// locale is asked and what lies outside ASCII stays as it is: for header names, tags and keywords,
// not for people's words (knowledge/analysis). Views stay views of the text that was given.
#pragma once

#include <string>
#include <string_view>

namespace fernamt {

// HTTP allows only blanks and tabs around a value (RFC 9110, 5.6.3): name them there.
inline constexpr std::string_view kBlanks = " \t\r\n";
inline constexpr std::string_view kBlanksOfALine = " \t";

[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = kBlanks);

[[nodiscard]] constexpr char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] std::string lower_ascii(std::string_view text);

[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_ignoring_case(std::string_view text, std::string_view start);

} // namespace fernamt
