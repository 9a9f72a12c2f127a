// SPDX-License-Identifier: EUPL-1.2
// Which language a text says it is in, as deliveries write it ("de", "de-DE").
#pragma once

#include <string_view>

namespace fernamt::knowledge {

[[nodiscard]] inline bool is_german(std::string_view language) {
    return language == "de" || language.starts_with("de-");
}

} // namespace fernamt::knowledge
