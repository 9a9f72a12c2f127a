// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_house.h"
#include "knowledge/demo_services.h"
#include "knowledge/directory.h"
#include "knowledge/guide_book.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fernamt::knowledge {
namespace {

constexpr const char *kFiles = FERNAMT_SOURCE_DIR "/data/knowledge";
constexpr MunicipalityId kRegion{32'410'000'000};
const Editor kWriter{UserId{1}, std::nullopt};
const Editor kSecond{UserId{2}, std::nullopt};

class DemoHouse : public storage::testing::DatabaseTest {
  protected:
    Expected<void> seed(const std::string &directory = kFiles) {
        return seed_demo_house(db(), clock_, directory, kWriter, kSecond);
    }
    ManualClock clock_{to_instant({2026, 11, 23}, 12 * 3600)};
};
FERNAMT_ON_EVERY_ENGINE(DemoHouse);

TEST_P(DemoHouse, GuidesAndListsStandThereOnceAndLeadSomewhere) {
    ASSERT_TRUE(seed_demo_services(db(), kFiles));
    ASSERT_TRUE(seed());
    GuideBook book(db(), clock_);
    const auto guides = book.released(kRegion);
    ASSERT_TRUE(guides);
    ASSERT_EQ(guides->size(), 3U);
    const auto is_there = [&](ServiceId service) {
        return db().read(
            [&](storage::Connection &connection) { return check_service(connection, service); });
    };
    for (const StoredGuide &guide : *guides) {
        EXPECT_TRUE(faults_of(guide.released).empty()) << guide.title;
        EXPECT_TRUE(is_there(guide.service)) << guide.title;
        for (const GuideStep &step : guide.released) {
            EXPECT_TRUE(!step.service || is_there(step.service)) << step.key;
        }
    }
    EXPECT_EQ(stored_directory(db(), kRegion, DirectorySource::list)->size(), 7U);
    // What people made of it stays.
    ASSERT_TRUE(book.remove(kWriter, guides->front().id, guides->front().version));
    ASSERT_TRUE(store_directory(db(), kRegion, {{.office = "Eigenes Amt"}}));
    ASSERT_TRUE(seed());
    EXPECT_EQ(book.released(kRegion)->size(), 2U);
    EXPECT_EQ(stored_directory(db(), kRegion, DirectorySource::list)->size(), 1U);
}

TEST_P(DemoHouse, WhatCannotBeReadNamesTheFile) {
    EXPECT_EQ(seed("/nowhere").error().code, "knowledge.file_unreadable");
    const storage::testing::TemporaryDirectory directory;
    std::ofstream(directory.path() + "/guides.json") << R"([{"title":"T","service":1,"steps":[]}])";
    EXPECT_EQ(seed(directory.path()).error().code, "knowledge.file_invalid");
}

} // namespace
} // namespace fernamt::knowledge
