// SPDX-License-Identifier: EUPL-1.2
#include "storage/postgres_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace fernamt::storage {

namespace {

constexpr std::size_t kMostStatements = 256;

// Types of parameters (pg_type.dat). Naming them keeps the server from inferring a narrower one
// ("$1 + 1" would be 32 bits wide).
constexpr Oid kUnknown = 0;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kText = 25;
constexpr Oid kFloat8 = 701;

int hex_digit(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

class PostgresRow final : public Row {
  public:
    PostgresRow(const PGresult *result, int row) : result_(result), row_(row) {}
    bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    std::int64_t integer(int column) const override {
        const char *value = get(column);
        if (*value == 't') return 1; // a boolean expression, as SQLite shows it
        return std::strtoll(value, nullptr, 10);
    }
    double real(int column) const override { return std::strtod(get(column), nullptr); }
    std::string text(int column) const override { return {get(column), size(column)}; }
    Blob blob(int column) const override { // "\x00ff", bytea_output = hex
        const std::string_view hex(get(column), size(column));
        if (!hex.starts_with("\\x")) return {};
        Blob bytes;
        bytes.reserve(hex.size() / 2);
        for (std::size_t i = 2; i + 1 < hex.size(); i += 2) {
            bytes.push_back(static_cast<std::byte>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1])));
        }
        return bytes;
    }

  private:
    const char *get(int column) const { return PQgetvalue(result_, row_, column); }
    std::size_t size(int column) const {
        return static_cast<std::size_t>(PQgetlength(result_, row_, column));
    }
    const PGresult *result_;
    int row_;
};

// The parameters in libpq's form; points into the values it was made from.
struct Arguments {
    explicit Arguments(const std::vector<Value> &values) {
        texts.reserve(values.size());
        for (const Value &value : values)
            add(value);
    }
    void add(const Value &value) {
        if (std::holds_alternative<std::nullptr_t>(value)) return push(kUnknown, nullptr, 0, 0);
        if (const auto *integer = std::get_if<std::int64_t>(&value)) {
            return push_text(kInt8, fmt::format("{}", *integer));
        }
        if (const auto *real = std::get_if<double>(&value)) {
            return push_text(kFloat8, fmt::format("{}", *real)); // shortest text that reads back
        }
        if (const auto *text = std::get_if<std::string>(&value)) {
            return push(kText, text->c_str(), text->size(), 0);
        }
        const Blob &blob = std::get<Blob>(value);
        static constexpr char kEmpty = 0; // a null pointer would be NULL
        const void *data = blob.empty() ? &kEmpty : static_cast<const void *>(blob.data());
        push(kBytea, static_cast<const char *>(data), blob.size(), 1);
    }
    void push_text(Oid type, std::string text) {
        texts.push_back(std::move(text));
        push(type, texts.back().c_str(), texts.back().size(), 0);
    }
    void push(Oid type, const char *value, std::size_t length, int format) {
        types.push_back(type);
        pointers.push_back(value);
        lengths.push_back(static_cast<int>(length));
        formats.push_back(format);
    }
    std::vector<std::string> texts;
    std::vector<Oid> types;
    std::vector<const char *> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;
};

// A server's messages may quote values (duplicate keys, bad input). Only names and codes go on.
std::string field(const PGresult *result, int code) {
    const char *text = PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

Problem problem_of(const PGresult *result, const std::string &state) {
    if (state.starts_with("23") || state == "P0001") {
        std::string name = field(result, PG_DIAG_CONSTRAINT_NAME);
        if (name.empty()) {
            name = field(result, PG_DIAG_TABLE_NAME) + "." + field(result, PG_DIAG_COLUMN_NAME);
        }
        // P0001: the text of our own trigger.
        if (state == "P0001") name = field(result, PG_DIAG_MESSAGE_PRIMARY);
        return {ProblemKind::conflict, "storage.constraint", {{"constraint", name}}};
    }
    if (state == "53100") return {ProblemKind::unavailable, "storage.full", {}};
    if (state == "25006") return {ProblemKind::unavailable, "storage.read_only", {}};
    if (state == "22021" || state == "22P05") {
        return {ProblemKind::invalid_input, "storage.text_encoding", {}};
    }
    if (state == "54000") return {ProblemKind::too_large, "storage.too_large", {}};
    if (state.starts_with("XX")) {
        return {ProblemKind::unavailable,
                "storage.corrupt",
                {{"sqlstate", state}, {"remedy", "see PostgreSQL's log"}}};
    }
    const std::array<std::string_view, 5> unavailable = {"08", "53", "57", "58", "40"};
    for (const std::string_view prefix : unavailable) {
        if (state.starts_with(prefix)) {
            return {ProblemKind::unavailable, "storage.unavailable", {{"sqlstate", state}}};
        }
    }
    // Syntax and names: the text is about our SQL.
    const bool about_sql = state.starts_with("42");
    return {ProblemKind::internal,
            "storage.sql",
            {{"sqlstate", state},
             {"reason", about_sql ? field(result, PG_DIAG_MESSAGE_PRIMARY) : std::string()}}};
}

} // namespace

void PostgresConnection::Clear::operator()(pg_result *result) const {
    PQclear(result);
}

