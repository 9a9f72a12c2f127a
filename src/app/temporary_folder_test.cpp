// SPDX-License-Identifier: EUPL-1.2
#include "app/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>

namespace fernamt::app {
namespace {

namespace fs = std::filesystem;

class TemporaryFolders : public testing::Test {
  protected:
    void SetUp() override {
        if (const char *before = std::getenv("TMPDIR")) before_ = before;
        std::string pattern = fs::temp_directory_path() / "fernamt-test-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        here_ = pattern;
        ::setenv("TMPDIR", here_.c_str(), 1);
    }
    void TearDown() override {
        if (before_) ::setenv("TMPDIR", before_->c_str(), 1);
        if (!before_) ::unsetenv("TMPDIR");
        fs::remove_all(here_);
    }
    std::optional<std::string> before_;
    fs::path here_;
};

TEST_F(TemporaryFolders, AreMadeWhenAskedForAndGoWithEverythingInThem) {
    {
        TemporaryFolder folder("fernamt-import");
        EXPECT_TRUE(fs::is_empty(here_)) << "a killed command would leave it";
        const auto path = folder.path();
        ASSERT_TRUE(path);
        EXPECT_EQ(path->parent_path(), here_);
        EXPECT_TRUE(path->filename().string().starts_with("fernamt-import-"));
        EXPECT_EQ(fs::status(*path).permissions(), fs::perms::owner_all);
        EXPECT_EQ(folder.path(), *path) << "one is enough";
        std::ofstream(*path / "delivery.xml") << "<a/>";
    }
    EXPECT_TRUE(fs::is_empty(here_));
}

TEST_F(TemporaryFolders, ThatCannotBeMadeSayWhatHelps) {
    ::setenv("TMPDIR", (here_ / "nowhere").c_str(), 1);
    const auto path = TemporaryFolder("fernamt-import").path();
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().code, "config.no_temporary_folder");
}

} // namespace
} // namespace fernamt::app
