// SPDX-License-Identifier: EUPL-1.2
#include "web/text_check.h"

#include <algorithm>
#include <cstdint>

namespace fernamt::web {

namespace {

bool is_allowed_control(char32_t c, Lines lines) {
    return lines == Lines::many && (c == '\n' || c == '\r' || c == '\t');
}

// C0, DEL and C1; also the Unicode line and paragraph separators, which some readers break lines
// at.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

struct Decoded {
    char32_t code = 0;
    std::size_t bytes = 0; // 0: not UTF-8
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    std::size_t bytes = 0;
    char32_t code = 0;
    char32_t smallest = 0;
    if ((first & 0xe0) == 0xc0) {
        bytes = 2, code = first & 0x1f, smallest = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
        bytes = 3, code = first & 0x0f, smallest = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
        bytes = 4, code = first & 0x07, smallest = 0x10000;
    } else {
        return {};
    }
    if (text.size() < bytes) return {};
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0) != 0x80) return {};
        code = (code << 6) | (byte(at) & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < smallest || code > 0x10ffff || surrogate) return {};
    return {code, bytes};
}

} // namespace

bool is_clean_text(std::string_view text, Lines lines) {
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (next.bytes == 0) return false;
        if (is_control(next.code) && !is_allowed_control(next.code, lines)) return false;
        text.remove_prefix(next.bytes);
    }
    return true;
}

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

} // namespace fernamt::web
