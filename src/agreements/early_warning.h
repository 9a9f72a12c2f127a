// SPDX-License-Identifier: EUPL-1.2
// Month by month: what the year will cost, against the budget. Baden-Baden budgeted 25.000 €
// a year and paid 228.000 € for two (F-24): nobody saw it coming, although the first two months
// told. What grows is the number of calls, so that is what is extrapolated; what they cost says the
// agreement itself (rating.h), with its packages, caps and steps.
#pragma once

#include "agreements/calls.h"
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
    int month = 0;  // 1..12: known up to its end
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
};

// A year as it looks at the end of the month `over`: that and those before as they were, the others
// as they are to be expected. What a town pays, with VAT: it cannot deduct it.
struct Course {
    int over = 0; // 1..12
    std::array<Money, 12> months{};
};

// One forecast per course, in order; each course knows one month more than the one before it.
// "budget.invalid" (place, remedy): a negative budget, a month that is none.
[[nodiscard]] Expected<std::vector<MonthForecast>> forecast(const Budget &budget,
                                                            const std::vector<Course> &courses);

// ---- the calls to come -------------------------------------------------------------------------

struct VolumeCall { // what of a call decides about its price
    Instant offered_at;
    CallKind kind = CallKind::own_number;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t price_class = 0;
};
// How much of a year a month brings, so that a town with a carnival month is not warned falsely.
using MonthWeights = std::array<std::int64_t, 12>; // each 1 or more
inline constexpr MonthWeights kEvenMonths{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

// Calls of the days after `known` up to the year's end, drawn evenly from `calls`: those of the
// days [served, known] of that year. A year that the service joined in July knows nothing of June.
[[nodiscard]] std::vector<VolumeCall> calls_to_come(const std::vector<VolumeCall> &calls,
                                                    const LocalDate &served, const LocalDate &known,
                                                    const MonthWeights &weights);

} // namespace fernamt::agreements
