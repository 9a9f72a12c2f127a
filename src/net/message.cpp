// SPDX-License-Identifier: EUPL-1.2
#include "net/message.h"

#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <stdexcept>

namespace fernamt::net {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_token_char(char c) { // RFC 9110 section 5.6.2
    if (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decode(std::string_view raw, bool plus_is_blank) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            if (i + 2 >= raw.size()) return std::nullopt;
            const int high = hex_value(raw[i + 1]);
            const int low = hex_value(raw[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out.push_back(c);
    }
    return out;
}

// The path of an absolute-form target; the input itself for origin-form.
std::optional<std::string_view> origin_form(std::string_view raw) {
    if (raw.empty()) return std::nullopt;
    if (raw.front() == '/') return raw;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!same_ignoring_case(raw.substr(0, scheme.size()), scheme)) continue;
        const std::string_view rest = raw.substr(scheme.size());
        const std::size_t path = rest.find_first_of("/?");
        if (path == 0) return std::nullopt; // no authority
        if (path == std::string_view::npos) return std::string_view("/");
        if (rest[path] == '?') return std::nullopt;
        return rest.substr(path);
    }
    return std::nullopt;
}

bool path_is_plain(std::string_view path) {
    if (std::any_of(path.begin(), path.end(), is_control)) return false;
    if (path.find('\\') != std::string_view::npos || !is_utf8(path)) return false;
    std::size_t start = 1;
    while (start <= path.size()) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view segment = path.substr(start, end - start);
        if (segment == "." || segment == "..") return false;
        start = end + 1;
    }
    return true;
}

std::optional<Parameters> parse_query(std::string_view raw) {
    Parameters query;
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('&'), raw.size());
        const std::string_view pair = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = percent_decode(pair.substr(0, equals), true);
        const auto value = percent_decode(
            equals < pair.size() ? pair.substr(equals + 1) : std::string_view{}, true);
        if (!name || !value || !is_utf8(*name) || !is_utf8(*value)) return std::nullopt;
        if (name->find('\0') != std::string::npos || value->find('\0') != std::string::npos)
            return std::nullopt;
        if (!query.emplace(*name, *value).second) return std::nullopt;
    }
    return query;
}

struct Text {
    std::string_view code, german, english;
};

constexpr std::array kTexts{
    Text{"http.bad_request", "Die Anfrage ist fehlerhaft.", "The request is malformed."},
    Text{"http.not_found", "Diese Adresse gibt es nicht.", "There is nothing at this address."},
    Text{"http.method_not_allowed", "Diese Adresse kennt die Methode nicht.",
         "This address does not know the method."},
    Text{"http.timeout", "Die Anfrage kam nicht vollständig an.",
         "The request did not arrive in time."},
    Text{"http.body_too_large", "Die Anfrage ist zu groß.", "The request is too large."},
    Text{"http.target_too_long", "Die Adresse ist zu lang.", "The address is too long."},
    Text{"http.headers_too_large", "Die Kopfzeilen sind zu groß.",
         "The header fields are too large."},
    Text{"http.expectation", "Diese Erwartung kann nicht erfüllt werden.",
         "This expectation cannot be met."},
    Text{"http.not_implemented", "Das versteht dieser Server nicht.",
         "This server does not understand that."},
    Text{"http.version", "Diese HTTP-Version wird nicht unterstützt.",
         "This version of HTTP is not supported."},
    Text{"http.busy", "Der Server ist ausgelastet. Bitte gleich noch einmal versuchen.",
         "The server is busy. Please try again in a moment."},
    Text{"session.none", "Bitte melden Sie sich an.", "Please sign in."},
    Text{"internal", "Das hat nicht geklappt. Der Fehler liegt bei uns.",
         "That did not work. The fault is ours."},
};

bool prefers_english(std::string_view accept_language) {
    return same_ignoring_case(trimmed(accept_language, kBlanksOfALine).substr(0, 2), "en");
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSecurityHeaders{{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "font-src 'self'; connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; "
     "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
     "trusted-types svelte-trusted-html"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
    {"Permissions-Policy", "microphone=(self), speaker-selection=(self), camera=(), "
                           "geolocation=(), payment=(), usb=()"},
}};

bool is_ours(std::string_view name) {
    static constexpr std::array<std::string_view, 6> framing{
        "content-length", "transfer-encoding", "connection",
        "date",           "x-request-id",      "strict-transport-security"};
    const auto same = [name](std::string_view other) { return same_ignoring_case(name, other); };
    return std::any_of(framing.begin(), framing.end(), same) ||
           std::any_of(kSecurityHeaders.begin(), kSecurityHeaders.end(),
                       [&](const auto &header) { return same(header.first); });
}

// METHOD SP TARGET SP HTTP/d.d, with single blanks (RFC 9112 section 3).
bool is_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last < first + 2) return false;
    if (line.find(' ', first + 1) != last) return false;
    const std::string_view version = line.substr(last + 1);
    return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
           version[6] == '.' && is_digit(version[7]);
}

void append_checked(std::string &out, std::string_view name, std::string_view value) {
    const bool name_ok = !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
    const bool value_ok = std::none_of(value.begin(), value.end(), is_control);
    if (!name_ok || !value_ok) throw std::invalid_argument("response header breaks the framing");
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
}

} // namespace

bool is_utf8(std::string_view text) {
    return fernamt::is_utf8(text);
}

