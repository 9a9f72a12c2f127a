// SPDX-License-Identifier: EUPL-1.2
// Terms and periods by the German Civil Code: BGB § 187 (begin), § 188 (end), § 193 (the last day
// is no working day). Days only; no clock. What a contract words otherwise, it words otherwise:
// these functions compute the statutory reading.
#pragma once

#include "base/calendar.h"

#include <cstdint>

namespace fernamt::agreements {

[[nodiscard]] bool exists(const LocalDate &date);
[[nodiscard]] int days_in_month(int year, int month);
[[nodiscard]] std::int64_t days_between(const LocalDate &from, const LocalDate &to); // to - from
// The day of the same number; the month's last day where that number is missing (§ 188 Abs. 3).
[[nodiscard]] LocalDate add_months(const LocalDate &date, int months);

// A term whose first day counts whole (§ 187 Abs. 2) ends with the day before the one of the same
// number (§ 188 Abs. 2, second case): 24 months from 2018-01-01 end with 2019-12-31.
[[nodiscard]] LocalDate last_day_of_term(const LocalDate &first, int months);

struct Period {
    enum class Unit { days, weeks, months };
    int count = 0;
    Unit unit = Unit::months;
    friend bool operator==(const Period &, const Period &) = default;
};
// The last day of a period that an event on `day` sets off: that day does not count (§ 187 Abs. 1).
[[nodiscard]] LocalDate end_of_period(const LocalDate &day, const Period &period);
// The last day on which a notice may arrive so that the whole period lies before the end of `last`.
// Not moved by § 193: it would shorten what protects the other side (BGH, 17.02.2005, III ZR
// 172/04).
[[nodiscard]] LocalDate latest_notice(const LocalDate &last, const Period &period);

[[nodiscard]] bool is_working_day(const LocalDate &date, Land land); // no Saturday, Sunday, holiday
// § 193: for declarations and payments due on a Saturday, Sunday or public holiday of the Land.
[[nodiscard]] LocalDate next_working_day(const LocalDate &date, Land land);
[[nodiscard]] LocalDate previous_working_day(const LocalDate &date, Land land);

} // namespace fernamt::agreements
