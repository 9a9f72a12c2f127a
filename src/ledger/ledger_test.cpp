// SPDX-License-Identifier: EUPL-1.2
#include "ledger/entry_hash.h"
#include "ledger/ledger.h"
#include "ledger/ledger_export.h"
#include "storage/test_database.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

namespace fernamt::ledger {
namespace {

using storage::Connection;
using storage::Engine;
using storage::Row;

NewEntry fact(std::int64_t number) {
    return {Instant{1'000 * number}, "test.fact", fmt::format("{{\"number\":{}}}", number),
            CallId{number}, MunicipalityId{32410000000 + number % 3}};
}

std::vector<NewEntry> facts(std::int64_t from, std::int64_t to) {
    std::vector<NewEntry> entries;
    for (std::int64_t i = from; i <= to; ++i)
        entries.push_back(fact(i));
    return entries;
}

class LedgerTest : public storage::testing::DatabaseTest {
  protected:
    Ledger &ledger() {
        if (!ledger_) {
            auto opened = Ledger::open(db());
            if (!opened) throw std::runtime_error(fernamt::describe(opened.error()));
            ledger_ = std::move(*opened);
        }
        return *ledger_;
    }
    void restart() {
        ledger_.reset();
        close();
    }
    std::vector<Entry> all(std::int64_t from = 1) {
        std::vector<Entry> entries;
        auto done = ledger().each(from, [&](const Entry &entry) {
            entries.push_back(entry);
            return true;
        });
        EXPECT_TRUE(done);
        return entries;
    }
    void sql(const std::string &text) {
        auto done = db().write(
            [&](Connection &c) -> Expected<void> { return c.run(text).map([](std::int64_t) {}); });
        ASSERT_TRUE(done) << text << ": " << fernamt::describe(done.error());
    }
    // As somebody with the database's password would.
    void drop_triggers() {
        if (GetParam() == Engine::postgresql) {
            sql("ALTER TABLE ledger_entry DISABLE TRIGGER USER");
            return;
        }
        for (const char *name : {"update", "delete", "replace"}) {
            sql(fmt::format("DROP TRIGGER ledger_entry_no_{}", name));
        }
    }
    void expect_broken(std::int64_t seq, const std::string &what) {
        restart();
        const auto report = ledger().verify();
        ASSERT_TRUE(report) << fernamt::describe(report.error());
        ASSERT_TRUE(report->first_broken);
        EXPECT_EQ(*report->first_broken, seq);
        EXPECT_EQ(report->what, what);
        EXPECT_EQ(report->entries, seq - 1);
        EXPECT_NE(describe(*report).find(fmt::format("broken: entry {}: {}", seq, what)),
                  std::string::npos);
    }

  private:
    std::unique_ptr<Ledger> ledger_;
};
FERNAMT_ON_EVERY_ENGINE(LedgerTest);

TEST_P(LedgerTest, AnEmptyLedgerIsIntact) {
    EXPECT_EQ(ledger().last_seq(), 0);
    EXPECT_TRUE(ledger().accepting());
    const auto report = ledger().verify();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->entries, 0);
    EXPECT_FALSE(report->first_broken);
    EXPECT_EQ(report->root, Hash{});
}

TEST_P(LedgerTest, ReturnsWhatWasAppendedInOrderAndAfterARestart) {
    ASSERT_EQ(ledger().append_and_wait(facts(1, 3)).value(), 3);
    ASSERT_EQ(ledger().append_and_wait({NewEntry{Instant{9}, "test.plain", "{}", {}, {}}}).value(),
              4);
    restart();
    EXPECT_EQ(ledger().last_seq(), 4);
    ASSERT_EQ(ledger().append_and_wait(facts(5, 5)).value(), 5);
    const auto entries = all();
    ASSERT_EQ(entries.size(), 5U);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(entries[i].seq, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(entries[i].previous, i == 0 ? Hash{} : entries[i - 1].hash);
    }
    EXPECT_EQ(entries[1].at, Instant{2'000});
    EXPECT_EQ(entries[1].type, "test.fact");
    EXPECT_EQ(entries[1].payload, "{\"number\":2}");
    EXPECT_EQ(entries[1].call, CallId{2});
    EXPECT_EQ(entries[1].municipality, MunicipalityId{32410000002});
    EXPECT_FALSE(entries[3].call);
    EXPECT_FALSE(entries[3].municipality);
    EXPECT_EQ(all(4).size(), 2U);
    const auto report = ledger().verify();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->entries, 5);
    EXPECT_EQ(report->root, entries.back().hash);
    EXPECT_FALSE(report->first_broken);
}

// Recomputed here from the words in entry_hash.h, as a municipality would.
TEST_P(LedgerTest, TheHashIsWhatTheHeaderSays) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 2)));
    const auto entries = all();
    std::string bytes(1, '\0');
    const auto number = [&](std::int64_t value) {
        for (int i = 7; i >= 0; --i)
            bytes.push_back(static_cast<char>(value >> (8 * i)));
    };
    for (const std::byte b : entries[0].hash)
        bytes.push_back(static_cast<char>(b));
    number(2);
    number(2'000);
    number(2);
    number(32410000002);
    number(9);
    bytes += "test.fact";
    number(12);
    bytes += "{\"number\":2}";
    Hash expected{};
    SHA256(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(),
           reinterpret_cast<unsigned char *>(expected.data()));
    EXPECT_EQ(to_hex(entries[1].hash), to_hex(expected));
}

