// SPDX-License-Identifier: EUPL-1.2
#include "agreements/term.h"

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr int kLongest = 360; // months: 30 years

// The last day of the k-th term, computed from the beginning so that no month's end drifts.
LocalDate end_of_term(const Term &term, int renewals) {
    return last_day_of_term(term.begins, term.first_months + renewals * term.renewal_months);
}

// The first possible end on or after `date`.
std::optional<LocalDate> end_from(const Term &term, const LocalDate &date) {
    if (term.first_months == 0) return LocalDate{std::max(date, term.begins).year, 12, 31};
    for (int renewals = 0;; ++renewals) {
        const LocalDate end = end_of_term(term, renewals);
        if (end >= date) return end;
        if (term.renewal_months == 0) return std::nullopt;
    }
}

} // namespace

Expected<void> check(const Term &term) {
    const auto invalid = [](std::string field) {
        return fail(ProblemKind::invalid_input, "agreement.term_invalid",
                    {{"place", "term." + field}, {"remedy", "correct_value"}});
    };
    if (!exists(term.begins)) return invalid("begins");
    if (term.first_months < 0 || term.first_months > kLongest) return invalid("first_months");
    if (term.renewal_months < 0 || term.renewal_months > kLongest) return invalid("renewal_months");
    if (term.notice.count < 0 ||
        end_of_period(term.begins, term.notice) > add_months(term.begins, kLongest)) {
        return invalid("notice");
    }
    if (std::ranges::any_of(term.remind_days, [](int days) { return days < 0 || days > 3660; })) {
        return invalid("remind_days");
    }
    return {};
}

std::optional<LocalDate> running_until(const Term &term, const LocalDate &date) {
    if (term.first_months == 0) return std::nullopt;
    return end_from(term, date);
}

std::optional<NextEnd> next_possible_end(const Term &term, const LocalDate &date, Land land) {
    for (LocalDate from = std::max(date, term.begins);;) {
        const auto end = end_from(term, from);
        if (!end) return std::nullopt;
        const LocalDate until = latest_notice(*end, term.notice);
        if (until >= date) return NextEnd{*end, until, previous_working_day(until, land)};
        from = add_days(*end, 1);
    }
}

std::vector<Reminder> reminders(const Term &term, const LocalDate &date, Land land) {
    std::vector<Reminder> all;
    const auto next = next_possible_end(term, date, land);
    if (!next) return all;
    for (const int days : term.remind_days)
        all.push_back({add_days(next->notice_until, -days), days});
    std::ranges::sort(all, {}, &Reminder::on);
    return all;
}

int contract_year(const LocalDate &begins, const LocalDate &date) {
    if (date < begins) return 0;
    int year = date.year - begins.year + 1;
    if (contract_year_begins(begins, year) > date) --year;
    return year;
}

LocalDate contract_year_begins(const LocalDate &begins, int year) {
    // Not "the same day": a year from 29 February ends with 28 February (§ 188 Abs. 2, 3).
    if (year <= 1) return begins;
    return add_days(last_day_of_term(begins, (year - 1) * 12), 1);
}

LocalDate contract_year_ends(const LocalDate &begins, int year) {
    return add_days(contract_year_begins(begins, year + 1), -1);
}

} // namespace fernamt::agreements
