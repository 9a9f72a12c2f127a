// SPDX-License-Identifier: EUPL-1.2
// What a handler answers when all went well: status, body, type and its own headers. The gate adds
// the headers that every answer has, and turns Problems into answers; handlers never write one.
// Bodies are whole texts: event streams and files go other ways (net/).
#pragma once

#include <boost/json/fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fernamt::web {

struct Reply {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
};

[[nodiscard]] Reply json_reply(const boost::json::value &body, int status = 200);
// The same with an entity tag for If-Match: version 3 is "3".
[[nodiscard]] Reply versioned_reply(const boost::json::value &body, long long version);
[[nodiscard]] Reply nothing_to_show(); // 204

} // namespace fernamt::web
