// SPDX-License-Identifier: EUPL-1.2
// Why compressing is safe against BREACH, which needs a secret and a text of the attacker's choice
// in one compressed body, and a victim's browser that fetches it thousands of times:
//  - no secret of the session is ever in a body: its token is an HttpOnly cookie, and requests are
//    protected against forgery by a fixed header, not by a token in the page;
//  - passwords shown once are answers to POST, and only answers to GET are compressed;
//  - a foreign page cannot make the browser ask with the session: the cookie is SameSite=Strict.
#include "net/compression.h"

#include "base/text.h"
#include "net/message.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fernamt::net {
namespace {

constexpr std::size_t kWorthIt = 1024; // below, a packet is a packet
constexpr int kLevel = 5;              // of JSON nearly what 9 reaches, in half its time
constexpr int kGzipWindow = 15 + 16;   // zlib.h: +16 writes a gzip header

std::string_view header_of(const Response &response, std::string_view name) {
    for (const auto &[each, value] : response.headers) {
        if (same_ignoring_case(each, name)) return value;
    }
    return {};
}

bool is_text(std::string_view content_type) {
    static constexpr std::array<std::string_view, 5> kinds{"text/", "application/json",
                                                           "application/problem+json",
                                                           "application/xml", "image/svg+xml"};
    return std::any_of(kinds.begin(), kinds.end(), [&](std::string_view kind) {
        return lower_ascii(content_type.substr(0, kind.size())) == kind;
    });
}

bool may_be_compressed(const Request &request, const Response &response) {
    if (request.method != "GET" && request.method != "HEAD") return false;
    if (response.body.size() < kWorthIt || !is_text(header_of(response, "content-type")))
        return false;
    // A strong tag names these very bytes (RFC 9110 section 8.8.1), and here the version to be
    // sent back in If-Match; a weak one what they say.
    const std::string_view tag = header_of(response, "etag");
    return header_of(response, "content-encoding").empty() &&
           (tag.empty() || tag.starts_with("W/"));
}

} // namespace

std::string gzip(std::string_view plain) {
    z_stream stream{};
    if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        throw std::runtime_error("zlib cannot start");
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    // zlib's C interface takes the input as non-const and does not write to it.
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib cannot finish");
    return packed;
}

void compress_for(const Request &request, Response &response) {
    if (!may_be_compressed(request, response)) return;
    response.headers.emplace_back("Vary", "Accept-Encoding");
    const auto wanted = request.headers.find("accept-encoding");
    if (wanted == request.headers.end() || !accepts_coding(wanted->second, "gzip")) return;
    std::string packed = gzip(response.body);
    if (packed.size() >= response.body.size()) return;
    response.body = std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

} // namespace fernamt::net
