// SPDX-License-Identifier: EUPL-1.2
#include "storage/test_database.h"
#include "web/call_notes.h"

#include <gtest/gtest.h>

namespace fernamt::web {
namespace {

constexpr Instant kNow = Instant{1'800'000'000'000'000};

class CallNotesTest : public storage::testing::DatabaseTest {
  protected:
    std::int64_t write(std::int64_t call, std::int64_t version, Instant at) {
        auto saved =
            CallNotes(db()).save({CallId{call}, UserId{7}, MunicipalityId{32'410'019'019},
                                  Redacted<std::string>("Rückruf bei Frau Beispiel"), version},
                                 at);
        EXPECT_TRUE(saved) << describe(saved.error());
        return saved.value_or(0);
    }
    bool is_there(std::int64_t call) {
        auto found = CallNotes(db()).find(CallId{call});
        EXPECT_TRUE(found);
        return found && found->has_value();
    }
};

TEST_P(CallNotesTest, AreErasedByAge) {
    write(1, 0, kNow - 91 * 24h);
    write(2, 0, kNow - 90 * 24h); // not before the day
    write(3, 0, kNow);
    EXPECT_EQ(CallNotes(db()).erase_before(kNow - 90 * 24h), 1);
    EXPECT_FALSE(is_there(1));
    EXPECT_TRUE(is_there(2));
    EXPECT_TRUE(is_there(3));
    EXPECT_EQ(CallNotes(db()).erase_before(kNow - 90 * 24h), 0);
}

TEST_P(CallNotesTest, AreErasedEarlierWhereAnAgreementSaysSo) {
    write(1, 0, kNow - 31 * 24h);
    EXPECT_EQ(CallNotes(db()).erase_before(kNow - 30 * 24h, MunicipalityId{32'410'010'010}), 0);
    EXPECT_TRUE(is_there(1)) << "another municipality's";
    EXPECT_EQ(CallNotes(db()).erase_before(kNow - 30 * 24h, MunicipalityId{32'410'019'019}), 1);
    EXPECT_FALSE(is_there(1));
}

TEST_P(CallNotesTest, AreKeptAsLongAsSomebodyWorksOnThem) {
    const std::int64_t version = write(1, 0, kNow - 100 * 24h);
    write(1, version, kNow - 10 * 24h);
    EXPECT_EQ(CallNotes(db()).erase_before(kNow - 90 * 24h), 0);
    EXPECT_TRUE(is_there(1));
}

FERNAMT_ON_EVERY_ENGINE(CallNotesTest);

} // namespace
} // namespace fernamt::web
