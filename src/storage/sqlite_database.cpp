// SPDX-License-Identifier: EUPL-1.2
#include "storage/sqlite_database.h"

#include "base/log.h"
#include "storage/file_lock.h"
#include "storage/migration.h"
#include "storage/sqlite_connection.h"

#include <sqlite3.h>

#include <atomic>
#include <thread>

namespace fernamt::storage {

namespace {

using Mode = SqliteConnection::Mode;
using Work = std::function<Expected<void>(Connection &)>;

constexpr int kCheckpointPages = 1000; // 4 MiB of WAL, SQLite's own default
constexpr std::size_t kIdleReaders = 8;

bool is_in_doubt(int code) {
    return (code & 0xff) == SQLITE_IOERR;
}

tl::unexpected<Problem> stopped() {
    return fail(ProblemKind::unavailable, "storage.stopped",
                {{"remedy", "a write failed: see the log, repair the disk, start Fernamt again"}});
}

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(std::string path, std::unique_ptr<FileLock> lock,
                   std::unique_ptr<SqliteConnection> writer, bool in_memory)
        : path_(std::move(path)), lock_(std::move(lock)), writer_(std::move(writer)),
          in_memory_(in_memory) {}

    Expected<void> write(const Work &work) override {
        if (busy_thread_ == std::this_thread::get_id()) {
            return fail(ProblemKind::internal, "storage.nested");
        }
        const std::lock_guard guard(mutex_);
        if (!accepting_) return stopped();
        if (!writer_) return fail(ProblemKind::unavailable, "storage.read_only");
        const Busy busy(*this);
        if (auto begun = writer_->begin("BEGIN IMMEDIATE"); !begun) return begun;
        auto done = apply(*writer_, work);
        if (!done) {
            writer_->rollback();
            if (is_in_doubt(writer_->last_code())) stop(done.error());
            return done;
        }
        if (auto committed = writer_->commit(); !committed) {
            stop_after_commit(committed.error());
            return committed;
        }
        checkpoint_if_due();
        return {};
    }

    Expected<void> read(const Work &work) override {
        if (in_memory_) return read_in_memory(work);
        auto reader = take_reader();
        if (!reader) return tl::unexpected(reader.error());
        if (auto begun = (*reader)->begin("BEGIN"); !begun) return begun;
        auto done = apply(**reader, work); // a throw closes the reader
        (*reader)->rollback();
        const std::lock_guard guard(readers_mutex_);
        if (readers_.size() < kIdleReaders) readers_.push_back(std::move(*reader));
        return done;
    }

    Engine engine() const override { return Engine::sqlite; }
    bool accepting() const override { return accepting_ && writer_ != nullptr; }

    Expected<void> scrub(std::string_view) override {
        if (busy_thread_ == std::this_thread::get_id()) {
            return fail(ProblemKind::internal, "storage.nested");
        }
        const std::lock_guard guard(mutex_);
        if (!accepting_) return stopped();
        if (!writer_) return fail(ProblemKind::unavailable, "storage.read_only");
        if (in_memory_) return {};
        auto done = writer_->checkpoint(true);
        if (!done && is_in_doubt(writer_->last_code())) stop(done.error());
        return done;
    }

  private:
    // Marks the thread that holds the writing connection.
    struct Busy {
        explicit Busy(SqliteDatabase &owner) : owner_(owner) {
            owner_.busy_thread_ = std::this_thread::get_id();
        }
        ~Busy() { owner_.busy_thread_ = std::thread::id{}; }
        Busy(const Busy &) = delete;
        Busy &operator=(const Busy &) = delete;
        SqliteDatabase &owner_;
    };

    struct QueryOnly {
        explicit QueryOnly(SqliteConnection &connection) : connection_(connection) {
            (void)connection_.script("PRAGMA query_only = ON");
        }
        ~QueryOnly() { (void)connection_.script("PRAGMA query_only = OFF"); }
        QueryOnly(const QueryOnly &) = delete;
        QueryOnly &operator=(const QueryOnly &) = delete;
        SqliteConnection &connection_;
    };

