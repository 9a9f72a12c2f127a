// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/reachability.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr int kDaysAhead = 14;
constexpr int kMinutesOfDay = 24 * 60;

bool is_holiday(std::optional<Land> land, const LocalDate &date) {
    return land && public_holiday(*land, date).has_value();
}

Instant at_minute(const LocalDate &date, int minute) {
    if (minute >= kMinutesOfDay) return to_instant(add_days(date, 1), 0);
    return to_instant(date, minute * 60);
}

// The end of the hours that the minute lies in; hours that touch are one.
std::optional<int> end_of_hours(const OpeningHours &hours, Weekday weekday, int minute) {
    std::optional<int> end;
    for (const OpeningInterval &each : hours.intervals) { // in order
        if (each.weekday != weekday) continue;
        const int from = end.value_or(minute);
        if (each.from_minute <= from && each.to_minute > from) end = each.to_minute;
    }
    return end;
}

std::optional<Instant> next_opening(const OpeningHours &hours, std::optional<Land> land,
                                    const LocalTime &now) {
    for (int days = 0; days <= kDaysAhead; ++days) {
        const LocalDate date = add_days(now.date, days);
        if (is_holiday(land, date)) continue;
        for (const OpeningInterval &each : hours.intervals) {
            if (each.weekday != weekday_of(date)) continue;
            if (days == 0 && each.from_minute * 60 <= now.second_of_day) continue;
            return at_minute(date, each.from_minute);
        }
    }
    return std::nullopt;
}

} // namespace

Reachability reachability(const OpeningHours &hours, std::optional<Land> land, Instant now) {
    if (hours.intervals.empty()) return {};
    const LocalTime local = to_local(now);
    if (!is_holiday(land, local.date)) {
        const auto end = end_of_hours(hours, weekday_of(local.date), local.second_of_day / 60);
        if (end) return {Reach::open, at_minute(local.date, *end), std::nullopt};
    }
    if (!hours.complete) return {};
    return {Reach::closed, std::nullopt, next_opening(hours, land, local)};
}

} // namespace fernamt::knowledge