TEST_P(LedgerTest, CallsBackInOrderAndKeepsAppendsTogether) {
    constexpr std::int64_t kThreads = 4;
    constexpr std::int64_t kEach = 50;
    (void)ledger(); // opened before the threads may race for it
    std::mutex mutex;
    std::vector<std::int64_t> order;
    std::atomic<std::int64_t> answered = 0;
    std::vector<std::thread> threads;
    for (std::int64_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (std::int64_t i = 0; i < kEach; ++i) {
                const std::int64_t first = (t * kEach + i) * 2;
                ledger().append(facts(first, first + 1), [&](Expected<std::int64_t> last) {
                    ASSERT_TRUE(last);
                    EXPECT_LE(*last, ledger().last_seq());
                    const std::lock_guard guard(mutex);
                    order.push_back(*last);
                    ++answered;
                });
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    ASSERT_TRUE(ledger().append_and_wait(facts(0, 0)));
    EXPECT_EQ(answered, kThreads * kEach);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    const auto entries = all();
    ASSERT_EQ(entries.size(), static_cast<std::size_t>(kThreads * kEach * 2 + 1));
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
        EXPECT_EQ(entries[i].call->value % 2, 0);
        EXPECT_EQ(entries[i + 1].call->value, entries[i].call->value + 1);
    }
}

TEST_P(LedgerTest, ClosingCommitsWhatIsQueued) {
    std::atomic<int> durable = 0;
    for (std::int64_t i = 1; i <= 200; ++i) {
        ledger().append(facts(i, i), [&](Expected<std::int64_t> last) { durable += last ? 1 : 0; });
    }
    restart();
    EXPECT_EQ(durable, 200);
    EXPECT_EQ(ledger().last_seq(), 200);
}

TEST_P(LedgerTest, ReadsPiecesWithoutGapsAndStopsWhenTold) {
    ASSERT_EQ(ledger().append_and_wait(facts(1, 12'345)).value(), 12'345);
    std::int64_t seen = 0;
    ASSERT_TRUE(ledger().each(1, [&](const Entry &entry) {
        EXPECT_EQ(entry.seq, ++seen);
        return true;
    }));
    EXPECT_EQ(seen, 12'345);
    seen = 0;
    ASSERT_TRUE(ledger().each(5'001, [&](const Entry &) { return ++seen < 5'000; }));
    EXPECT_EQ(seen, 5'000);
    EXPECT_EQ(ledger().verify()->entries, 12'345);
}

TEST_P(LedgerTest, AnAppendThatCannotBeStoredFailsAlone) {
    std::string code;
    ledger().append({fact(1), NewEntry{Instant{}, "test.bad", "\xFF", {}, {}}},
                    [&](Expected<std::int64_t> last) { code = last.error().code; });
    EXPECT_EQ(ledger().append_and_wait(facts(2, 2)).value(), 1);
    EXPECT_EQ(code, "storage.text_encoding");
    EXPECT_EQ(ledger().append_and_wait({}).error().code, "ledger.empty_append");
    EXPECT_EQ(ledger().append_and_wait({NewEntry{}}).error().code, "ledger.no_type");
    EXPECT_TRUE(ledger().accepting());
    EXPECT_EQ(ledger().verify()->entries, 1);
}

TEST_P(LedgerTest, WaitingInsideACallbackIsRefusedNotDeadlocked) {
    std::promise<std::string> code;
    ledger().append(facts(1, 1), [&](Expected<std::int64_t>) {
        code.set_value(ledger().append_and_wait(facts(2, 2)).error().code);
    });
    EXPECT_EQ(code.get_future().get(), "ledger.wait_in_callback");
}

TEST_P(LedgerTest, TheDatabaseItselfRefusesToChangeEntries) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 3)));
    for (const std::string text :
         {"UPDATE ledger_entry SET payload = '{}' WHERE seq = 2", "DELETE FROM ledger_entry",
          "INSERT INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 1 ",
          "UPDATE ledger_entry SET seq = seq + 10"}) {
        auto done = db().write(
            [&](Connection &c) -> Expected<void> { return c.run(text).map([](std::int64_t) {}); });
        ASSERT_FALSE(done) << text;
        EXPECT_EQ(done.error().code, "storage.constraint");
    }
    const std::string replace =
        GetParam() == Engine::sqlite
            ? "INSERT OR REPLACE INTO ledger_entry SELECT seq, at + 1, type, payload, call_id, "
              "municipality, previous, hash FROM ledger_entry"
            : "TRUNCATE ledger_entry";
    auto done = db().write(
        [&](Connection &c) -> Expected<void> { return c.run(replace).map([](std::int64_t) {}); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage.constraint");
    EXPECT_EQ(ledger().verify()->entries, 3);
}

TEST_P(LedgerTest, AChangedEntryIsNamed) {
    for (const std::string change :
         {"payload = '{\"number\":5 }'", "type = 'test.fake'", "at = at + 1", "call_id = NULL",
          "municipality = municipality + 1"}) {
        SCOPED_TRACE(change);
        if (ledger().last_seq() == 0) {
            ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
            drop_triggers();
        }
        sql("CREATE TABLE kept AS SELECT * FROM ledger_entry WHERE seq = 5");
        sql("UPDATE ledger_entry SET " + change + " WHERE seq = 5");
        expect_broken(5, "hash");
        sql("DELETE FROM ledger_entry WHERE seq = 5");
        sql("INSERT INTO ledger_entry SELECT * FROM kept");
        sql("DROP TABLE kept");
        EXPECT_FALSE(ledger().verify()->first_broken);
    }
}

TEST_P(LedgerTest, AnEntryHashedAnewBreaksTheNext) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    Entry forged = all()[4];
    forged.payload = "{\"number\":99}";
    const Hash hash = EntryHasher{}(forged.previous, forged.seq, forged);
    drop_triggers();
    ASSERT_TRUE(db().write([&](Connection &c) -> Expected<void> {
        return c
            .run("UPDATE ledger_entry SET payload = $1, hash = $2 WHERE seq = 5",
                 {forged.payload, storage::Blob(hash.begin(), hash.end())})
            .map([](std::int64_t) {});
    }));
    expect_broken(6, "previous");
}

TEST_P(LedgerTest, ARemovedEntryIsNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("DELETE FROM ledger_entry WHERE seq = 4");
    expect_broken(4, "gap");
}

TEST_P(LedgerTest, ARemovedFirstEntryIsNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("DELETE FROM ledger_entry WHERE seq = 1");
    expect_broken(1, "gap");
}

TEST_P(LedgerTest, ARemovedEndIsNamedByTheProcessThatWroteIt) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("DELETE FROM ledger_entry WHERE seq > 7");
    const auto report = ledger().verify();
    ASSERT_TRUE(report->first_broken);
    EXPECT_EQ(*report->first_broken, 8);
    EXPECT_EQ(report->what, "gap");
}

TEST_P(LedgerTest, AnInsertedEntryIsNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("UPDATE ledger_entry SET seq = -seq WHERE seq > 3");
    sql("UPDATE ledger_entry SET seq = 1 - seq WHERE seq < 0");
    sql("INSERT INTO ledger_entry SELECT 4, at, type, payload, call_id, municipality, previous, "
        "hash "
        "FROM ledger_entry WHERE seq = 5");
    expect_broken(5, "previous"); // what stands at 5 continues 3, not the copy at 4
}

TEST_P(LedgerTest, AnEntryBeforeTheFirstIsNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 3)));
    drop_triggers();
    sql("INSERT INTO ledger_entry SELECT 0, at, type, payload, call_id, municipality, previous, "
        "hash "
        "FROM ledger_entry WHERE seq = 1");
    const auto report = ledger().verify();
    ASSERT_TRUE(report->first_broken);
    EXPECT_EQ(*report->first_broken, 0);
    EXPECT_EQ(report->what, "gap");
}

