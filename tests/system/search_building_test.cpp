// SPDX-License-Identifier: EUPL-1.2
// A large house without its search index: the telephones do not wait for it, nor does anybody else;
// it is built beside the calls, by whoever comes back after kill -9, too.
#include "knowledge/delivery_samples.h"
#include "knowledge/search.h"
#include "office.h"
#include "storage/file_lock.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace fernamt::testing {
namespace {

namespace fs = std::filesystem;
namespace samples = knowledge::samples;

// Three in eight of them are found by words: just more than are built before the first call.
constexpr int kObjects = 5'600;
static_assert(kObjects / 8 * 3 > knowledge::Catalogue::kBuiltAtOnce);

class HouseWithoutIndex : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::string path = office_.directory() + "/delivery.xml";
        {
            std::ofstream out(path, std::ios::binary);
            out << samples::head();
            for (int i = 0; i < kObjects; ++i)
                out << samples::generated(i, 3'000);
            out << samples::kFoot;
        }
        Program import({"knowledge", "import", path, "--source", "test", "--database",
                        office_.database_url()});
        ASSERT_EQ(import.wait(280), 0) << import.errors();
        fs::remove_all(index());
    }
    [[nodiscard]] std::string index() const { return office_.directory() + "/search"; }
    [[nodiscard]] std::int64_t indexes() const { // whole or not
        std::error_code none;
        return std::ranges::count_if(fs::directory_iterator(index(), none), [](const auto &each) {
            return each.path().filename().string().starts_with("index-");
        });
    }
    boost::json::value search(const std::string &words) {
        const auto answer = office_.get("agent1", "/api/v1/knowledge/services?q=" + words);
        return answer.empty() ? boost::json::value{} : boost::json::parse(answer);
    }
    bool is_building() { return search("leistung").at("building").is_object(); }
    void call_and_be_answered() {
        office_.call();
        ++called_;
        ASSERT_TRUE(eventually([&] { return office_.seen().reached_person == called_; }, 90))
            << office_.program().errors();
    }
    int said(const std::string &event) {
        return times(office_.program().errors(), "\"event\":\"" + event + "\"");
    }

    Office office_{2};
    int called_ = 0;
};

TEST_F(HouseWithoutIndex, AnswersItsCallsWhileTheIndexIsBuilt) {
    fs::create_directories(index());
    auto elsewhere = storage::FileLock::take(index() + "/lock"); // it cannot begin yet
    ASSERT_TRUE(elsewhere);
    office_.start();
    office_.people(0, 2s);
    call_and_be_answered();
    const auto found = search("leistung");
    EXPECT_TRUE(found.at("building").is_object());
    EXPECT_GT(found.at("building").at("of").as_int64(), knowledge::Catalogue::kBuiltAtOnce);
    EXPECT_GT(found.at("total").as_int64(), kObjects / 8 - 1) << "names are found";
    EXPECT_EQ(search("woertern").at("total").as_int64(), 0) << "texts are not";
    EXPECT_EQ(office_.status_of("/readyz"), 200);
    elsewhere->reset();
    do
        call_and_be_answered(); // beside the building
    while (is_building() && called_ < 100 && !HasFatalFailure());
    EXPECT_FALSE(is_building());
    EXPECT_GT(search("woertern").at("total").as_int64(), 0);
    EXPECT_EQ(said("search.building"), 1) << office_.program().errors();
    EXPECT_EQ(said("search.built"), 1) << office_.program().errors();
    EXPECT_EQ(office_.seen().lost, 0);
    EXPECT_EQ(office_.stop(), 0);
}

// Where the machine was faster than the kill or the stop, that is said, and asked is what holds
// then: what is whole is kept.
TEST_F(HouseWithoutIndex, BuildsItAnewAfterItWasKilledOrStoppedInTheMiddle) {
    const auto is_whole = [&] { return fs::exists(index() + "/current"); };
    office_.start();
    ASSERT_TRUE(eventually([&] { return indexes() == 1; }, 90)) << office_.program().errors();
    office_.kill();
    EXPECT_EQ(indexes(), 1);
    if (is_whole()) {
        std::cout << "It was built before it could be killed in the middle.\n";
    } else {
        office_.start();
        ASSERT_TRUE(eventually([&] { return said("search.building") == 1; }, 90))
            << office_.program().errors();
        EXPECT_EQ(office_.stop(), 0);
        EXPECT_EQ(said("search.built") + said("search.not_built"), 1) << office_.program().errors();
        EXPECT_EQ(said("search.built") == 1, is_whole());
        EXPECT_EQ(indexes(), is_whole() ? 1 : 0) << "nothing of a half one stays behind";
        if (is_whole()) std::cout << "It was built before it could be stopped in the middle.\n";
    }
    const bool was_whole = is_whole();
    office_.start();
    EXPECT_TRUE(eventually([&] { return !is_building(); }, 280)) << office_.program().errors();
    EXPECT_EQ(said("search.building"), was_whole ? 0 : 1) << office_.program().errors();
    EXPECT_EQ(indexes(), 1);
    EXPECT_GT(search("woertern").at("total").as_int64(), 0);
    // An index that is there is opened: nothing is built.
    EXPECT_EQ(office_.stop(), 0);
    office_.start();
    EXPECT_FALSE(is_building());
    EXPECT_EQ(said("search.building"), 0);
}

} // namespace
} // namespace fernamt::testing