Expected<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string &url) {
    // Before dbname, so that the URL can set others.
    const char *const keywords[] = {"connect_timeout", "tcp_user_timeout", "application_name",
                                    "dbname",          "client_encoding",  nullptr};
    const char *const values[] = {"5", "10000", "fernamt", url.c_str(), "UTF8", nullptr};
    std::unique_ptr<PostgresConnection> connection(
        new PostgresConnection(PQconnectdbParams(keywords, values, 1)));
    if (connection->is_lost()) {
        return fail(
            ProblemKind::unavailable, "storage.unavailable",
            {{"reason", "PostgreSQL does not answer, or refuses the user or the database"}});
    }
    PQsetNoticeProcessor(connection->handle_, [](void *, const char *) {}, nullptr);
    // An acknowledged commit is on disk; a lock is not waited for without end.
    auto configured = connection->script("SET synchronous_commit = on; SET lock_timeout = '30s'; "
                                         "SET bytea_output = hex; SET TIME ZONE 'UTC'; "
                                         "SET idle_in_transaction_session_timeout = '10min'");
    if (!configured) return tl::unexpected(configured.error());
    return connection;
}

PostgresConnection::~PostgresConnection() {
    PQfinish(handle_);
}

bool PostgresConnection::is_lost() const {
    return PQstatus(handle_) != CONNECTION_OK;
}

bool PostgresConnection::may_retry() const {
    return state_ == "40001" || state_ == "40P01";
}

Expected<PostgresConnection::Result> PostgresConnection::checked(pg_result *raw) {
    Result result(raw);
    const auto status = PQresultStatus(raw);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    state_ = raw == nullptr ? "" : field(raw, PG_DIAG_SQLSTATE);
    if (state_.empty()) state_ = "08006"; // libpq gives none when the connection breaks
    return tl::unexpected(problem_of(raw, state_));
}

Expected<std::string> PostgresConnection::prepare(std::string_view sql,
                                                  const std::vector<unsigned> &types) {
    std::string key(sql);
    for (const unsigned type : types)
        key += fmt::format("\x1f{}", type);
    if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
    if (prepared_.size() >= kMostStatements) {
        if (auto dropped = script("DEALLOCATE ALL"); !dropped)
            return tl::unexpected(dropped.error());
        prepared_.clear();
    }
    const std::string name = fmt::format("s{}", ++names_);
    auto done = checked(PQprepare(handle_, name.c_str(), std::string(sql).c_str(),
                                  static_cast<int>(types.size()), types.data()));
    if (!done) return tl::unexpected(done.error());
    prepared_.emplace(std::move(key), name);
    return name;
}

Expected<PostgresConnection::Result>
PostgresConnection::execute(std::string_view sql, const std::vector<Value> &parameters) {
    if (doom_) return tl::unexpected(*doom_);
    const auto doomed = [this](const Problem &problem) {
        doom_ = problem;
        return tl::unexpected(problem);
    };
    if (auto fit = check_parameters(parameters); !fit) return doomed(fit.error());
    const Arguments arguments(parameters);
    const auto name = prepare(sql, arguments.types);
    if (!name) return doomed(name.error());
    auto result = checked(PQexecPrepared(
        handle_, name->c_str(), static_cast<int>(parameters.size()), arguments.pointers.data(),
        arguments.lengths.data(), arguments.formats.data(), 0));
    if (!result) return doomed(result.error());
    return result;
}

Expected<std::int64_t> PostgresConnection::run(std::string_view sql,
                                               const std::vector<Value> &parameters) {
    auto result = execute(sql, parameters);
    if (!result) return tl::unexpected(result.error());
    // A SELECT's "changed rows" are its rows; it changed none.
    if (std::string_view(PQcmdStatus(result->get())).starts_with("SELECT")) return 0;
    return std::strtoll(PQcmdTuples(result->get()), nullptr, 10);
}

Expected<void> PostgresConnection::each(std::string_view sql, const std::vector<Value> &parameters,
                                        const std::function<bool(const Row &)> &on_row) {
    auto result = execute(sql, parameters);
    if (!result) return tl::unexpected(result.error());
    const int rows = PQntuples(result->get());
    for (int row = 0; row < rows; ++row) {
        if (!on_row(PostgresRow(result->get(), row))) break;
    }
    return {};
}

Expected<void> PostgresConnection::script(std::string_view sql) {
    auto done = checked(PQexec(handle_, std::string(sql).c_str()));
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<void> PostgresConnection::begin(std::string_view sql) {
    doom_.reset();
    state_.clear();
    return script(sql);
}

Expected<void> PostgresConnection::commit() {
    auto done = checked(PQexec(handle_, "COMMIT"));
    if (!done) return tl::unexpected(done.error());
    // The server answers COMMIT of a failed transaction with "ROLLBACK" and no error.
    if (std::strcmp(PQcmdStatus(done->get()), "COMMIT") == 0) return {};
    return fail(ProblemKind::internal, "storage.rolled_back");
}

void PostgresConnection::rollback() {
    if (PQtransactionStatus(handle_) == PQTRANS_IDLE) return;
    const std::string state = state_;
    (void)script("ROLLBACK");
    state_ = state;
}

} // namespace fernamt::storage
