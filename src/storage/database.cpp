// SPDX-License-Identifier: EUPL-1.2
#include "storage/database.h"

#include "storage/database_url.h"
#include "storage/postgres_database.h"
#include "storage/sqlite_database.h"

namespace fernamt::storage {

Expected<std::unique_ptr<Database>> Database::open(const std::string &url, Access access) {
    if (is_postgres_url(url)) return open_postgres(url, access);
    if (is_sqlite_url(url)) {
        std::string path = url.substr(std::string_view("sqlite:").size());
        if (path.starts_with("//")) path.erase(0, 2);
        return open_sqlite(path, access);
    }
    // The URL itself may hold a password: it is not repeated.
    return fail(ProblemKind::invalid_input, "storage.url", {{"remedy", kWriteUrl}});
}

} // namespace fernamt::storage
