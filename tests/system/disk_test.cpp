// SPDX-License-Identifier: EUPL-1.2
// The running service when nothing can be written any more: a full disk, a database that became
// read-only. What runs goes on, new callers get a clean 503, /readyz and the log say why, and after
// the remedy and a restart everything works.
#include "office.h"
#include "storage/test_database.h"
#include "storage/testing/child_process.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fernamt::testing {
namespace {

constexpr const char *kFiller = "/filler";

// Takes the rest of the file system, then keeps taking what becomes free, for as long as it lives.
void fill_disk(const std::string &directory) {
    std::ofstream filler(directory + kFiller, std::ios::binary | std::ios::app);
    const std::array<char, 4096> block{};
    while (filler.write(block.data(), block.size()).flush()) {
    }
    filler.clear();
    while (filler.put('x').flush()) {
    }
}

// From now on nothing can be written. Calls until the service has noticed.
void expect_truthful_standstill(Office &office) {
    const auto refused = [&] {
        const auto seen = office.seen().rejected_by_status;
        const auto found = seen.find(503);
        return found == seen.end() ? 0 : found->second;
    };
    ASSERT_TRUE(eventually(
        [&] {
            if (refused() > 0) return true;
            office.call();
            std::this_thread::sleep_for(500ms);
            return false;
        },
        60))
        << office.program().errors();
    EXPECT_EQ(office.status_of("/healthz"), 200) << "it lives";
    EXPECT_EQ(office.status_of("/readyz"), 503) << "but takes no calls";
    EXPECT_EQ(times(office.program().errors(), "\"ledger.stopped\""), 1) << "said once";
    EXPECT_NE(office.program().errors().find("remedy"), std::string::npos);
    EXPECT_TRUE(office.program().running());
}

TEST(Disk, WhenItIsFullCallsGoOnAndNewOnesAreRefused) {
    Office office(2, {.prepare_directory = [](const std::string &directory) {
                      storage::testing::mount_private_tmpfs(directory, "size=48m");
                  }});
    office.start();
    office.people(0, 8s);
    office.call(); // talks while the disk runs full
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 40));
    fill_disk(office.directory());
    expect_truthful_standstill(office);
    ASSERT_TRUE(eventually([&] { return office.seen().completed >= 1; }, 60));
    EXPECT_EQ(office.seen().lost, 0);

    // The remedy that the log names: make room, restart.
    std::filesystem::remove(office.directory() + kFiller);
    EXPECT_EQ(office.stop(), 0);
    EXPECT_TRUE(office.ask({"ledger", "verify"}).starts_with("ok: "));
    office.start();
    office.people(0, 1s);
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
}

TEST(Disk, AReadOnlyDiskIsSaidAtTheStart) {
    Office office(1, {.prepare_directory = [](const std::string &directory) {
                      storage::testing::mount_private_tmpfs(directory, "size=48m");
                  }});
    storage::testing::remount_private_tmpfs(office.directory(), true);
    Program program({"serve", "--config", office.directory() + "/fernamt.toml"});
    EXPECT_GT(program.wait(30), 0);
    EXPECT_NE(program.errors().find("read_only"), std::string::npos) << program.errors();
    storage::testing::remount_private_tmpfs(office.directory(), false);
    office.start(); // and it works as soon as the disk does
}

// What a failover of PostgreSQL looks like: sessions end (the service takes new ones, nothing is
// lost), and then the server lets nobody write, with the error of a standby.
TEST(Disk, ADatabaseThatBecomesReadOnlyStopsNewCalls) {
    storage::testing::TestDatabase database(storage::Engine::postgresql);
    Office office(2, {.database_url = database.url()});
    office.start();
    office.people(0, 1s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60));

    // Beside the service: only one Fernamt may write, but an operator may do anything.
    const std::string file = office.directory() + "/operator.sql";
    const auto run = [&](const std::string &sql) {
        std::ofstream(file) << sql;
        const std::string command =
            "psql -q -v ON_ERROR_STOP=1 -f " + file + " '" + database.url() + "' >/dev/null";
        EXPECT_EQ(std::system(command.c_str()), 0) << sql;
    };
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 2; }, 60))
        << office.program().errors();

    run("CREATE FUNCTION standby() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'cannot execute INSERT in a read-only transaction' "
        "USING ERRCODE = '25006'; END $$;\n"
        "CREATE TRIGGER standby BEFORE INSERT ON ledger_entry EXECUTE FUNCTION standby()");
    expect_truthful_standstill(office);
    EXPECT_NE(office.program().errors().find("storage.read_only"), std::string::npos);

    run("DROP TRIGGER standby ON ledger_entry");
    EXPECT_EQ(office.stop(), 0);
    office.start();
    office.people(0, 1s);
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
}

} // namespace
} // namespace fernamt::testing
