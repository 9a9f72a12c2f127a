// SPDX-License-Identifier: EUPL-1.2
#include "storage/statement.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::storage {
namespace {

class Statement : public testing::DatabaseTest {
  protected:
    void SetUp() override {
        const auto made = db().write([](Connection &c) {
            return run(c, "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL)");
        });
        ASSERT_TRUE(made) << describe(made.error());
    }
    // Returns the id it got.
    std::int64_t add(const std::string &name) {
        std::int64_t id = 0;
        const auto done = db().write([&](Connection &c) -> Expected<void> {
            const auto next = next_id(c, "thing");
            if (!next) return tl::unexpected(next.error());
            id = *next;
            return run(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", {id, name});
        });
        EXPECT_TRUE(done) << describe(done.error());
        return id;
    }
    std::int64_t ask(std::string_view sql, const std::vector<Value> &parameters = {}) {
        std::int64_t answer = -1;
        const auto done = db().read([&](Connection &c) -> Expected<void> {
            const auto read = number(c, sql, parameters);
            if (read) answer = *read;
            return read.map([](std::int64_t) {});
        });
        EXPECT_TRUE(done) << describe(done.error());
        return answer;
    }
};
FERNAMT_ON_EVERY_ENGINE(Statement);

TEST_P(Statement, TheNextIdIsOneMoreThanTheHighest) {
    EXPECT_EQ(add("first"), 1);
    EXPECT_EQ(add("second"), 2);
    ASSERT_TRUE(db().write([](Connection &c) {
        return run(c, "INSERT INTO thing (id, name) VALUES ($1, 'far')", {std::int64_t{40}});
    }));
    EXPECT_EQ(add("after"), 41);
    ASSERT_TRUE(
        db().write([](Connection &c) { return run(c, "DELETE FROM thing WHERE id < 41"); }));
    EXPECT_EQ(add("last"), 42); // gaps are not filled
}

TEST_P(Statement, ANumberOfTheFirstRowOrNone) {
    EXPECT_EQ(ask("SELECT id FROM thing"), 0);
    add("a");
    add("b");
    EXPECT_EQ(ask("SELECT id FROM thing ORDER BY id DESC"), 2);
    EXPECT_EQ(ask("SELECT count(*) FROM thing WHERE name = $1", {std::string("b")}), 1);
}

TEST_P(Statement, ThereIsARowOrNot) {
    add("a");
    const auto done = db().read([](Connection &c) -> Expected<void> {
        constexpr std::string_view kNamed = "SELECT 1 FROM thing WHERE name = $1";
        EXPECT_EQ(exists(c, kNamed, {std::string("a")}), true);
        EXPECT_EQ(exists(c, kNamed, {std::string("b")}), false);
        return {};
    });
    EXPECT_TRUE(done) << describe(done.error());
}

TEST_P(Statement, AFailureIsHandedOn) {
    const auto done = db().write([](Connection &c) -> Expected<void> {
        const auto next = next_id(c, "no_such_table");
        EXPECT_FALSE(next);
        return run(c, "SELECT 1 FROM thing");
    });
    EXPECT_FALSE(done); // a statement that fails dooms its transaction
}

} // namespace
} // namespace fernamt::storage
