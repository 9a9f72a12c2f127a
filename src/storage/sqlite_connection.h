// SPDX-License-Identifier: EUPL-1.2
// One SQLite connection: prepared statements cached by their text, $n bound by number, problems
// mapped to storage's codes. Used by one thread at a time. A failed statement dooms its
// transaction, as it does in PostgreSQL: further statements answer with the first problem.
#pragma once

#include "storage/engine.h"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace fernamt::storage {

class SqliteConnection final : public EngineConnection {
  public:
    enum class Mode { writer, reader, memory };
    [[nodiscard]] static Expected<std::unique_ptr<SqliteConnection>> open(const std::string &path,
                                                                          Mode mode);
    ~SqliteConnection() override;
    SqliteConnection(const SqliteConnection &) = delete;
    SqliteConnection &operator=(const SqliteConnection &) = delete;

    Expected<std::int64_t> run(std::string_view sql, const std::vector<Value> &parameters) override;
    Expected<void> each(std::string_view sql, const std::vector<Value> &parameters,
                        const std::function<bool(const Row &)> &on_row) override;
    Expected<void> script(std::string_view sql) override;
    [[nodiscard]] Engine engine() const override { return Engine::sqlite; }

    [[nodiscard]] Expected<void> begin(std::string_view sql);
    // A failure leaves no transaction open. last_code() then tells whether durability is in doubt.
    [[nodiscard]] Expected<void> commit();
    void rollback();
    [[nodiscard]] const std::optional<Problem> &doom() const { return doom_; }
    [[nodiscard]] int last_code() const { return last_code_; } // extended result code

    // Pages in the WAL after the last commit; checkpoint() writes them back.
    [[nodiscard]] int wal_pages() const { return wal_pages_; }
    [[nodiscard]] Expected<void> checkpoint(bool truncate);
    // For a connection whose durability is in doubt: closing must not write the WAL back.
    void leave_wal_on_close();

  private:
    struct Statement;
    class Use;

    explicit SqliteConnection(sqlite3 *handle);
    [[nodiscard]] Expected<void> configure(Mode mode);
    [[nodiscard]] Expected<Statement *> prepare(std::string_view sql);
    [[nodiscard]] Expected<Use> start(std::string_view sql, const std::vector<Value> &parameters);
    [[nodiscard]] Expected<void> bind(Statement &statement, const std::vector<Value> &parameters);
    [[nodiscard]] tl::unexpected<Problem> failed(int code);
    void drop_idle_statements();

    sqlite3 *handle_ = nullptr;
    std::unordered_map<std::string, std::list<std::unique_ptr<Statement>>> statements_;
    std::size_t statement_count_ = 0;
    std::optional<Problem> doom_;
    int last_code_ = 0;
    int wal_pages_ = 0;
};

} // namespace fernamt::storage
