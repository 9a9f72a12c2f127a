// SPDX-License-Identifier: EUPL-1.2
// The values that stand in a request outside its body: path, query and headers, checked. Problems
// name the place: "request.invalid" {field, reason}.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "net/http.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::web {

inline constexpr std::int64_t kLargestId = (std::int64_t{1} << 53) - 1; // exact in JSON

[[nodiscard]] tl::unexpected<Problem> invalid_value(std::string_view field,
                                                    std::string_view reason);

[[nodiscard]] std::string header_of(const net::Request &request, std::string_view name);
[[nodiscard]] std::string path_text(const net::Request &request, std::string_view name);
// A positive number below 2^53; else `code` as not_found: there is nothing of that id.
[[nodiscard]] Expected<std::int64_t> path_id(const net::Request &request, std::string_view code);
// {ars}; the gate has checked it.
[[nodiscard]] MunicipalityId path_municipality(const net::Request &request);

[[nodiscard]] Expected<std::string> query_text(const net::Request &request, std::string_view name,
                                               std::size_t longest);
[[nodiscard]] Expected<std::int64_t> query_integer(const net::Request &request,
                                                   std::string_view name, std::int64_t smallest,
                                                   std::int64_t largest, std::int64_t otherwise);
[[nodiscard]] Expected<std::optional<MunicipalityId>>
query_municipality(const net::Request &request);

// If-Match: "3", or 3 without quotes.
[[nodiscard]] Expected<std::int64_t> expected_version(const net::Request &request);
// {id} and If-Match: which one is meant, and as who changes it has seen it.
struct VersionedId {
    std::int64_t id = 0;
    std::int64_t version = 0;
};
[[nodiscard]] Expected<VersionedId> path_id_and_version(const net::Request &request,
                                                        std::string_view code);
// Content-Type must be this media type; parameters are ignored.
[[nodiscard]] Expected<void> check_media_type(const net::Request &request, std::string_view wanted);

} // namespace fernamt::web
