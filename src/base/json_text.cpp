// SPDX-License-Identifier: EUPL-1.2
#include "base/json_text.h"

namespace fernamt {

namespace {

constexpr bool stands_for_itself(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escaped(std::string &out, char c) {
    constexpr std::string_view kLetters = "btn?fr"; // from 8 on
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += '\\';
    if (c == '"' || c == '\\') {
        out += c;
    } else if (c >= '\b' && c <= '\r' && c != '\v') {
        out += kLetters[static_cast<std::size_t>(c - '\b')];
    } else {
        out += "u00";
        out += kDigits[static_cast<std::size_t>(c >> 4)];
        out += kDigits[static_cast<std::size_t>(c & 0xf)];
    }
}

} // namespace

void append_json_text(std::string &out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && stands_for_itself(text[plain]))
            ++plain;
        out += text.substr(0, plain);
        if (plain == text.size()) break;
        append_escaped(out, text[plain]);
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

} // namespace fernamt
