// SPDX-License-Identifier: EUPL-1.2
#include "agreements/dates.h"

#include <algorithm>
#include <chrono>

namespace fernamt::agreements {

namespace {

std::int64_t day_number(const LocalDate &date) {
    using namespace std::chrono;
    return sys_days{year{date.year} / month{static_cast<unsigned>(date.month)} /
                    day{static_cast<unsigned>(date.day)}}
        .time_since_epoch()
        .count();
}

} // namespace

bool exists(const LocalDate &date) {
    return date.year >= 1900 && date.year <= 2999 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

int days_in_month(int year, int month) {
    using namespace std::chrono;
    const auto last = year_month_day_last{
        std::chrono::year{year}, month_day_last{std::chrono::month{static_cast<unsigned>(month)}}};
    return static_cast<int>(static_cast<unsigned>(last.day()));
}

std::int64_t days_between(const LocalDate &from, const LocalDate &to) {
    return day_number(to) - day_number(from);
}

LocalDate add_months(const LocalDate &date, int months) {
    const int count = date.year * 12 + date.month - 1 + months;
    const int year = count / 12;
    const int month = count % 12 + 1;
    return {year, month, std::min(date.day, days_in_month(year, month))};
}

LocalDate last_day_of_term(const LocalDate &first, int months) {
    // § 188 Abs. 3: where the day is missing the term ends with the month's last day, so a term
    // from the 31st ends there too and not a day earlier.
    const LocalDate same = add_months(first, months);
    return same.day < first.day ? same : add_days(same, -1);
}

LocalDate end_of_period(const LocalDate &day, const Period &period) {
    switch (period.unit) {
    case Period::Unit::days:
        return add_days(day, period.count);
    case Period::Unit::weeks:
        return add_days(day, period.count * 7);
    case Period::Unit::months:
        return add_months(day, period.count);
    }
    return day;
}

LocalDate latest_notice(const LocalDate &last, const Period &period) {
    const Period back{-period.count, period.unit};
    LocalDate day = add_days(end_of_period(last, back), 3); // at most the lengths of two months off
    while (end_of_period(day, period) > last)
        day = add_days(day, -1);
    return day;
}

bool is_working_day(const LocalDate &date, Land land) {
    return weekday_of(date) < Weekday::saturday && !public_holiday(land, date);
}

LocalDate next_working_day(const LocalDate &date, Land land) {
    LocalDate day = date;
    while (!is_working_day(day, land))
        day = add_days(day, 1);
    return day;
}

LocalDate previous_working_day(const LocalDate &date, Land land) {
    LocalDate day = date;
    while (!is_working_day(day, land))
        day = add_days(day, -1);
    return day;
}

} // namespace fernamt::agreements
