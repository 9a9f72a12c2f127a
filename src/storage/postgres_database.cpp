// SPDX-License-Identifier: EUPL-1.2
#include "storage/postgres_database.h"

#include "base/log.h"
#include "storage/migration.h"
#include "storage/postgres_connection.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace fernamt::storage {

namespace {

using Work = std::function<Expected<void>(Connection &)>;
using namespace std::chrono_literals;

constexpr int kAttempts = 10;
constexpr std::size_t kIdleReaders = 8;
constexpr int kQuestions = 20; // for the fate of a transaction, 250 ms apart

constexpr std::int64_t kWriterLock = 0x57726974657273; // "Writers"
constexpr int kLockAttempts = 250;                     // 5 s
constexpr std::chrono::seconds kScrubWaitsAtMost{30};

enum class Fate { committed, aborted, unknown };

// What became of a transaction whose COMMIT was not answered. Asked over new connections, because
// the old one is gone.
Fate ask_fate(const std::string &url, const std::string &transaction) {
    for (int question = 0; question < kQuestions; ++question) {
        if (question > 0) std::this_thread::sleep_for(250ms);
        auto connection = PostgresConnection::open(url);
        if (!connection) continue;
        std::string status;
        auto asked =
            (*connection)
                ->each("SELECT pg_xact_status($1::text::xid8)", {transaction}, [&](const Row &row) {
                    status = row.text(0);
                    return false;
                });
        if (!asked) continue;
        if (status == "committed") return Fate::committed;
        if (status == "aborted") return Fate::aborted;
    }
    return Fate::unknown;
}

// One writing process per database, as with SQLite. The session of a killed process may still be
// committing: its lock falls only when it has ended, so whoever waits for it sees all of its work.
Expected<std::unique_ptr<PostgresConnection>> open_writer(const std::string &url) {
    auto connection = PostgresConnection::open(url);
    if (!connection) return connection;
    for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(20ms);
        bool locked = false;
        auto asked =
            (*connection)
                ->each("SELECT pg_try_advisory_lock($1)", {kWriterLock}, [&](const Row &row) {
                    locked = row.integer(0) == 1;
                    return false;
                });
        if (!asked) return tl::unexpected(asked.error());
        if (locked) return connection;
    }
    return fail(ProblemKind::conflict, "storage.in_use",
                {{"remedy", "another Fernamt writes this database: stop it first"}});
}

class PostgresDatabase final : public Database {
  public:
    PostgresDatabase(std::string url, std::unique_ptr<PostgresConnection> writer, Access access)
        : url_(std::move(url)), writer_(std::move(writer)), access_(access) {}

