// SPDX-License-Identifier: EUPL-1.2
// Whether bytes from outside are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. A NUL
// is a character like any other here.
#pragma once

#include <string_view>

namespace fernamt {

[[nodiscard]] bool is_utf8(std::string_view text);

} // namespace fernamt
