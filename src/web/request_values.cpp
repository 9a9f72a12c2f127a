// SPDX-License-Identifier: EUPL-1.2
#include "web/request_values.h"

#include "base/text.h"
#include "web/text_check.h"

#include <charconv>

namespace fernamt::web {

namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

const std::string *find_query(const net::Request &request, std::string_view name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? nullptr : &found->second;
}

} // namespace

tl::unexpected<Problem> invalid_value(std::string_view field, std::string_view reason) {
    return fail(ProblemKind::invalid_input, "request.invalid",
                {{"field", std::string(field)}, {"reason", std::string(reason)}});
}

std::string header_of(const net::Request &request, std::string_view name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string() : found->second;
}

std::string path_text(const net::Request &request, std::string_view name) {
    const auto found = request.path_parameters.find(name);
    return found == request.path_parameters.end() ? std::string() : found->second;
}

Expected<std::int64_t> path_id(const net::Request &request, std::string_view code) {
    const auto id = parse_number(path_text(request, "id"));
    if (!id || *id < 1 || *id > kLargestId) {
        return fail(ProblemKind::not_found, std::string(code));
    }
    return *id;
}

MunicipalityId path_municipality(const net::Request &request) {
    return parse_ars(path_text(request, "ars")).value_or(MunicipalityId{});
}

Expected<std::string> query_text(const net::Request &request, std::string_view name,
                                 std::size_t longest) {
    const std::string *text = find_query(request, name);
    if (text == nullptr) return std::string();
    if (!is_clean_text(*text, Lines::one)) return invalid_value(name, "control_character");
    if (length_of(*text) > longest) return invalid_value(name, "too_long");
    return *text;
}

Expected<std::int64_t> query_integer(const net::Request &request, std::string_view name,
                                     std::int64_t smallest, std::int64_t largest,
                                     std::int64_t otherwise) {
    const std::string *text = find_query(request, name);
    if (text == nullptr) return otherwise;
    const auto value = parse_number(*text);
    if (!value) return invalid_value(name, "not_an_integer");
    if (*value < smallest || *value > largest) return invalid_value(name, "out_of_range");
    return *value;
}

Expected<std::optional<MunicipalityId>> query_municipality(const net::Request &request) {
    const std::string *text = find_query(request, "municipality");
    if (text == nullptr) return std::optional<MunicipalityId>();
    const auto id = parse_ars(*text);
    if (!id) return invalid_value("municipality", "not_an_ars");
    return id;
}

Expected<std::int64_t> expected_version(const net::Request &request) {
    std::string_view text;
    const auto found = request.headers.find("if-match");
    if (found != request.headers.end()) text = found->second;
    if (text.empty()) return fail(ProblemKind::invalid_input, "request.if_match_missing");
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    const auto version = parse_number(text);
    if (!version || *version < 0) return invalid_value("If-Match", "not_a_version");
    return *version;
}

Expected<VersionedId> path_id_and_version(const net::Request &request, std::string_view code) {
    const auto id = path_id(request, code);
    if (!id) return tl::unexpected(id.error());
    const auto version = expected_version(request);
    if (!version) return tl::unexpected(version.error());
    return VersionedId{*id, *version};
}

Expected<void> check_media_type(const net::Request &request, std::string_view wanted) {
    const std::string given = header_of(request, "content-type");
    std::string_view type = std::string_view(given).substr(0, given.find(';'));
    while (!type.empty() && type.back() == ' ')
        type.remove_suffix(1);
    if (same_ignoring_case(type, wanted)) return {};
    return fail(ProblemKind::invalid_input, "request.media_type",
                {{"wanted", std::string(wanted)}});
}

} // namespace fernamt::web
