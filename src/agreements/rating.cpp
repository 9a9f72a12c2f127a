// SPDX-License-Identifier: EUPL-1.2
#include "agreements/rating.h"

#include "agreements/dates.h"
#include "agreements/names.h"
#include "agreements/rating_use.h"
#include "agreements/term.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace fernamt::agreements {

namespace {

constexpr Names<ChargePart, 6> kParts{{{ChargePart::use, "use"},
                                       {ChargePart::base, "base"},
                                       {ChargePart::overage, "overage"},
                                       {ChargePart::reduction, "reduction"},
                                       {ChargePart::shortfall, "shortfall"},
                                       {ChargePart::credit, "credit"}}};

struct Part { // a month's part of the span
    Month month;
    LocalDate from;
    LocalDate to;
};

// What a contract year has come to so far.
struct YearSoFar {
    std::map<std::size_t, std::int64_t> package_seconds; // by clause
    std::map<std::size_t, Money> overage;
    std::map<std::size_t, Money> reduced;
    Money use;
};

class Assembler {
  public:
    Assembler(const PriceList &prices, const std::vector<UsePlan> &plans)
        : prices_(prices), plans_(plans) {}

    MonthStatement month(const Part &part, std::size_t month_index) {
        MonthStatement statement;
        statement.month = part.month;
        for (std::size_t i = 0; i < prices_.clauses.size(); ++i) {
            const PriceClause &clause = prices_.clauses[i];
            if (is_use(clause.model)) {
                use(statement, i, month_index);
                if (const auto *package = std::get_if<Package>(&clause.model)) {
                    base(statement, part, i, package->per_year);
                }
            } else {
                accruing(statement, part, i);
            }
        }
        for (std::size_t i = 0; i < prices_.clauses.size(); ++i)
            limit(statement, part, i);
        for (const Charge &charge : statement.charges)
            count(statement, charge);
        std::ranges::stable_sort(statement.charges, {}, &Charge::clause);
        return statement;
    }

  private:
    static void count(MonthStatement &statement, const Charge &charge) {
        switch (charge.payer) {
        case Payer::municipality:
            statement.total = statement.total + charge.amount;
            break;
        case Payer::third_party:
            statement.third_party = statement.third_party + charge.amount;
            break;
        case Payer::levy:
            statement.levy = statement.levy + charge.amount;
            break;
        }
    }

    void use(MonthStatement &statement, std::size_t index, std::size_t month_index) {
        for (const UsePlan &plan : plans_) {
            if (plan.clause != index) continue;
            for (const Slot &slot : plan.slots) {
                if (slot.month == month_index) use(statement, slot);
            }
        }
    }

    void use(MonthStatement &statement, const Slot &slot) {
        const PriceClause &clause = prices_.clauses[slot.clause];
        const Counting counting = counting_of(clause);
        Charge charge{.clause = slot.clause,
                      .part = ChargePart::use,
                      .payer = clause.payer,
                      .from = slot.from,
                      .to = slot.to,
                      .contract_year = slot.contract_year,
                      .calls = slot.sums.calls,
                      .talk = Duration{slot.sums.talk},
                      .after_call_work = Duration{slot.sums.work},
                      .price = slot.price,
                      .amount = {}};
        charge.billed_seconds = slot.sums.units * seconds_in(counting.unit);
        YearSoFar &year = years_[slot.contract_year];
        if (const auto *minutes = std::get_if<MinutePrice>(&clause.model)) {
            charge.amount = minutes->level == Level::per_call ? Money{slot.sums.cents}
                                                              : on_sum(charge, *minutes);
        } else if (const auto *calls = std::get_if<CallPrice>(&clause.model)) {
            charge.amount = amount(slot.price, slot.sums.calls, 1, calls->rounding);
        }
        if (clause.payer == Payer::municipality) year.use = year.use + charge.amount;
        statement.charges.push_back(charge);
        if (const auto *package = std::get_if<Package>(&clause.model)) {
            overage(statement, charge, *package, year);
        }
    }

    static Money on_sum(Charge &charge, const MinutePrice &minutes) {
        const Duration time =
            charge.talk + (minutes.counts_after_call_work ? charge.after_call_work : Duration{});
        charge.billed_seconds = round_up_to(minutes.unit, time);
        return amount(charge.price, charge.billed_seconds, 60, minutes.rounding);
    }

