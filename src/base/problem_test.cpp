// SPDX-License-Identifier: EUPL-1.2
#include "base/problem.h"

#include <gtest/gtest.h>

#include <string>

namespace fernamt {
namespace {

static_assert(static_cast<int>(ProblemKind::internal) + 1 == kProblemKinds,
              "a kind was added: count it, and map it to HTTP");

Expected<int> half_of(int number) {
    if (number % 2 != 0) {
        return fail(ProblemKind::invalid_input, "number.odd", {{"number", std::to_string(number)}});
    }
    return number / 2;
}

TEST(Problem, is_a_value_of_its_own) {
    EXPECT_EQ(half_of(8), 4);
    const Expected<int> odd = half_of(7);
    ASSERT_FALSE(odd.has_value());
    EXPECT_EQ(odd.error(), (Problem{ProblemKind::invalid_input, "number.odd", {{"number", "7"}}}));
    EXPECT_EQ(describe(odd.error()), "number.odd number=7");
}

TEST(Problem, is_described_in_one_line) {
    EXPECT_EQ(describe({ProblemKind::not_found, "call.unknown", {}}), "call.unknown");
    EXPECT_EQ(describe({ProblemKind::conflict,
                        "agreement.price_gap",
                        {{"from", "2026-01-01"}, {"to", "2026-02-01"}}}),
              "agreement.price_gap from=2026-01-01 to=2026-02-01");
}

TEST(Problem, passes_through_unchanged) {
    const auto chained = half_of(12).and_then(half_of).and_then(half_of); // 6, 3, odd
    ASSERT_FALSE(chained.has_value());
    EXPECT_EQ(chained.error().arguments.front().second, "3");
}

} // namespace
} // namespace fernamt
