// SPDX-License-Identifier: EUPL-1.2
#include "reporting/what_if.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace fernamt::reporting {

namespace {

using namespace routing;

constexpr Duration kDay = std::chrono::hours{24};
constexpr Duration kShort = 7 * kDay; // a closure or an outing; anything longer is a new state

struct Span { // [from, until) in which something of the rules holds
    std::string of;
    Instant from;
    std::optional<Instant> until;
    friend auto operator<=>(const Span &, const Span &) = default;
};

Instant begin_of(const LocalDate &date) {
    return to_instant(date, 0);
}

class Spans {
  public:
    explicit Spans(const Rules &rules) {
        for (const Municipality &town : rules.municipalities) {
            const std::string name = to_ars(town.id);
            add(name, town.hours, town.exceptions);
            if (town.joins) add(name + " joins", *town.joins, {});
            if (town.leaves) add(name + " leaves", *town.leaves, {});
        }
        for (const Number &line : rules.numbers) {
            const std::string name = line.number.e164 + " " + to_ars(line.municipality);
            if (line.hours) add(name, line.hours->periods, line.hours->exceptions);
            if (line.valid_from) add(name + " begins", *line.valid_from, {});
            if (line.valid_until) add(name + " ends", *line.valid_until, {});
        }
        for (const Overflow &overflow : rules.overflows) {
            if (overflow.when != OverflowWhen::planned || !overflow.from) continue;
            const auto name =
                std::to_string(overflow.partner.value) + " " + std::to_string(overflow.queue.value);
            add(name, *overflow.from, overflow.until);
        }
        std::ranges::sort(all_);
    }
    [[nodiscard]] const std::vector<Span> &all() const { return all_; }

  private:
    void add(std::string of, Instant from, std::optional<Instant> until) {
        all_.push_back({std::move(of), from, until});
    }
    void add(const std::string &of, const std::vector<OpeningPeriod> &periods,
             const std::vector<HoursException> &exceptions) {
        for (const OpeningPeriod &period : periods) {
            if (period.valid_from) add(of + " hours", begin_of(*period.valid_from), {});
            if (period.valid_until)
                add(of + " hours end", begin_of(add_days(*period.valid_until, 1)), {});
        }
        for (const HoursException &one : exceptions)
            add(of + (one.open ? " open" : " closed"), begin_of(one.first),
                begin_of(add_days(one.last, 1)));
    }

    std::vector<Span> all_;
};

// Noon to noon: a day of 23 or 25 hours is one day.
int days_between(const LocalDate &from, const LocalDate &to) {
    const Duration apart = to_instant(to, 43'200) - to_instant(from, 43'200);
    return static_cast<int>(std::chrono::round<std::chrono::days>(apart).count());
}

// The local day within the past that has the most calls.
LocalDate busiest_day(const Past &past) {
    std::map<LocalDate, int> calls;
    for (const PastCall &call : past.calls)
        ++calls[to_local(call.at).date];
    const auto most =
        std::ranges::max_element(calls, {}, [](const auto &one) { return one.second; });
    return most == calls.end() ? to_local(past.period.from).date : most->first;
}

Instant moved(Instant at, int days) {
    const LocalTime local = to_local(at);
    return to_instant(add_days(local.date, days), local.second_of_day) +
           Duration{at.us % 1'000'000};
}

} // namespace

int days_until_it_holds(const Past &past, const Rules &before, const Rules &after) {
    const Spans old(before), fresh(after);
    std::vector<Span> differ;
    std::ranges::set_symmetric_difference(old.all(), fresh.all(), std::back_inserter(differ));
    if (differ.empty() || past.calls.empty()) return 0;
    const auto first = std::ranges::min_element(differ, {}, &Span::from);
    if (first->from < past.period.to) return 0;
    const LocalDate begins = to_local(first->from).date;
    const int days = days_between(busiest_day(past), begins);
    const bool is_short = first->until && *first->until - first->from <= kShort;
    if (is_short) return days > 0 ? days : days_between(to_local(past.period.from).date, begins);
    const bool in_the_day = first->from > begin_of(begins); // holds whole from the next day on
    return (days + (in_the_day ? 1 : 0) + 6) / 7 * 7;
}

Past moved(Past past, int days) {
    if (days == 0) return past;
    past.period = {moved(past.period.from, days), moved(past.period.to, days)};
    for (PastCall &call : past.calls)
        call.at = moved(call.at, days);
    for (auto &[at, event] : past.others) {
        at = moved(at, days);
        auto *office = std::get_if<OfficeSwitched>(&event);
        if (office && office->until) office->until = moved(*office->until, days);
    }
    std::ranges::stable_sort(past.others, {}, [](const auto &one) { return one.first; });
    return past;
}

} // namespace fernamt::reporting
