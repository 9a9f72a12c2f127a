// SPDX-License-Identifier: EUPL-1.2
// The two languages of the product, and which of them a request wants (RFC 9110 section 12.5.4).
// German unless English is preferred.
#pragma once

#include <string_view>

namespace fernamt::web {

enum class Language { german, english };

[[nodiscard]] std::string_view to_string(Language language); // "de", "en"
[[nodiscard]] Language preferred_language(std::string_view accept_language);

} // namespace fernamt::web
