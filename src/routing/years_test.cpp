// SPDX-License-Identifier: EUPL-1.2
// Twenty-four random years of a small centre (the benchmark plays a thousand), and some weeks of a
// large one: every promise of testing/year_watcher.h after every event. A year that breaks one
// prints its seed; FERNAMT_YEAR=seed plays just that year again.
#include "routing/testing/year_watcher.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace fernamt::routing::testing {
namespace {

constexpr std::uint64_t kFirst = 20'261'122;
constexpr std::uint64_t kYears = 24;
constexpr std::uint64_t kPerTest = 6;

class Years : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Years, keep_every_promise) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + kPerTest; ++seed) {
        try {
            const YearResult year = play_year(seed, 3);
            EXPECT_GT(year.calls, 1'000) << "a quiet year proves little";
        } catch (const std::exception &broken) {
            FAIL() << "year " << seed << ": " << broken.what()
                   << "\nplay it again with FERNAMT_YEAR=" << seed;
        }
    }
}

// Forty agents and eight hundred calls a day: queues of hundreds, many idle at once.
class BusyDays : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(BusyDays, keep_every_promise) {
    constexpr YearSize kLarge{.calls_per_day = 800, .days = 4, .agents = 40};
    try {
        const YearResult days = play_year(GetParam(), 1, kLarge);
        EXPECT_GT(days.calls, 800) << "quiet days prove little";
    } catch (const std::exception &broken) {
        FAIL() << "days of seed " << GetParam() << ": " << broken.what();
    }
}

INSTANTIATE_TEST_SUITE_P(Random, BusyDays, ::testing::Range(kFirst, kFirst + 3));

INSTANTIATE_TEST_SUITE_P(Random, Years, ::testing::Range(kFirst, kFirst + kYears, kPerTest));

TEST(OneYear, plays_again) {
    const char *seed = std::getenv("FERNAMT_YEAR");
    if (seed == nullptr) GTEST_SKIP() << "FERNAMT_YEAR=seed plays one year";
    const YearResult year = play_year(std::strtoull(seed, nullptr, 10), 3);
    EXPECT_GT(year.events, 0);
}

// The years must have been everywhere, or they prove little.
TEST(OneYear, reaches_every_rule) {
    std::map<Rule, std::int64_t> seen;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        for (const auto &[rule, times] : play_year(seed, 0).rules)
            seen[rule] += times;
    }
    for (int value = 0; to_string(static_cast<Rule>(value)) != "unknown"; ++value) {
        const auto rule = static_cast<Rule>(value);
        if (rule == Rule::recovery) continue; // named by the exchange's restarts
        if (rule == Rule::imported) continue; // never the machine's own
        EXPECT_GT(seen[rule], 0) << to_string(rule);
    }
}

} // namespace
} // namespace fernamt::routing::testing
