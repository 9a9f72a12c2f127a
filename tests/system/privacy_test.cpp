// SPDX-License-Identifier: EUPL-1.2
// Where callers' numbers are after their calls. A withheld number is nowhere, although the network
// has told us; a shown one only in the erasable side table, never in the ledger, logs or figures.
// Everything that the service has written is searched, byte by byte.
#include "sipp.h"
#include "storage/database.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

namespace fernamt::testing {
namespace {

// Reserved for films; searched for without the country code, however it would be written.
constexpr const char *kWithheld = "+498999998777", *kShown = "+498999998666";
constexpr const char *kWithheldDigits = "99998777", *kShownDigits = "99998666";

std::string bytes_of(const std::filesystem::path &file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

std::set<std::string> files_with(const std::string &directory, const std::string &digits) {
    std::set<std::string> found;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        if (bytes_of(entry.path()).find(digits) != std::string::npos)
            found.insert(entry.path().filename().string());
    }
    return found;
}

// Tables with a value, of whatever type, that contains these digits.
std::set<std::string> tables_with(const std::string &url, const std::string &digits) {
    auto database = storage::Database::open(url, storage::Access::read_only);
    if (!database) throw std::runtime_error(describe(database.error()));
    const bool sqlite = (*database)->engine() == storage::Engine::sqlite;
    std::set<std::string> found;
    const auto each = [&](const std::string &sql,
                          const std::function<void(const storage::Row &)> &take) {
        const auto read = (*database)->read([&](storage::Connection &connection) {
            return connection.each(sql, {}, [&](const storage::Row &row) {
                take(row);
                return true;
            });
        });
        if (!read) throw std::runtime_error(describe(read.error()));
    };
    struct Column {
        std::string table, name, type;
    };
    std::vector<Column> columns;
    each(sqlite ? "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c "
                  "WHERE m.type = 'table'"
                : "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), "
                  "CAST(data_type AS TEXT) FROM information_schema.columns "
                  "WHERE table_schema = current_schema()",
         [&](const storage::Row &row) {
             columns.push_back({row.text(0), row.text(1), row.text(2)});
         });
    for (const auto &[table, name, type] : columns) {
        // Bytes as the letters that they are: PostgreSQL's cast would write them as hex digits.
        const std::string value = type == "bytea" ? "encode(\"" + name + "\", 'escape')"
                                                  : "CAST(\"" + name + "\" AS TEXT)";
        each("SELECT COUNT(*) FROM \"" + table + "\" WHERE " + (sqlite ? "instr(" : "strpos(") +
                 value + ", '" + digits + "') > 0",
             [&, &of = table](const storage::Row &row) {
                 if (row.integer(0) != 0) found.insert(of);
             });
    }
    EXPECT_GT(columns.size(), 20U) << "nothing was searched";
    return found;
}

class Privacy : public ::testing::TestWithParam<storage::Engine> {
  protected:
    Privacy() { office_.start(); }

    void call_and_hang_up(const std::string &scenario, const std::string &caller) {
        const auto done = sipp(office_, scenario, caller);
        ASSERT_EQ(done.code, 0) << done.output;
        ASSERT_NE(done.output.find(caller), std::string::npos) << "the number was not even sent";
    }
    // The call has ended for everybody: then also the journal of live legs has forgotten it.
    void wait_for_quiet(const std::string &digits) {
        ASSERT_TRUE(eventually(
            [&] { return office_.ledger().find("decision.wrap_up_done") != std::string::npos; }));
        ASSERT_TRUE(eventually(
            [&] { return !files_with(office_.directory(), digits).contains("legs.journal"); }));
    }
    void expect_nowhere(const std::string &scenario);
    std::string metrics() {
        net::Client client("127.0.0.1", static_cast<unsigned short>(office_.http_port()));
        const auto answer = client.get("/metrics");
        return answer ? answer->body : "";
    }

    // SQLite: in the office's directory, where the files are searched.
    std::unique_ptr<storage::testing::TestDatabase> server_ =
        GetParam() == storage::Engine::sqlite
            ? nullptr
            : std::make_unique<storage::testing::TestDatabase>(GetParam());
    Office office_{1, {.database_url = server_ ? server_->url() : ""}};
};

// Also not while they speak: what a restart needs of the dialog is sealed.
void Privacy::expect_nowhere(const std::string &scenario) {
    office_.people(0, 60s);
    std::atomic<bool> over = false;
    std::thread caller([&] {
        call_and_hang_up(scenario, kWithheld);
        over = true;
    });
    std::set<std::string> during;
    bool kept = false;
    while (!over) {
        during.merge(files_with(office_.directory(), kWithheldDigits));
        kept = kept || !bytes_of(office_.directory() + "/legs.journal").empty();
    }
    caller.join();
    EXPECT_TRUE(kept) << "the call could not be taken up again";
    EXPECT_EQ(during, std::set<std::string>{});
    wait_for_quiet(kWithheldDigits);
    EXPECT_EQ(files_with(office_.directory(), kWithheldDigits), std::set<std::string>{});
    EXPECT_EQ(office_.program().errors().find(kWithheldDigits), std::string::npos);
    EXPECT_EQ(office_.program().output().find(kWithheldDigits), std::string::npos);
    EXPECT_EQ(metrics().find(kWithheldDigits), std::string::npos);
    EXPECT_EQ(tables_with(office_.database_url(), kWithheldDigits), std::set<std::string>{});
    EXPECT_EQ(office_.stop(), 0);
    EXPECT_EQ(files_with(office_.directory(), kWithheldDigits), std::set<std::string>{});
}

TEST_P(Privacy, AWithheldNumberIsNowhere) {
    expect_nowhere("withheld_caller");
}

TEST_P(Privacy, AWithheldNumberThatFromNamesIsNowhere) {
    expect_nowhere("withheld_named_caller");
}

TEST_P(Privacy, AShownNumberIsInTheErasableTableOnly) {
    office_.people(0, 60s);
    call_and_hang_up("basic_caller", kShown);
    wait_for_quiet(kShownDigits);
    EXPECT_EQ(tables_with(office_.database_url(), kShownDigits),
              std::set<std::string>{"ledger_sealed"});
    for (const std::string &file : files_with(office_.directory(), kShownDigits))
        EXPECT_TRUE(file.starts_with("fernamt.db")) << file;
    EXPECT_EQ(office_.program().errors().find(kShownDigits), std::string::npos);
    EXPECT_EQ(metrics().find(kShownDigits), std::string::npos);
    EXPECT_EQ(office_.ledger().find(kShownDigits), std::string::npos);
}

FERNAMT_ON_EVERY_ENGINE(Privacy);

} // namespace
} // namespace fernamt::testing