    Expected<void> write(const Work &work) override {
        if (auto allowed = check_writable(); !allowed) return allowed;
        const std::lock_guard guard(mutex_);
        if (!accepting_) return stopped();
        const Busy busy(*this);
        Expected<void> done;
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            if (attempt > 0) std::this_thread::sleep_for(attempt * 5ms);
            done = write_once(work);
            if (done || !writer_ || !writer_->may_retry()) return done;
        }
        return done;
    }

    Expected<void> read(const Work &work) override {
        auto reader = take_reader();
        if (!reader) return tl::unexpected(reader.error());
        auto done = apply(**reader, work); // a throw closes the reader
        (*reader)->rollback();
        const std::lock_guard guard(readers_mutex_);
        if (!(*reader)->is_lost() && readers_.size() < kIdleReaders) {
            readers_.push_back(std::move(*reader));
        }
        return done;
    }

    Engine engine() const override { return Engine::postgresql; }
    bool accepting() const override { return accepting_ && access_ == Access::read_write; }

    Expected<void> scrub(std::string_view table) override {
        if (auto allowed = check_writable(); !allowed) return allowed;
        const std::lock_guard guard(mutex_);
        if (!accepting_) return stopped();
        if (auto connected = connect_writer(); !connected) return connected;
        if (auto settled = wait_for_older_transactions(); !settled) return settled;
        return writer_->script("VACUUM FULL " + std::string(table));
    }

  private:
    // VACUUM FULL keeps what any transaction of the whole server, also in other databases, might
    // still see: its own snapshot begins with the oldest one that runs. So it has to come after
    // everything that ran when the values were deleted.
    Expected<void> wait_for_older_transactions() {
        std::string now;
        auto asked = writer_->each("SELECT pg_current_xact_id()::text", {}, [&](const Row &row) {
            now = row.text(0);
            return false;
        });
        if (!asked) return asked;
        const auto give_up = std::chrono::steady_clock::now() + kScrubWaitsAtMost;
        for (bool settled = false; !settled;) {
            asked = writer_->each("SELECT (pg_snapshot_xmin(pg_current_snapshot()) > '" + now +
                                      "'::xid8)::int::bigint",
                                  {}, [&](const Row &row) {
                                      settled = row.integer(0) != 0;
                                      return false;
                                  });
            if (!asked) return asked;
            if (settled) break;
            if (std::chrono::steady_clock::now() > give_up) {
                return fail(ProblemKind::unavailable, "storage.scrub_delayed",
                            {{"remedy", "a long transaction runs on the database server; erase "
                                        "again when it has ended"}});
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return {};
    }

    struct Busy {
        explicit Busy(PostgresDatabase &owner) : owner_(owner) {
            owner_.busy_thread_ = std::this_thread::get_id();
        }
        ~Busy() { owner_.busy_thread_ = std::thread::id{}; }
        Busy(const Busy &) = delete;
        Busy &operator=(const Busy &) = delete;
        PostgresDatabase &owner_;
    };

    static tl::unexpected<Problem> stopped() {
        return fail(ProblemKind::unavailable, "storage.stopped",
                    {{"remedy", "whether the last write is durable could not be learnt: see "
                                "PostgreSQL's log, then start Fernamt again"}});
    }

    Expected<void> check_writable() const {
        if (busy_thread_ == std::this_thread::get_id()) {
            return fail(ProblemKind::internal, "storage.nested");
        }
        if (access_ == Access::read_only) {
            return fail(ProblemKind::unavailable, "storage.read_only");
        }
        return {};
    }

    static Expected<void> apply(PostgresConnection &connection, const Work &work) {
        try {
            auto done = work(connection);
            if (done && connection.doom()) return tl::unexpected(*connection.doom());
            return done;
        } catch (...) {
            connection.rollback();
            throw;
        }
    }

    Expected<void> connect_writer() {
        if (writer_ && !writer_->is_lost()) return {};
        writer_.reset();
        auto opened = open_writer(url_);
        if (!opened) return tl::unexpected(opened.error());
        writer_ = std::move(*opened);
        return {};
    }

    // An idle connection shows its loss only at the next statement; nothing was done yet, so a
    // second connection may begin.
    Expected<void> begin_write() {
        constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
        if (auto connected = connect_writer(); !connected) return connected;
        auto begun = writer_->begin(kBegin);
        if (begun || !writer_->is_lost()) return begun;
        if (auto connected = connect_writer(); !connected) return connected;
        return writer_->begin(kBegin);
    }

    Expected<void> write_once(const Work &work) {
        if (auto begun = begin_write(); !begun) return begun;
        auto done = apply(*writer_, work);
        if (!done) {
            writer_->rollback();
            return done;
        }
        return commit();
    }

    Expected<void> commit() {
        std::string transaction; // empty: nothing was written
        auto asked =
            writer_->each("SELECT pg_current_xact_id_if_assigned()::text", {}, [&](const Row &row) {
                transaction = row.text(0);
                return false;
            });
        if (!asked) {
            writer_->rollback();
            return asked;
        }
        auto done = writer_->commit();
        if (done || !writer_->is_lost() || transaction.empty()) {
            if (!done) writer_->rollback();
            return done;
        }
        switch (ask_fate(url_, transaction)) {
        case Fate::committed:
            return {};
        case Fate::aborted:
            return done;
        case Fate::unknown:
            break;
        }
        accepting_ = false;
        log::error("storage.stopped", {{"problem", describe(done.error())}});
        return done;
    }

    Expected<std::unique_ptr<PostgresConnection>> take_reader() {
        constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        for (;;) {
            auto reader = take_idle_reader();
            if (!reader) break;
            if (reader->begin(kBegin)) return reader;
        }
        auto opened = PostgresConnection::open(url_);
        if (!opened) return opened;
        if (auto begun = (*opened)->begin(kBegin); !begun) return tl::unexpected(begun.error());
        return opened;
    }

    std::unique_ptr<PostgresConnection> take_idle_reader() {
        const std::lock_guard guard(readers_mutex_);
        if (readers_.empty()) return nullptr;
        auto reader = std::move(readers_.back());
        readers_.pop_back();
        return reader;
    }

    std::string url_;
    std::mutex mutex_;
    std::unique_ptr<PostgresConnection> writer_;
    std::mutex readers_mutex_;
    std::vector<std::unique_ptr<PostgresConnection>> readers_;
    std::atomic<std::thread::id> busy_thread_{};
    std::atomic<bool> accepting_ = true;
    Access access_;
};

} // namespace

Expected<std::unique_ptr<Database>> open_postgres(const std::string &url, Access access) {
    const auto migrations = migrations_for(Engine::postgresql, embedded_migrations());
    if (!migrations) return tl::unexpected(migrations.error());
    auto connection =
        access == Access::read_write ? open_writer(url) : PostgresConnection::open(url);
    if (!connection) return tl::unexpected(connection.error());
    auto ready = access == Access::read_write ? migrate(**connection, *migrations)
                                              : check_migrated(**connection, *migrations);
    if (!ready) return tl::unexpected(ready.error());
    return std::make_unique<PostgresDatabase>(url, std::move(*connection), access);
}

} // namespace fernamt::storage
