// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "people/agreed_service.h"
#include "people/municipalities.h"
#include "people/rules.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

using agreements::Agreement;
using agreements::Scope;
using agreements::State;
namespace samples = agreements::samples;

constexpr MunicipalityId kTown = samples::kTown;
const PhoneNumber kAgreed{"+493023125234"};
const PhoneNumber kOther{"+493023125235"};
constexpr LocalDate kBegin{2027, 1, 1};

Instant noon(const LocalDate &day) {
    return to_instant(day, 12 * 3600);
}

class AgreedServiceTest : public storage::testing::DatabaseTest {
  protected:
    // Open on Mondays only, and not for the agreement's number yet.
    void add_town(std::vector<PhoneNumber> numbers = {}) {
        Municipality town;
        town.id = kTown;
        town.name = "Stadt Musterstedt";
        town.short_name = "Musterstedt";
        town.greeting = "Stadt Musterstedt, guten Tag!";
        town.hours = {{Weekday::monday, 9 * 3600, 12 * 3600}};
        town.numbers = std::move(numbers);
        ASSERT_TRUE(Municipalities(db(), clock_).add(town, UserId{1}));
    }
    std::optional<AgreedEffect> take(const std::vector<Agreement> &agreements,
                                     bool served_before = false) {
        std::optional<AgreedEffect> effect;
        const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
            auto taken = take_effect({connection, clock_.now(), UserId{7}}, kTown, 1,
                                     agreements::service_plan(agreements), served_before);
            if (!taken) return tl::unexpected(taken.error());
            effect = std::move(*taken);
            return {};
        });
        EXPECT_TRUE(done) << describe(done.error());
        return effect;
    }
    template <class Use>
    auto reading(Use use) {
        decltype(use(std::declval<storage::Connection &>())) result;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            result = use(connection);
            return {};
        }));
        return result.value();
    }
    AgreedState state() {
        return reading(
            [](storage::Connection &connection) { return agreed_state(connection, kTown); });
    }
    std::vector<std::string> points(const std::vector<Agreement> &agreements,
                                    const LocalDate &day) {
        std::vector<std::string> said;
        for (const OpenPoint &point : reading([&](storage::Connection &connection) {
                 return open_points(connection, kTown, agreements::service_plan(agreements), day);
             })) {
            said.push_back(std::string(to_string(point.what)) + " " + point.subject);
        }
        return said;
    }
    bool answered(const PhoneNumber &number, Instant at) {
        const auto rules = build_rules(db()).value();
        const routing::Number *line = routing::find_number(rules, number, at);
        if (line == nullptr) return false;
        const routing::Municipality *town = routing::find_municipality(rules, line->municipality);
        return routing::is_served(*town, at) && is_open(routing::openness(*town, line, at));
    }

    ManualClock clock_{};
};

FERNAMT_ON_EVERY_ENGINE(AgreedServiceTest);

