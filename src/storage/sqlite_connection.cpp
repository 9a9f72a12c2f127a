// SPDX-License-Identifier: EUPL-1.2
#include "storage/sqlite_connection.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

namespace fernamt::storage {

namespace {

constexpr std::size_t kMostStatements = 256;

constexpr std::string_view kPragmas = R"(
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA secure_delete = ON;
    PRAGMA busy_timeout = 5000;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA mmap_size = 0;)";

// FULL: with NORMAL a power cut loses acknowledged rows (docs/explanation/measured-facts.md). No
// automatic checkpoint: SqliteDatabase decides when its one writer checkpoints.
constexpr std::string_view kWriterPragmas = R"(
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 67108864;)";

class SqliteRow final : public Row {
  public:
    explicit SqliteRow(sqlite3_stmt *statement) : statement_(statement) {}
    bool is_null(int column) const override {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::int64_t integer(int column) const override {
        return sqlite3_column_int64(statement_, column);
    }
    double real(int column) const override { return sqlite3_column_double(statement_, column); }
    std::string text(int column) const override {
        const void *data = sqlite3_column_text(statement_, column);
        if (data == nullptr) return {};
        return {static_cast<const char *>(data), size(column)};
    }
    Blob blob(int column) const override {
        const void *data = sqlite3_column_blob(statement_, column);
        if (data == nullptr) return {};
        const auto *bytes = static_cast<const std::byte *>(data);
        return {bytes, bytes + size(column)};
    }

  private:
    std::size_t size(int column) const {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    }
    sqlite3_stmt *statement_;
};

// The message of a constraint names tables and columns, never values.
Problem problem_of(int code, const char *message) {
    const std::string text = message == nullptr ? "" : message;
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        return {ProblemKind::conflict, "storage.constraint", {{"constraint", text}}};
    case SQLITE_FULL:
        return {ProblemKind::unavailable, "storage.full", {}};
    case SQLITE_READONLY:
        return {ProblemKind::unavailable, "storage.read_only", {}};
    case SQLITE_TOOBIG:
        return {ProblemKind::too_large, "storage.too_large", {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {ProblemKind::unavailable,
                "storage.corrupt",
                {{"reason", text}, {"remedy", "restore the last backup"}}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
        return {ProblemKind::unavailable,
                "storage.unavailable",
                {{"reason", text}, {"sqlite", std::to_string(code)}}};
    default:
        return {ProblemKind::internal,
                "storage.sql",
                {{"reason", text}, {"sqlite", std::to_string(code)}}};
    }
}

// "$12" -> 12, else 0.
int parameter_number(const char *name) {
    if (name == nullptr || name[0] != '$') return 0;
    int number = 0;
    for (const char *c = name + 1; *c != '\0'; ++c) {
        if (*c < '0' || *c > '9' || number > 100'000) return 0;
        number = number * 10 + (*c - '0');
    }
    return number;
}

// A reader needs the WAL's index beside the file. On a disk that takes no new file there can be no
// writer either: then the file alone, if no WAL was left, is all there is to read.
bool is_immutable(const std::string &path) {
    const auto folder = std::filesystem::path(path).parent_path();
    const bool writable = ::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0;
    std::error_code ignored;
    return !writable && !std::filesystem::exists(path + "-wal", ignored);
}

// https://www.sqlite.org/uri.html
std::string immutable_uri(const std::string &path) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

bool is_blank(const char *text) {
    return std::strspn(text, " \t\r\n;") == std::strlen(text);
}

} // namespace

struct SqliteConnection::Statement {
    sqlite3_stmt *handle = nullptr;
    std::vector<int> index_of; // [n - 1]: SQLite's index of $n, 0 if the text has no $n
    bool in_use = false;

    Statement() = default;
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;
    ~Statement() { sqlite3_finalize(handle); }
};

// A statement bound to its parameters; gives it back to the cache.
class SqliteConnection::Use {
  public:
    explicit Use(Statement *statement) : statement_(statement) { statement_->in_use = true; }
    Use(Use &&other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Use &operator=(Use &&) = delete;
    ~Use() {
        if (statement_ == nullptr) return;
        sqlite3_reset(statement_->handle);
        sqlite3_clear_bindings(statement_->handle);
        statement_->in_use = false;
    }
    [[nodiscard]] sqlite3_stmt *handle() const { return statement_->handle; }

  private:
    Statement *statement_;
};

Expected<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string &path,
                                                                   Mode mode) {
    int flags = SQLITE_OPEN_NOMUTEX;
    switch (mode) {
    case Mode::writer:
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        break;
    case Mode::reader:
        flags |= SQLITE_OPEN_READONLY;
        break;
    case Mode::memory:
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        break;
    }
    const bool immutable = mode == Mode::reader && is_immutable(path);
    if (immutable) flags |= SQLITE_OPEN_URI;
    const std::string name = immutable ? immutable_uri(path) : path;
    sqlite3 *handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
    if (code != SQLITE_OK) {
        Problem problem =
            problem_of(code, handle == nullptr ? "no memory" : sqlite3_errmsg(handle));
        problem.arguments.emplace_back("path", path);
        return tl::unexpected(problem);
    }
    if (auto configured = connection->configure(mode); !configured) {
        return tl::unexpected(configured.error());
    }
    return connection;
}

Expected<void> SqliteConnection::configure(Mode mode) {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // "x" is a column in both engines, never a text.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    if (auto done = script(kPragmas); !done) return done;
    if (mode == Mode::reader) return script("PRAGMA query_only = ON");
    if (mode == Mode::memory) return {};
    if (auto done = script(kWriterPragmas); !done) return done;
    // After the pragmas: wal_autocheckpoint replaces the hook.
    sqlite3_wal_hook(
        handle_,
        [](void *self, sqlite3 *, const char *, int pages) {
            static_cast<SqliteConnection *>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    std::string journal;
    auto read = each("PRAGMA journal_mode", {}, [&](const Row &row) {
        journal = row.text(0);
        return false;
    });
    if (!read) return read;
    if (journal == "wal") return {};
    return fail(ProblemKind::unavailable, "storage.unavailable",
                {{"reason", "the file system offers no write-ahead log: journal is " + journal}});
}

SqliteConnection::SqliteConnection(sqlite3 *handle) : handle_(handle) {}

SqliteConnection::~SqliteConnection() {
    statements_.clear();
    sqlite3_close_v2(handle_);
}

tl::unexpected<Problem> SqliteConnection::failed(int code) {
    last_code_ = code;
    Problem problem = problem_of(code, sqlite3_errmsg(handle_));
    if (!doom_) doom_ = problem;
    return tl::unexpected(problem);
}

void SqliteConnection::drop_idle_statements() {
    for (auto it = statements_.begin(); it != statements_.end();) {
        it->second.remove_if([](const auto &statement) { return !statement->in_use; });
        it = it->second.empty() ? statements_.erase(it) : std::next(it);
    }
    statement_count_ = 0;
    for (const auto &[sql, list] : statements_)
        statement_count_ += list.size();
}

Expected<SqliteConnection::Statement *> SqliteConnection::prepare(std::string_view sql) {
    if (statement_count_ >= kMostStatements) drop_idle_statements();
    auto &list = statements_[std::string(sql)];
    const auto idle = std::find_if(list.begin(), list.end(),
                                   [](const auto &statement) { return !statement->in_use; });
    if (idle != list.end()) return idle->get();

    auto statement = std::make_unique<Statement>();
    const char *tail = nullptr;
    const std::string text(sql);
    const int code = sqlite3_prepare_v3(handle_, text.c_str(), static_cast<int>(text.size()) + 1,
                                        SQLITE_PREPARE_PERSISTENT, &statement->handle, &tail);
    if (code != SQLITE_OK) return failed(code);
    if (statement->handle == nullptr || !is_blank(tail)) {
        return fail(ProblemKind::internal, "storage.sql",
                    {{"reason", "not exactly one statement"}});
    }
    const int count = sqlite3_bind_parameter_count(statement->handle);
    for (int index = 1; index <= count; ++index) {
        const int number = parameter_number(sqlite3_bind_parameter_name(statement->handle, index));
        if (number == 0) {
            return fail(ProblemKind::internal, "storage.sql",
                        {{"reason", "parameters are written $1 to $n"}});
        }
        const auto needed = static_cast<std::size_t>(number);
        if (statement->index_of.size() < needed) statement->index_of.resize(needed);
        statement->index_of[needed - 1] = index;
    }
    ++statement_count_;
    list.push_back(std::move(statement));
    return list.back().get();
}

Expected<void> SqliteConnection::bind(Statement &statement, const std::vector<Value> &parameters) {
    if (parameters.size() != statement.index_of.size()) {
        return fail(ProblemKind::internal, "storage.sql",
                    {{"reason", "wrong number of parameters"},
                     {"given", std::to_string(parameters.size())},
                     {"needed", std::to_string(statement.index_of.size())}});
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const int index = statement.index_of[i];
        if (index == 0) continue;
        sqlite3_stmt *handle = statement.handle;
        int code = SQLITE_OK;
        // SQLITE_STATIC: the parameters outlive the step (run and each reset before returning).
        if (std::holds_alternative<std::nullptr_t>(parameters[i])) {
            code = sqlite3_bind_null(handle, index);
        } else if (const auto *integer = std::get_if<std::int64_t>(&parameters[i])) {
            code = sqlite3_bind_int64(handle, index, *integer);
        } else if (const auto *real = std::get_if<double>(&parameters[i])) {
            code = sqlite3_bind_double(handle, index, *real);
        } else if (const auto *text = std::get_if<std::string>(&parameters[i])) {
            code = sqlite3_bind_text64(handle, index, text->data(), text->size(), nullptr,
                                       SQLITE_UTF8);
        } else {
            const Blob &blob = std::get<Blob>(parameters[i]);
            code = blob.empty()
                       ? sqlite3_bind_zeroblob(handle, index, 0)
                       : sqlite3_bind_blob64(handle, index, blob.data(), blob.size(), nullptr);
        }
        if (code != SQLITE_OK) return failed(code);
    }
    return {};
}

Expected<SqliteConnection::Use> SqliteConnection::start(std::string_view sql,
                                                        const std::vector<Value> &parameters) {
    if (doom_) return tl::unexpected(*doom_);
    if (auto checked = check_parameters(parameters); !checked) {
        doom_ = checked.error();
        return tl::unexpected(checked.error());
    }
    auto statement = prepare(sql);
    if (!statement) {
        if (!doom_) doom_ = statement.error();
        return tl::unexpected(statement.error());
    }
    Use use(*statement);
    if (auto bound = bind(**statement, parameters); !bound) {
        if (!doom_) doom_ = bound.error();
        return tl::unexpected(bound.error());
    }
    return use;
}

Expected<std::int64_t> SqliteConnection::run(std::string_view sql,
                                             const std::vector<Value> &parameters) {
    auto use = start(sql, parameters);
    if (!use) return tl::unexpected(use.error());
    const auto before = sqlite3_total_changes64(handle_);
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW)
        code = sqlite3_step(use->handle());
    if (code != SQLITE_DONE) return failed(code);
    const bool changed = sqlite3_total_changes64(handle_) != before;
    return changed ? sqlite3_changes64(handle_) : 0;
}

Expected<void> SqliteConnection::each(std::string_view sql, const std::vector<Value> &parameters,
                                      const std::function<bool(const Row &)> &on_row) {
    auto use = start(sql, parameters);
    if (!use) return tl::unexpected(use.error());
    const SqliteRow row(use->handle());
    bool wanted = true;
    for (;;) {
        const int code = sqlite3_step(use->handle());
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) return failed(code);
        // INSERT ... RETURNING has changed everything at its first row; a SELECT may stop early.
        if (wanted) wanted = on_row(row);
        if (!wanted && sqlite3_stmt_readonly(use->handle()) != 0) return {};
    }
}

Expected<void> SqliteConnection::script(std::string_view sql) {
    const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    last_code_ = code;
    return tl::unexpected(problem_of(code, sqlite3_errmsg(handle_)));
}

Expected<void> SqliteConnection::begin(std::string_view sql) {
    doom_.reset();
    last_code_ = SQLITE_OK;
    return script(sql);
}

Expected<void> SqliteConnection::commit() {
    auto done = script("COMMIT");
    const int code = last_code_;
    if (!done) rollback();
    last_code_ = code;
    return done;
}

void SqliteConnection::rollback() {
    const int code = last_code_;
    // Some failures (full disk, I/O) have already rolled back.
    if (sqlite3_get_autocommit(handle_) == 0) (void)script("ROLLBACK");
    last_code_ = code;
}

void SqliteConnection::leave_wal_on_close() {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Expected<void> SqliteConnection::checkpoint(bool truncate) {
    const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    last_code_ = code;
    return tl::unexpected(problem_of(code, sqlite3_errmsg(handle_)));
}

} // namespace fernamt::storage