TEST_P(LedgerTest, SwappedEntriesAreNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("UPDATE ledger_entry SET seq = -1 WHERE seq = 3");
    sql("UPDATE ledger_entry SET seq = 3 WHERE seq = 6");
    sql("UPDATE ledger_entry SET seq = 6 WHERE seq = -1");
    expect_broken(3, "previous");
}

TEST_P(LedgerTest, SwappedContentsAreNamed) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    drop_triggers();
    sql("UPDATE ledger_entry SET payload = CASE seq WHEN 3 THEN '{\"number\":6}' "
        "ELSE '{\"number\":3}' END WHERE seq IN (3, 6)");
    expect_broken(3, "hash");
}

TEST_P(LedgerTest, KeepsTheLastSnapshotAndNoneFromTheFuture) {
    EXPECT_FALSE(ledger().latest_snapshot().value());
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 9)));
    ASSERT_TRUE(ledger().save_snapshot({3, "{\"three\":true}"}));
    ASSERT_TRUE(ledger().save_snapshot({7, "{\"seven\":true}"}));
    EXPECT_EQ(ledger().save_snapshot({10, "{}"}).error().code, "ledger.snapshot_ahead");
    restart();
    const auto snapshot = ledger().latest_snapshot().value();
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->seq, 7);
    EXPECT_EQ(snapshot->state, "{\"seven\":true}");
    drop_triggers();
    sql("DELETE FROM ledger_entry WHERE seq > 6"); // as after an older backup was restored
    restart();
    EXPECT_FALSE(ledger().latest_snapshot().value());
}

