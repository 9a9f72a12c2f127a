// SPDX-License-Identifier: EUPL-1.2
// A Problem as an HTTP answer: application/problem+json by RFC 9457, with the status of its kind
// from one table. Nothing internal gets out: only the code, its title and its arguments.
#pragma once

#include "base/problem.h"
#include "net/http.h"
#include "web/language.h"

namespace fernamt::web {

[[nodiscard]] int http_status(ProblemKind kind);
[[nodiscard]] net::Response to_response(const Problem &problem, Language language);

} // namespace fernamt::web
