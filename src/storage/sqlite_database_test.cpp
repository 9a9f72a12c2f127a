// SPDX-License-Identifier: EUPL-1.2
#include "storage/sqlite_connection.h"
#include "storage/sqlite_database.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace fernamt::storage {
namespace {

namespace fs = std::filesystem;

class SqliteFile : public ::testing::Test {
  protected:
    std::string path() const { return directory_.path() + "/f.db"; }
    std::string url() const { return "sqlite://" + path(); }
    static std::string ask(Connection &c, const std::string &sql) {
        std::string answer;
        EXPECT_TRUE(c.each(sql, {}, [&](const Row &row) {
            answer = row.text(0);
            return false;
        }));
        return answer;
    }
    testing::TemporaryDirectory directory_;
};

Expected<void> make_table(Connection &c) {
    return c.run("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
        .map([](std::int64_t) {});
}

TEST_F(SqliteFile, WritesAreDurableAndDefensive) {
    auto database = Database::open(url());
    ASSERT_TRUE(database) << describe(database.error());
    ASSERT_TRUE((*database)->write([](Connection &c) -> Expected<void> {
        EXPECT_EQ(ask(c, "PRAGMA journal_mode"), "wal");
        EXPECT_EQ(ask(c, "PRAGMA synchronous"), "2"); // FULL
        EXPECT_EQ(ask(c, "PRAGMA wal_autocheckpoint"), "0");
        EXPECT_EQ(ask(c, "PRAGMA foreign_keys"), "1");
        EXPECT_EQ(ask(c, "PRAGMA trusted_schema"), "0");
        EXPECT_EQ(ask(c, "PRAGMA secure_delete"), "1");
        return {};
    }));
    ASSERT_TRUE((*database)->read([](Connection &c) -> Expected<void> {
        EXPECT_EQ(ask(c, "PRAGMA query_only"), "1");
        EXPECT_EQ(ask(c, "PRAGMA trusted_schema"), "0");
        return {};
    }));
    struct stat info{};
    ASSERT_EQ(::stat(path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(SqliteFile, TheWriterKeepsTheLogShortAndEmptiesItAtTheEnd) {
    auto database = Database::open(url());
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->write(make_table));
    std::uintmax_t longest = 0;
    for (int i = 0; i < 40; ++i) { // 16 MB in all
        ASSERT_TRUE((*database)->write([&](Connection &c) -> Expected<void> {
            return c.run("INSERT INTO thing (name) VALUES ($1)", {std::string(400'000, 'x')})
                .map([](std::int64_t) {});
        }));
        longest = std::max(longest, fs::file_size(path() + "-wal"));
    }
    EXPECT_GT(longest, 1'000'000U);
    EXPECT_LT(longest, 8'000'000U);
    database->reset();
    EXPECT_FALSE(fs::exists(path() + "-wal"));
}

TEST_F(SqliteFile, ScrubEmptiesTheLog) {
    auto database = Database::open(url());
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->write(make_table));
    EXPECT_GT(fs::file_size(path() + "-wal"), 0U);
    ASSERT_TRUE((*database)->scrub("thing"));
    EXPECT_EQ(fs::file_size(path() + "-wal"), 0U);
}

TEST_F(SqliteFile, WhatIsNoDatabaseIsRefused) {
    std::ofstream(path()) << std::string(8192, 'x');
    auto opened = Database::open(url());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "storage.corrupt");
    EXPECT_EQ(Database::open("sqlite:///nowhere/at/all.db").error().code, "storage.unavailable");
    EXPECT_FALSE(
        Database::open("sqlite://" + directory_.path() + "/missing.db", Access::read_only));
    EXPECT_FALSE(fs::exists(directory_.path() + "/missing.db"));
}

TEST_F(SqliteFile, ADamagedPageIsNoticed) {
    {
        auto database = Database::open(url());
        ASSERT_TRUE((*database)->write(make_table));
        ASSERT_TRUE((*database)->write([](Connection &c) -> Expected<void> {
            for (int i = 0; i < 200; ++i) {
                if (!c.run("INSERT INTO thing (name) VALUES ($1)", {std::string(1'000, 'x')}))
                    break;
            }
            return {};
        }));
    }
    const auto size = static_cast<std::streamoff>(fs::file_size(path()));
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    // The end of the file: the pages of this table, not those that opening reads.
    for (std::streamoff at = size - 150 * 1024; at < size; at += 4096) {
        file.seekp(at / 4096 * 4096);
        file << std::string(64, '\xEE');
    }
    file.close();
    auto database = Database::open(url());
    ASSERT_TRUE(database);
    auto read = (*database)->read([](Connection &c) {
        return c.each("SELECT name FROM thing", {}, [](const Row &) { return true; });
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "storage.corrupt");
}

// Reads only the schema, because a file of this test must not depend on what rooms have migrated.
TEST_F(SqliteFile, AQuotedWordIsAColumnNeverAText) {
    auto database = Database::open(url());
    auto done = (*database)->read([](Connection &c) {
        return c.each("SELECT \"no such column\"", {}, [](const Row &) { return true; });
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage.sql");
}

TEST(SqliteMemory, ServesReadsAndWritesFromOneConnection) {
    auto database = Database::open("sqlite::memory:");
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->write(make_table));
    auto done = (*database)->write([&](Connection &c) -> Expected<void> {
        EXPECT_TRUE(c.run("INSERT INTO thing (name) VALUES ('a')"));
        return (*database)->read([](Connection &inner) {
            return inner.each("SELECT count(*) FROM thing", {}, [](const Row &row) {
                EXPECT_EQ(row.integer(0), 1);
                return true;
            });
        });
    });
    ASSERT_TRUE(done) << describe(done.error());
    auto refused = (*database)->read([](Connection &c) -> Expected<void> {
        return c.run("DELETE FROM thing").map([](std::int64_t) {});
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "storage.read_only");
    ASSERT_TRUE((*database)->write([](Connection &c) -> Expected<void> {
        EXPECT_EQ(c.run("DELETE FROM thing").value(), 1);
        return {};
    }));
}

} // namespace
} // namespace fernamt::storage
