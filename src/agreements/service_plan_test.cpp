// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "agreements/service_plan.h"

#include <gtest/gtest.h>

namespace fernamt::agreements {
namespace {

constexpr LocalDate kBegin{2026, 1, 1};

Agreement ended_on(Agreement agreement, const LocalDate &day) {
    agreement.history.push_back({State::ended, day, UserId{3}, Instant{3}, ""});
    agreement.ends = day;
    return agreement;
}

TEST(ServicePlan, OnlyWhatIsSignedBinds) {
    EXPECT_EQ(service_plan({samples::agreement()}), ServicePlan{});
    const auto plan = service_plan({samples::in_force()});
    EXPECT_EQ(plan.begins, kBegin);
    EXPECT_EQ(plan.last_day, std::nullopt) << "it renews itself";
    ASSERT_EQ(plan.numbers.size(), 1u);
    EXPECT_EQ(plan.numbers[0].from, kBegin);
    // Signed, and given up before its first day.
    EXPECT_EQ(service_plan({ended_on(samples::in_force(), {2025, 12, 1})}), ServicePlan{});
}

TEST(ServicePlan, EndsWithItsAgreement) {
    const auto plan = service_plan({ended_on(samples::in_force(), {2027, 12, 31})});
    EXPECT_EQ(plan.last_day, (LocalDate{2027, 12, 31}));
    EXPECT_EQ(plan.numbers.at(0).to, plan.last_day);
    EXPECT_EQ(plan.hours.at(0).to, plan.last_day);
    EXPECT_EQ(plan.promises.at(0).to, plan.last_day);
    EXPECT_EQ(plan.retentions.at(0).to, plan.last_day);

    const auto recorded = ended_on(samples::in_force(), {2027, 12, 31});
    EXPECT_TRUE(configuration_on(recorded, {2027, 12, 31}).active) << "its last day is its own";
    EXPECT_FALSE(configuration_on(recorded, {2028, 1, 1}).active);
    EXPECT_EQ(changes_between(recorded, {2027, 1, 1}, {2029, 1, 1}),
              std::vector<LocalDate>({{2028, 1, 1}}));

    Agreement by_itself = samples::in_force();
    by_itself.term.first_months = 12;
    by_itself.term.renewal_months = 0;
    EXPECT_EQ(service_plan({by_itself}).last_day, (LocalDate{2026, 12, 31}));
}

TEST(ServicePlan, ASuccessorFollowsWithoutASeam) {
    Agreement second = samples::in_force({2027, 6, 1});
    second.id = 2;
    const auto plan = service_plan({second, ended_on(samples::in_force(), {2027, 12, 31})});
    EXPECT_EQ(plan.begins, kBegin);
    EXPECT_EQ(plan.last_day, std::nullopt);
    ASSERT_EQ(plan.numbers.size(), 1u) << "the same number in the same scope";
    EXPECT_EQ(plan.numbers[0].from, kBegin);
    EXPECT_EQ(plan.hours.size(), 1u);

    second.numbers[0].value.scope = Scope::when_absent;
    const auto changed = service_plan({samples::in_force(), second});
    ASSERT_EQ(changed.numbers.size(), 2u);
    EXPECT_EQ(changed.numbers[0].to, (LocalDate{2027, 5, 31}));
    EXPECT_EQ(changed.numbers[1].from, (LocalDate{2027, 6, 1}));
}

TEST(ServicePlan, AChangeTakesEffectOnItsDay) {
    Agreement agreement = samples::in_force();
    agreement.promises[0].to = LocalDate{2026, 6, 30};
    Promise better;
    better.answered_percent = 80;
    agreement.promises.push_back({{2026, 7, 1}, std::nullopt, better});
    const auto plan = service_plan({agreement});
    ASSERT_EQ(plan.promises.size(), 2u);
    EXPECT_EQ(on(plan.promises, {2026, 6, 30})->answered_percent, 75);
    EXPECT_EQ(on(plan.promises, {2026, 7, 1})->answered_percent, 80);
}

} // namespace
} // namespace fernamt::agreements
