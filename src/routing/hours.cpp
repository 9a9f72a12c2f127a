// SPDX-License-Identifier: EUPL-1.2
#include "routing/hours.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

constexpr int kDaysAhead = 400; // a year and its holidays
constexpr int kDay = 86'400;

bool contains(const HoursException &exception, const LocalTime &local) {
    return exception.first <= local.date && local.date <= exception.last &&
           exception.from_second <= local.second_of_day &&
           local.second_of_day < exception.to_second;
}

bool is_valid(const OpeningPeriod &period, const LocalDate &date) {
    return (!period.valid_from || *period.valid_from <= date) &&
           (!period.valid_until || date <= *period.valid_until);
}

bool any_holds(const std::vector<HoursException> &exceptions, const LocalTime &local) {
    return std::ranges::any_of(exceptions,
                               [&](const HoursException &one) { return contains(one, local); });
}

void append_changes(std::vector<int> &seconds, const std::vector<HoursException> &exceptions,
                    const LocalDate &date) {
    for (const HoursException &exception : exceptions) {
        if (date < exception.first || exception.last < date) continue;
        const int change = exception.open ? exception.from_second : exception.to_second;
        if (change < kDay) seconds.push_back(change);
    }
}

// Seconds of the day at which it may open: beginnings of periods and openings, ends of closures.
std::vector<int> candidates(const HoursView &hours, const LocalDate &date) {
    std::vector<int> seconds{0}; // a holiday is over at midnight
    const Weekday weekday = weekday_of(date);
    for (const OpeningPeriod &period : hours.periods) {
        if (period.weekday == weekday) seconds.push_back(period.from_second);
    }
    append_changes(seconds, hours.exceptions, date);
    append_changes(seconds, hours.behind, date);
    std::sort(seconds.begin(), seconds.end());
    return seconds;
}

const std::vector<HoursException> kNone;

} // namespace

bool is_within(const std::vector<OpeningPeriod> &periods, const LocalTime &local) {
    const Weekday weekday = weekday_of(local.date);
    return std::any_of(periods.begin(), periods.end(), [&](const OpeningPeriod &period) {
        return period.weekday == weekday && local.second_of_day >= period.from_second &&
               local.second_of_day < period.to_second && is_valid(period, local.date);
    });
}

Openness openness(const HoursView &hours, Instant at) {
    if (hours.periods.empty() && hours.exceptions.empty() && hours.behind.empty()) {
        return Openness::closed_no_hours;
    }
    const LocalTime local = to_local(at);
    const auto &exceptions = any_holds(hours.exceptions, local) ? hours.exceptions : hours.behind;
    const auto applies = [&](bool open) {
        return std::ranges::any_of(exceptions, [&](const HoursException &one) {
            return one.open == open && contains(one, local);
        });
    };
    const bool by_the_week = is_within(hours.periods, local);
    const bool holiday = by_the_week && hours.closed_on_public_holidays &&
                         public_holiday(hours.land, local.date).has_value();
    const bool closed = applies(false);
    if (by_the_week && !holiday && !closed) return Openness::open;
    if (applies(true)) return Openness::open_exceptionally;
    if (by_the_week && closed) return Openness::closed_locally;
    return holiday ? Openness::closed_public_holiday : Openness::closed_hours;
}

std::optional<Instant> next_opening(const HoursView &hours, Instant after) {
    const LocalDate today = to_local(after).date;
    for (int day = 0; day <= kDaysAhead; ++day) {
        const LocalDate date = add_days(today, day);
        for (const int second : candidates(hours, date)) {
            const Instant at = to_instant(date, second);
            if (at > after && is_open(openness(hours, at))) return at;
        }
    }
    return std::nullopt;
}

Openness openness(const std::vector<OpeningPeriod> &periods,
                  const std::vector<HoursException> &exceptions, bool closed_on_public_holidays,
                  Land land, Instant at) {
    return openness({periods, exceptions, kNone, closed_on_public_holidays, land}, at);
}

std::optional<Instant> next_opening(const std::vector<OpeningPeriod> &periods,
                                    const std::vector<HoursException> &exceptions,
                                    bool closed_on_public_holidays, Land land, Instant after) {
    return next_opening({periods, exceptions, kNone, closed_on_public_holidays, land}, after);
}

} // namespace fernamt::routing
