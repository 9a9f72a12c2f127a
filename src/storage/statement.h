// SPDX-License-Identifier: EUPL-1.2
// The shortest statements that every store needs: one whose number of rows nobody asks for, a
// question with one number as its answer, is there a row, and a table's next id. No SQL of a
// subject.
#pragma once

#include "storage/database.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fernamt::storage {

[[nodiscard]] Expected<void> run(Connection &connection, std::string_view sql,
                                 const std::vector<Value> &parameters = {});
// The first column of the first row; 0 when there is none.
[[nodiscard]] Expected<std::int64_t> number(Connection &connection, std::string_view sql,
                                            const std::vector<Value> &parameters = {});
[[nodiscard]] Expected<bool> exists(Connection &connection, std::string_view sql,
                                    const std::vector<Value> &parameters);

// A name that stands in the program's text: never a value of somebody.
class TableName {
  public:
    consteval TableName(const char *name) : name_(name) {} // NOLINT(google-explicit-constructor)
    [[nodiscard]] std::string_view text() const { return name_; }

  private:
    std::string_view name_;
};

// One more than the highest id, 1 in an empty table. Only inside Database::write(): nobody else
// writes meanwhile. The newest row's id is given again once that row is deleted.
[[nodiscard]] Expected<std::int64_t> next_id(Connection &connection, TableName table);

} // namespace fernamt::storage