// Everything the engine keeps of this database, but not PostgreSQL's WAL (see Database::scrub).
std::string bytes_of(const std::filesystem::path &folder) {
    std::string bytes;
    for (const auto &file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file() || file.path().string().find("pg_wal") != std::string::npos)
            continue;
        std::ifstream in(file.path(), std::ios::binary);
        std::ostringstream out;
        out << in.rdbuf();
        bytes += out.str();
    }
    return bytes;
}

TEST_P(LedgerTest, ErasedValuesAreGoneFromTheFilesAndTheChainStaysValid) {
    const std::string number = "+495119876543210";
    const auto write = [&](std::string_view kind, const std::string &value, Instant at) {
        const auto sealed = seal_value(kind, Redacted<std::string>(value), at);
        NewEntry entry{at,
                       "test.sealed",
                       fmt::format("{{\"value\":\"{}\"}}", sealed->commitment),
                       {},
                       {},
                       std::make_shared<const Sealed>(*sealed)};
        EXPECT_TRUE(ledger().append_and_wait({entry}));
        return sealed->commitment;
    };
    const std::string first = write(kSealedCaller, number, Instant{1'000});
    const std::string second = write(kSealedCaller, number, Instant{2'000});
    const std::string other = write("note", "text", Instant{1'000});
    EXPECT_EQ(first.size(), 64U);
    EXPECT_NE(first, second); // salted: the commitment does not tell that it is the same number
    EXPECT_EQ(ledger().reveal(first).value()->reveal(), number);

    std::string folder;
    if (GetParam() == Engine::postgresql) {
        ASSERT_TRUE(db().read([&](Connection &c) {
            return c.each("SELECT current_setting('data_directory') || '/base/' || oid::text "
                          "FROM pg_database WHERE datname = current_database()",
                          {}, [&](const Row &row) {
                              folder = row.text(0);
                              return false;
                          });
        }));
    } else {
        folder = std::filesystem::path(url().substr(9)).parent_path().string();
    }
    const auto checkpoint = [&] {
        if (GetParam() == Engine::postgresql) {
            ASSERT_TRUE(db().write([](Connection &c) -> Expected<void> {
                return c.run("CHECKPOINT").map([](std::int64_t) {});
            }));
        }
    };
    checkpoint();
    ASSERT_NE(bytes_of(folder).find(number), std::string::npos); // else this test proves nothing

    EXPECT_EQ(ledger().erase_sealed_before(kSealedCaller, Instant{2'000}).value(), 1);
    EXPECT_FALSE(ledger().reveal(first).value());
    EXPECT_TRUE(ledger().reveal(second).value());
    EXPECT_EQ(ledger().erase_sealed_before(kSealedCaller, Instant{3'000}).value(), 1);
    checkpoint();
    EXPECT_EQ(bytes_of(folder).find(number), std::string::npos);
    EXPECT_EQ(ledger().reveal(other).value()->reveal(), "text");
    const auto report = ledger().verify();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->first_broken);
    EXPECT_EQ(report->entries, 3);
}

TEST_P(LedgerTest, ExportsLinesAndOneArray) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 3)));
    std::ostringstream lines;
    EXPECT_EQ(export_entries(ledger(), 2, ExportForm::lines, lines).value(), 2);
    std::istringstream in(lines.str());
    std::string line;
    std::int64_t seq = 1;
    while (std::getline(in, line)) {
        const auto object = boost::json::parse(line).as_object();
        EXPECT_EQ(object.at("seq").as_int64(), ++seq);
        EXPECT_EQ(object.at("call").as_int64(), seq);
        EXPECT_EQ(object.at("payload").at("number").as_int64(), seq);
        EXPECT_EQ(object.at("hash").as_string().size(), 64U);
    }
    EXPECT_EQ(seq, 3);
    std::ostringstream array;
    EXPECT_EQ(export_entries(ledger(), 1, ExportForm::array, array).value(), 3);
    const auto parsed = boost::json::parse(array.str()).as_array();
    ASSERT_EQ(parsed.size(), 3U);
    EXPECT_EQ(parsed[0].at("municipality").as_string(), "032410000001");
    std::ostringstream full;
    full.setstate(std::ios::badbit);
    EXPECT_EQ(export_entries(ledger(), 1, ExportForm::array, full).error().code,
              "ledger.export_write");
}

TEST_P(LedgerTest, AReadOnlyProcessVerifiesAndExportsBesideTheWriter) {
    ASSERT_TRUE(ledger().append_and_wait(facts(1, 3)));
    auto database = storage::Database::open(url(), storage::Access::read_only);
    ASSERT_TRUE(database);
    auto reading = Ledger::open(**database);
    ASSERT_TRUE(reading);
    EXPECT_EQ((*reading)->verify()->entries, 3);
    EXPECT_FALSE((*reading)->accepting());
    EXPECT_EQ((*reading)->append_and_wait(facts(4, 4)).error().code, "storage.read_only");
    ASSERT_EQ(ledger().append_and_wait(facts(4, 4)).value(), 4);
}

} // namespace
} // namespace fernamt::ledger
