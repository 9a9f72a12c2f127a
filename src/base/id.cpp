// SPDX-License-Identifier: EUPL-1.2
#include "base/id.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt {

std::string to_ars(MunicipalityId id) {
    return fmt::format("{:012d}", id.value);
}

std::optional<MunicipalityId> parse_ars(std::string_view text) {
    if (text.size() != 12 && text.size() != 5) return std::nullopt;
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (char c : text)
        value = value * 10 + (c - '0');
    if (text.size() == 5) value *= 10'000'000;
    if (value == 0) return std::nullopt;
    return MunicipalityId{value};
}

} // namespace fernamt
