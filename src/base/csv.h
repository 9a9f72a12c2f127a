// SPDX-License-Identifier: EUPL-1.2
// One field of a CSV file as our tables write it (RFC 4180, divided by semicolons): quoted when it
// must be, and never a formula of the spreadsheet that opens it.
#pragma once

#include <string>
#include <string_view>

namespace fernamt {

// A text that begins with one of these would be computed by a spreadsheet; an apostrophe stops it.
// A table with negative amounts leaves the minus out.
[[nodiscard]] std::string csv_field(std::string_view text, std::string_view formula_starts);

} // namespace fernamt