    static void overage(MonthStatement &statement, const Charge &use, const Package &package,
                        YearSoFar &year) {
        std::int64_t &used = year.package_seconds[use.clause];
        const std::int64_t before = std::max<std::int64_t>(used - package.included_minutes * 60, 0);
        used += use.billed_seconds;
        const std::int64_t beyond = std::max<std::int64_t>(used - package.included_minutes * 60, 0);
        if (beyond == before) return;
        const Money whole = amount(package.overage_per_minute, beyond, 60, package.rounding);
        Charge charge = use;
        charge.part = ChargePart::overage;
        charge.calls = 0;
        charge.talk = charge.after_call_work = Duration{};
        charge.billed_seconds = beyond - before;
        charge.amount = whole - year.overage[use.clause];
        year.overage[use.clause] = whole;
        if (use.payer == Payer::municipality) year.use = year.use + charge.amount;
        statement.charges.push_back(charge);
    }

    [[nodiscard]] std::optional<Part> within(const Part &part, const PriceClause &clause) const {
        Part days{part.month, std::max(part.from, clause.from),
                  std::min(part.to, end_of(prices_, clause))};
        if (days.from > days.to) return std::nullopt;
        return days;
    }

    static Money accrual(Money per_year, const LocalDate &from, const LocalDate &to) {
        const LocalDate before = add_days(from, -1);
        const Money until = before.year == from.year ? accrued(per_year, before) : Money{};
        return accrued(per_year, to) - until;
    }

    void base(MonthStatement &statement, const Part &part, std::size_t index, Money per_year,
              ChargePart kind = ChargePart::base) {
        const PriceClause &clause = prices_.clauses[index];
        const auto days = within(part, clause);
        if (!days) return;
        statement.charges.push_back(
            {.clause = index,
             .part = kind,
             .payer = std::holds_alternative<LevyShare>(clause.model) ? Payer::levy : clause.payer,
             .from = days->from,
             .to = days->to,
             .contract_year = contract_year(prices_.contract_begins, days->from),
             .price = {},
             .amount = accrual(per_year, days->from, days->to)});
    }

    // The days of one population figure each.
    void per_inhabitant(MonthStatement &statement, const Part &part, std::size_t index,
                        const InhabitantBase &model) {
        const auto days = within(part, prices_.clauses[index]);
        if (!days) return;
        for (LocalDate from = days->from; from <= days->to;) {
            LocalDate to = days->to;
            for (const Population &each : prices_.populations) {
                if (each.from > from && each.from <= to) to = add_days(each.from, -1);
            }
            const Population *population = population_on(prices_, from);
            const Money per_year =
                amount(model.per_year, population->inhabitants, 1, model.rounding);
            base(statement, {part.month, from, to}, index, per_year);
            statement.charges.back().quantity = population->inhabitants;
            statement.charges.back().price = model.per_year;
            from = add_days(to, 1);
        }
    }

    void accruing(MonthStatement &statement, const Part &part, std::size_t index) {
        const PriceModel &model = prices_.clauses[index].model;
        if (const auto *inhabitants = std::get_if<InhabitantBase>(&model)) {
            per_inhabitant(statement, part, index, *inhabitants);
        } else if (const auto *fixed = std::get_if<FixedBase>(&model)) {
            base(statement, part, index, fixed->per_year);
        } else if (const auto *levy = std::get_if<LevyShare>(&model)) {
            base(statement, part, index, share_of_levy(*levy));
        } else if (const auto *credit = std::get_if<SecondmentCredit>(&model)) {
            const std::int64_t cents = mul_div(credit->per_post_and_year.cents,
                                               credit->post_hundredths, 100, Rounding::half_up);
            base(statement, part, index, Money{-cents}, ChargePart::credit);
        }
    }

