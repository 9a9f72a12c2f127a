// SPDX-License-Identifier: EUPL-1.2
// The demo as a newcomer runs it, for half a minute.
#include "app/listen_address.h"
#include "program.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>

namespace fernamt::testing {
namespace {

// state: empty for a directory of the demo's own.
std::vector<std::string> demo(const std::string &state, std::vector<std::string> more) {
    const std::string source = FERNAMT_SOURCE_DIR;
    std::vector<std::string> all{"demo",
                                 "--data",
                                 source + "/data",
                                 "--ui",
                                 source + "/ui/dist",
                                 "--announcements",
                                 source + "/build/announcements",
                                 "--http-port",
                                 "0",
                                 "--sip-port",
                                 "0"};
    if (!state.empty()) all.insert(all.end(), {"--state", state});
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::string ledger_of(const std::string &state, std::int64_t from = 1) {
    Program ledger({"ledger", "export", "--database", "sqlite://" + state + "/fernamt.db", "--from",
                    std::to_string(from)});
    return ledger.wait(30) == 0 ? ledger.output() : ""; // so also while there is no database yet
}

// Waits until the ledger of a running demo holds such an entry: no time of its own would be sure to
// do.
bool comes_to_hold(const std::string &state, const std::string &entry, std::int64_t from = 1) {
    return eventually([&] { return ledger_of(state, from).find(entry) != std::string::npos; }, 200);
}

TEST(Demo, CallsBecomeInvoiceLinesAndNothingIsLeftBehind) {
    const std::string state = make_directory();
    // Stopped when the first colleague has finished after-call work, which stands on an invoice
    // then.
    Program program(demo(state, {"--seconds", "240", "--json", "--callers-per-hour", "1200",
                                 "--agents", "8", "--seed", "3"}));
    EXPECT_TRUE(comes_to_hold(state, R"("decision.wrap_up_done")")) << program.errors();
    program.signal(SIGINT);
    ASSERT_EQ(program.wait(60), 0) << program.errors();
    const auto summary = boost::json::parse(program.output()).as_object();
    EXPECT_GT(summary.at("offered").as_int64(), 3);
    EXPECT_GT(summary.at("answered").as_int64(), 1);
    EXPECT_GT(summary.at("answered_within_30s").as_int64(), 1);
    EXPECT_GE(summary.at("invoice_lines").as_int64(), 1);
    EXPECT_GT(summary.at("talk_seconds").as_int64(), 0);
    EXPECT_GT(summary.at("acw_seconds").as_int64(), 0);
    EXPECT_EQ(summary.at("lost").as_int64(), 0);
    // Who is on the line when the time is over has neither given up nor been forgotten.
    EXPECT_GE(summary.at("open_at_end").as_int64(), 1);

    // A second start works at once, on the same state. With one colleague many wait at the end:
    // they are counted as open, not as people who gave up. Stopped when the first one has given up.
    const std::string before = ledger_of(state);
    const auto next = std::ranges::count(before, '\n') + 1;
    ASSERT_GT(next, 1);
    const auto began = std::chrono::steady_clock::now();
    Program again(demo(state, {"--seconds", "240", "--json", "--callers-per-hour", "3600",
                               "--agents", "1", "--seed", "3"}));
    EXPECT_TRUE(comes_to_hold(state, R"("reason":"abandoned")", next)) << again.errors();
    again.signal(SIGINT);
    ASSERT_EQ(again.wait(60), 0) << again.errors();
    const auto took =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    const auto busy = boost::json::parse(again.output()).as_object();
    EXPECT_GE(busy.at("abandoned").as_int64(), 1);
    EXPECT_GE(busy.at("open_at_end").as_int64(), 3);
    // The lines of the first run are on the same invoices, and none of this run's business: one
    // colleague can talk no longer than the run took.
    EXPECT_LE(busy.at("talk_seconds").as_int64(), took.count());
    EXPECT_LE(busy.at("invoice_lines").as_int64(), busy.at("answered").as_int64() + 1);
    EXPECT_GE(busy.at("answered").as_int64() + busy.at("abandoned").as_int64() +
                  busy.at("open_at_end").as_int64(),
              busy.at("offered").as_int64());

    Program verify({"ledger", "verify", "--database", "sqlite://" + state + "/fernamt.db"});
    EXPECT_EQ(verify.wait(30), 0) << verify.errors();
    EXPECT_TRUE(verify.output().starts_with("ok: ")) << verify.output();
    std::filesystem::remove_all(state);
}

TEST(Demo, CtrlCStopsEverything) {
    const std::string state = make_directory();
    Program program(demo(state, {}));
    ASSERT_TRUE(
        eventually([&] { return program.output().find("http://") != std::string::npos; }, 60))
        << program.errors();
    EXPECT_NE(program.output().find("Sign in as"), std::string::npos);
    const int rtpengine = rtpengine_pid(state);
    ASSERT_GT(rtpengine, 1);
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(30), 0) << program.errors();
    EXPECT_TRUE(eventually([&] { return ::kill(rtpengine, 0) != 0; })) << "rtpengine still runs";
    std::filesystem::remove_all(state);
}

// Simulated people use the address that telephones use, so that their calls show it works.
TEST(Demo, OpenedToTelephonesItStillWorks) {
    const auto open = app::find_listen_address("auto");
    if (!open) GTEST_SKIP() << "this machine has no address that others reach";
    const std::string state = make_directory();
    Program program(demo(
        state, {"--listen", "auto", "--callers-per-hour", "3600", "--agents", "2", "--seed", "5"}));
    const std::string phone = "registrar " + open->address + ":";
    ASSERT_TRUE(eventually([&] { return program.output().find(phone) != std::string::npos; }, 60))
        << program.output() << program.errors();
    EXPECT_NE(program.output().find("sign in on the page as agent2"), std::string::npos);
    ASSERT_TRUE(comes_to_hold(state, "decision.connect\"")) << program.errors();
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(30), 0) << program.errors();
    std::filesystem::remove_all(state);
}

// Nothing but what the demo itself made lies in this temporary directory.
TEST(Demo, CtrlCLeavesNoFileBehind) {
    const std::string temporary = make_directory();
    ASSERT_EQ(::setenv("TMPDIR", temporary.c_str(), 1), 0);
    Program program(demo("", {"--callers-per-hour", "3600"}));
    ASSERT_TRUE(
        eventually([&] { return program.output().find("http://") != std::string::npos; }, 60))
        << program.errors();
    EXPECT_FALSE(std::filesystem::is_empty(temporary));
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(60), 0) << program.errors();
    ::unsetenv("TMPDIR");
    std::string left;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(temporary)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with("fernamt-out-")) left += name + "\n"; // what Program reads
    }
    EXPECT_EQ(left, "");
    std::filesystem::remove_all(temporary);
}

TEST(Demo, WrongOptionsSaySo) {
    Program elsewhere({"demo", "--listen", "192.0.2.77"});
    EXPECT_EQ(elsewhere.wait(20), 65); // EX_DATAERR
    EXPECT_NE(elsewhere.errors().find("it has 127.0.0.1"), std::string::npos);

    Program program({"demo", "--callers-per-hour", "many"});
    EXPECT_EQ(program.wait(20), 64);
    EXPECT_NE(program.errors().find("--callers-per-hour"), std::string::npos);
}

} // namespace
} // namespace fernamt::testing
