// SPDX-License-Identifier: EUPL-1.2
// Beast parses; the rules of message.h refuse what Beast would let pass.
#include "net/request_reader.h"

#include "base/text.h"
#include "net/message.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>

namespace fernamt::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kReadChunk = 16 * 1024;
constexpr std::size_t kMaxTargetBytes = 8 * 1024;
constexpr std::size_t kMaxFields = 100;
constexpr std::int64_t kSlowestBytesPerSecond = 64 * 1024;
// All request bodies together; beyond that the server says "busy" instead of growing.
constexpr std::size_t kBodiesInFlight = 128U * 1024 * 1024;

std::string to_string(boost::core::string_view text) {
    return {text.data(), text.size()};
}

const std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                               "PATCH", "DELETE", "OPTIONS"};

Fault fault_of(const error_code &error) {
    if (error == http::error::body_limit) return {413, "http.body_too_large"};
    if (error == http::error::header_limit) return {431, "http.headers_too_large"};
    if (error == http::error::bad_version) return {505, "http.version"};
    return {400, "http.bad_request"};
}

// A list header that came in several lines is one list (RFC 9110 section 5.3).
void add_header(Parameters &headers, const std::string &name, const std::string &value) {
    const auto [place, is_new] = headers.emplace(name, value);
    if (!is_new) place->second += (name == "cookie" ? "; " : ", ") + value;
}

} // namespace

struct RequestReader::Parser {
    http::request_parser<http::string_body> http;
};

RequestReader::RequestReader(asio::io_context &io, std::shared_ptr<Stream> stream,
                             const ServerOptions &options, std::size_t &bytes_in_flight)
    : io_(io), stream_(std::move(stream)), options_(options), bytes_in_flight_(bytes_in_flight) {}

RequestReader::~RequestReader() {
    release();
}

void RequestReader::release() {
    bytes_in_flight_ -= held_;
    held_ = 0;
}

void RequestReader::forget_body() {
    release();
    request_ = Request{};
    parser_.reset();
    if (buffer_.empty()) buffer_.shrink_to_fit(); // idle connections hold no memory
}

asio::awaitable<error_code> RequestReader::fill(std::size_t limit) {
    const error_code error = co_await stream_->read_some(buffer_, limit);
    co_return error;
}

asio::awaitable<RequestReader::Head> RequestReader::read_head(Duration first_byte_within) {
    fault_ = Fault{};
    if (buffer_.empty()) {
        const Deadline deadline(io_, stream_, first_byte_within);
        const error_code error = co_await fill(1024);
        if (error) co_return Head::closed;
    }
    const Deadline deadline(io_, stream_, options_.read_timeout);
    std::size_t end = 0;
    while (true) {
        if (buffer_.starts_with("\r\n")) buffer_.erase(0, 2); // RFC 9112 section 2.2
        end = buffer_.find("\r\n\r\n");
        const std::size_t size = std::min(end, buffer_.size());
        const std::size_t line = std::min(buffer_.find("\r\n"), buffer_.size());
        if (line > kMaxTargetBytes)
            fault_ = {414, "http.target_too_long"};
        else if (size > options_.max_header_bytes)
            fault_ = {431, "http.headers_too_large"};
        if (fault_) co_return Head::fault;
        if (end != std::string::npos) break;
        // What follows a bare line feed or NUL can never become a valid head: answer at once.
        if (buffer_.find('\0') != std::string::npos || buffer_.find("\n\n") != std::string::npos) {
            fault_ = {400, "http.bad_request"};
            co_return Head::fault;
        }
        if (deadline.passed()) {
            fault_ = {408, "http.timeout"};
            co_return Head::fault;
        }
        const error_code error = co_await fill(4096);
        if (error && !deadline.passed()) co_return Head::closed;
    }
    fault_ = interpret_head(std::string_view(buffer_).substr(0, end + 4));
    if (fault_) co_return Head::fault;
    buffer_.erase(0, end + 4);
    co_return Head::complete;
}

