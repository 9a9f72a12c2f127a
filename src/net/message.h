// SPDX-License-Identifier: EUPL-1.2
// The parts of HTTP that are pure text: request targets, cookies, header rules against request
// smuggling (RFC 9112 sections 2, 5, 6 and 11.2), problem answers (RFC 9457), security headers.
// No I/O and no Boost here, so that all of it can be tested and fuzzed as plain functions.
#pragma once

#include "net/http.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fernamt::net {

using Parameters = std::map<std::string, std::string, std::less<>>;

struct Target {
    std::string path; // decoded, starts with "/"
    Parameters query; // decoded
};
// Refuses what two readers could understand differently: broken escapes, %00 and other control
// characters, %2F, backslashes, "." and ".." segments, text that is not UTF-8, a repeated query
// name. Accepts the absolute form ("http://host/path", RFC 9112 section 3.2.2).
[[nodiscard]] std::optional<Target> parse_target(std::string_view raw);

[[nodiscard]] Parameters parse_cookies(std::string_view header);
[[nodiscard]] bool is_utf8(std::string_view text);

// The rules a lenient parser would let pass: a request line of three parts, line ends are CRLF and
// nothing else, no NUL, no folded header lines, no blank before the colon. `head` ends with the
// empty line.
[[nodiscard]] bool head_is_strict(std::string_view head);

// An empty result means the framing is unambiguous; else the status to answer with.
struct Framing {
    int version = 11;
    std::vector<std::string> host, content_length, transfer_encoding;
};
[[nodiscard]] std::optional<int> framing_fault(const Framing &framing);

// Accept-Encoding: is the coding wanted (named or "*", and not with q=0)?
[[nodiscard]] bool accepts_coding(std::string_view accept_encoding, std::string_view coding);
// If-None-Match against a strong tag (weak comparison, RFC 9110 section 13.1.2).
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag);

[[nodiscard]] std::string_view reason_phrase(int status);
[[nodiscard]] std::string json_string(std::string_view text); // quoted and escaped
[[nodiscard]] std::string http_date(Instant at);              // RFC 9110 section 5.6.7

// {type, status, code, title, arguments} as application/problem+json; the title in German unless
// Accept-Language prefers English. Only for faults of HTTP itself; the web room has its own texts.
[[nodiscard]] Response
problem_response(int status, std::string_view code, std::string_view accept_language = {},
                 const std::vector<std::pair<std::string, std::string>> &arguments = {});

// Status line and headers, ending with the empty line. Adds the security headers (and drops the
// handler's own headers of those names), Content-Length unless until_close, and Connection.
// Throws std::invalid_argument for a header that would break the framing.
struct HeadOptions {
    bool keep_alive = true;
    bool secure = false;      // over TLS: adds Strict-Transport-Security
    bool until_close = false; // event stream: the body ends with the connection
    std::string request_id;
};
[[nodiscard]] std::string serialise_head(const Response &response, const HeadOptions &options);

} // namespace fernamt::net
