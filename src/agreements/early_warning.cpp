// SPDX-License-Identifier: EUPL-1.2
#include "agreements/early_warning.h"

#include "agreements/dates.h"
#include "agreements/names.h"

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr Names<Alarm, 4> kAlarms{{{Alarm::none, "none"},
                                   {Alarm::watch, "watch"},
                                   {Alarm::warning, "warning"},
                                   {Alarm::exceeded, "exceeded"}}};

Expected<void> check(const Budget &budget, const std::vector<Course> &courses) {
    const auto invalid_budget = [](std::string place) {
        return fail(ProblemKind::invalid_input, "budget.invalid",
                    {{"place", std::move(place)}, {"remedy", "correct_value"}});
    };
    if (budget.per_year < Money{}) return invalid_budget("per_year");
    if (budget.tolerance_percent < 0) return invalid_budget("tolerance_percent");
    for (const Course &course : courses) {
        if (course.over < 1 || course.over > 12) return invalid_budget("months");
    }
    return {};
}

MonthForecast seen(const Budget &budget, const Course &course) {
    MonthForecast now;
    now.month = course.over;
    for (int month = 1; month <= 12; ++month) {
        now.forecast = now.forecast + course.months.at(static_cast<std::size_t>(month - 1));
        if (month <= course.over) now.spent = now.forecast;
        if (!now.exhausted_in && now.forecast > budget.per_year) now.exhausted_in = month;
    }
    now.beyond = now.forecast - budget.per_year;
    return now;
}

// A month's share of the year, of its days [from, to]; scaled, so that days are exact enough.
std::int64_t share(const MonthWeights &weights, const LocalDate &from, const LocalDate &to) {
    constexpr std::int64_t kScale = 1'000'000;
    const std::int64_t days = to.day - from.day + 1;
    return mul_div(weights.at(static_cast<std::size_t>(from.month - 1)) * kScale, days,
                   days_in_month(from.year, from.month), Rounding::half_up);
}

LocalDate end_of_month(const LocalDate &date) {
    return {date.year, date.month, static_cast<int>(days_in_month(date.year, date.month))};
}

} // namespace

std::string_view to_string(Alarm alarm) {
    return name_in(kAlarms, alarm);
}

Expected<std::vector<MonthForecast>> forecast(const Budget &budget,
                                              const std::vector<Course> &courses) {
    if (auto valid = check(budget, courses); !valid) return tl::unexpected(valid.error());
    const Money tolerated{budget.per_year.cents + mul_div(budget.per_year.cents,
                                                          budget.tolerance_percent, 100,
                                                          Rounding::half_up)};
    std::vector<MonthForecast> forecasts;
    bool before = false;
    for (const Course &course : courses) {
        MonthForecast now = seen(budget, course);
        const bool beyond = now.forecast > tolerated;
        if (beyond) now.alarm = before ? Alarm::warning : Alarm::watch;
        if (now.spent > budget.per_year) now.alarm = Alarm::exceeded;
        before = beyond;
        forecasts.push_back(now);
    }
    return forecasts;
}

std::vector<VolumeCall> calls_to_come(const std::vector<VolumeCall> &calls, const LocalDate &served,
                                      const LocalDate &known, const MonthWeights &weights) {
    std::vector<VolumeCall> made;
    std::int64_t past = 0;
    for (LocalDate from = served; from <= known; from = add_days(end_of_month(from), 1))
        past += share(weights, from, std::min(end_of_month(from), known));
    if (calls.empty() || past == 0) return made;
    const auto pool = static_cast<std::int64_t>(calls.size());
    std::int64_t ahead = 0;
    std::int64_t drawn = 0; // cumulative, so that no month's rounding adds up
    for (LocalDate from = add_days(known, 1); from.year == known.year;
         from = add_days(end_of_month(from), 1)) {
        const LocalDate to = end_of_month(from);
        ahead += share(weights, from, to);
        const std::int64_t count = mul_div(pool, ahead, past, Rounding::half_up) - drawn;
        for (std::int64_t i = 0; i < count; ++i) {
            VolumeCall next = calls.at(static_cast<std::size_t>(i * pool / count));
            const auto day = static_cast<int>(i * (to.day - from.day + 1) / count);
            next.offered_at = to_instant(add_days(from, day), 12 * 3600);
            made.push_back(next);
        }
        drawn += count;
    }
    return made;
}

} // namespace fernamt::agreements
