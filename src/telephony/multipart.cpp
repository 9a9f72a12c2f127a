// SPDX-License-Identifier: EUPL-1.2
#include "telephony/multipart.h"

#include "base/text.h"

#include <string>

namespace fernamt::telephony {

namespace {

constexpr std::size_t kMostParts = 16;
constexpr std::size_t kLongestBoundary = 70; // RFC 2046 5.1.1

std::string_view take_line(std::string_view &text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

bool is_type(std::string_view value, std::string_view type) {
    return starts_ignoring_case(value, type) &&
           (value.size() == type.size() || value[type.size()] == ';' || value[type.size()] == ' ');
}

// Takes the headers of a part off; is its Content-Type this one?
bool take_headers(std::string_view &part, std::string_view type) {
    constexpr std::string_view kName = "content-type:";
    bool found = false;
    while (!part.empty()) {
        const auto line = take_line(part);
        if (line.empty()) break;
        if (starts_ignoring_case(line, kName))
            found = is_type(trimmed(line.substr(kName.size()), kBlanksOfALine), type);
    }
    return found;
}

// Where the next delimiter line begins: at the start, or after a line's end.
std::size_t find_delimiter(std::string_view text, const std::string &delimiter) {
    for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
         at = text.find(delimiter, at + 1))
        if (at == 0 || text[at - 1] == '\n') return at;
    return std::string_view::npos;
}

} // namespace

std::optional<std::string_view> find_part(std::string_view body, std::string_view boundary,
                                          std::string_view type) {
    if (boundary.empty() || boundary.size() > kLongestBoundary) return std::nullopt;
    const std::string delimiter = "--" + std::string(boundary);
    auto at = find_delimiter(body, delimiter);
    for (std::size_t i = 0; at != std::string_view::npos && i < kMostParts; ++i) {
        body.remove_prefix(at + delimiter.size());
        if (body.substr(0, 2) == "--") break; // the last one
        (void)take_line(body);
        at = find_delimiter(body, delimiter);
        auto part = body.substr(0, at);
        // The line's end before a delimiter belongs to the delimiter; SDP wants its last one, and a
        // reader of SDP does not mind one more.
        if (take_headers(part, type)) return part;
    }
    return std::nullopt;
}

} // namespace fernamt::telephony
