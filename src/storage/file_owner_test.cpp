// SPDX-License-Identifier: EUPL-1.2
// What root makes in a directory of the service's user: that user's afterwards, and nothing else
// is.
#include "storage/file_lock.h"
#include "storage/file_owner.h"
#include "storage/test_database.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace fernamt::storage {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kUser = 4711; // nobody has to have it
constexpr gid_t kGroup = 4712;
constexpr int kTries = 60;

class FileOwner : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root makes files for others";
        fs::create_directory(theirs());
        ASSERT_EQ(::chown(theirs().c_str(), kUser, kGroup), 0);
        ASSERT_EQ(::chmod(theirs().c_str(), 0750), 0);
    }
    [[nodiscard]] std::string theirs() const { return directory_.path() + "/theirs"; }
    static struct stat look(const std::string &path) {
        struct stat info{};
        EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
        return info;
    }
    static bool is_theirs(const std::string &path) {
        const struct stat info = look(path);
        return info.st_uid == kUser && info.st_gid == kGroup;
    }
    // Both names change hands again and again during the step, as soon as both are there.
    static void while_exchanged(const std::string &one, const std::string &other,
                                const std::function<void()> &step) {
        std::atomic<bool> begun = false, over = false;
        std::thread user([&] {
            while (!over) {
                (void)::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
                begun = true;
                begun.notify_one();
            }
        });
        begun.wait(false);
        step();
        over = true;
        user.join();
    }
    testing::TemporaryDirectory directory_;
};

TEST_F(FileOwner, ALockAndADatabaseBelongToWhoeverOwnsTheirDirectory) {
    ASSERT_TRUE(FileLock::take(theirs() + "/lock"));
    EXPECT_TRUE(is_theirs(theirs() + "/lock"));
    ASSERT_TRUE(prepare_file(theirs() + "/f.db"));
    EXPECT_TRUE(is_theirs(theirs() + "/f.db"));
    EXPECT_EQ(look(theirs() + "/f.db").st_mode & 0777, 0600U);
    ASSERT_TRUE(FileLock::take(directory_.path() + "/lock"));
    EXPECT_EQ(look(directory_.path() + "/lock").st_uid, 0U);
}

TEST_F(FileOwner, DirectoriesHaveTheModeOfTheOneTheyAreMadeIn) {
    const mode_t before = ::umask(0077);
    ASSERT_TRUE(make_directories(theirs() + "/a/b"));
    ::umask(before);
    for (const char *made : {"/a", "/a/b"}) {
        EXPECT_TRUE(is_theirs(theirs() + made));
        EXPECT_EQ(look(theirs() + made).st_mode & 0777, 0750U);
    }
    EXPECT_TRUE(make_directories(theirs() + "/a/b")) << "they are there";
    std::ofstream(theirs() + "/file") << "x";
    EXPECT_FALSE(make_directories(theirs() + "/file/c"));
    EXPECT_FALSE(make_directories(theirs() + "/file")) << "a file is no directory";
    EXPECT_TRUE(make_directories(theirs() + "/d/e/"));
    EXPECT_TRUE(is_theirs(theirs() + "/d/e"));
}

// That user may rename at any time what root makes or has left in the own directory.
TEST_F(FileOwner, WhatIsPutInItsPlaceMeanwhileIsNotGivenInItsStead) {
    const std::string made = theirs() + "/made", left = theirs() + "/left";
    for (int i = 0; i < kTries; ++i) {
        for (const std::string &folder : {made, left}) {
            fs::create_directory(folder);
            std::ofstream(folder + "/file") << "x";
        }
        while_exchanged(made, left, [&] { EXPECT_TRUE(give_to_owner(made)); });
        for (const std::string &folder : {made, left}) { // whole or not at all
            ASSERT_EQ(is_theirs(folder + "/file"), is_theirs(folder)) << i;
            fs::remove_all(folder);
        }
        ASSERT_TRUE(fs::create_directory(left));
        ASSERT_EQ(::chmod(left.c_str(), 0700), 0);
        while_exchanged(made, left, [&] { EXPECT_TRUE(make_directories(made)); });
        for (const std::string &folder : {made, left}) { // with its mode or not at all
            ASSERT_EQ((look(folder).st_mode & 0777) == 0750, is_theirs(folder)) << i;
            fs::remove_all(folder);
        }
    }
}

TEST_F(FileOwner, WhatRootMadeInADirectoryIsGivenWithItAndNothingBehindALinkOrASecondName) {
    fs::create_directories(theirs() + "/made/within");
    const std::string within = theirs() + "/made/within/";
    const std::string secret = directory_.path() + "/secret";
    for (const std::string &file : {within + "file", within + "strangers", secret})
        std::ofstream(file) << "x";
    ASSERT_EQ(::chown((within + "strangers").c_str(), kUser + 1, kGroup + 1), 0);
    fs::create_symlink(secret, within + "link");
    fs::create_directory_symlink(directory_.path(), within + "way_out");
    fs::create_hard_link(secret, within + "second");
    ASSERT_TRUE(give_to_owner(theirs() + "/made"));
    EXPECT_TRUE(is_theirs(theirs() + "/made"));
    EXPECT_TRUE(is_theirs(within));
    EXPECT_TRUE(is_theirs(within + "file"));
    EXPECT_EQ(look(within + "strangers").st_uid, kUser + 1);
    EXPECT_EQ(look(secret).st_uid, 0U);
    EXPECT_EQ(look(directory_.path()).st_uid, 0U);
    EXPECT_TRUE(give_to_owner(theirs() + "/none")) << "nothing there: nothing to give";
}

} // namespace
} // namespace fernamt::storage
