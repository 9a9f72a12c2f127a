// SPDX-License-Identifier: EUPL-1.2
// One PostgreSQL connection over libpq: statements prepared once per text and parameter types,
// results read in text format, SQLSTATE mapped to storage's codes. Used by one thread at a time. A
// failed statement dooms its transaction (so does the server); a lost connection stays lost: open a
// new one.
#pragma once

#include "storage/engine.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct pg_conn;
struct pg_result;

namespace fernamt::storage {

class PostgresConnection final : public EngineConnection {
  public:
    [[nodiscard]] static Expected<std::unique_ptr<PostgresConnection>> open(const std::string &url);
    ~PostgresConnection() override;
    PostgresConnection(const PostgresConnection &) = delete;
    PostgresConnection &operator=(const PostgresConnection &) = delete;

    Expected<std::int64_t> run(std::string_view sql, const std::vector<Value> &parameters) override;
    Expected<void> each(std::string_view sql, const std::vector<Value> &parameters,
                        const std::function<bool(const Row &)> &on_row) override;
    Expected<void> script(std::string_view sql) override;
    [[nodiscard]] Engine engine() const override { return Engine::postgresql; }

    [[nodiscard]] Expected<void> begin(std::string_view sql);
    [[nodiscard]] Expected<void> commit();
    void rollback();
    [[nodiscard]] const std::optional<Problem> &doom() const { return doom_; }
    [[nodiscard]] bool is_lost() const;
    [[nodiscard]] bool may_retry() const; // 40001, 40P01: the server asks for a repetition

  private:
    struct Clear {
        void operator()(pg_result *result) const;
    };
    using Result = std::unique_ptr<pg_result, Clear>;

    explicit PostgresConnection(pg_conn *handle) : handle_(handle) {}
    [[nodiscard]] Expected<Result> execute(std::string_view sql,
                                           const std::vector<Value> &parameters);
    [[nodiscard]] Expected<std::string> prepare(std::string_view sql,
                                                const std::vector<unsigned> &types);
    [[nodiscard]] Expected<Result> checked(pg_result *raw);

    pg_conn *handle_;
    std::unordered_map<std::string, std::string> prepared_; // text and types -> name
    std::int64_t names_ = 0;
    std::optional<Problem> doom_;
    std::string state_; // SQLSTATE of the last failure
};

} // namespace fernamt::storage
