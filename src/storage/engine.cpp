// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine.h"

#include <string>

namespace fernamt::storage {

namespace {

// Length of the well-formed UTF-8 sequence at the start of text, 0 if there is none (Unicode 15,
// table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;
        return tail(1, low, high) && tail(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
        return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

bool is_storable(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0 || text.front() == '\0') return false;
        text.remove_prefix(length);
    }
    return true;
}

} // namespace

Expected<void> check_parameters(const std::vector<Value> &parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto *text = std::get_if<std::string>(&parameters[i]);
        if (text == nullptr || is_storable(*text)) continue;
        return fail(ProblemKind::invalid_input, "storage.text_encoding",
                    {{"parameter", std::to_string(i + 1)}});
    }
    return {};
}

} // namespace fernamt::storage
