// SPDX-License-Identifier: EUPL-1.2
#include "storage/statement.h"

#include <fmt/format.h>

namespace fernamt::storage {

Expected<void> run(Connection &connection, std::string_view sql,
                   const std::vector<Value> &parameters) {
    return connection.run(sql, parameters).map([](std::int64_t) {});
}

Expected<std::int64_t> number(Connection &connection, std::string_view sql,
                              const std::vector<Value> &parameters) {
    std::int64_t value = 0;
    const auto read = connection.each(sql, parameters, [&](const Row &row) {
        value = row.integer(0);
        return false;
    });
    if (!read) return tl::unexpected(read.error());
    return value;
}

Expected<bool> exists(Connection &connection, std::string_view sql,
                      const std::vector<Value> &parameters) {
    bool found = false;
    const auto read = connection.each(sql, parameters, [&](const Row &) {
        found = true;
        return false;
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<std::int64_t> next_id(Connection &connection, TableName table) {
    return number(connection, fmt::format("SELECT COALESCE(MAX(id), 0) + 1 FROM {}", table.text()));
}

} // namespace fernamt::storage