Fault RequestReader::interpret_head(std::string_view head) {
    static constexpr Fault bad{400, "http.bad_request"};
    if (!head_is_strict(head)) return bad;
    parser_ = std::make_unique<Parser>();
    auto &parser = parser_->http;
    parser.header_limit(static_cast<std::uint32_t>(options_.max_header_bytes) + 4096);
    parser.body_limit(options_.max_body_bytes);
    error_code error;
    const std::size_t used = parser.put(asio::buffer(head.data(), head.size()), error);
    if (error) return fault_of(error);
    if (used != head.size() || !parser.is_header_done()) return bad;

    const auto &message = parser.get();
    Framing framing;
    framing.version = static_cast<int>(message.version());
    request_ = Request{};
    std::size_t fields = 0;
    for (const auto &field : message) {
        const std::string name = lower_ascii(to_string(field.name_string()));
        const std::string value = to_string(field.value());
        if (name == "host") framing.host.push_back(value);
        if (name == "content-length") framing.content_length.push_back(value);
        if (name == "transfer-encoding") framing.transfer_encoding.push_back(value);
        add_header(request_.headers, name, value);
        if (++fields > kMaxFields) return {431, "http.headers_too_large"};
    }
    if (const auto status = framing_fault(framing)) {
        if (*status == 505) return {505, "http.version"};
        if (*status == 501) return {501, "http.not_implemented"};
        if (*status == 413) return {413, "http.body_too_large"};
        return bad;
    }
    request_.method = to_string(message.method_string());
    if (std::find(kMethods.begin(), kMethods.end(), request_.method) == kMethods.end())
        return {501, "http.not_implemented"};
    auto target = parse_target(to_string(message.target()));
    if (!target) return bad;
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    if (const auto cookie = request_.headers.find("cookie"); cookie != request_.headers.end())
        request_.cookies = parse_cookies(cookie->second);
    keep_alive_ = message.keep_alive();
    has_body_ = !parser.is_done();
    expects_continue_ = false;
    if (const auto expect = request_.headers.find("expect"); expect != request_.headers.end()) {
        if (!same_ignoring_case(expect->second, "100-continue")) return {417, "http.expectation"};
        expects_continue_ = has_body_;
    }
    return {};
}

asio::awaitable<Fault> RequestReader::read_body() {
    if (!has_body_) co_return Fault{};
    auto &parser = parser_->http;
    if (expects_continue_ && buffer_.empty()) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const std::vector<asio::const_buffer> parts{asio::buffer(go_on.data(), go_on.size())};
        const error_code error = co_await stream_->write(parts);
        if (error) co_return Fault{400, "http.bad_request"};
    }
    const auto expected = static_cast<std::int64_t>(options_.max_body_bytes);
    const std::int64_t length = static_cast<std::int64_t>(
        std::min<std::uint64_t>(parser.content_length().value_or(options_.max_body_bytes),
                                static_cast<std::uint64_t>(expected)));
    const Deadline deadline(io_, stream_,
                            options_.read_timeout +
                                Duration{std::chrono::seconds{length / kSlowestBytesPerSecond}});
    while (true) {
        while (!buffer_.empty() && !parser.is_done()) {
            error_code error;
            const std::size_t used = parser.put(asio::buffer(buffer_), error);
            buffer_.erase(0, used);
            if (error == http::error::need_more) break;
            if (error) co_return fault_of(error);
        }
        if (parser.is_done()) break;
        if (buffer_.size() > 2 * kReadChunk) co_return Fault{400, "http.bad_request"};
        if (deadline.passed()) co_return Fault{408, "http.timeout"};
        if (bytes_in_flight_ + kReadChunk > kBodiesInFlight) co_return Fault{503, "http.busy"};
        const std::size_t before = buffer_.size();
        const error_code error = co_await fill(kReadChunk);
        held_ += buffer_.size() - before;
        bytes_in_flight_ += buffer_.size() - before;
        if (error && !deadline.passed()) co_return Fault{400, "http.bad_request"};
    }
    request_.body = std::move(parser.get().body());
    has_body_ = false;
    co_return Fault{};
}

} // namespace fernamt::net
