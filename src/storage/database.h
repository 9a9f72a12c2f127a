// SPDX-License-Identifier: EUPL-1.2
// One facade over SQLite and PostgreSQL with one SQL text: parameters are $1..$n on both. A
// Database hands out exactly one writing connection (SQLite: it alone commits and checkpoints,
// synchronous=FULL) and reading connections. Expected failures are values; a lost database is
// Problem{unavailable, "storage.unavailable"}, a full disk "storage.full", a constraint
// "storage.constraint". After a failed fsync the database accepts no more writes
// ("storage.stopped"): restart and replay, never retry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/problem.h"

namespace fernamt::storage {

using Blob = std::vector<std::byte>;
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

enum class Engine { sqlite, postgresql };

class Row { // valid inside the callback only
  public:
    virtual ~Row() = default;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual double real(int column) const = 0;
    [[nodiscard]] virtual std::string text(int column) const = 0;
    [[nodiscard]] virtual Blob blob(int column) const = 0;
};

class Connection {
  public:
    virtual ~Connection() = default;
    // Returns the number of changed rows.
    [[nodiscard]] virtual Expected<std::int64_t> run(std::string_view sql,
                                                     const std::vector<Value> &parameters = {}) = 0;
    // Calls on_row for each row; returning false stops.
    [[nodiscard]] virtual Expected<void> each(std::string_view sql,
                                              const std::vector<Value> &parameters,
                                              const std::function<bool(const Row &)> &on_row) = 0;
    [[nodiscard]] virtual Engine engine() const = 0;
};

class Database {
  public:
    // "sqlite:///path/to/file.db", "sqlite::memory:" (tests), "postgresql://user@host:port/name".
    // Applies missing migrations; refuses a database that is newer than the program or whose applied
    // migrations have other checksums.
    [[nodiscard]] static Expected<std::unique_ptr<Database>> open(const std::string &url);
    virtual ~Database() = default;

    // Runs f in one transaction on the writing connection; commits if f succeeds, rolls back if it
    // returns a Problem or throws. Serialised; PostgreSQL retries on 40001.
    [[nodiscard]] virtual Expected<void>
    write(const std::function<Expected<void>(Connection &)> &f) = 0;
    // Runs f on a reading connection (one consistent snapshot).
    [[nodiscard]] virtual Expected<void>
    read(const std::function<Expected<void>(Connection &)> &f) = 0;
    [[nodiscard]] virtual Engine engine() const = 0;
    // True until a write failed so that durability is in doubt.
    [[nodiscard]] virtual bool accepting() const = 0;
};

} // namespace fernamt::storage