    static Expected<void> apply(SqliteConnection &connection, const Work &work) {
        try {
            auto done = work(connection);
            if (done && connection.doom()) return tl::unexpected(*connection.doom());
            return done;
        } catch (...) {
            connection.rollback();
            throw;
        }
    }

    Expected<void> read_in_memory(const Work &work) {
        if (busy_thread_ == std::this_thread::get_id()) return work(*writer_);
        const std::lock_guard guard(mutex_);
        const Busy busy(*this);
        const QueryOnly query_only(*writer_);
        if (auto begun = writer_->begin("BEGIN"); !begun) return begun;
        auto done = apply(*writer_, work);
        writer_->rollback();
        return done;
    }

    Expected<std::unique_ptr<SqliteConnection>> take_reader() {
        {
            const std::lock_guard guard(readers_mutex_);
            if (!readers_.empty()) {
                auto reader = std::move(readers_.back());
                readers_.pop_back();
                return reader;
            }
        }
        return SqliteConnection::open(path_, Mode::reader);
    }

    void stop_after_commit(const Problem &problem) {
        const int kind = writer_->last_code() & 0xff;
        if (kind == SQLITE_IOERR || kind == SQLITE_FULL) stop(problem);
    }

    // After a failed sync the kernel may have dropped what was to be written, and a second try
    // would report success (docs/explanation/measured-facts.md). So there is none.
    void stop(const Problem &problem) {
        accepting_ = false;
        writer_->leave_wal_on_close();
        log::error("storage.stopped", {{"path", path_}, {"problem", describe(problem)}});
    }

    void checkpoint_if_due() {
        if (in_memory_ || writer_->wal_pages() < kCheckpointPages) return;
        auto done = writer_->checkpoint(false);
        if (done) return;
        if (is_in_doubt(writer_->last_code())) return stop(done.error());
        log::warning("storage.checkpoint_failed", {{"problem", describe(done.error())}});
    }

    // Destroyed from the last to the first: readers, then the writer (whose close writes the WAL
    // back), then the lock.
    std::string path_;
    std::unique_ptr<FileLock> lock_;
    std::mutex mutex_;
    std::unique_ptr<SqliteConnection> writer_;
    std::mutex readers_mutex_;
    std::vector<std::unique_ptr<SqliteConnection>> readers_;
    std::atomic<std::thread::id> busy_thread_{};
    std::atomic<bool> accepting_ = true;
    bool in_memory_;
};

Expected<std::unique_ptr<Database>> open_reading(const std::string &path,
                                                 const std::vector<Migration> &migrations) {
    auto reader = SqliteConnection::open(path, Mode::reader);
    if (!reader) return tl::unexpected(reader.error());
    if (auto checked = check_migrated(**reader, migrations); !checked) {
        return tl::unexpected(checked.error());
    }
    return std::make_unique<SqliteDatabase>(path, nullptr, nullptr, false);
}

} // namespace

Expected<std::unique_ptr<Database>> open_sqlite(const std::string &path, Access access) {
    const auto migrations = migrations_for(Engine::sqlite, embedded_migrations());
    if (!migrations) return tl::unexpected(migrations.error());
    if (access == Access::read_only) return open_reading(path, *migrations);

    const bool in_memory = path == ":memory:";
    std::unique_ptr<FileLock> lock;
    if (!in_memory) {
        if (auto prepared = prepare_file(path); !prepared) return tl::unexpected(prepared.error());
        auto taken = FileLock::take(path + "-lock");
        if (!taken) return tl::unexpected(taken.error());
        lock = std::move(*taken);
    }
    auto writer = SqliteConnection::open(path, in_memory ? Mode::memory : Mode::writer);
    if (!writer) return tl::unexpected(writer.error());
    if (auto migrated = migrate(**writer, *migrations); !migrated) {
        return tl::unexpected(migrated.error());
    }
    return std::make_unique<SqliteDatabase>(path, std::move(lock), std::move(*writer), in_memory);
}

} // namespace fernamt::storage
