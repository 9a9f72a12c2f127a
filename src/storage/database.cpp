// SPDX-License-Identifier: EUPL-1.2
#include "storage/database.h"

#include "storage/postgres_database.h"
#include "storage/sqlite_database.h"

namespace fernamt::storage {

Expected<std::unique_ptr<Database>> Database::open(const std::string &url, Access access) {
    constexpr std::string_view kSqlite = "sqlite:";
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
        return open_postgres(url, access);
    }
    if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
        std::string path = url.substr(kSqlite.size());
        if (path.starts_with("//")) path.erase(0, 2);
        return open_sqlite(path, access);
    }
    // The URL itself may hold a password: it is not repeated.
    return fail(
        ProblemKind::invalid_input, "storage.url",
        {{"remedy", "write sqlite:///path/to/file.db or postgresql://user@host:port/name"}});
}

} // namespace fernamt::storage
