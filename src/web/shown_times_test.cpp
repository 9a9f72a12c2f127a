// SPDX-License-Identifier: EUPL-1.2
#include "web/shown_times.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

namespace fernamt::web {
namespace {

constexpr Duration kTenth = 100ms;

TEST(ShownTimes, AddUpToWhatTheClauseRounds) {
    // 10.66 s + 5.77 s = 16.43 s: 17 started seconds; cut off each, they would make 15.
    const ShownTimes whole = shown_times(10'660ms, 5'770ms, true, 1s);
    EXPECT_EQ(whole.talk, 11);
    EXPECT_EQ(whole.after_call_work, 6);
    const ShownTimes tenths = shown_times(10'660ms, 5'770ms, true, kTenth);
    EXPECT_EQ(tenths.talk, 107);
    EXPECT_EQ(tenths.after_call_work, 58); // 16.5: not less than 16.43
}

TEST(ShownTimes, NothingStaysNothing) {
    for (const Duration unit : {Duration{1s}, kTenth}) {
        EXPECT_EQ(shown_times(0s, 0s, true, unit).talk, 0);
        EXPECT_EQ(shown_times(0s, 0s, true, unit).after_call_work, 0);
        EXPECT_EQ(shown_times(0s, 7s, true, unit).talk, 0);
        EXPECT_EQ(shown_times(7s, 0s, true, unit).after_call_work, 0);
        EXPECT_EQ(shown_times(Duration{1}, 0s, true, unit).talk, 1) << "started counts";
    }
}

TEST(ShownTimes, WithoutAfterCallWorkTheTalkIsTheSum) {
    const ShownTimes shown = shown_times(10'010ms, 5'770ms, false, 1s);
    EXPECT_EQ(shown.talk, 11);
    EXPECT_EQ(shown.after_call_work, 6);
}

TEST(ShownTimes, AreOffByLessThanOneUnitForAnyTimes) {
    std::srand(8115);
    for (int i = 0; i < 100'000; ++i) {
        const Duration talk{std::rand() % 5'000'000};
        const Duration work{std::rand() % 3'000'000};
        const auto exact = [](Duration time) { return static_cast<double>(time.count()) / 1e5; };
        const ShownTimes shown = shown_times(talk, work, true, kTenth);
        const auto sum = shown.talk + shown.after_call_work;
        ASSERT_EQ(sum, ((talk + work).count() + 99'999) / 100'000);
        ASSERT_LT(std::abs(exact(talk) - static_cast<double>(shown.talk)), 1.0);
        ASSERT_LT(std::abs(exact(work) - static_cast<double>(shown.after_call_work)), 1.5);
        ASSERT_GE(shown.after_call_work, 0);
    }
}

TEST(ShownParts, AddUpToTheSumRoundedOnce) {
    const std::vector<Duration> days{10'400ms, 10'400ms, 10'400ms, 0s, 10'400ms};
    const auto shown = shown_parts(days, 1s);
    EXPECT_EQ(shown, (std::vector<std::int64_t>{11, 10, 11, 0, 10}));
    EXPECT_EQ(std::accumulate(shown.begin(), shown.end(), std::int64_t{0}), 42); // 41.6 s
    EXPECT_TRUE(shown_parts({}, 1s).empty());
}

} // namespace
} // namespace fernamt::web
