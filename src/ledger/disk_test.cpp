// SPDX-License-Identifier: EUPL-1.2
// Bad days of the disk, on a real small file system: full, and read-only. Nothing acknowledged is
// lost, nothing is acknowledged that is not there, and the problem says what is wrong.
#include "ledger/ledger.h"
#include "storage/test_database.h"
#include "storage/testing/child_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fernamt::ledger {
namespace {

using storage::Access;
using storage::Database;
using storage::testing::in_child;
using storage::testing::mount_private_tmpfs;
using storage::testing::remount_private_tmpfs;
using storage::testing::TemporaryDirectory;

NewEntry fact(std::int64_t number) {
    return {Instant{number},
            "test.fact",
            fmt::format("{{\"number\":{},\"filler\":\"{:*>2000}\"}}", number, ""),
            {},
            {}};
}

struct Opened {
    std::unique_ptr<Database> database;
    std::unique_ptr<Ledger> ledger;
};

Opened open(const std::string &url, Access access = Access::read_write) {
    Opened opened;
    auto database = Database::open(url, access);
    if (!database) throw std::runtime_error(fernamt::describe(database.error()));
    opened.database = std::move(*database);
    auto ledger = Ledger::open(*opened.database);
    if (!ledger) throw std::runtime_error(fernamt::describe(ledger.error()));
    opened.ledger = std::move(*ledger);
    return opened;
}

std::string code_of(const Expected<std::int64_t> &appended) {
    return appended ? "appended" : appended.error().code;
}

std::string state_of(Ledger &ledger, std::int64_t acknowledged) {
    const auto report = ledger.verify();
    if (!report) return fernamt::describe(report.error());
    if (report->first_broken) return fmt::format("broken at {}", *report->first_broken);
    if (report->entries < acknowledged) return "lost acknowledged entries";
    return "intact";
}

// Grows the ledger, one append at a time, until the disk is full.
struct Filled {
    std::int64_t acknowledged = 0;
    std::string code;
};
Filled fill(Ledger &ledger) {
    Filled filled;
    for (;;) {
        const auto appended = ledger.append_and_wait({fact(filled.acknowledged + 1)});
        filled.code = code_of(appended);
        if (!appended) return filled;
        filled.acknowledged = *appended;
    }
}

TEST(LedgerDisk, AFullDiskStopsTheLedgerAndLosesNothing) {
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/ledger.db";
    const std::string answer = in_child([&] {
        mount_private_tmpfs(directory.path(), "size=5m"); // the empty tables alone take half of it
        Filled filled;
        std::string text;
        {
            auto opened = open(url);
            filled = fill(*opened.ledger);
            const auto later = opened.ledger->append_and_wait({fact(0)});
            text += fmt::format("first: {}, later: {}, accepting: {} {}, now: {}", filled.code,
                                code_of(later), opened.ledger->accepting(),
                                opened.database->accepting(),
                                state_of(*opened.ledger, filled.acknowledged));
            const auto write =
                opened.database->write([](storage::Connection &) -> Expected<void> { return {}; });
            text += fmt::format(", write: {}", write ? "done" : write.error().code);
        }
        // Still full: what can be read is intact.
        text += fmt::format(", full: {}",
                            state_of(*open(url, Access::read_only).ledger, filled.acknowledged));
        remount_private_tmpfs(directory.path(), false, "size=16m");
        auto opened = open(url);
        text += fmt::format(", restarted: {}", state_of(*opened.ledger, filled.acknowledged));
        text += fmt::format(", then: {}", code_of(opened.ledger->append_and_wait({fact(0)})));
        text += filled.acknowledged > 100 ? ", many" : ", few";
        return text;
    });
    EXPECT_EQ(answer, "first: storage.full, later: storage.full, accepting: false false, "
                      "now: intact, write: storage.stopped, full: intact, restarted: intact, "
                      "then: appended, many");
}

// Everything that one transaction touches does not fit: it is as if it had never been tried.
TEST(LedgerDisk, AGroupThatDoesNotFitLeavesNoTrace) {
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/ledger.db";
    const std::string answer = in_child([&] {
        mount_private_tmpfs(directory.path(), "size=3m");
        {
            auto opened = open(url);
            std::vector<NewEntry> few = {fact(1), fact(2)};
            std::vector<NewEntry> many;
            for (std::int64_t i = 0; i < 4'000; ++i)
                many.push_back(fact(i));
            std::string text = code_of(opened.ledger->append_and_wait(std::move(few)));
            text += ", " + code_of(opened.ledger->append_and_wait(std::move(many)));
            if (text != "appended, storage.full") return text;
        }
        remount_private_tmpfs(directory.path(), false, "size=32m");
        auto opened = open(url);
        const auto report = opened.ledger->verify();
        return fmt::format("entries: {}, {}", report->entries, state_of(*opened.ledger, 2));
    });
    EXPECT_EQ(answer, "entries: 2, intact");
}

TEST(LedgerDisk, AReadOnlyDiskIsNamed) {
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/ledger.db";
    const std::string answer = in_child([&] {
        mount_private_tmpfs(directory.path(), "size=16m");
        (void)open(url).ledger->append_and_wait({fact(1)});
        remount_private_tmpfs(directory.path(), true);
        auto writing = Database::open(url);
        std::string text = writing ? "opened" : writing.error().code;
        auto fresh = Database::open("sqlite://" + directory.path() + "/other.db");
        text += ", " + (fresh ? std::string("opened") : fresh.error().code);
        return text;
    });
    EXPECT_EQ(answer, "storage.read_only, storage.read_only");
}

// A process that may only read still reads and verifies what is there.
TEST(LedgerDisk, AReadOnlyDiskCanBeReadButNotAppendedTo) {
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/ledger.db";
    const std::string answer = in_child([&] {
        mount_private_tmpfs(directory.path(), "size=16m");
        (void)open(url).ledger->append_and_wait({fact(1)});
        remount_private_tmpfs(directory.path(), true);
        auto opened = open(url, Access::read_only);
        std::string text = state_of(*opened.ledger, 1);
        text += ", " + code_of(opened.ledger->append_and_wait({fact(2)}));
        text += ", " + code_of(opened.ledger->append_and_wait({fact(3)}));
        text += opened.ledger->accepting() ? ", accepting" : ", stopped";
        return text;
    });
    EXPECT_EQ(answer, "intact, storage.read_only, storage.read_only, stopped");
}

} // namespace
} // namespace fernamt::ledger
