// SPDX-License-Identifier: EUPL-1.2
#include "base/text.h"

#include <algorithm>

namespace fernamt {

std::string_view trimmed(std::string_view text, std::string_view blanks) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower_ascii(std::string_view text) {
    std::string lowered(text);
    for (char &c : lowered)
        c = lower_ascii(c);
    return lowered;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && starts_ignoring_case(a, b);
}

bool starts_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(),
                      [](char a, char b) { return lower_ascii(a) == lower_ascii(b); });
}

} // namespace fernamt
