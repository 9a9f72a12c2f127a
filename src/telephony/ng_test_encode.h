// SPDX-License-Identifier: EUPL-1.2
// Any dictionary in bencode, keys sorted: what tests let rtpengine say. The program itself writes
// with ng::DictText.
#pragma once

#include "telephony/ng_protocol.h"

namespace fernamt::telephony::ng {

inline std::string encode(const Value &value) {
    const auto text = [](std::string_view one) {
        return std::to_string(one.size()) + ':' + std::string(one);
    };
    if (const auto *number = std::get_if<std::int64_t>(&value.is))
        return 'i' + std::to_string(*number) + 'e';
    if (const auto *string = std::get_if<std::string>(&value.is)) return text(*string);
    std::string out;
    if (const auto *list = std::get_if<List>(&value.is)) {
        for (const auto &member : *list)
            out += encode(member);
        return 'l' + out + 'e';
    }
    for (const auto &[key, member] : std::get<Dict>(value.is))
        out += text(key) + encode(member);
    return 'd' + out + 'e';
}

} // namespace fernamt::telephony::ng
