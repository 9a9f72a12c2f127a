// SPDX-License-Identifier: EUPL-1.2
#include "storage/migration.h"
#include "storage/postgres_connection.h"
#include "storage/sqlite_connection.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <set>

namespace fernamt::storage {
namespace {

constexpr MigrationFile kPeople = {
    "010_people.sql", "CREATE TABLE person (id @id, size @i64, photo @blob, more @json, "
                      "ratio @real, mail TEXT) @strict;"};
constexpr MigrationFile kLate = {"005_late.sql", "CREATE TABLE late (id @id) @strict;"};
constexpr MigrationFile kOnlySqlite = {"010_people.sqlite.sql",
                                       "INSERT INTO person (id) VALUES (1);"};
constexpr MigrationFile kOnlyPostgres = {"010_people.postgres.sql",
                                         "INSERT INTO person (id) VALUES (2);"};

// On a bare connection, beside the product's own migrations.
class MigrationTest : public ::testing::TestWithParam<Engine> {
  protected:
    MigrationTest() : database_(GetParam()) {
        if (GetParam() == Engine::sqlite) {
            connection_ = std::move(
                *SqliteConnection::open(database_.url().substr(9), SqliteConnection::Mode::writer));
        } else {
            connection_ = std::move(*PostgresConnection::open(database_.url()));
        }
    }
    Expected<void> apply(const std::vector<MigrationFile> &files) {
        const auto migrations = migrations_for(GetParam(), files);
        if (!migrations) return tl::unexpected(migrations.error());
        return migrate(*connection_, *migrations);
    }
    std::int64_t number(const std::string &sql) {
        std::int64_t value = -1;
        auto done = connection_->each(sql, {}, [&](const Row &row) {
            value = row.integer(0);
            return false;
        });
        EXPECT_TRUE(done) << describe(done.error());
        return value;
    }
    EngineConnection &connection() { return *connection_; }

  private:
    testing::TestDatabase database_;
    std::unique_ptr<EngineConnection> connection_;
};
FERNAMT_ON_EVERY_ENGINE(MigrationTest);

TEST_P(MigrationTest, AppliesCommonTextThenTheEnginesOwnOnce) {
    for (int time = 0; time < 2; ++time) {
        auto done = apply({kOnlyPostgres, kPeople, kOnlySqlite});
        ASSERT_TRUE(done) << describe(done.error());
        EXPECT_EQ(number("SELECT sum(id) FROM person"), GetParam() == Engine::sqlite ? 1 : 2);
        EXPECT_EQ(number("SELECT count(*) FROM schema_migration"), 1);
    }
    EXPECT_GT(number("SELECT applied_at FROM schema_migration"), 1'700'000'000'000'000);
}

TEST_P(MigrationTest, TokensHoldEveryType) {
    ASSERT_TRUE(apply({kPeople}));
    ASSERT_TRUE(connection().run(
        "INSERT INTO person VALUES ($1, $2, $3, $4, $5, $6)",
        {std::int64_t{1}, std::int64_t{5'000'000'000}, Blob{std::byte{1}}, "{}", 0.5, "a@b"}));
    EXPECT_EQ(number("SELECT size FROM person"), 5'000'000'000);
}

TEST_P(MigrationTest, ALowerNumberThatArrivesLaterIsAppliedToo) {
    ASSERT_TRUE(apply({kPeople}));
    ASSERT_TRUE(apply({kLate, kPeople}));
    EXPECT_EQ(number("SELECT count(*) FROM late"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM schema_migration"), 2);
}

TEST_P(MigrationTest, AChangedFileIsRefusedAndNamed) {
    ASSERT_TRUE(apply({kPeople}));
    auto changed = apply({{"010_people.sql", "CREATE TABLE person (id @id) @strict;"}});
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, "storage.migration_changed");
    EXPECT_EQ(changed.error().arguments.front().second, "010_people.sql");
    EXPECT_EQ(changed.error().arguments.back().first, "remedy");
}

TEST_P(MigrationTest, ANewerDatabaseIsRefusedAndNamed) {
    ASSERT_TRUE(apply({kLate, kPeople}));
    auto older = apply({kLate});
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, "storage.database_newer");
    EXPECT_EQ(older.error().arguments.front().second, "010_people.sql");
}

TEST_P(MigrationTest, AFailingMigrationLeavesNothingBehind) {
    auto failing = apply({kLate, {"020_bad.sql", "CREATE TABLE half (id @id) @strict;\nSELEC 1;"}});
    ASSERT_FALSE(failing);
    EXPECT_EQ(failing.error().arguments.back().second, "020_bad.sql");
    EXPECT_EQ(number("SELECT count(*) FROM schema_migration"), 1);
    ASSERT_TRUE(apply({kLate, {"020_good.sql", "CREATE TABLE half (id @id) @strict;"}}));
}

TEST_P(MigrationTest, TwoNamesForOneNumberAreRefused) {
    auto twice = apply({kPeople, {"010_other.sql", "SELECT 1;"}});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, "storage.migration_number");
}

TEST_P(MigrationTest, AReaderIsToldWhatIsMissing) {
    ASSERT_TRUE(apply({kPeople}));
    const auto migrations = migrations_for(GetParam(), {kLate, kPeople});
    const auto checked = check_migrated(connection(), *migrations);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "storage.migration_missing");
    EXPECT_EQ(checked.error().arguments.front().second, "005_late.sql");
}

// Rules for the migrations of all rooms (docs/explanation/measured-facts.md), checked on what they
// made.
TEST(EmbeddedMigrations, EveryTableIsStrictOnSqlite) {
    testing::TestDatabase database(Engine::sqlite);
    std::vector<std::string> loose;
    auto done = database.open().read([&](Connection &c) {
        return c.each("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND "
                      "schema = 'main' AND name NOT LIKE 'sqlite_%'",
                      {}, [&](const Row &row) {
                          loose.push_back(row.text(0));
                          return true;
                      });
    });
    ASSERT_TRUE(done);
    EXPECT_TRUE(loose.empty()) << "not STRICT: " << loose.front();
}

TEST(EmbeddedMigrations, NoColumnHasTooFewBitsOnPostgresql) {
    testing::TestDatabase database(Engine::postgresql);
    std::vector<std::string> narrow;
    auto done = database.open().read([&](Connection &c) {
        return c.each("SELECT table_name || '.' || column_name FROM information_schema.columns "
                      "WHERE table_schema = 'public' AND data_type IN "
                      "('integer', 'smallint', 'real')",
                      {}, [&](const Row &row) {
                          narrow.push_back(row.text(0));
                          return true;
                      });
    });
    ASSERT_TRUE(done);
    EXPECT_TRUE(narrow.empty()) << "32 bits: " << narrow.front();
}

// Both engines have the same tables with the same columns.
TEST(EmbeddedMigrations, BothEnginesHaveTheSameSchema) {
    const auto columns = [](Engine engine) {
        testing::TestDatabase database(engine);
        std::set<std::string> found;
        const std::string sql =
            engine == Engine::sqlite
                ? "SELECT t.name || '.' || c.name FROM pragma_table_list t, "
                  "pragma_table_info(t.name) "
                  "c WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
                : "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE "
                  "table_schema = 'public'";
        auto done = database.open().read([&](Connection &c) {
            return c.each(sql, {}, [&](const Row &row) {
                found.insert(row.text(0));
                return true;
            });
        });
        EXPECT_TRUE(done) << describe(done.error());
        return found;
    };
    EXPECT_EQ(columns(Engine::sqlite), columns(Engine::postgresql));
}

} // namespace
} // namespace fernamt::storage
