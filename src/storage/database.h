// SPDX-License-Identifier: EUPL-1.2
// One facade over SQLite and PostgreSQL with one SQL text: parameters are $1..$n on both. A
// Database hands out exactly one writing connection (SQLite: it alone commits and checkpoints,
// synchronous=FULL) and reading connections. Expected failures are values; a lost database is
// Problem{unavailable, "storage.unavailable"}, a full disk "storage.full", a constraint
// "storage.constraint". After a failed fsync the database accepts no more writes
// ("storage.stopped"): restart and replay, never retry.
#pragma once

#include "base/problem.h"

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

namespace fernamt::storage {

using Blob = std::vector<std::byte>;
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

enum class Engine { sqlite, postgresql };

// A process that only reads (an invoice, verify) opens read_only: it may do so beside the one
// process that writes, applies no migration, and its write() answers "storage.read_only".
enum class Access { read_write, read_only };

// Valid inside the callback only. NULL reads as 0, 0.0, "" or an empty blob.
class Row {
  public:
    virtual ~Row() = default;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual double real(int column) const = 0;
    [[nodiscard]] virtual std::string text(int column) const = 0;
    [[nodiscard]] virtual Blob blob(int column) const = 0;
};

// A statement that fails dooms its transaction on both engines: later statements answer with the
// same problem and nothing is committed. One statement per call; text is UTF-8 without NUL
// ("storage.text_encoding"). Never put values into the SQL text: statements are cached by it.
class Connection {
  public:
    virtual ~Connection() = default;
    // Returns the number of changed rows.
    [[nodiscard]] virtual Expected<std::int64_t> run(std::string_view sql,
                                                     const std::vector<Value> &parameters = {}) = 0;
    // Calls on_row for each row; returning false stops. PostgreSQL holds the whole result in
    // memory: read tables of millions of rows in pieces by key. Statements inside on_row are
    // allowed.
    [[nodiscard]] virtual Expected<void> each(std::string_view sql,
                                              const std::vector<Value> &parameters,
                                              const std::function<bool(const Row &)> &on_row) = 0;
    [[nodiscard]] virtual Engine engine() const = 0;
};

class Database {
  public:
    // "sqlite:///path/to/file.db", "sqlite::memory:" (tests), "postgresql://user@host:port/name".
    // Applies missing migrations; refuses a database that is newer than the program or whose
    // applied migrations have other checksums, a second writing process ("storage.in_use"; on
    // PostgreSQL after 5 s, because a killed one may still be committing) and a SQLite file on a
    // network file system.
    [[nodiscard]] static Expected<std::unique_ptr<Database>>
    open(const std::string &url, Access access = Access::read_write);
    virtual ~Database() = default;

    // Runs f in one transaction on the writing connection; commits if f succeeds, rolls back if it
    // returns a Problem or throws. Serialised; PostgreSQL retries on 40001, so f may run again: it
    // must set, not add to, what it captures. Not from inside another write ("storage.nested").
    [[nodiscard]] virtual Expected<void>
    write(const std::function<Expected<void>(Connection &)> &f) = 0;
    // Runs f on a reading connection (one consistent snapshot). Inside write() it sees the state
    // before that write ("sqlite::memory:" has only one connection: there it sees the write).
    [[nodiscard]] virtual Expected<void>
    read(const std::function<Expected<void>(Connection &)> &f) = 0;
    [[nodiscard]] virtual Engine engine() const = 0;
    // True until a write failed so that durability is in doubt.
    [[nodiscard]] virtual bool accepting() const = 0;
    // After personal data was deleted or replaced in this table: makes the old values unreadable in
    // the database's own files (SQLite: secure_delete, and the WAL is written back and emptied;
    // PostgreSQL: VACUUM FULL - its WAL and its backups forget by their own retention).
    [[nodiscard]] virtual Expected<void> scrub(std::string_view table) = 0;
};

} // namespace fernamt::storage
