// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/reachability.h"

#include <algorithm>
#include <chrono>

namespace fernamt::knowledge {

namespace {

constexpr Duration kAhead = std::chrono::hours(24 * 15); // two weeks and the rest of today
constexpr int kMinutesOfDay = 24 * 60;

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

bool is_unclear(const OpeningHours &hours, const LocalDate &date) {
    return hours.unclear.test(static_cast<std::size_t>(weekday_of(date)));
}

std::vector<routing::OpeningPeriod> periods_of(const OpeningHours &hours) {
    std::vector<routing::OpeningPeriod> periods;
    for (const OpeningInterval &each : hours.intervals)
        periods.push_back({each.weekday, each.from_minute * 60, each.to_minute * 60, {}, {}});
    return periods;
}

// A closure may begin before the hours end.
Instant end_or_closure(Instant end, const std::vector<routing::HoursException> &closures,
                       const LocalTime &local) {
    for (const routing::HoursException &one : closures) {
        if (local.date < one.first || one.last < local.date) continue;
        if (one.from_second > local.second_of_day)
            end = std::min(end, to_instant(local.date, one.from_second));
    }
    return end;
}

} // namespace

Reachability reachability(const OpeningHours &hours, std::optional<Land> land,
                          const std::vector<routing::HoursException> &closures, Instant now) {
    if (hours.intervals.empty()) return {};
    std::vector<routing::HoursException> shut = closures;
    std::erase_if(shut, [](const routing::HoursException &one) { return one.open; });
    const auto periods = periods_of(hours);
    const bool holidays = land.has_value();
    const Land keeps = land.value_or(Land::NI); // asked only with holidays
    const routing::Openness is = routing::openness(periods, shut, holidays, keeps, now);
    const LocalTime local = to_local(now);
    if (is_open(is)) {
        const auto end = end_of_hours(hours, weekday_of(local.date), local.second_of_day / 60);
        if (!end) return {};
        return {Reach::open, end_or_closure(at_minute(local.date, *end), shut, local),
                std::nullopt};
    }
    if (is_unclear(hours, local.date)) return {};
    auto opens = routing::next_opening(periods, shut, holidays, keeps, now);
    if (opens && *opens - now > kAhead) opens.reset();
    for (LocalDate day = local.date; opens && day <= to_local(*opens).date;
         day = add_days(day, 1)) {
        if (is_unclear(hours, day)) opens.reset(); // perhaps earlier
    }
    return {Reach::closed, std::nullopt, opens};
}

} // namespace fernamt::knowledge
