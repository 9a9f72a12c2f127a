// SPDX-License-Identifier: EUPL-1.2
// Answers in gzip for clients that accept it (RFC 9110 section 8.4.1.3). Only what is worth it:
// text above 1 kB that nobody coded or tagged before. Static files come compressed from the build,
// event streams never pass here.
#pragma once

#include "net/http.h"

#include <string>
#include <string_view>

namespace fernamt::net {

// One gzip member (RFC 1952) without time or name: the same input gives the same bytes.
[[nodiscard]] std::string gzip(std::string_view plain);

// Compresses the body of `response` if that is allowed and useful, and says so in its headers.
// Blocks for some milliseconds with large bodies: on a worker, never on the I/O thread.
void compress_for(const Request &request, Response &response);

} // namespace fernamt::net
