// SPDX-License-Identifier: EUPL-1.2
// A calendar month in Europe/Berlin, the period an invoice stands for. It knows its days and the
// instants at which it begins and ends, also where the clock changes. Pure.
#pragma once

#include "base/calendar.h"
#include "base/time.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::agreements {

struct Month {
    int year = 1970;
    int month = 1; // 1..12
    friend constexpr auto operator<=>(const Month &, const Month &) = default;
};

[[nodiscard]] std::string to_string(const Month &month); // "2026-11"
// Exactly "YYYY-MM", years 2000 to 2199.
[[nodiscard]] std::optional<Month> parse_month(std::string_view text);

[[nodiscard]] LocalDate first_day(const Month &month);
[[nodiscard]] LocalDate last_day(const Month &month);
[[nodiscard]] Month next(const Month &month);
[[nodiscard]] Month month_of(const LocalDate &date);

// [begin, end): local midnight to local midnight.
[[nodiscard]] Instant begin_of(const Month &month);
[[nodiscard]] Instant end_of(const Month &month);

} // namespace fernamt::agreements
