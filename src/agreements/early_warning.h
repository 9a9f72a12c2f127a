// SPDX-License-Identifier: EUPL-1.2
// Month by month: what the year will cost, against the budget. Baden-Baden budgeted 25.000 €
// a year and paid 228.000 € for two (F-24): nobody saw it coming, although the first two months
// told. Shares of the year by weights, so that a town with a carnival month is not warned falsely.
#pragma once

#include "base/money.h"
#include "base/problem.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class Alarm {
    none,
    watch,    // this month's forecast is beyond budget and tolerance; one month may be chance
    warning,  // the second month in a row
    exceeded, // what was paid is beyond the budget
};
[[nodiscard]] std::string_view to_string(Alarm alarm);

struct MonthForecast {
    Money spent;    // from the year's begin
    Money forecast; // of the whole year
    Money beyond;   // forecast less budget; negative: room
    Alarm alarm = Alarm::none;
    std::optional<int> exhausted_in; // 1..12: the month in which the budget will not last
    friend bool operator==(const MonthForecast &, const MonthForecast &) = default;
};

struct Budget {
    Money per_year;
    std::int64_t tolerance_percent = 5;
    std::array<std::int64_t, 12> weights{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
};

// One forecast per month that is over. "budget.invalid" (place, remedy): more than 12 months,
// a weight below 1, a negative budget.
[[nodiscard]] Expected<std::vector<MonthForecast>> forecast(const Budget &budget,
                                                            const std::vector<Money> &months);

} // namespace fernamt::agreements
