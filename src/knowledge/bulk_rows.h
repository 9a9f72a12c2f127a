// SPDX-License-Identifier: EUPL-1.2
// Many rows with few statements: PostgreSQL answers each statement over the wire, and both engines
// cache statements by their text, so groups have three fixed sizes only. Internal to knowledge.
#pragma once

#include "base/problem.h"
#include "storage/statement.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

class BulkInsert {
  public:
    // columns: "id, name"; suffix: "ON CONFLICT ..." or nothing.
    BulkInsert(std::string_view table, std::string_view columns, std::string_view suffix = "");
    void add(std::vector<storage::Value> row);
    [[nodiscard]] Expected<void> write(storage::Connection &connection); // and forgets the rows
    [[nodiscard]] std::size_t rows() const { return values_.size() / columns_; }

  private:
    [[nodiscard]] std::string statement(std::size_t rows) const;
    std::string begin_;
    std::string suffix_;
    std::size_t columns_;
    std::vector<storage::Value> values_;
};

using storage::number;
using storage::run;

// DELETE FROM table WHERE column IN (...)
[[nodiscard]] Expected<void> delete_in(storage::Connection &connection, std::string_view table,
                                       std::string_view column,
                                       const std::vector<std::int64_t> &values);
// "($1, $2, ...)" over groups of the values: calls run with the list and the group's values, after
// the fixed parameters.
[[nodiscard]] Expected<void>
each_group(const std::vector<std::int64_t> &values, std::size_t fixed_parameters,
           const std::function<Expected<void>(const std::string &list,
                                              const std::vector<storage::Value> &group)> &run);

} // namespace fernamt::knowledge