TEST_P(AgreedServiceTest, IsAnsweredFromItsDayOnAndUntilItsLast) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    const auto effect = take({agreement});
    ASSERT_TRUE(effect);
    EXPECT_EQ(effect->by, UserId{7});
    EXPECT_EQ(effect->base, effect->before);
    EXPECT_EQ(parts_changed(*effect), (std::vector<std::string_view>{"joins", "hours", "numbers",
                                                                     "promises", "retentions"}));
    const LocalDate last_of_december{2026, 12, 30}, first_tuesday{2027, 1, 5};
    EXPECT_FALSE(answered(kAgreed, noon(last_of_december)));
    EXPECT_TRUE(answered(kAgreed, noon(first_tuesday))) << "Tuesday is in the agreed hours only";
    EXPECT_EQ(take({agreement}), std::nullopt) << "nothing to change";

    agreement.history.push_back({State::notice_given, {2028, 1, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2028, 12, 29}; // a Friday
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(answered(kAgreed, noon({2028, 12, 29})));
    EXPECT_FALSE(answered(kAgreed, noon({2029, 1, 2})));

    agreement.history.push_back({State::active, {2028, 2, 1}, UserId{3}, Instant{4}, ""});
    agreement.ends.reset(); // notice taken back by both
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(answered(kAgreed, noon({2029, 1, 2})));
    EXPECT_EQ(state().leaves, std::nullopt);
    EXPECT_EQ(reading([](storage::Connection &connection) {
                  return agreed_effects(connection, kTown);
              }).size(),
              3u);
}

TEST_P(AgreedServiceTest, NobodyWhoIsServedIsCutOffByASignature) {
    add_town({kAgreed});
    ASSERT_TRUE(take({samples::in_force(kBegin)}, true));
    EXPECT_TRUE(answered(kAgreed, to_instant({2026, 12, 7}, 10 * 3600))); // Monday, its own hours
    EXPECT_FALSE(answered(kAgreed, noon({2026, 12, 8})));
    EXPECT_TRUE(answered(kAgreed, noon({2027, 1, 5})));
    EXPECT_EQ(state().numbers.size(), 1u) << "the line that was there goes on";
}

TEST_P(AgreedServiceTest, WhatNeverCameIntoForceIsSetBack) {
    add_town({kOther});
    const AgreedState before = state();
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers.push_back({kBegin, std::nullopt, {kOther, Scope::all_calls}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().numbers.size(), 2u);
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    const auto back = take({agreement});
    ASSERT_TRUE(back);
    EXPECT_EQ(back->agreement, 0);
    EXPECT_EQ(state(), before);
    EXPECT_EQ(take({agreement}), std::nullopt);
}

TEST_P(AgreedServiceTest, SettingBackLeavesWhatPeopleChanged) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    Municipalities towns(db(), clock_);
    Municipality town = towns.find(kTown).value();
    town.hours = {{Weekday::friday, 8 * 3600, 10 * 3600}};
    ASSERT_TRUE(towns.change(town, UserId{1}));
    EXPECT_EQ(points({agreement}, kBegin), std::vector<std::string>{"hours_differ "});
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().hours, town.hours);
    EXPECT_TRUE(state().numbers.empty());
}

TEST_P(AgreedServiceTest, ANumberJoinsAndLeavesWithinAnAgreement) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    agreement.numbers[0].to = LocalDate{2027, 6, 30};
    agreement.numbers.push_back({{2027, 7, 1}, std::nullopt, {kOther, Scope::when_absent}});
    ASSERT_TRUE(take({agreement}));
    const LocalDate june{2027, 6, 30}, july{2027, 7, 1};
    EXPECT_TRUE(answered(kAgreed, noon(june)));
    EXPECT_FALSE(answered(kAgreed, noon(july)));
    EXPECT_FALSE(answered(kOther, noon(june)));
    EXPECT_TRUE(answered(kOther, noon(july)));
    EXPECT_EQ(points({agreement}, july), std::vector<std::string>{"office_missing +493023125235"});
    agreement.numbers.pop_back(); // before its day
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().numbers.size(), 1u);
}

TEST_P(AgreedServiceTest, PromisesAndPeriodsHoldOnTheirDays) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    agreement.retentions[0].to = LocalDate{2027, 12, 31};
    agreement.retentions.push_back({{2028, 1, 1}, std::nullopt, {0, 30, 90}});
    ASSERT_TRUE(take({agreement}));
    const auto retention = [&](const LocalDate &day) {
        return reading(
            [&](storage::Connection &connection) { return retentions_on(connection, day); });
    };
    EXPECT_TRUE(retention({2026, 12, 31}).empty());
    ASSERT_EQ(retention({2027, 12, 31}).size(), 1u);
    EXPECT_EQ(retention({2027, 12, 31})[0].retention.case_days, 90);
    EXPECT_EQ(retention({2028, 1, 1})[0].retention.case_days, 30);
    const auto promise = [&](const LocalDate &day) {
        return reading(
            [&](storage::Connection &connection) { return promise_on(connection, kTown, day); });
    };
    EXPECT_EQ(promise({2026, 12, 31}), std::nullopt);
    EXPECT_EQ(promise(kBegin), agreements::Promise{});
}

TEST_P(AgreedServiceTest, ANumberOfAnotherTownIsNotTaken) {
    add_town();
    Municipality other;
    other.id = samples::kOtherTown;
    other.name = other.short_name = other.greeting = "Nachbarort";
    other.numbers = {kAgreed};
    ASSERT_TRUE(Municipalities(db(), clock_).add(other, UserId{1}));
    const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
        auto taken = take_effect({connection, clock_.now(), UserId{7}}, kTown, 1,
                                 agreements::service_plan({samples::in_force(kBegin)}), false);
        if (!taken) return tl::unexpected(taken.error());
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "municipality.number_taken");
    EXPECT_EQ(state().joins, std::nullopt) << "all or nothing";
}

} // namespace
} // namespace fernamt::people
