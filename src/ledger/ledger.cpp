// SPDX-License-Identifier: EUPL-1.2
#include "ledger/ledger.h"

#include "base/log.h"
#include "ledger/entry_hash.h"
#include "ledger/ledger_store.h"
#include "storage/engine.h"

#include <openssl/rand.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace fernamt::ledger {

namespace {

using namespace std::chrono_literals;
using storage::Connection;
using storage::Database;

constexpr std::size_t kMostInGroup = 10'000;
constexpr std::int64_t kPiece = 5'000; // entries read at once
constexpr std::size_t kSaltBytes = 16;
// A database that only went away (restart of PostgreSQL) is waited for; nothing was written then.
constexpr auto kPatience = 15s;
constexpr auto kPause = 200ms;

struct Job {
    std::vector<NewEntry> entries;
    Ledger::OnDurable on_durable;
    std::optional<Problem> refused; // this append alone cannot be stored
    std::int64_t last_seq = 0;
};

std::optional<Problem> refusal(const std::vector<NewEntry> &entries) {
    if (entries.empty()) return Problem{ProblemKind::invalid_input, "ledger.empty_append", {}};
    for (const NewEntry &entry : entries) {
        if (entry.type.empty()) return Problem{ProblemKind::invalid_input, "ledger.no_type", {}};
        auto fits = storage::check_parameters({entry.type, entry.payload});
        if (!fits) return fits.error();
    }
    return std::nullopt;
}

class DatabaseLedger final : public Ledger {
  public:
    DatabaseLedger(Database &database, store::Head head)
        : database_(database), head_(head), durable_seq_(head.seq),
          thread_([this] { commit_groups(); }) {}