std::optional<Target> parse_target(std::string_view raw) {
    const auto origin = origin_form(raw);
    if (!origin || origin->find('#') != std::string_view::npos) return std::nullopt;
    const std::size_t mark = std::min(origin->find('?'), origin->size());
    const std::string_view raw_path = origin->substr(0, mark);
    if (lower_ascii(raw_path).find("%2f") != std::string::npos) return std::nullopt;
    auto path = percent_decode(raw_path, false);
    if (!path || !path_is_plain(*path)) return std::nullopt;
    auto query = parse_query(mark < origin->size() ? origin->substr(mark + 1) : std::string_view{});
    if (!query) return std::nullopt;
    return Target{std::move(*path), std::move(*query)};
}

Parameters parse_cookies(std::string_view header) { // RFC 6265 section 5.4: the first one wins
    Parameters cookies;
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        const std::string_view pair = trimmed(header.substr(0, end), kBlanksOfALine);
        header.remove_prefix(std::min(end + 1, header.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        cookies.emplace(trimmed(pair.substr(0, equals), kBlanksOfALine),
                        trimmed(pair.substr(equals + 1), kBlanksOfALine));
    }
    return cookies;
}

bool head_is_strict(std::string_view head) {
    bool request_line = true;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        if (end == std::string_view::npos) return false;
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        const auto forbidden = [](char c) { return is_control(c) && c != '\t'; };
        if (std::any_of(line.begin(), line.end(), forbidden)) return false;
        if (line.empty()) return head.empty();
        if (request_line) {
            if (!is_request_line(line)) return false;
        } else {
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || colon == 0) return false;
            const std::string_view name = line.substr(0, colon);
            if (!std::all_of(name.begin(), name.end(), is_token_char)) return false;
        }
        request_line = false;
    }
    return false;
}

std::optional<int> framing_fault(const Framing &framing) {
    if (framing.version != 10 && framing.version != 11) return 505;
    if (framing.host.size() > 1 || (framing.version == 11 && framing.host.empty())) return 400;
    if (framing.content_length.size() > 1 || framing.transfer_encoding.size() > 1) return 400;
    if (!framing.content_length.empty()) {
        const std::string &length = framing.content_length.front();
        if (!framing.transfer_encoding.empty()) return 400; // RFC 9112 section 6.1
        if (length.empty() || !std::all_of(length.begin(), length.end(), is_digit)) return 400;
        if (length.size() > 15) return 413;
    }
    if (!framing.transfer_encoding.empty()) {
        if (framing.version == 10) return 400;
        if (!same_ignoring_case(framing.transfer_encoding.front(), "chunked")) return 501;
    }
    return std::nullopt;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
    std::optional<bool> named, any;
    while (!accept_encoding.empty()) {
        const std::size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
        const std::string_view item = trimmed(accept_encoding.substr(0, end), kBlanksOfALine);
        accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
        const std::size_t semicolon = std::min(item.find(';'), item.size());
        const std::string weight = lower_ascii(trimmed(item.substr(semicolon), kBlanksOfALine));
        const std::size_t q = weight.find("q=");
        const bool refused =
            q != std::string::npos && weight.find_first_not_of("0. ", q + 2) == std::string::npos;
        const std::string_view name = trimmed(item.substr(0, semicolon), kBlanksOfALine);
        if (same_ignoring_case(name, coding)) named = !refused;
        if (name == "*") any = !refused;
    }
    return named.value_or(any.value_or(false));
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    while (!if_none_match.empty()) {
        const std::size_t end = std::min(if_none_match.find(','), if_none_match.size());
        std::string_view tag = trimmed(if_none_match.substr(0, end), kBlanksOfALine);
        if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
        if (tag == "*") return true;
        if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

std::string_view reason_phrase(int status) {
    switch (status) {
    case 100:
        return "Continue";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    case 507:
        return "Insufficient Storage";
    default:
        return "Status";
    }
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (is_control(c)) {
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out += c;
            }
        }
    }
    return out + '"';
}

std::string http_date(Instant at) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = at.us / 1'000'000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                       months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                       utc.tm_hour, utc.tm_min, utc.tm_sec);
}

Response problem_response(int status, std::string_view code, std::string_view accept_language,
                          const std::vector<std::pair<std::string, std::string>> &arguments) {
    const auto *const text = std::find_if(kTexts.begin(), kTexts.end(),
                                          [&](const Text &one) { return one.code == code; });
    std::string_view title = reason_phrase(status);
    if (text != kTexts.end())
        title = prefers_english(accept_language) ? text->english : text->german;
    std::string listed;
    for (const auto &[name, value] : arguments) {
        if (!listed.empty()) listed += ',';
        listed += json_string(name) + ':' + json_string(value);
    }
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/problem+json");
    response.body = fmt::format(
        R"({{"type":"about:blank","status":{},"code":{},"title":{},"arguments":{{{}}}}})", status,
        json_string(code), json_string(title), listed);
    return response;
}

std::string serialise_head(const Response &response, const HeadOptions &options) {
    std::string out = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                  reason_phrase(response.status), http_date(SystemClock{}.now()));
    bool caching_said = false;
    for (const auto &[name, value] : response.headers) {
        if (is_ours(name)) continue;
        caching_said = caching_said || same_ignoring_case(name, "cache-control");
        append_checked(out, name, value);
    }
    if (!caching_said) out += "Cache-Control: no-store\r\n";
    for (const auto &[name, value] : kSecurityHeaders)
        append_checked(out, name, value);
    if (options.secure) out += "Strict-Transport-Security: max-age=31536000\r\n";
    if (!options.request_id.empty()) append_checked(out, "X-Request-Id", options.request_id);
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!options.until_close && !bodiless)
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    out += options.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return out;
}

} // namespace fernamt::net
