// SPDX-License-Identifier: EUPL-1.2
#include "agreements/early_warning.h"

#include "agreements/names.h"

#include <algorithm>
#include <numeric>

namespace fernamt::agreements {

namespace {

constexpr Names<Alarm, 4> kAlarms{{{Alarm::none, "none"},
                                   {Alarm::watch, "watch"},
                                   {Alarm::warning, "warning"},
                                   {Alarm::exceeded, "exceeded"}}};

Expected<void> check(const Budget &budget, std::size_t months) {
    const auto invalid_budget = [](std::string place) {
        return fail(ProblemKind::invalid_input, "budget.invalid",
                    {{"place", std::move(place)}, {"remedy", "correct_value"}});
    };
    if (months > 12) return invalid_budget("months");
    if (budget.per_year < Money{}) return invalid_budget("per_year");
    if (budget.tolerance_percent < 0) return invalid_budget("tolerance_percent");
    for (const std::int64_t weight : budget.weights) {
        if (weight < 1 || weight > 1'000'000) return invalid_budget("weights");
    }
    return {};
}

// The first month in which the forecast's course is beyond the budget.
std::optional<int> exhausted_in(const Budget &budget, const MonthForecast &now, std::size_t over) {
    std::int64_t past = 0;
    std::int64_t future = 0;
    for (std::size_t i = 0; i < 12; ++i)
        (i < over ? past : future) += budget.weights.at(i);
    if (now.spent > budget.per_year) return static_cast<int>(over);
    std::int64_t ahead = 0;
    for (std::size_t i = over; i < 12; ++i) {
        ahead += budget.weights.at(i);
        const Money course =
            now.spent + Money{mul_div(now.spent.cents, ahead, past, Rounding::half_up)};
        if (course > budget.per_year) return static_cast<int>(i) + 1;
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(Alarm alarm) {
    return name_in(kAlarms, alarm);
}

Expected<std::vector<MonthForecast>> forecast(const Budget &budget,
                                              const std::vector<Money> &months) {
    if (auto valid = check(budget, months.size()); !valid) return tl::unexpected(valid.error());
    const std::int64_t year =
        std::accumulate(budget.weights.begin(), budget.weights.end(), std::int64_t{0});
    const Money tolerated{budget.per_year.cents + mul_div(budget.per_year.cents,
                                                          budget.tolerance_percent, 100,
                                                          Rounding::half_up)};
    std::vector<MonthForecast> forecasts;
    Money spent;
    std::int64_t past = 0;
    bool before = false;
    for (std::size_t i = 0; i < months.size(); ++i) {
        spent = spent + months[i];
        past += budget.weights.at(i);
        MonthForecast now;
        now.spent = spent;
        now.forecast = Money{mul_div(spent.cents, year, past, Rounding::half_up)};
        now.beyond = now.forecast - budget.per_year;
        const bool beyond = now.forecast > tolerated;
        if (beyond) now.alarm = before ? Alarm::warning : Alarm::watch;
        if (spent > budget.per_year) now.alarm = Alarm::exceeded;
        now.exhausted_in = exhausted_in(budget, now, i + 1);
        before = beyond;
        forecasts.push_back(now);
    }
    return forecasts;
}

} // namespace fernamt::agreements
