// SPDX-License-Identifier: EUPL-1.2
#include "web/reply.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace fernamt::web {

Reply json_reply(const boost::json::value &body, int status) {
    return {status, boost::json::serialize(body), "application/json", {}};
}

Reply versioned_reply(const boost::json::value &body, long long version) {
    Reply reply = json_reply(body);
    reply.headers.emplace_back("ETag", fmt::format("\"{}\"", version));
    return reply;
}

Reply nothing_to_show() {
    return {204, {}, {}, {}};
}

} // namespace fernamt::web
