// SPDX-License-Identifier: EUPL-1.2
#include "people/changes.h"
#include "people/crisis.h"
#include "people/demo_house.h"
#include "people/partners.h"
#include "people/queues.h"
#include "people/rules.h"
#include "people/skills.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::people {
namespace {

constexpr const char *kFile = FERNAMT_SOURCE_DIR "/data/region-hannover.csv";

class DemoHouse : public storage::testing::DatabaseTest {
  protected:
    template <class T>
    T read(Expected<T> (*list)(storage::Connection &)) {
        T all;
        (void)db().read([&](storage::Connection &connection) -> Expected<void> {
            all = list(connection).value();
            return {};
        });
        return all;
    }
    ManualClock clock_{to_instant({2026, 11, 23}, 12 * 3600)};
};
FERNAMT_ON_EVERY_ENGINE(DemoHouse);

TEST_P(DemoHouse, IsArrangedOnceAndTheSwitchboardObeysIt) {
    const auto region = seed_demo(db(), clock_, {kFile, 4, true});
    ASSERT_TRUE(region);
    ASSERT_TRUE(seed_demo_house(db(), clock_, *region));
    const auto rules = build_rules(db());
    ASSERT_TRUE(rules) << describe(rules.error());
    EXPECT_EQ(rules->queues.size(), 2U);
    // Whoever dials the Region rather speaks with somebody who knows vehicle registration.
    const MunicipalityId kRegion{32'410'000'000};
    const auto line = std::ranges::find(rules->numbers, kRegion, &routing::Number::municipality);
    ASSERT_NE(line, rules->numbers.end());
    const routing::CallQueue *queue = routing::find_queue(*rules, line->queue);
    ASSERT_NE(queue, nullptr);
    ASSERT_EQ(queue->prefers.size(), 1U);
    EXPECT_TRUE(queue->demands.empty()) << "nobody waits for it";
    const auto &knows = routing::skills_of(*rules, region->phones[2].agent);
    EXPECT_NE(std::ranges::find(knows, queue->prefers[0].skill, &routing::SkillLevel::skill),
              knows.end());
    EXPECT_EQ(std::ranges::count(rules->numbers, queue->id, &routing::Number::queue), 1);
    EXPECT_EQ(rules->partners.size(), 1U);
    EXPECT_EQ(rules->overflows.size(), 1U);
    EXPECT_TRUE(routing::skills_of(*rules, region->phones[0].agent).empty());
    EXPECT_EQ(routing::skills_of(*rules, region->phones[2].agent).size(), 2U);
    EXPECT_EQ(read(&skills).size(), 4U);
    EXPECT_EQ(read(&crisis_plans).size(), 2U);

    // What somebody took out stays out.
    ASSERT_TRUE(db().write([&](storage::Connection &connection) {
        const Change change{connection, clock_.now(), UserId{1}};
        return remove(change, crisis_plans(connection)->front().rules.id);
    }));
    ASSERT_TRUE(seed_demo_house(db(), clock_, *region));
    EXPECT_EQ(read(&crisis_plans).size(), 1U);
    EXPECT_EQ(read(&queues).size(), 2U);
}

} // namespace
} // namespace fernamt::people
