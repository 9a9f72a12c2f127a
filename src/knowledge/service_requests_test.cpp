// SPDX-License-Identifier: EUPL-1.2
// Counting what callers ask for, without anybody standing in it.
#include "knowledge/demo_services.h"
#include "knowledge/service_requests.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::knowledge {
namespace {

constexpr MunicipalityId kHere{32410010010};
constexpr MunicipalityId kThere{32410019019};
constexpr LocalDate kToday{2026, 11, 22};

class ServiceRequestsTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge"));
    }
    void note(std::int64_t call, std::int64_t service, MunicipalityId municipality = kHere,
              const LocalDate &day = kToday) {
        const auto done = note_request(db(), CallId{call}, ServiceId{service}, municipality, day);
        ASSERT_TRUE(done) << describe(done.error());
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> // service, calls
    listed(std::optional<MunicipalityId> municipality) {
        const auto all = requested_services(db(), add_days(kToday, -30), kToday, municipality);
        EXPECT_TRUE(all);
        std::vector<std::pair<std::int64_t, std::int64_t>> made;
        for (const RequestedService &one : *all)
            made.emplace_back(one.service.value, one.calls);
        return made;
    }
    using Listed = std::vector<std::pair<std::int64_t, std::int64_t>>;
};
FERNAMT_ON_EVERY_ENGINE(ServiceRequestsTest);

TEST_P(ServiceRequestsTest, CountsEachCallOnceAndListsTheFrequent) {
    for (std::int64_t call = 1; call <= 6; ++call) {
        note(call, 1);
        note(call, 1); // looked at again
    }
    for (std::int64_t call = 1; call <= 5; ++call)
        note(call, 2, call <= 2 ? kThere : kHere);
    for (std::int64_t call = 1; call < kFewestCalls; ++call)
        note(call, 3); // too few: nobody shall find a call again
    EXPECT_EQ(listed(std::nullopt), (Listed{{1, 6}, {2, 5}}));
    EXPECT_EQ(listed(kHere), (Listed{{1, 6}}));
    EXPECT_TRUE(listed(kThere).empty());
}

TEST_P(ServiceRequestsTest, OldOnesGoAndUnknownOnesAreRefused) {
    for (std::int64_t call = 1; call <= 5; ++call)
        note(call, 1, kHere, add_days(kToday, -kKeptDays - 1));
    note(9, 2, kHere, add_days(kToday, -kKeptDays));
    EXPECT_EQ(erase_old_requests(db(), kToday), 5);
    std::int64_t rows = -1;
    EXPECT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT COUNT(*) FROM knowledge_call_service", {},
                               [&](const storage::Row &row) {
                                   rows = row.integer(0);
                                   return true;
                               });
    }));
    EXPECT_EQ(rows, 1);
    EXPECT_EQ(note_request(db(), CallId{1}, ServiceId{4711}, kHere, kToday).error().code,
              "knowledge.not_found");
}

} // namespace
} // namespace fernamt::knowledge
