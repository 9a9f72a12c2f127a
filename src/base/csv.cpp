// SPDX-License-Identifier: EUPL-1.2
#include "base/csv.h"

namespace fernamt {

std::string csv_field(std::string_view text, std::string_view formula_starts) {
    std::string value{text};
    if (!value.empty() && formula_starts.find(value.front()) != std::string_view::npos)
        value.insert(value.begin(), '\'');
    if (value.find_first_of(";\"\r\n") == std::string::npos) return value;
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

} // namespace fernamt
