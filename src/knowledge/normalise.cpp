// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search.h"

#include <cstdint>

namespace fernamt::knowledge {

namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

// Decodes one code point and moves on; overlong forms, surrogates and cut sequences are invalid and
// consume one byte.
char32_t next_code_point(std::string_view text, std::size_t &at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) {
        ++at;
        return first;
    }
    const int more = first >= 0xF0 && first < 0xF5   ? 3
                     : first >= 0xE0 && first < 0xF0 ? 2
                     : first >= 0xC2 && first < 0xE0 ? 1
                                                     : 0;
    if (more == 0 || at + static_cast<std::size_t>(more) >= text.size()) {
        ++at;
        return kInvalid;
    }
    char32_t code = first & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i) {
        const unsigned char next = byte(at + static_cast<std::size_t>(i));
        if ((next & 0xC0u) != 0x80u) {
            ++at;
            return kInvalid;
        }
        code = (code << 6) | (next & 0x3Fu);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) {
        ++at;
        return kInvalid;
    }
    at += static_cast<std::size_t>(more) + 1;
    return code;
}

// Latin-1 letters without their accents; umlauts spelt out. Index: code point - 0xC0.
constexpr const char *kLatin1[] = {
    "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "ss",
    "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "y"};

// Letters of U+0100..U+017F, in lower case and without accents.
constexpr std::string_view kLatinA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
    "rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatinA.size() == 0x180 - 0x100);

bool is_other_letter(char32_t code) { // Greek, Cyrillic, Arabic ...: kept as they are
    return (code >= 0x370 && code < 0x2000) || (code >= 0x2C00 && code < 0x2E00) ||
           (code >= 0x3040 && code < 0xE000) || (code >= 0xF900 && code < 0xFE00);
}

// A combining diaeresis after a, o or u is an umlaut in two code points (macOS writes those).
void append_combining(std::string &out, char32_t code) {
    if (code != 0x308 || out.empty()) return;
    const char last = out.back();
    if (last == 'a' || last == 'o' || last == 'u') out += 'e';
}

void append_blank(std::string &out) {
    if (!out.empty() && out.back() != ' ') out += ' ';
}

void append(std::string &out, char32_t code, std::string_view bytes) {
    if (code < 0x80) {
        const char c = static_cast<char>(code);
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        } else {
            append_blank(out);
        }
        return;
    }
    if (code >= 0xC0 && code <= 0xFF && code != 0xD7 && code != 0xF7) {
        out += kLatin1[code - 0xC0];
    } else if (code >= 0x100 && code < 0x180) {
        out += kLatinA[code - 0x100];
    } else if (code == 0x1E9E) { // capital sharp s
        out += "ss";
    } else if (code >= 0x300 && code < 0x370) {
        append_combining(out, code);
    } else if (code == 0xAD || code == 0x200B || code == 0x200C || code == 0x200D) {
        return; // soft hyphen and zero-width marks stand inside words
    } else if (is_other_letter(code)) {
        out += bytes;
    } else {
        append_blank(out);
    }
}

} // namespace

std::string normalise(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t from = at;
        const char32_t code = next_code_point(text, at);
        if (code == kInvalid) {
            append_blank(out);
        } else {
            append(out, code, text.substr(from, at - from));
        }
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

} // namespace fernamt::knowledge
