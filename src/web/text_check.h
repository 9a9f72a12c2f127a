// SPDX-License-Identifier: EUPL-1.2
// Which text may enter: valid UTF-8 without control characters (one log line, one cell, one column
// in any database stays one). Everything else, naughty or not, is stored unchanged.
#pragma once

#include <string_view>

namespace fernamt::web {

enum class Lines { one, many }; // many: tab and line ends are allowed

[[nodiscard]] bool is_clean_text(std::string_view text, Lines lines);
// Unicode code points of valid UTF-8.
[[nodiscard]] std::size_t length_of(std::string_view text);

} // namespace fernamt::web
