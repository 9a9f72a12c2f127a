// SPDX-License-Identifier: EUPL-1.2
// For tests only (link fernamt_storage_testing): a fresh, migrated database of either engine, gone
// when the object is. SQLite: a file in a temporary directory. PostgreSQL: a database on a private
// server that the first test starts (Debian's postgresql, unix socket only, fsync on), all test
// processes of this user share, and a keeper stops and deletes a few seconds after the last one.
//
//     class CasesTest : public storage::testing::DatabaseTest {};
//     TEST_P(CasesTest, Stores) { ASSERT_TRUE(db().write(...)); }
//     FERNAMT_ON_EVERY_ENGINE(CasesTest);
#pragma once

#include "storage/database.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace fernamt::storage::testing {

// A directory that is removed with everything in it.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    [[nodiscard]] const std::string &path() const { return path_; }

  private:
    std::string path_;
};

class TestDatabase {
  public:
    // Throws std::runtime_error when the engine cannot be started: a test must not be skipped.
    explicit TestDatabase(Engine engine);
    ~TestDatabase();
    TestDatabase(const TestDatabase &) = delete;
    TestDatabase &operator=(const TestDatabase &) = delete;

    [[nodiscard]] const std::string &url() const { return url_; } // empty database, not yet open
    [[nodiscard]] const std::string &directory() const { return directory_.path(); }
    [[nodiscard]] Database &open(); // opens at the first call
    void close();

  private:
    TemporaryDirectory directory_;
    std::string url_;
    std::string name_; // PostgreSQL
    std::unique_ptr<Database> database_;
};

class DatabaseTest : public ::testing::TestWithParam<Engine> {
  protected:
    DatabaseTest() : test_database_(GetParam()) {}
    [[nodiscard]] Database &db() { return test_database_.open(); }
    void close() { test_database_.close(); } // the next db() opens it again
    [[nodiscard]] const std::string &url() const { return test_database_.url(); }

  private:
    TestDatabase test_database_;
};

[[nodiscard]] std::string engine_name(const ::testing::TestParamInfo<Engine> &info);

} // namespace fernamt::storage::testing

#define FERNAMT_ON_EVERY_ENGINE(suite)                                                             \
    INSTANTIATE_TEST_SUITE_P(Engines, suite,                                                       \
                             ::testing::Values(::fernamt::storage::Engine::sqlite,                 \
                                               ::fernamt::storage::Engine::postgresql),            \
                             ::fernamt::storage::testing::engine_name)
