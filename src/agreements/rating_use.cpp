// SPDX-License-Identifier: EUPL-1.2
#include "agreements/rating_use.h"

#include "agreements/month.h"
#include "agreements/term.h"

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr std::size_t kChunk = 8192; // calls: their columns stay in the first-level cache

struct PriceAt {
    int contract_year;
    Price operator()(const MinutePrice &model) const {
        return price_in(model.steps, contract_year);
    }
    Price operator()(const CallPrice &model) const { return price_in(model.steps, contract_year); }
    Price operator()(const Package &model) const { return model.overage_per_minute; }
    template <class Other>
    Price operator()(const Other &) const {
        return {};
    }
};

struct CountingOf {
    Counting operator()(const MinutePrice &model) const {
        const bool each = model.level == Level::per_call;
        return {model.unit,           each, each, model.counts_after_call_work, model.rounding,
                model.minimum_seconds};
    }
    Counting operator()(const Package &model) const {
        return {model.unit, false, true, model.counts_after_call_work, model.rounding, 0};
    }
    template <class Other>
    Counting operator()(const Other &) const {
        return {};
    }
};

// Of the classes that the calls have; empty if the clause looks at all of them.
std::vector<char> classes_taken(const PriceList &prices, const PriceClause &clause,
                                const Calls &calls) {
    std::vector<char> takes;
    for (const std::int64_t each : calls.classes())
        takes.push_back(takes_class(prices, clause, each) ? 1 : 0);
    if (std::ranges::find(takes, 0) == takes.end()) takes.clear();
    return takes;
}

UsePlan plan_use(const PriceList &prices, std::size_t index, const Calls &calls,
                 const std::vector<LocalDate> &dates) {
    const PriceClause &clause = prices.clauses[index];
    const LocalDate end = end_of(prices, clause);
    const Counting counting = counting_of(clause);
    UsePlan plan;
    plan.clause = index;
    plan.takes = classes_taken(prices, clause, calls);
    plan.slot_of.assign(static_cast<std::size_t>(calls.days()) * kKindsWide, kNoSlot);
    const Month first = month_of(calls.first());
    for (std::size_t day = 0; day < dates.size(); ++day) {
        const LocalDate &date = dates[day];
        if (date < clause.from || date > end) continue;
        const auto month =
            static_cast<std::size_t>((date.year - first.year) * 12 + date.month - first.month);
        const int year = contract_year(prices.contract_begins, date);
        if (plan.slots.empty() || plan.slots.back().month != month ||
            plan.slots.back().contract_year != year) {
            const Price price = std::visit(PriceAt{year}, clause.model);
            plan.slots.push_back({index, month, year, date, date, price, {}});
            plan.tables.emplace_back(price, seconds_in(counting.unit), counting.rounding);
        }
        plan.slots.back().to = date;
        for (int kind = 0; kind < kBilledKinds; ++kind) {
            if (!clause.kinds.has(static_cast<CallKind>(kind))) continue;
            plan.slot_of[day * kKindsWide + static_cast<std::size_t>(kind)] =
                static_cast<std::int32_t>(plan.slots.size() - 1);
        }
    }
    return plan;
}

template <std::int64_t kUnitUs, bool kUnits, bool kAmounts>
void sum_chunk(UsePlan &plan, const Calls &calls, const Counting &counting, std::size_t begin,
               std::size_t end) {
    const auto day = calls.day();
    const auto kind = calls.kind();
    const auto talk = calls.talk_us();
    const auto work = calls.work_us();
    const std::int64_t work_counts = counting.after_call_work ? -1 : 0;
    const std::int64_t minimum = (counting.minimum_seconds * 1'000'000 + kUnitUs - 1) / kUnitUs;
    const bool classed = !plan.takes.empty();
    for (std::size_t i = begin; i < end; ++i) {
        const std::int32_t at =
            plan.slot_of[day[i] * kKindsWide + static_cast<std::size_t>(kind[i])];
        if (at == kNoSlot || (classed && !plan.takes_call(calls, i))) continue;
        Sums &sums = plan.slots[static_cast<std::size_t>(at)].sums;
        ++sums.calls;
        sums.talk += talk[i];
        sums.work += work[i];
        if constexpr (kUnits) {
            const std::int64_t us = talk[i] + (work[i] & work_counts);
            const std::int64_t units = std::max((us + kUnitUs - 1) / kUnitUs, minimum);
            sums.units += units;
            if constexpr (kAmounts) sums.cents += plan.tables[static_cast<std::size_t>(at)](units);
        }
    }
}

template <std::int64_t kUnitUs>
void sum_chunk_of(UsePlan &plan, const Calls &calls, const Counting &counting, std::size_t begin,
                  std::size_t end) {
    if (counting.per_call) return sum_chunk<kUnitUs, true, true>(plan, calls, counting, begin, end);
    if (counting.units) return sum_chunk<kUnitUs, true, false>(plan, calls, counting, begin, end);
    sum_chunk<kUnitUs, false, false>(plan, calls, counting, begin, end);
}