    [[nodiscard]] Money share_of_levy(const LevyShare &levy) const {
        std::int64_t sum = 0;
        std::int64_t before = 0; // cumulative, so that all shares add up to the whole
        std::int64_t after = 0;
        for (const KeyShare &share : levy.key) {
            if (share.municipality == prices_.municipality) {
                before = sum;
                after = sum + share.weight;
            }
            sum += share.weight;
        }
        const auto up_to = [&](std::int64_t weight) {
            return mul_div(levy.carried_per_year.cents, weight, sum, Rounding::half_up);
        };
        return {up_to(after) - up_to(before)};
    }

    void limit(MonthStatement &statement, const Part &part, std::size_t index) {
        const PriceClause &clause = prices_.clauses[index];
        const auto days = within(part, clause);
        if (!days) return;
        const int first = contract_year(prices_.contract_begins, days->from);
        const int last = contract_year(prices_.contract_begins, days->to);
        for (int year = first; year <= last; ++year) {
            const Part piece{
                part.month,
                std::max(days->from, contract_year_begins(prices_.contract_begins, year)),
                std::min(days->to, contract_year_ends(prices_.contract_begins, year))};
            if (const auto *cap = std::get_if<InhabitantCap>(&clause.model)) {
                reduce(statement, piece, index, *cap, year);
            } else if (const auto *minimum = std::get_if<Minimum>(&clause.model)) {
                shortfall(statement, piece, index, *minimum, year);
            }
        }
    }

    void reduce(MonthStatement &statement, const Part &piece, std::size_t index,
                const InhabitantCap &cap, int year) {
        const LocalDate begin = contract_year_begins(prices_.contract_begins, year);
        const Population *population =
            population_on(prices_, std::max(begin, prices_.clauses[index].from));
        const Price price = price_in(cap.per_inhabitant, year);
        const Money most = amount(price, population->inhabitants, 1, cap.rounding);
        YearSoFar &so_far = years_[year];
        const Money beyond{std::max<std::int64_t>(so_far.use.cents - most.cents, 0)};
        const Money now = beyond - so_far.reduced[index];
        if (now == Money{}) return;
        so_far.reduced[index] = beyond;
        statement.charges.push_back({.clause = index,
                                     .part = ChargePart::reduction,
                                     .payer = Payer::municipality,
                                     .from = piece.from,
                                     .to = piece.to,
                                     .contract_year = year,
                                     .quantity = population->inhabitants,
                                     .price = price,
                                     .amount = Money{} - now});
    }

    void shortfall(MonthStatement &statement, const Part &piece, std::size_t index,
                   const Minimum &minimum, int year) {
        const PriceClause &clause = prices_.clauses[index];
        const LocalDate begins = contract_year_begins(prices_.contract_begins, year);
        const LocalDate ends = contract_year_ends(prices_.contract_begins, year);
        const LocalDate due = std::min(ends, end_of(prices_, clause));
        if (piece.to != due) return;
        const std::int64_t covered = days_between(std::max(begins, clause.from), due) + 1;
        const std::int64_t least = mul_div(minimum.per_year.cents, covered,
                                           days_between(begins, ends) + 1, Rounding::half_up);
        YearSoFar &so_far = years_[year];
        std::int64_t paid = so_far.use.cents;
        for (const auto &[cap, reduced] : so_far.reduced)
            paid -= reduced.cents;
        if (paid >= least) return;
        statement.charges.push_back({.clause = index,
                                     .part = ChargePart::shortfall,
                                     .payer = clause.payer,
                                     .from = piece.from,
                                     .to = piece.to,
                                     .contract_year = year,
                                     .price = {},
                                     .amount = Money{least - paid}});
    }