    ~DatabaseLedger() override {
        {
            const std::lock_guard guard(mutex_);
            closing_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void append(std::vector<NewEntry> entries, OnDurable on_durable) override {
        Job job{std::move(entries), std::move(on_durable), std::nullopt, 0};
        job.refused = refusal(job.entries);
        {
            const std::lock_guard guard(mutex_);
            queue_.push_back(std::move(job));
        }
        wake_.notify_one();
    }

    Expected<std::int64_t> append_and_wait(std::vector<NewEntry> entries) override {
        if (std::this_thread::get_id() == thread_.get_id()) {
            return fail(ProblemKind::internal, "ledger.wait_in_callback");
        }
        std::promise<Expected<std::int64_t>> promise;
        append(std::move(entries),
               [&](Expected<std::int64_t> last) { promise.set_value(std::move(last)); });
        return promise.get_future().get();
    }

    Expected<void> each(std::int64_t from_seq,
                        const std::function<bool(const Entry &)> &on_entry) override {
        bool wanted = true;
        std::int64_t next = from_seq;
        while (wanted) {
            auto count = store::read(database_, next, kPiece, [&](const Entry &entry) {
                next = entry.seq + 1;
                return wanted = on_entry(entry);
            });
            if (!count) return tl::unexpected(count.error());
            if (*count < kPiece) return {};
        }
        return {};
    }

    Expected<void> each_of_call(CallId call,
                                const std::function<bool(const Entry &)> &on_entry) override {
        return store::read_call(database_, call, on_entry);
    }

    std::int64_t last_seq() const override { return durable_seq_; }
    bool accepting() const override { return !stopped_ && database_.accepting(); }

    Expected<VerifyReport> verify() override {
        const std::int64_t expected = durable_seq_;
        VerifyReport report;
        EntryHasher hasher;
        const auto broken = [&](std::int64_t seq, std::string what) {
            report.first_broken = seq;
            report.what = std::move(what);
            return false;
        };
        auto done = each(std::numeric_limits<std::int64_t>::min(), [&](const Entry &entry) {
            const std::int64_t seq = report.entries + 1;
            if (entry.seq < seq) return broken(entry.seq, "gap"); // 0 or less: nothing may be there
            if (entry.seq > seq) return broken(seq, "gap");
            if (entry.previous != report.root) return broken(seq, "previous");
            if (hasher(entry.previous, seq, entry) != entry.hash) return broken(seq, "hash");
            report.entries = seq;
            report.root = entry.hash;
            return true;
        });
        if (!done) return tl::unexpected(done.error());
        // The chain cannot tell that its end is missing; who appended it can.
        if (!report.first_broken && report.entries < expected) broken(report.entries + 1, "gap");
        return report;
    }

    Expected<void> save_snapshot(const Snapshot &snapshot) override {
        if (snapshot.seq < 0 || snapshot.seq > durable_seq_) {
            return fail(ProblemKind::invalid_input, "ledger.snapshot_ahead",
                        {{"seq", std::to_string(snapshot.seq)},
                         {"last_seq", std::to_string(durable_seq_)}});
        }
        return store::save(database_, snapshot);
    }

    Expected<std::optional<Snapshot>> latest_snapshot() override {
        return store::snapshot(database_, durable_seq_);
    }

    Expected<std::optional<Redacted<std::string>>> reveal(const std::string &commitment) override {
        auto value = store::reveal(database_, commitment);
        if (!value) return tl::unexpected(value.error());
        std::optional<Redacted<std::string>> redacted;
        if (*value) redacted.emplace(std::move(**value));
        return redacted;
    }

    Expected<std::int64_t> erase_sealed_before(std::string_view kind, Instant before) override {
        return store::erase(database_, kind, before);
    }

    Expected<std::int64_t> erase_sealed_before(std::string_view kind, Instant before,
                                               const std::set<std::string> &kept) override {
        return store::erase_but(database_, kind, before, kept);
    }

  private:
    // The committing thread: everything queued since the last commit becomes one transaction.
    void commit_groups() {
        ::pthread_setname_np(::pthread_self(), "ledger"); // as ps and top show it
        for (;;) {
            std::deque<Job> group = take_group();
            if (group.empty()) return;
            if (!problem_) commit(group);
            for (Job &job : group)
                answer(job);
        }
    }

    std::deque<Job> take_group() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        std::deque<Job> group;
        std::size_t entries = 0;
        while (!queue_.empty() && entries < kMostInGroup) {
            entries += queue_.front().entries.size();
            group.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        return group;
    }

    void commit(std::deque<Job> &group) {
        store::Head head = head_;
        const std::vector<Entry> entries = chain(group, head);
        if (entries.empty()) return;
        auto done = write(entries);
        if (!done) {
            problem_ = done.error();
            stopped_ = true;
            log::error("ledger.stopped", {{"problem", describe(*problem_)}});
            return;
        }
        head_ = head;
        durable_seq_ = head.seq;
    }

    std::vector<Entry> chain(std::deque<Job> &group, store::Head &head) {
        std::vector<Entry> entries;
        for (Job &job : group) {
            if (job.refused) continue;
            for (NewEntry &fact : job.entries) {
                Entry &entry =
                    entries.emplace_back(Entry{std::move(fact), head.seq + 1, head.hash, {}});
                entry.hash = hasher_(entry.previous, entry.seq, entry);
                head = {entry.seq, entry.hash};
            }
            job.last_seq = head.seq;
        }
        return entries;
    }

    // Repeated only while the database says that nothing was written and durability is not in
    // doubt.
    Expected<void> write(const std::vector<Entry> &entries) {
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        for (;;) {
            auto done = database_.write(
                [&](Connection &connection) { return store::insert(connection, entries); });
            const bool may_repeat = !done && database_.accepting() &&
                                    done.error().code == "storage.unavailable" &&
                                    std::chrono::steady_clock::now() < give_up;
            if (!may_repeat) return done;
            std::this_thread::sleep_for(kPause);
        }
    }

    void answer(Job &job) {
        if (!job.on_durable) return;
        if (job.refused) return job.on_durable(tl::unexpected(*job.refused));
        if (problem_) return job.on_durable(tl::unexpected(*problem_));
        job.on_durable(job.last_seq);
    }

    Database &database_;

    // The committing thread's own.
    EntryHasher hasher_;
    store::Head head_;
    std::optional<Problem> problem_;

    std::atomic<std::int64_t> durable_seq_;
    std::atomic<bool> stopped_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    bool closing_ = false;

    std::thread thread_; // last: it uses all of the above
};

} // namespace

Expected<Sealed> seal_value(std::string_view kind, const Redacted<std::string> &value, Instant at) {
    storage::Blob salt(kSaltBytes);
    if (RAND_priv_bytes(reinterpret_cast<unsigned char *>(salt.data()),
                        static_cast<int>(salt.size())) != 1) {
        return fail(ProblemKind::internal, "ledger.no_random");
    }
    thread_local EntryHasher hasher; // to fetch the algorithm costs more than to hash
    std::string commitment = to_hex(hasher.commitment(salt, value.reveal()));
    return Sealed{std::move(commitment), std::string(kind), at, std::move(salt), value};
}

Expected<std::unique_ptr<Ledger>> Ledger::open(Database &database) {
    auto head = store::head(database);
    if (!head) return tl::unexpected(head.error());
    return std::make_unique<DatabaseLedger>(database, *head);
}

} // namespace fernamt::ledger
