// SPDX-License-Identifier: EUPL-1.2
// A text as a JSON string (RFC 8259, 7), byte for byte as Boost.JSON writes it, for who writes
// objects without making them first: quotes and backslashes escaped, control characters as \b \t
// \n \f \r or \u00XX, all other bytes as they are (so: UTF-8 in, UTF-8 out).
#pragma once

#include <string>
#include <string_view>

namespace fernamt {

void append_json_text(std::string &out, std::string_view text); // with its quotes

} // namespace fernamt
