// SPDX-License-Identifier: EUPL-1.2
// How long an agreement lasts: a first term, renewal, notice (R-04: "gilt zunächst für zwei Jahre
// und verlängert sich dann automatisch um jeweils ein Jahr, wenn ... nicht ... gekündigt wird").
// Pure arithmetic on days; who gave notice stands in agreement.h.
#pragma once

#include "agreements/dates.h"
#include "base/problem.h"

#include <optional>
#include <vector>

namespace fernamt::agreements {

struct Term {
    LocalDate begins;
    int first_months = 24;   // 0: unlimited; it ends only by notice, to the end of a calendar year
    int renewal_months = 12; // 0: it ends by itself after the first term
    Period notice{6, Period::Unit::months};    // the paper of Soest names none: a parameter
    std::vector<int> remind_days{180, 90, 30}; // days before the last day for notice
    friend bool operator==(const Term &, const Term &) = default;
};

// 0 < first_months or unlimited; periods below 30 years. "agreement.term_invalid" (field).
[[nodiscard]] Expected<void> check(const Term &term);

// The last day of the term (first or renewed) that runs on `date`, if nobody gives notice; empty
// if it is unlimited, has ended by itself before `date`, or has not begun (then the first term's).
[[nodiscard]] std::optional<LocalDate> running_until(const Term &term, const LocalDate &date);

struct NextEnd {
    LocalDate last_day;       // of the agreement, if notice arrives in time
    LocalDate notice_until;   // the last day on which it may arrive
    LocalDate notice_advised; // the last working day up to then: the post is opened on that day
};
// What a notice that arrives on `date` still reaches; empty if the term ends by itself before.
[[nodiscard]] std::optional<NextEnd> next_possible_end(const Term &term, const LocalDate &date,
                                                       Land land);

struct Reminder {
    LocalDate on;
    int days_before = 0;
    friend bool operator==(const Reminder &, const Reminder &) = default;
};
// The reminders for the next possible end, those of the past included, by date.
[[nodiscard]] std::vector<Reminder> reminders(const Term &term, const LocalDate &date, Land land);

// 1 from `begins`; the year that began with the last anniversary. 0 before.
[[nodiscard]] int contract_year(const LocalDate &begins, const LocalDate &date);
[[nodiscard]] LocalDate contract_year_begins(const LocalDate &begins, int year);
[[nodiscard]] LocalDate contract_year_ends(const LocalDate &begins, int year); // last day

} // namespace fernamt::agreements
