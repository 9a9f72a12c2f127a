// SPDX-License-Identifier: EUPL-1.2
#include "telephony/binding_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fernamt::telephony {
namespace {

class BindingFileTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "fernamt-bindings-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string directory_;
    Binding phone_{"agent7",
                   "sip:agent7@192.0.2.7:5060",
                   "sip:192.0.2.7:5060;transport=tcp",
                   Instant{5},
                   "id",
                   4'000'000'000};
};

TEST_F(BindingFileTest, TheNextProcessFindsThePhones) {
    BindingFile(directory_).save(phone_);
    EXPECT_EQ(BindingFile(directory_).load(), std::vector<Binding>{phone_});
}

TEST_F(BindingFileTest, OneThatIsNotUtf8CostsNoOtherItsPlace) {
    phone_.call_id = "\xfc";
    BindingFile(directory_).save(phone_);
    EXPECT_EQ(BindingFile(directory_).load(), std::vector<Binding>{phone_});
}

TEST_F(BindingFileTest, LastOneWinsAndForgottenOnesAreGone) {
    BindingFile file(directory_);
    file.save(phone_);
    phone_.contact = "sip:agent7@192.0.2.8";
    file.save(phone_);
    EXPECT_EQ(BindingFile(directory_).load(), std::vector<Binding>{phone_});
    file.forget("agent7");
    EXPECT_TRUE(BindingFile(directory_).load().empty());
}

TEST_F(BindingFileTest, ADamagedFileIsAsGoodAsNone) {
    std::ofstream(directory_ + "/phones.json") << "[{\"user\":\"agent7\"";
    BindingFile file(directory_);
    EXPECT_TRUE(file.load().empty());
    file.save(phone_);
    EXPECT_EQ(BindingFile(directory_).load().size(), 1U);
}

} // namespace
} // namespace fernamt::telephony