    const PriceList &prices_;
    const std::vector<UsePlan> &plans_;
    std::map<int, YearSoFar> years_;
};

void count_kinds(MonthStatement &statement, const PriceList &prices, const Part &part,
                 const Histogram &histogram, const std::vector<LocalDate> &dates) {
    std::array<std::int64_t, kKindsWide> counts{};
    for (std::size_t day = 0; day < dates.size(); ++day) {
        if (dates[day] < part.from || dates[day] > part.to) continue;
        for (std::size_t kind = 0; kind < kKindsWide; ++kind)
            counts[kind] += histogram[day * kKindsWide + kind];
    }
    for (std::size_t kind = 0; kind < kKindsWide; ++kind) {
        const auto which = static_cast<CallKind>(kind);
        if (is_billed(which) && (is_owed(which) || prices_kind(prices, which))) {
            statement.calls += counts[kind];
        } else if (counts[kind] > 0) {
            statement.excluded.push_back({which, counts[kind]});
        }
    }
}

CallAmount evidence_of(const Calls &calls, std::size_t at, std::size_t clause,
                       const Counting &counting, AmountTable &table) {
    CallAmount each{.call = calls.ids()[at],
                    .date = calls.date(calls.day()[at]),
                    .kind = calls.kind()[at],
                    .talk = Duration{calls.talk_us()[at]},
                    .after_call_work = Duration{calls.work_us()[at]},
                    .clause = clause,
                    .billed_seconds = std::nullopt,
                    .amount = std::nullopt};
    if (!counting.units) return each;
    const std::int64_t step = seconds_in(counting.unit);
    const Duration time =
        each.talk + (counting.after_call_work ? each.after_call_work : Duration{});
    const std::int64_t units = std::max(round_up_to(counting.unit, time) / step,
                                        (counting.minimum_seconds + step - 1) / step);
    each.billed_seconds = units * step;
    if (counting.per_call) each.amount = Money{table(units)};
    return each;
}

} // namespace

std::string_view to_string(ChargePart part) {
    return name_in(kParts, part);
}

Money accrued(Money per_year, const LocalDate &day) {
    const std::int64_t days = days_in_month(day.year, day.month);
    return {
        mul_div(per_year.cents, (day.month - 1) * days + day.day, 12 * days, Rounding::half_up)};
}

LocalDate rating_begins(const PriceList &prices, const Month &month) {
    const LocalDate first = first_day(month);
    const bool by_the_year = std::ranges::any_of(prices.clauses, [](const PriceClause &clause) {
        return std::holds_alternative<Package>(clause.model) ||
               std::holds_alternative<InhabitantCap>(clause.model) ||
               std::holds_alternative<Minimum>(clause.model);
    });
    if (!by_the_year || first <= prices.contract_begins) return first;
    return contract_year_begins(prices.contract_begins,
                                contract_year(prices.contract_begins, first));
}

Expected<std::vector<MonthStatement>> rate(const PriceList &prices, const Calls &calls) {
    if (auto problems = check(prices); !problems.empty()) return tl::unexpected(problems.front());
    const std::vector<LocalDate> dates = dates_of(calls);
    std::vector<UsePlan> plans = plans_of(prices, calls, dates);
    const Histogram histogram = sum_all(plans, prices, calls);
    if (auto gap = price_gap_in(prices, calls, histogram, plans, dates)) {
        return tl::unexpected(*gap);
    }

    Assembler assembler(prices, plans);
    std::vector<MonthStatement> statements;
    for (Month month = month_of(calls.first()); first_day(month) <= calls.last();
         month = next(month)) {
        const Part part{month, std::max(first_day(month), calls.first()),
                        std::min(last_day(month), calls.last())};
        statements.push_back(assembler.month(part, statements.size()));
        count_kinds(statements.back(), prices, part, histogram, dates);
    }
    return statements;
}

Expected<std::vector<CallAmount>> call_amounts(const PriceList &prices, const Calls &calls,
                                               const Month &month) {
    if (auto problems = check(prices); !problems.empty()) return tl::unexpected(problems.front());
    const std::vector<LocalDate> dates = dates_of(calls);
    std::vector<UsePlan> plans = plans_of(prices, calls, dates);
    std::vector<CallAmount> amounts;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (month_of(dates[calls.day()[i]]) != month) continue;
        const auto at = calls.day()[i] * kKindsWide + static_cast<std::size_t>(calls.kind()[i]);
        for (UsePlan &plan : plans) {
            if (plan.slot_of[at] == kNoSlot || !plan.takes_call(calls, i)) continue;
            amounts.push_back(evidence_of(calls, i, plan.clause,
                                          counting_of(prices.clauses[plan.clause]),
                                          plan.tables[static_cast<std::size_t>(plan.slot_of[at])]));
        }
    }
    std::ranges::sort(amounts, {},
                      [](const CallAmount &each) { return std::pair{each.call, each.clause}; });
    return amounts;
}

} // namespace fernamt::agreements
