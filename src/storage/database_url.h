// SPDX-License-Identifier: EUPL-1.2
// Which URLs Database::open() takes, for whoever checks one without opening anything.
#pragma once

#include <string_view>

namespace fernamt::storage {

// "sqlite:///path", "sqlite::memory:"
[[nodiscard]] constexpr bool is_sqlite_url(std::string_view url) {
    constexpr std::string_view kSqlite = "sqlite:";
    return url.starts_with(kSqlite) && url.size() > kSqlite.size();
}
// "postgresql://user@host:port/name"
[[nodiscard]] constexpr bool is_postgres_url(std::string_view url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

inline constexpr const char *kWriteUrl =
    "write sqlite:///path/to/file.db or postgresql://user@host:port/name";

} // namespace fernamt::storage
