// SPDX-License-Identifier: EUPL-1.2
#include "base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace fernamt {
namespace {

// Money is not a number: no floating point comes in, and prices and amounts do not mix.
static_assert(!std::is_convertible_v<double, Money>);
static_assert(!std::is_convertible_v<std::int64_t, Money>);
static_assert(!std::is_constructible_v<Price, Money>);
static_assert(!std::is_convertible_v<Money, std::int64_t>);
static_assert(Money{150} + Money{50} == Money{200});
static_assert(Money{150} - Money{250} == Money{-100});
static_assert(Money{1} < Money{2});

Price price(const char *text) {
    return parse_price(text).value();
}

// ---------------------------------------------------------------------------------------- rounding

struct Rounded {
    std::int64_t a, b, denominator;
    std::int64_t half_up, half_even, up, down;
};

TEST(MulDiv, rounds_as_it_was_told) {
    const std::vector<Rounded> rows = {
        {6, 1, 3, 2, 2, 2, 2},      {0, 5, 7, 0, 0, 0, 0},      {1, 1, 3, 0, 0, 1, 0},
        {2, 1, 3, 1, 1, 1, 0},      {1, 1, 2, 1, 0, 1, 0}, // 0.5
        {3, 1, 2, 2, 2, 2, 1},                             // 1.5
        {5, 1, 2, 3, 2, 3, 2},                             // 2.5
        {-1, 1, 2, -1, 0, -1, 0},                          // away from zero
        {-3, 1, 2, -2, -2, -2, -1}, {-5, 1, 2, -3, -2, -3, -2}, {-1, 1, 3, 0, 0, -1, 0},
        {5, -1, 2, -3, -2, -3, -2}, {-5, -1, 2, 3, 2, 3, 2},
    };
    for (const Rounded &row : rows) {
        const auto with = [&row](Rounding rounding) {
            return mul_div(row.a, row.b, row.denominator, rounding);
        };
        const std::string about = std::to_string(row.a) + "*" + std::to_string(row.b) + "/" +
                                  std::to_string(row.denominator);
        EXPECT_EQ(with(Rounding::half_up), row.half_up) << about;
        EXPECT_EQ(with(Rounding::half_even), row.half_even) << about;
        EXPECT_EQ(with(Rounding::up), row.up) << about;
        EXPECT_EQ(with(Rounding::down), row.down) << about;
    }
}

TEST(MulDiv, does_not_overflow_in_between) {
    constexpr std::int64_t kLarge = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(mul_div(kLarge, kLarge, kLarge, Rounding::half_up), kLarge);
    EXPECT_EQ(mul_div(kLarge, 1'000'000, 1'000'000, Rounding::down), kLarge);
    EXPECT_EQ(mul_div(-kLarge, 3, 3, Rounding::up), -kLarge);
}

RC_GTEST_PROP(MulDiv, stays_within_one_and_is_symmetric, (std::int32_t a, std::int32_t b)) {
    const std::int64_t denominator = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    const auto with = [&](Rounding rounding, std::int64_t sign) {
        return mul_div(sign * a, b, denominator, rounding);
    };
    const std::int64_t product = std::int64_t{a} * b;
    for (const Rounding rounding :
         {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down}) {
        const std::int64_t result = with(rounding, 1);
        const std::int64_t rest = product - result * denominator;
        RC_ASSERT(rest > -denominator);
        RC_ASSERT(rest < denominator);
        RC_ASSERT(with(rounding, -1) == -result);
    }
    const std::int64_t rest = product - with(Rounding::half_up, 1) * denominator;
    RC_ASSERT((rest < 0 ? -rest : rest) * 2 <= denominator);
    RC_ASSERT(std::abs(with(Rounding::down, 1)) <= std::abs(with(Rounding::up, 1)));
}

// ----------------------------------------------------------------------------------------- billing

// Worked by hand (docs/explanation/measured-facts.md):
// 10,000 calls of 120 s talk and 45 s after-call work.
TEST(Amount, of_the_worked_example) {
    const std::int64_t seconds = 10'000 * (120 + 45);
    EXPECT_EQ(amount(price("1,59"), seconds, 60, Rounding::half_up), Money{4'372'500});
    // model 3: 30,000 inhabitants at 0.50 EUR, and 1.00 EUR a minute
    EXPECT_EQ(amount(price("0,50"), 30'000, 1, Rounding::half_up) +
                  amount(price("1,00"), seconds, 60, Rounding::half_up),
              Money{4'250'000});
    // per call, up to full minutes: 3 minutes each
    EXPECT_EQ(amount(price("1,59"), 3 * 10'000, 1, Rounding::half_up), Money{4'770'000});
}

TEST(Amount, rounds_a_single_call_in_the_named_way) {
    const Price per_minute = price("0.95");
    EXPECT_EQ(amount(per_minute, 60, 60, Rounding::half_up), Money{95});
    EXPECT_EQ(amount(per_minute, 1, 60, Rounding::half_up), Money{2}); // 1.583 cents
    EXPECT_EQ(amount(per_minute, 1, 60, Rounding::down), Money{1});
    EXPECT_EQ(amount(per_minute, 30, 60, Rounding::half_up), Money{48}); // 47.5
    EXPECT_EQ(amount(per_minute, 30, 60, Rounding::half_even), Money{48});
    EXPECT_EQ(amount(per_minute, 30, 60, Rounding::down), Money{47});
    EXPECT_EQ(amount(price("0.90"), 15, 60, Rounding::half_even), Money{22}); // 22.5
    EXPECT_EQ(amount(price("0.90"), 15, 60, Rounding::half_up), Money{23});
    EXPECT_EQ(amount(per_minute, 0, 60, Rounding::up), Money{0});
    EXPECT_EQ(amount(price("0.000001"), 1, 1, Rounding::up), Money{1});
    // microseconds as the ledger counts them
    EXPECT_EQ(amount(per_minute, 90'000'000, 60'000'000, Rounding::half_up), Money{143}); // 142.5
}

RC_GTEST_PROP(Amount, of_the_sum_differs_by_at_most_half_a_cent_a_call, ()) {
    const auto seconds =
        *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 7'200));
    const Price per_minute{*rc::gen::inRange<std::int64_t>(0, 5'000'000)};
    Money per_call;
    std::int64_t sum = 0;
    for (const std::int64_t s : seconds) {
        per_call = per_call + amount(per_minute, s, 60, Rounding::half_up);
        sum += s;
    }
    const Money at_once = amount(per_minute, sum, 60, Rounding::half_up);
    const std::int64_t difference = std::abs((per_call - at_once).cents);
    RC_ASSERT(difference * 2 <= static_cast<std::int64_t>(seconds.size()) + 1);
}

// -------------------------------------------------------------------------------- reading, writing

TEST(Money, is_written_for_people_and_for_machines) {
    const std::vector<std::tuple<std::int64_t, std::string, std::string>> rows = {
        {0, "0,00\u00a0€", "0.00"},
        {5, "0,05\u00a0€", "0.05"},
        {-5, "-0,05\u00a0€", "-0.05"},
        {95, "0,95\u00a0€", "0.95"},
        {100'000, "1.000,00\u00a0€", "1000.00"},
        {99'999, "999,99\u00a0€", "999.99"},
        {123'456, "1.234,56\u00a0€", "1234.56"},
        {-123'456'789, "-1.234.567,89\u00a0€", "-1234567.89"},
    };
    for (const auto &[cents, german, decimal] : rows) {
        EXPECT_EQ(to_german(Money{cents}), german);
        EXPECT_EQ(to_decimal(Money{cents}), decimal);
    }
}

TEST(Price, is_written_with_two_to_six_decimals) {
    EXPECT_EQ(to_german(price("0.95")), "0,95\u00a0€");
    EXPECT_EQ(to_german(price("1")), "1,00\u00a0€");
    EXPECT_EQ(to_german(price("0.015833")), "0,015833\u00a0€");
    EXPECT_EQ(to_german(price("1234.5")), "1.234,50\u00a0€");
    EXPECT_EQ(to_decimal(price("0.9500")), "0.95");
    EXPECT_EQ(to_decimal(price("12,123")), "12.123");
}

TEST(Price, is_read_strictly) {
    EXPECT_EQ(parse_price("0,95"), Price{950'000});
    EXPECT_EQ(parse_price("0.95"), Price{950'000});
    EXPECT_EQ(parse_price("12"), Price{12'000'000});
    EXPECT_EQ(parse_price("0.000001"), Price{1});
    EXPECT_EQ(parse_price("00.5"), Price{500'000});
    for (const char *wrong : {"", ".", ",", "1.", "1,", ".5", "-1", "+1", "1.0000001", "1.2.3",
                              "1.234,56", "1e3", "0x1", " 1", "1 ", "1€", "NaN", "١"}) {
        EXPECT_FALSE(parse_price(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_price(std::string(1'000, '9')));
}

RC_GTEST_PROP(Price, reads_what_it_writes, ()) {
    const Price any{*rc::gen::inRange<std::int64_t>(0, 900'000'000'000'000)};
    RC_ASSERT(parse_price(to_decimal(any)) == any);
}

RC_GTEST_PROP(Money, loses_no_cent_when_written, (std::int64_t cents)) {
    const Money money{cents / 2}; // without the one value that has no counterpart
    std::string digits = to_decimal(money);
    const std::size_t point = digits.size() - 3;
    RC_ASSERT(digits[point] == '.');
    digits.erase(point, 1);
    RC_ASSERT(std::stoll(digits) == money.cents);
}

} // namespace
} // namespace fernamt
