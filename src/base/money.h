// SPDX-License-Identifier: EUPL-1.2
// Exact money. Amounts are whole cents; prices are millionths of a euro (0.95 EUR = 950'000), so
// that a price per minute with up to six decimals is exact. The step from price x quantity to cents
// is the only place that rounds, and its rule is always named by the caller.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt {

struct Money {
    std::int64_t cents = 0;
    friend constexpr auto operator<=>(Money, Money) = default;
    friend constexpr Money operator+(Money a, Money b) { return {a.cents + b.cents}; }
    friend constexpr Money operator-(Money a, Money b) { return {a.cents - b.cents}; }
};

struct Price {
    std::int64_t micro_euro = 0; // per unit
    friend constexpr auto operator<=>(Price, Price) = default;
};

enum class Rounding {
    half_up, // kaufmaennisch: half away from zero (DIN 1333)
    half_even,
    up,   // away from zero
    down, // towards zero
};

// numerator / denominator in whole units; denominator > 0. The product is taken in 128 bits.
[[nodiscard]] std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t denominator,
                                   Rounding rounding);
// price x quantity / quantity_per_unit, in cents: amount(price_per_minute, seconds, 60, ...).
[[nodiscard]] Money amount(Price price, std::int64_t quantity, std::int64_t quantity_per_unit,
                           Rounding rounding);

// "1.234,56 €" (DIN 5008, with a no-break space) and "0,95 €"; a price shows at least two decimals.
[[nodiscard]] std::string to_german(Money money);
[[nodiscard]] std::string to_german(Price price);
// "1234.56": for CSV, JSON and XML.
[[nodiscard]] std::string to_decimal(Money money);
[[nodiscard]] std::string to_decimal(Price price);
// Accepts "0.95", "0,95", "12", up to six decimals; nothing else.
[[nodiscard]] std::optional<Price> parse_price(std::string_view text);

} // namespace fernamt
