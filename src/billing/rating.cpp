// SPDX-License-Identifier: EUPL-1.2
#include "billing/rating.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fernamt::billing {

namespace {

constexpr int kNoAgreement = -1;

// The amount for a number of billed seconds, computed once per number: base/money.h stays the only
// place that rounds, and ten million calls need no ten million 128-bit divisions.
class AmountTable {
  public:
    explicit AmountTable(const Agreement &agreement)
        : price_(agreement.price_per_minute), rounding_(agreement.rounding) {}

    Money operator()(std::int64_t billed_seconds) {
        const auto at = static_cast<std::size_t>(billed_seconds);
        if (at >= cents_.size()) cents_.resize(std::max(at + 1, cents_.size() * 2), kUnknown);
        if (cents_[at] == kUnknown) {
            cents_[at] = amount(price_, billed_seconds, 60, rounding_).cents;
        }
        return {cents_[at]};
    }

  private:
    static constexpr std::int64_t kUnknown = -1;
    Price price_;
    Rounding rounding_;
    std::vector<std::int64_t> cents_;
};

struct Day {
    LocalDate date;
    Instant begin;
    int agreement = kNoAgreement; // index into Plan::agreements
};

// The days of a period with their instants and agreements.
struct Plan {
    std::vector<Day> days;
    Instant end;
    std::vector<Agreement> agreements; // those in force on at least one of the days, by date

    [[nodiscard]] bool contains(Instant at) const { return days.front().begin <= at && at < end; }

    [[nodiscard]] std::size_t day_of(Instant at) const { // a day has 23, 24 or 25 hours
        constexpr std::int64_t kDay = 86'400'000'000;
        auto guess = static_cast<std::size_t>((at.us - days.front().begin.us) / kDay);
        guess = std::min(guess, days.size() - 1);
        while (at < days[guess].begin)
            --guess;
        while (guess + 1 < days.size() && days[guess + 1].begin <= at)
            ++guess;
        return guess;
    }
};

bool touches(const Agreement &agreement, const LocalDate &first, const LocalDate &last) {
    return agreement.valid_from <= last && (!agreement.valid_to || first <= *agreement.valid_to);
}

Expected<Plan> make_plan(std::optional<MunicipalityId> municipality, const LocalDate &first,
                         const LocalDate &last, std::span<const Agreement> agreements) {
    Plan plan;
    for (const Agreement &agreement : agreements) {
        if (municipality && agreement.municipality != *municipality) continue;
        if (!touches(agreement, first, last)) continue;
        if (auto valid = check(agreement); !valid) return tl::unexpected(valid.error());
        plan.agreements.push_back(agreement);
    }
    if (auto apart = check_overlap(plan.agreements); !apart) return tl::unexpected(apart.error());
    std::ranges::sort(plan.agreements, {}, &Agreement::valid_from);
    for (LocalDate date = first; date <= last; date = add_days(date, 1)) {
        Day day{date, to_instant(date, 0), kNoAgreement};
        for (std::size_t i = 0; i < plan.agreements.size(); ++i) {
            if (covers(plan.agreements[i], date)) day.agreement = static_cast<int>(i);
        }
        plan.days.push_back(day);
    }
    plan.end = to_instant(add_days(last, 1), 0);
    return plan;
}

// The uncovered days around a day with taken calls.
tl::unexpected<Problem> price_gap(const Plan &plan, std::size_t day) {
    std::size_t from = day;
    std::size_t to = day;
    while (from > 0 && plan.days[from - 1].agreement == kNoAgreement)
        --from;
    while (to + 1 < plan.days.size() && plan.days[to + 1].agreement == kNoAgreement)
        ++to;
    return fail(ProblemKind::conflict, "agreement.price_gap",
                {{"from", to_string(plan.days[from].date)}, {"to", to_string(plan.days[to].date)}});
}

tl::unexpected<Problem> negative_duration(const CallFact &call) {
    return fail(ProblemKind::internal, "billing.negative_duration",
                {{"call", fmt::format("{}", call.call.value)}});
}

bool is_implausible(const CallFact &call) {
    return call.talk > kLongestBilled || call.after_call_work > kLongestBilled ||
           call.talk + call.after_call_work > kLongestBilled;
}

Duration counted(const Agreement &agreement, Duration talk, Duration after_call_work) {
    return agreement.counts_after_call_work ? talk + after_call_work : talk;
}

struct Sums {
    std::int64_t calls = 0;
    std::int64_t talk = 0;
    std::int64_t after_call_work = 0;
    std::int64_t billed_seconds = 0;
    std::int64_t cents = 0;
};

Period make_period(const Plan &plan, int index) {
    Period period;
    period.agreement = plan.agreements[static_cast<std::size_t>(index)];
    bool begun = false;
    for (const Day &day : plan.days) {
        if (day.agreement != index) continue;
        if (!begun) period.from = day.date;
        begun = true;
        period.to = day.date;
    }
    return period;
}

void add(Period &period, const Sums &sums) {
    period.calls += sums.calls;
    period.talk += Duration{sums.talk};
    period.after_call_work += Duration{sums.after_call_work};
    period.billed_seconds += sums.billed_seconds;
    period.amount = period.amount + Money{sums.cents};
}

void round_sum(Period &period) {
    const Agreement &agreement = period.agreement;
    period.billed_seconds =
        round_up_to(agreement.unit, counted(agreement, period.talk, period.after_call_work));
    period.amount =
        amount(agreement.price_per_minute, period.billed_seconds, 60, agreement.rounding);
}

InvoiceLine make_line(const Day &day, const Sums &sums, Level level) {
    InvoiceLine line{.date = day.date,
                     .calls = sums.calls,
                     .talk = Duration{sums.talk},
                     .after_call_work = Duration{sums.after_call_work},
                     .billed_seconds = std::nullopt,
                     .amount = std::nullopt};
    if (level == Level::per_call) {
        line.billed_seconds = sums.billed_seconds;
        line.amount = Money{sums.cents};
    }
    return line;
}

void summarise(Invoice &invoice, const Plan &plan, const std::vector<Sums> &per_day) {
    for (std::size_t i = 0; i < plan.agreements.size(); ++i) {
        invoice.periods.push_back(make_period(plan, static_cast<int>(i)));
    }
    for (std::size_t day = 0; day < plan.days.size(); ++day) {
        if (per_day[day].calls == 0) continue;
        Period &period = invoice.periods[static_cast<std::size_t>(plan.days[day].agreement)];
        add(period, per_day[day]);
        invoice.lines.push_back(make_line(plan.days[day], per_day[day], period.agreement.level));
    }
    for (Period &period : invoice.periods) {
        if (period.agreement.level == Level::on_sum) round_sum(period);
        invoice.calls += period.calls;
        invoice.talk += period.talk;
        invoice.after_call_work += period.after_call_work;
        invoice.billed_seconds += period.billed_seconds;
        invoice.total = invoice.total + period.amount;
    }
}

} // namespace

