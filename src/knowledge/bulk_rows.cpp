// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/bulk_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

constexpr std::array<std::size_t, 3> kGroups{32, 8, 1};

std::size_t group_for(std::size_t left) {
    for (const std::size_t size : kGroups) {
        if (size <= left) return size;
    }
    return 1;
}

} // namespace

BulkInsert::BulkInsert(std::string_view table, std::string_view columns, std::string_view suffix)
    : begin_(fmt::format("INSERT INTO {} ({}) VALUES ", table, columns)), suffix_(suffix),
      columns_(static_cast<std::size_t>(std::ranges::count(columns, ',')) + 1) {}

void BulkInsert::add(std::vector<storage::Value> row) {
    std::ranges::move(row, std::back_inserter(values_));
}

std::string BulkInsert::statement(std::size_t rows) const {
    std::string sql = begin_;
    std::size_t parameter = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        sql += row == 0 ? "(" : ", (";
        for (std::size_t column = 0; column < columns_; ++column)
            sql += fmt::format("{}${}", column == 0 ? "" : ", ", ++parameter);
        sql += ')';
    }
    return suffix_.empty() ? sql : sql + " " + suffix_;
}

Expected<void> BulkInsert::write(storage::Connection &connection) {
    std::size_t at = 0;
    std::size_t left = rows();
    while (left > 0) {
        const std::size_t rows = group_for(left);
        const auto from = values_.begin() + static_cast<std::ptrdiff_t>(at);
        const auto to = from + static_cast<std::ptrdiff_t>(rows * columns_);
        const std::vector<storage::Value> group(std::make_move_iterator(from),
                                                std::make_move_iterator(to));
        const auto done = connection.run(statement(rows), group);
        if (!done) return tl::unexpected(done.error());
        at += rows * columns_;
        left -= rows;
    }
    values_.clear();
    return {};
}

Expected<void>
each_group(const std::vector<std::int64_t> &values, std::size_t fixed_parameters,
           const std::function<Expected<void>(const std::string &list,
                                              const std::vector<storage::Value> &group)> &run) {
    for (std::size_t at = 0; at < values.size();) {
        const std::size_t size = group_for(values.size() - at);
        std::string list = "(";
        std::vector<storage::Value> group;
        for (std::size_t i = 0; i < size; ++i) {
            list += fmt::format("{}${}", i == 0 ? "" : ", ", fixed_parameters + i + 1);
            group.emplace_back(values[at + i]);
        }
        if (auto done = run(list + ")", group); !done) return done;
        at += size;
    }
    return {};
}

Expected<void> delete_in(storage::Connection &connection, std::string_view table,
                         std::string_view column, const std::vector<std::int64_t> &values) {
    return each_group(
        values, 0,
        [&](const std::string &list, const std::vector<storage::Value> &group) -> Expected<void> {
            return run(connection,
                       fmt::format("DELETE FROM {} WHERE {} IN {}", table, column, list), group);
        });
}

} // namespace fernamt::knowledge
