// SPDX-License-Identifier: EUPL-1.2
#include "people/audit.h"

#include "storage/statement.h"

#include <fmt/format.h>

namespace fernamt::people {

Expected<void> record(storage::Connection &connection, Instant at, UserId by,
                      std::string_view action, std::int64_t subject,
                      const std::vector<std::string> &fields) {
    const auto id = storage::next_id(connection, "audit_entry");
    if (!id) return tl::unexpected(id.error());
    return storage::run(connection,
                        "INSERT INTO audit_entry (id, at, by_account, action, subject, fields) "
                        "VALUES ($1, $2, $3, $4, $5, $6)",
                        {*id, at.us, by.value, std::string(action), subject,
                         fmt::format("{}", fmt::join(fields, ","))});
}

Expected<std::vector<AuditEntry>> audit_log(storage::Database &database, int limit,
                                            std::int64_t before) {
    std::vector<AuditEntry> entries;
    const auto read = database.read([&](storage::Connection &connection) {
        entries.clear();
        return connection.each("SELECT id, at, by_account, action, subject, fields "
                               "FROM audit_entry WHERE id < $2 ORDER BY id DESC LIMIT $1",
                               {std::int64_t{limit}, before}, [&](const storage::Row &row) {
                                   entries.push_back({row.integer(0), Instant{row.integer(1)},
                                                      UserId{row.integer(2)}, row.text(3),
                                                      row.integer(4), row.text(5)});
                                   return true;
                               });
    });
    if (!read) return tl::unexpected(read.error());
    return entries;
}

} // namespace fernamt::people