Expected<Invoice> rate(MunicipalityId municipality, const Month &month,
                       std::span<const CallFact> calls, std::span<const Agreement> agreements) {
    const auto plan = make_plan(municipality, first_day(month), last_day(month), agreements);
    if (!plan) return tl::unexpected(plan.error());

    std::vector<AmountTable> amounts(plan->agreements.begin(), plan->agreements.end());
    std::vector<Sums> per_day(plan->days.size());
    std::map<std::string, std::int64_t, std::less<>> excluded;
    std::optional<std::size_t> uncovered; // the first day with taken calls and without a price
    for (const CallFact &call : calls) {
        if (!plan->contains(call.offered_at)) continue;
        if (call.talk < Duration::zero() || call.after_call_work < Duration::zero()) {
            return negative_duration(call);
        }
        if (!call.taken) {
            ++excluded[std::string{routing::to_string(call.reason)}];
            continue;
        }
        if (is_implausible(call)) {
            ++excluded["implausible_duration"];
            continue;
        }
        const std::size_t day = plan->day_of(call.offered_at);
        const int index = plan->days[day].agreement;
        if (index == kNoAgreement) {
            uncovered = std::min(day, uncovered.value_or(day));
            continue;
        }
        const Agreement &agreement = plan->agreements[static_cast<std::size_t>(index)];
        Sums &sums = per_day[day];
        ++sums.calls;
        sums.talk += call.talk.count();
        sums.after_call_work += call.after_call_work.count();
        if (agreement.level == Level::on_sum) continue;
        const std::int64_t billed =
            round_up_to(agreement.unit, counted(agreement, call.talk, call.after_call_work));
        sums.billed_seconds += billed;
        sums.cents += amounts[static_cast<std::size_t>(index)](billed).cents;
    }
    if (uncovered) return price_gap(*plan, *uncovered);

    Invoice invoice;
    invoice.municipality = municipality;
    invoice.month = month;
    summarise(invoice, *plan, per_day);
    for (const auto &[reason, count] : excluded)
        invoice.excluded.push_back({reason, count});
    return invoice;
}

Expected<std::vector<RatedCall>> rate_day(const LocalDate &date, std::span<const CallFact> calls,
                                          std::span<const Agreement> agreements) {
    const auto plan = make_plan(std::nullopt, date, date, agreements);
    if (!plan) return tl::unexpected(plan.error());
    std::vector<RatedCall> rated;
    for (const CallFact &call : calls) {
        if (!plan->contains(call.offered_at) || !call.taken) continue;
        if (call.talk < Duration::zero() || call.after_call_work < Duration::zero()) {
            return negative_duration(call);
        }
        if (is_implausible(call)) continue;
        if (plan->agreements.empty()) return price_gap(*plan, 0);
        const Agreement &agreement = plan->agreements.front();
        RatedCall each{.call = call.call,
                       .offered_at = call.offered_at,
                       .talk = call.talk,
                       .after_call_work = call.after_call_work,
                       .billed_seconds = std::nullopt,
                       .amount = std::nullopt};
        if (agreement.level == Level::per_call) {
            each.billed_seconds =
                round_up_to(agreement.unit, counted(agreement, call.talk, call.after_call_work));
            each.amount =
                amount(agreement.price_per_minute, *each.billed_seconds, 60, agreement.rounding);
        }
        rated.push_back(each);
    }
    std::ranges::sort(rated, {},
                      [](const RatedCall &call) { return std::pair{call.offered_at, call.call}; });
    return rated;
}

} // namespace fernamt::billing
