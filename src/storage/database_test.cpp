// SPDX-License-Identifier: EUPL-1.2
#include "storage/database.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <thread>

namespace fernamt::storage {
namespace {

constexpr std::string_view kInsert = "INSERT INTO thing (id, name) VALUES ($1, $2)";

class DatabaseFacade : public testing::DatabaseTest {
  protected:
    void SetUp() override {
        change("CREATE TABLE thing (id bigint PRIMARY KEY, name text NOT NULL UNIQUE)");
    }
    void change(std::string_view sql, const std::vector<Value> &parameters = {}) {
        auto done = db().write([&](Connection &c) -> Expected<void> {
            std::string text(sql);
            if (c.engine() == Engine::sqlite) {
                if (const auto at = text.find("bigint"); at != std::string::npos) {
                    text.replace(at, 6, "INTEGER");
                }
            }
            return c.run(text, parameters).map([](std::int64_t) {});
        });
        ASSERT_TRUE(done) << describe(done.error());
    }
    std::int64_t count() {
        std::int64_t found = -1;
        auto done = db().read([&](Connection &c) {
            return c.each("SELECT count(*) FROM thing", {}, [&](const Row &row) {
                found = row.integer(0);
                return true;
            });
        });
        EXPECT_TRUE(done) << describe(done.error());
        return found;
    }
};
FERNAMT_ON_EVERY_ENGINE(DatabaseFacade);

TEST_P(DatabaseFacade, KeepsEveryTypeExactly) {
    const Blob bytes = {std::byte{0}, std::byte{0xFF}, std::byte{0x5C}, std::byte{0x27}};
    const std::string text = "Bürgeramt 'Süd'; -- \\x \U0001F4DE";
    bool seen = false;
    auto done = db().read([&](Connection &c) {
        const bool sqlite = c.engine() == Engine::sqlite;
        return c.each(sqlite ? "SELECT $1, $2, $3, $4, $5, $6"
                             : "SELECT $1, $2, $3, $4::bytea, $5::text, $6::bytea",
                      {std::numeric_limits<std::int64_t>::min(), 0.1, text, bytes, nullptr, Blob{}},
                      [&](const Row &row) {
                          EXPECT_EQ(row.integer(0), std::numeric_limits<std::int64_t>::min());
                          EXPECT_EQ(row.real(1), 0.1);
                          EXPECT_EQ(row.text(2), text);
                          EXPECT_EQ(row.blob(3), bytes);
                          EXPECT_TRUE(row.is_null(4));
                          EXPECT_EQ(row.text(4), "");
                          EXPECT_FALSE(row.is_null(5));
                          EXPECT_TRUE(row.blob(5).empty());
                          seen = true;
                          return true;
                      });
    });
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_TRUE(seen);
}

TEST_P(DatabaseFacade, ParametersMayRepeatAndStandInAnyOrder) {
    std::int64_t sum = 0;
    auto done = db().read([&](Connection &c) {
        return c.each("SELECT $2 * 10 + $1 * 100 + $2",
                      {std::int64_t{3'000'000'000}, std::int64_t{7}}, [&](const Row &row) {
                          sum = row.integer(0);
                          return true;
                      });
    });
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(sum, 300'000'000'077);
}

TEST_P(DatabaseFacade, SaysHowManyRowsChanged) {
    change(kInsert, {std::int64_t{1}, "a"});
    change(kInsert, {std::int64_t{2}, "b"});
    auto done = db().write([&](Connection &c) -> Expected<void> {
        EXPECT_EQ(c.run("UPDATE thing SET name = name || 'x'").value(), 2);
        EXPECT_EQ(c.run("UPDATE thing SET name = 'z' WHERE id = 9").value(), 0);
        EXPECT_EQ(c.run("SELECT id FROM thing").value(), 0);
        EXPECT_EQ(c.run("DELETE FROM thing WHERE id = $1", {std::int64_t{1}}).value(), 1);
        return {};
    });
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseFacade, RollsBackOnAProblemAndOnAnException) {
    auto refused = db().write([&](Connection &c) -> Expected<void> {
        EXPECT_TRUE(c.run(kInsert, {std::int64_t{1}, "a"}));
        return fail(ProblemKind::conflict, "test.no");
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "test.no");
    EXPECT_THROW((void)db().write([&](Connection &c) -> Expected<void> {
        EXPECT_TRUE(c.run(kInsert, {std::int64_t{1}, "a"}));
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    EXPECT_EQ(count(), 0);
    change(kInsert, {std::int64_t{1}, "a"});
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseFacade, AConstraintIsAConflictAndDoomsItsTransaction) {
    change(kInsert, {std::int64_t{1}, "secret value"});
    auto done = db().write([&](Connection &c) -> Expected<void> {
        EXPECT_TRUE(c.run(kInsert, {std::int64_t{2}, "b"}));
        auto twice = c.run(kInsert, {std::int64_t{3}, "secret value"});
        EXPECT_FALSE(twice);
        EXPECT_EQ(twice.error().kind, ProblemKind::conflict);
        EXPECT_EQ(twice.error().code, "storage.constraint");
        EXPECT_EQ(describe(twice.error()).find("secret"), std::string::npos);
        EXPECT_FALSE(c.run(kInsert, {std::int64_t{4}, "d"}));
        return {}; // overlooks the failure
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage.constraint");
    EXPECT_EQ(count(), 1);
    EXPECT_TRUE(db().accepting());
    change(kInsert, {std::int64_t{2}, "b"});
}

TEST_P(DatabaseFacade, RefusesTextThatOneEngineCouldNotKeep) {
    for (const std::string &text :
         {std::string("a\0b", 3), std::string("\xC3"), std::string("\xED\xA0\x80"),
          std::string("\xC0\xAF"), std::string("\xF4\x90\x80\x80")}) {
        auto done = db().write([&](Connection &c) -> Expected<void> {
            return c.run(kInsert, {std::int64_t{1}, text}).map([](std::int64_t) {});
        });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, ProblemKind::invalid_input);
        EXPECT_EQ(done.error().code, "storage.text_encoding");
    }
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseFacade, AWrongStatementIsADefectNotACrash) {
    for (const std::string_view sql :
         {"SELEC 1", "SELECT $1", "INSERT INTO thing (id, name) VALUES (1, 'a'); SELECT 1"}) {
        auto done = db().write(
            [&](Connection &c) -> Expected<void> { return c.run(sql).map([](std::int64_t) {}); });
        ASSERT_FALSE(done) << sql;
    }
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseFacade, ReadsCannotWrite) {
    auto done = db().read([&](Connection &c) -> Expected<void> {
        return c.run(kInsert, {std::int64_t{1}, "a"}).map([](std::int64_t) {});
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage.read_only");
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseFacade, AReadSeesOneSnapshot) {
    change(kInsert, {std::int64_t{1}, "a"});
    auto done = db().read([&](Connection &c) -> Expected<void> {
        const auto rows = [&] {
            std::int64_t found = 0;
            EXPECT_TRUE(c.each("SELECT count(*) FROM thing", {}, [&](const Row &row) {
                found = row.integer(0);
                return true;
            }));
            return found;
        };
        EXPECT_EQ(rows(), 1);
        std::thread([&] { change(kInsert, {std::int64_t{2}, "b"}); }).join();
        EXPECT_EQ(rows(), 1);
        return {};
    });
    ASSERT_TRUE(done);
    EXPECT_EQ(count(), 2);
}

TEST_P(DatabaseFacade, StatementsInsideEachAndEarlyStop) {
    for (std::int64_t i = 1; i <= 5; ++i)
        change(kInsert, {i, std::to_string(i)});
    std::int64_t visited = 0;
    auto done = db().write([&](Connection &c) {
        return c.each("SELECT id FROM thing ORDER BY id", {}, [&](const Row &row) {
            ++visited;
            const std::int64_t id = row.integer(0);
            EXPECT_TRUE(
                c.run("UPDATE thing SET name = 'x' || $1 WHERE id = $2", {std::to_string(id), id}));
            EXPECT_TRUE(c.each("SELECT id FROM thing ORDER BY id", {},
                               [&](const Row &inner) { return inner.integer(0) < 3; }));
            return id < 4;
        });
    });
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(visited, 4);
}

TEST_P(DatabaseFacade, OneTextServesBothEngines) {
    constexpr std::string_view kUpsert = "INSERT INTO thing (id, name) VALUES ($1, $2) "
                                         "ON CONFLICT (id) DO UPDATE SET name = excluded.name "
                                         "RETURNING name";
    for (const std::string name : {"a", "b"}) {
        std::string returned;
        auto done = db().write([&](Connection &c) {
            return c.each(kUpsert, {std::int64_t{1}, name}, [&](const Row &row) {
                returned = row.text(0);
                return false; // stopping early takes nothing back
            });
        });
        ASSERT_TRUE(done) << describe(done.error());
        EXPECT_EQ(returned, name);
    }
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseFacade, AWriteInsideAWriteIsRefused) {
    auto done = db().write([&](Connection &) -> Expected<void> {
        auto inner = db().write([](Connection &) -> Expected<void> { return {}; });
        EXPECT_EQ(inner.error().code, "storage.nested");
        EXPECT_EQ(db().scrub("thing").error().code, "storage.nested");
        return db().read([](Connection &) -> Expected<void> { return {}; });
    });
    ASSERT_TRUE(done) << describe(done.error());
}

TEST_P(DatabaseFacade, WritersAndReadersOnManyThreadsLoseNothing) {
    constexpr std::int64_t kEach = 50;
    std::vector<std::thread> threads;
    for (std::int64_t t = 0; t < 4; ++t) {
        threads.emplace_back([this, t] {
            for (std::int64_t i = 0; i < kEach; ++i) {
                const std::int64_t id = t * kEach + i;
                change(kInsert, {id, std::to_string(id)});
                if (i % 10 == 0) {
                    EXPECT_GE(count(), 1);
                }
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    EXPECT_EQ(count(), 4 * kEach);
}

TEST_P(DatabaseFacade, ManyDifferentStatementsDoNotAccumulate) {
    auto done = db().read([&](Connection &c) -> Expected<void> {
        for (int i = 0; i < 600; ++i) {
            auto one = c.each("SELECT " + std::to_string(i), {}, [&](const Row &row) {
                EXPECT_EQ(row.integer(0), i);
                return true;
            });
            if (!one) return one;
        }
        return {};
    });
    ASSERT_TRUE(done) << describe(done.error());
}

TEST_P(DatabaseFacade, KeepsWhatWasCommittedAcrossReopening) {
    change(kInsert, {std::int64_t{1}, "a"});
    close();
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseFacade, AReadOnlyProcessWorksBesideTheWriter) {
    change(kInsert, {std::int64_t{1}, "a"});
    auto reader = Database::open(url(), Access::read_only);
    ASSERT_TRUE(reader) << describe(reader.error());
    std::int64_t found = 0;
    ASSERT_TRUE((*reader)->read([&](Connection &c) {
        return c.each("SELECT count(*) FROM thing", {}, [&](const Row &row) {
            found = row.integer(0);
            return true;
        });
    }));
    EXPECT_EQ(found, 1);
    EXPECT_FALSE((*reader)->accepting());
    auto written = (*reader)->write([](Connection &) -> Expected<void> { return {}; });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, "storage.read_only");
    change(kInsert, {std::int64_t{2}, "b"});
}

TEST_P(DatabaseFacade, ASecondWritingProcessIsRefused) {
    auto second = Database::open(url());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "storage.in_use");
    close();
    EXPECT_TRUE(Database::open(url()));
}

TEST(Database, RefusesOtherUrls) {
    for (const std::string url : {"", "mysql://x", "sqlite:", "/tmp/x.db"}) {
        auto opened = Database::open(url);
        ASSERT_FALSE(opened) << url;
        EXPECT_EQ(opened.error().code, "storage.url");
    }
}

TEST(Database, AMissingServerIsUnavailable) {
    const testing::TemporaryDirectory nothing;
    auto opened = Database::open("postgresql://u:secret@/x?host=" + nothing.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "storage.unavailable");
    EXPECT_EQ(describe(opened.error()).find("secret"), std::string::npos);
}

} // namespace
} // namespace fernamt::storage
