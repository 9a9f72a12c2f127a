// SPDX-License-Identifier: EUPL-1.2
#include "base/money.h"

#include <fmt/format.h>

#include <cstdlib>

namespace fernamt {

namespace {

__extension__ using Wide = __int128;

std::string group_thousands(std::int64_t value) {
    std::string digits = fmt::format("{}", value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, '.');
    }
    return digits;
}

// Decimals of a price without trailing zeros, but at least two.
std::string price_decimals(std::int64_t micro) {
    std::string decimals = fmt::format("{:06d}", micro % 1'000'000);
    while (decimals.size() > 2 && decimals.back() == '0')
        decimals.pop_back();
    return decimals;
}

} // namespace

std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t denominator, Rounding rounding) {
    const Wide product = Wide{a} * b;
    const Wide quotient = product / denominator;
    const Wide remainder = product % denominator;
    if (remainder == 0) return static_cast<std::int64_t>(quotient);
    const int sign = product < 0 ? -1 : 1;
    const Wide twice = (remainder < 0 ? -remainder : remainder) * 2;
    bool away = false;
    switch (rounding) {
    case Rounding::half_up:
        away = twice >= denominator;
        break;
    case Rounding::half_even:
        away = twice > denominator || (twice == denominator && quotient % 2 != 0);
        break;
    case Rounding::up:
        away = true;
        break;
    case Rounding::down:
        away = false;
        break;
    }
    return static_cast<std::int64_t>(quotient + (away ? sign : 0));
}

Money amount(Price price, std::int64_t quantity, std::int64_t quantity_per_unit,
             Rounding rounding) {
    return {mul_div(price.micro_euro, quantity, quantity_per_unit * 10'000, rounding)};
}

std::string to_german(Money money) {
    const std::int64_t absolute = std::llabs(money.cents);
    return fmt::format("{}{},{:02d}\u00a0€", money.cents < 0 ? "-" : "",
                       group_thousands(absolute / 100), absolute % 100);
}

std::string to_german(Price price) {
    const std::int64_t absolute = std::llabs(price.micro_euro);
    return fmt::format("{}{},{}\u00a0€", price.micro_euro < 0 ? "-" : "",
                       group_thousands(absolute / 1'000'000), price_decimals(absolute));
}

std::string to_decimal(Money money) {
    const std::int64_t absolute = std::llabs(money.cents);
    return fmt::format("{}{}.{:02d}", money.cents < 0 ? "-" : "", absolute / 100, absolute % 100);
}

std::string to_decimal(Price price) {
    const std::int64_t absolute = std::llabs(price.micro_euro);
    return fmt::format("{}{}.{}", price.micro_euro < 0 ? "-" : "", absolute / 1'000'000,
                       price_decimals(absolute));
}

std::optional<Price> parse_price(std::string_view text) {
    std::int64_t whole = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        whole = whole * 10 + (text[at] - '0');
        if (whole > 1'000'000'000) return std::nullopt;
    }
    if (at == 0) return std::nullopt;
    std::int64_t fraction = 0;
    if (at < text.size()) {
        if (text[at] != '.' && text[at] != ',') return std::nullopt;
        std::int64_t unit = 100'000;
        if (++at == text.size()) return std::nullopt;
        for (; at < text.size(); ++at, unit /= 10) {
            if (text[at] < '0' || text[at] > '9' || unit == 0) return std::nullopt;
            fraction += (text[at] - '0') * unit;
        }
    }
    return Price{whole * 1'000'000 + fraction};
}

} // namespace fernamt
