// SPDX-License-Identifier: EUPL-1.2
// The description of the API (OpenAPI 3.1), embedded at build time from openapi.json.
#pragma once

#include <string_view>

namespace fernamt::web {

[[nodiscard]] std::string_view openapi_text();

} // namespace fernamt::web
