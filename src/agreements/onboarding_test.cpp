// SPDX-License-Identifier: EUPL-1.2
#include "agreements/dates.h"
#include "agreements/onboarding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace fernamt::agreements {
namespace {

const MunicipalityId kTown{32'410'010'010};
constexpr LocalDate kGoLive{2027, 7, 1};

Onboarding made() {
    return begin_onboarding(kTown, Land::NI, kGoLive);
}

TEST(Onboarding, QuestionsAndTasksHaveTheirOwnKeysAndTwoLanguages) {
    std::set<std::string_view> keys;
    for (const Question &each : questions()) {
        EXPECT_TRUE(keys.insert(each.key).second) << each.key;
        EXPECT_FALSE(each.german.empty() || each.english.empty()) << each.key;
    }
    keys.clear();
    for (const TaskKind &each : task_kinds()) {
        EXPECT_TRUE(keys.insert(each.key).second) << each.key;
        EXPECT_FALSE(each.german.empty() || each.english.empty()) << each.key;
    }
}

TEST(Onboarding, TasksAreDueOnWorkingDaysBeforeTheStart) {
    const Onboarding onboarding = made();
    ASSERT_EQ(onboarding.tasks.size(), task_kinds().size());
    EXPECT_EQ(onboarding.tasks.front().key, "answers");
    // 180 days before is Saturday 2027-01-02; New Year's Day before it is a holiday.
    EXPECT_EQ(onboarding.tasks.front().due, (LocalDate{2026, 12, 31}));
    for (const OnboardingTask &task : onboarding.tasks) {
        EXPECT_TRUE(task.key == "go_live" || is_working_day(task.due, Land::NI)) << task.key;
    }
    EXPECT_EQ(onboarding.tasks.back().key, "first_review");
}

TEST(Onboarding, ANewStartMovesWhatIsNotDone) {
    Onboarding onboarding = made();
    OnboardingTask done = onboarding.tasks.front();
    done.done = LocalDate{2026, 11, 30};
    ASSERT_TRUE(set_task(onboarding, done));
    move_go_live(onboarding, {2027, 10, 1});
    EXPECT_EQ(onboarding.tasks.front(), done);
    const auto due = [&](std::string_view key) {
        return std::ranges::find(onboarding.tasks, key, &OnboardingTask::key)->due;
    };
    EXPECT_EQ(due("go_live"), (LocalDate{2027, 10, 1}));
    EXPECT_EQ(due("signature"), (LocalDate{2027, 7, 2})) << "90 days before is a Saturday";
}

TEST(Onboarding, TakesAnswersOfTheirKindOnly) {
    Onboarding onboarding = made();
    const auto code = [&](const char *question, std::string text) {
        const auto set = set_answer(onboarding, {question, std::move(text)});
        return set ? std::string{} : set.error().code;
    };
    EXPECT_EQ(code("calls_per_year", "12000"), "");
    EXPECT_EQ(code("calls_per_year", "viele"), "onboarding.answer");
    EXPECT_EQ(code("calls_per_year", "-1"), "onboarding.answer");
    EXPECT_EQ(code("takes_115", "vielleicht"), "onboarding.answer");
    EXPECT_EQ(code("takes_115", "no"), "");
    EXPECT_EQ(code("hours", std::string(2'001, 'x')), "onboarding.answer");
    EXPECT_EQ(code("favourite_colour", "blue"), "onboarding.unknown");
    EXPECT_EQ(number_of(onboarding, "calls_per_year"), 12'000);
    EXPECT_EQ(number_of(onboarding, "seconds_per_call"), std::nullopt);
    EXPECT_EQ(code("calls_per_year", ""), "");
    EXPECT_EQ(number_of(onboarding, "calls_per_year"), std::nullopt);
}

TEST(Onboarding, CountsWhatIsDoneAndWhatIsLate) {
    Onboarding onboarding = made();
    ASSERT_TRUE(set_answer(onboarding, {"hours", "Mo bis Fr"}));
    OnboardingTask first = onboarding.tasks.front();
    first.done = first.due;
    ASSERT_TRUE(set_task(onboarding, first));
    const auto progress = progress_on(onboarding, {2027, 1, 31});
    EXPECT_EQ(progress.answered, 1);
    EXPECT_EQ(progress.done, 1);
    EXPECT_EQ(progress.overdue, 1) << "the decision paper";
    EXPECT_EQ(progress.next_due, (LocalDate{2027, 1, 22}));
    EXPECT_FALSE(set_task(onboarding, {"unknown", kGoLive, {}, {}}));
}

} // namespace
} // namespace fernamt::agreements
