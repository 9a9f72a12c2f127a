// SPDX-License-Identifier: EUPL-1.2
// HTML in texts of deliveries: only the white list that the federal portal allows (p, br, h1 to h6,
// b, strong, i, em, sup, sub, ul, ol, li, a with an http(s), mailto or tel address) passes;
// scripts, styles and what they contain are dropped, other tags leave their text. The result is
// well-formed: what is opened is closed. Pure; any bytes in, never throws.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

[[nodiscard]] std::string clean_html(std::string_view html);
// Paragraphs, line breaks, headings and list items become lines; entities become characters.
// Empty lines are left out.
[[nodiscard]] std::vector<std::string> plain_lines(std::string_view html);
[[nodiscard]] std::string plain_text(std::string_view html); // the lines, divided by \n
[[nodiscard]] std::string escape_html(std::string_view text);
// http, https, mailto and tel; nothing that could run.
[[nodiscard]] bool is_safe_address(std::string_view uri);

} // namespace fernamt::knowledge
