// SPDX-License-Identifier: EUPL-1.2
// The description of the API (OpenAPI 3.1), embedded at build time from openapi.json and served at
// /api/openapi.json, byte for byte. It is the source of the API: tests hold every route, every
// answer and every example against it. Nothing is generated from it at run time.
#pragma once

#include <string_view>

namespace fernamt::web {

[[nodiscard]] std::string_view openapi_text();

} // namespace fernamt::web
