// SPDX-License-Identifier: EUPL-1.2
// An acknowledged entry survives kill -9: a child appends and reports every acknowledgement, dies
// at a random instant (while opening, appending, committing or checkpointing), and afterwards the
// chain is intact and every acknowledged entry stands in it exactly once.
#include "ledger/ledger.h"
#include "storage/test_database.h"
#include "storage/testing/child_process.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace fernamt::ledger {
namespace {

using storage::Engine;
using storage::testing::ChildProcess;
using storage::testing::TestDatabase;

struct Acknowledged {
    std::int64_t last_seq = 0;
    std::int64_t number = 0; // of the last entry
};

NewEntry fact(std::int64_t number) {
    // Long enough that the WAL is written back several times in a round.
    return {Instant{number},
            "test.fact",
            fmt::format("{{\"number\":{},\"filler\":\"{:*>700}\"}}", number, ""),
            {},
            {}};
}

// Appends without end, one to five entries at a time, at most 64 appends on their way.
[[noreturn]] void append_for_ever(const std::string &url, std::int64_t first, int report) {
    auto database = storage::Database::open(url);
    if (!database) throw std::runtime_error(fernamt::describe(database.error()));
    auto ledger = Ledger::open(**database);
    if (!ledger) throw std::runtime_error(fernamt::describe(ledger.error()));
    std::mutex mutex;
    std::condition_variable changed;
    int on_the_way = 0;
    for (std::int64_t number = first;;) {
        std::vector<NewEntry> entries;
        const std::int64_t count = 1 + number % 5;
        for (std::int64_t i = 0; i < count; ++i)
            entries.push_back(fact(number++));
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return on_the_way < 64; });
            ++on_the_way;
        }
        (*ledger)->append(std::move(entries), [&, last = number - 1](Expected<std::int64_t> seq) {
            if (!seq) {
                const std::string text = fernamt::describe(seq.error());
                (void)!::write(report, text.data(), text.size());
                ::_exit(1);
            }
            const Acknowledged told{*seq, last};
            (void)!::write(report, &told, sizeof told); // shorter than PIPE_BUF: never torn
            const std::lock_guard guard(mutex);
            --on_the_way;
            changed.notify_one();
        });
    }
}

std::int64_t number_of(const Entry &entry) {
    return boost::json::parse(entry.payload).at("number").as_int64();
}

class Round {
  public:
    Round(Engine engine, unsigned seed)
        // Opening PostgreSQL takes longer than opening a file.
        : database_(engine), random_(seed), latest_(engine == Engine::sqlite ? 50'000 : 250'000) {}

    void kill_once(bool reopen_writing) {
        const std::int64_t first = ++kills_ * 1'000'000;
        ChildProcess child([&](int report) { append_for_ever(database_.url(), first, report); });
        // Every second one dies in full swing, however slow this machine is now; the others may die
        // while they open the database.
        if (kills_ % 2 == 0) child.wait_for_report();
        std::uniform_int_distribution<int> instant(0, latest_);
        std::this_thread::sleep_for(std::chrono::microseconds(instant(random_)));
        child.kill();
        const std::string bytes = child.wait();
        ASSERT_EQ(bytes.size() % sizeof(Acknowledged), 0U) << bytes;
        std::map<std::int64_t, std::int64_t> acknowledged;
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(Acknowledged)) {
            Acknowledged one;
            std::memcpy(&one, bytes.data() + at, sizeof one);
            acknowledged[one.last_seq] = one.number;
        }
        total_ += acknowledged.size();
        // Read-only leaves the WAL to the next child; writing replays and empties it.
        check(acknowledged,
              reopen_writing ? storage::Access::read_write : storage::Access::read_only);
    }
    [[nodiscard]] std::size_t total() const { return total_; }

  private:
    void check(std::map<std::int64_t, std::int64_t> acknowledged, storage::Access access) {
        auto database = storage::Database::open(database_.url(), access);
        if (!database && total_ == 0) return; // killed before the first migration was done
        ASSERT_TRUE(database) << fernamt::describe(database.error());
        auto ledger = Ledger::open(**database);
        ASSERT_TRUE(ledger) << fernamt::describe(ledger.error());
        const auto report = (*ledger)->verify();
        ASSERT_TRUE(report) << fernamt::describe(report.error());
        ASSERT_FALSE(report->first_broken) << *report->first_broken << " " << report->what;
        acknowledged.insert(before_.begin(), before_.end());
        std::map<std::int64_t, std::int64_t> numbers; // number -> seq
        ASSERT_TRUE((*ledger)->each(1, [&](const Entry &entry) {
            const std::int64_t number = number_of(entry);
            EXPECT_TRUE(numbers.emplace(number, entry.seq).second) << "doubled: " << number;
            const auto told = acknowledged.find(entry.seq);
            if (told == acknowledged.end()) return true;
            EXPECT_EQ(told->second, number) << "another entry was acknowledged as " << entry.seq;
            acknowledged.erase(told);
            before_[entry.seq] = number;
            return true;
        }));
        EXPECT_TRUE(acknowledged.empty()) << acknowledged.size() << " acknowledged entries lost";
    }

    TestDatabase database_;
    std::mt19937 random_;
    int latest_; // microseconds
    std::int64_t kills_ = 0;
    std::size_t total_ = 0;
    std::map<std::int64_t, std::int64_t> before_; // acknowledged in earlier lives
};

void kill_many(Engine engine, int rounds, int kills) {
    std::size_t total = 0;
    for (int round = 0; round < rounds && !::testing::Test::HasFatalFailure(); ++round) {
        Round one(engine, 20261122U + static_cast<unsigned>(round));
        for (int kill = 0; kill < kills && !::testing::Test::HasFailure(); ++kill) {
            one.kill_once(kill % 5 == 4);
        }
        total += one.total();
    }
    std::cout << rounds * kills << " kills, " << total << " acknowledged appends, all there\n";
    EXPECT_GE(total, static_cast<std::size_t>(rounds * (kills / 2))); // else nothing was tried
}

TEST(LedgerCrash, NothingAcknowledgedIsLostOnSqlite) {
    kill_many(Engine::sqlite, 13, 25);
}

TEST(LedgerCrash, NothingAcknowledgedIsLostOnPostgresql) {
    kill_many(Engine::postgresql, 2, 20);
}

} // namespace
} // namespace fernamt::ledger