void sum_chunk_of(UsePlan &plan, const Calls &calls, const Counting &counting, std::size_t begin,
                  std::size_t end) {
    switch (counting.unit) {
    case Unit::second:
        return sum_chunk_of<1'000'000>(plan, calls, counting, begin, end);
    case Unit::started_six_seconds:
        return sum_chunk_of<6'000'000>(plan, calls, counting, begin, end);
    case Unit::started_minute:
        return sum_chunk_of<60'000'000>(plan, calls, counting, begin, end);
    }
}

Problem price_gap(std::size_t kind, const LocalDate &from, const LocalDate &to) {
    return {ProblemKind::conflict,
            "agreement.price_gap",
            {{"kind", std::string{to_string(static_cast<CallKind>(kind))}},
             {"from", to_string(from)},
             {"to", to_string(to)},
             {"remedy", "add_a_price_for_these_days"}}};
}

// The first call of a price class that no use clause of its day looks at.
std::optional<Problem> class_gap_in(const PriceList &prices, const Calls &calls,
                                    const std::vector<UsePlan> &plans,
                                    const std::vector<LocalDate> &dates) {
    if (std::ranges::all_of(plans, [](const UsePlan &plan) { return plan.takes.empty(); })) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const CallKind kind = calls.kind()[i];
        if (!is_billed(kind) || (!is_owed(kind) && !prices_kind(prices, kind))) continue;
        const auto at = calls.day()[i] * kKindsWide + static_cast<std::size_t>(kind);
        const bool priced = std::ranges::any_of(plans, [&](const UsePlan &plan) {
            return plan.slot_of[at] != kNoSlot && plan.takes_call(calls, i);
        });
        const LocalDate &date = dates[calls.day()[i]];
        if (!priced) return price_gap(static_cast<std::size_t>(kind), date, date);
    }
    return std::nullopt;
}

// The first kind with a call on a day that no use clause prices, with the days around it.
std::optional<Problem> gap_in(const PriceList &prices, const Histogram &histogram,
                              const std::vector<UsePlan> &plans,
                              const std::vector<LocalDate> &dates) {
    const auto open = [&](std::size_t day, std::size_t kind) {
        return std::ranges::none_of(plans, [&](const UsePlan &plan) {
            return plan.slot_of[day * kKindsWide + kind] != kNoSlot;
        });
    };
    for (std::size_t day = 0; day < dates.size(); ++day) {
        for (std::size_t kind = 0; kind < kBilledKinds; ++kind) {
            if (histogram[day * kKindsWide + kind] == 0 || !open(day, kind)) continue;
            const auto which = static_cast<CallKind>(kind);
            if (!is_owed(which) && !prices_kind(prices, which)) continue; // not its account
            std::size_t from = day;
            std::size_t to = day;
            while (from > 0 && open(from - 1, kind))
                --from;
            while (to + 1 < dates.size() && open(to + 1, kind))
                ++to;
            return price_gap(kind, dates[from], dates[to]);
        }
    }
    return std::nullopt;
}

} // namespace

Price price_in(const std::vector<PriceStep> &steps, int contract_year) {
    const PriceStep *found = step_of(steps, contract_year);
    return found == nullptr ? Price{} : found->price;
}

Counting counting_of(const PriceClause &clause) {
    return std::visit(CountingOf{}, clause.model);
}

LocalDate end_of(const PriceList &prices, const PriceClause &clause) {
    const LocalDate open{2999, 12, 31};
    return std::min(clause.to.value_or(open), prices.ends.value_or(open));
}

std::vector<LocalDate> dates_of(const Calls &calls) {
    std::vector<LocalDate> dates;
    for (int day = 0; day < calls.days(); ++day)
        dates.push_back(calls.date(day));
    return dates;
}

std::vector<UsePlan> plans_of(const PriceList &prices, const Calls &calls,
                              const std::vector<LocalDate> &dates) {
    std::vector<UsePlan> plans;
    for (std::size_t i = 0; i < prices.clauses.size(); ++i) {
        if (is_use(prices.clauses[i].model)) plans.push_back(plan_use(prices, i, calls, dates));
    }
    return plans;
}

Histogram sum_all(std::vector<UsePlan> &plans, const PriceList &prices, const Calls &calls) {
    Histogram histogram(static_cast<std::size_t>(calls.days()) * kKindsWide);
    const auto day = calls.day();
    const auto kind = calls.kind();
    for (std::size_t begin = 0; begin < calls.size(); begin += kChunk) {
        const std::size_t end = std::min(begin + kChunk, calls.size());
        for (std::size_t i = begin; i < end; ++i)
            ++histogram[day[i] * kKindsWide + static_cast<std::size_t>(kind[i])];
        for (UsePlan &plan : plans) {
            sum_chunk_of(plan, calls, counting_of(prices.clauses[plan.clause]), begin, end);
        }
    }
    return histogram;
}

std::optional<Problem> price_gap_in(const PriceList &prices, const Calls &calls,
                                    const Histogram &histogram, const std::vector<UsePlan> &plans,
                                    const std::vector<LocalDate> &dates) {
    if (auto gap = gap_in(prices, histogram, plans, dates)) return gap;
    return class_gap_in(prices, calls, plans, dates);
}

} // namespace fernamt::agreements
