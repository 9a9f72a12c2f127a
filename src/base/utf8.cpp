// SPDX-License-Identifier: EUPL-1.2
#include "base/utf8.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace fernamt {

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || i + static_cast<std::size_t>(more) >= text.size())
            return false;
        std::uint32_t point = lead & (0x3fU >> more);
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
            if ((next & 0xc0U) != 0x80U) return false;
            point = (point << 6U) | (next & 0x3fU);
        }
        static constexpr std::array<std::uint32_t, 4> smallest{0, 0x80, 0x800, 0x10000};
        if (point < smallest[static_cast<std::size_t>(more)] || point > 0x10ffff) return false;
        if (point >= 0xd800 && point <= 0xdfff) return false;
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

std::string_view utf8_beginning(std::string_view text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) return text;
    constexpr unsigned char kTwoTopBits = 0xC0, kContinuation = 0x80;
    while (most_bytes > 0 &&
           (static_cast<unsigned char>(text[most_bytes]) & kTwoTopBits) == kContinuation)
        --most_bytes;
    return text.substr(0, most_bytes);
}

} // namespace fernamt
