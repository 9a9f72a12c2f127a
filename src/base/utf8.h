// SPDX-License-Identifier: EUPL-1.2
// Whether bytes from outside are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. A NUL
// is a character like any other here.
#pragma once

#include <string_view>

namespace fernamt {

[[nodiscard]] bool is_utf8(std::string_view text);
// The beginning of UTF-8 text: at most so many bytes, no character cut through.
[[nodiscard]] std::string_view utf8_beginning(std::string_view text, std::size_t most_bytes);

} // namespace fernamt
