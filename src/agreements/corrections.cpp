// SPDX-License-Identifier: EUPL-1.2
#include "agreements/corrections.h"

#include "agreements/names.h"

#include <algorithm>
#include <map>
#include <utility>

namespace fernamt::agreements {

namespace {

constexpr Names<CorrectionReason, 6> kReasons{{{CorrectionReason::call_added, "call_added"},
                                               {CorrectionReason::call_removed, "call_removed"},
                                               {CorrectionReason::time_changed, "time_changed"},
                                               {CorrectionReason::kind_changed, "kind_changed"},
                                               {CorrectionReason::price_changed, "price_changed"},
                                               {CorrectionReason::clause_total, "clause_total"}}};

struct DatedCount {
    LocalDate date;
    Counted counted;
};
using ByCall = std::map<CallId, std::vector<DatedCount>>;

ByCall by_call(const MonthKnown &known) {
    ByCall calls;
    for (const CallAmount &call : known.calls) {
        const MonthKnown::Clause &clause = known.clauses.at(call.clause);
        calls[call.call].push_back(
            {call.date,
             {clause.name, call.kind, call.talk, call.after_call_work, call.billed_seconds,
              clause.paid_here ? call.amount.value_or(Money{}) : Money{}}});
    }
    return calls;
}

CorrectionReason reason_of(const Counted &before, const Counted &after) {
    if (before.kind != after.kind) return CorrectionReason::kind_changed;
    const bool same_time =
        before.talk == after.talk && before.after_call_work == after.after_call_work;
    return same_time ? CorrectionReason::price_changed : CorrectionReason::time_changed;
}

Correction pair_of(const CallId &call, const DatedCount &before, const DatedCount &after) {
    return {.reason = reason_of(before.counted, after.counted),
            .clause = after.counted.clause,
            .call = call,
            .date = after.date,
            .before = before.counted,
            .after = after.counted,
            .difference = after.counted.amount - before.counted.amount};
}

// One call: clauses of the same name first; what is left was counted by one clause and is by
// another now (a call of 115 that was taken for a call of the own number), not lost and found.
class CallPairs {
  public:
    CallPairs(CallId call, std::vector<DatedCount> before, std::vector<DatedCount> after)
        : call_(call), known_before_(!before.empty()), known_after_(!after.empty()),
          before_(std::move(before)), after_(std::move(after)) {}

    void add_to(std::vector<Correction> &lines) {
        pair_same_clauses(lines);
        const std::size_t both = std::min(before_.size(), after_.size());
        for (std::size_t i = 0; i < both; ++i)
            lines.push_back(pair_of(call_, before_[i], after_[i]));
        for (std::size_t i = both; i < before_.size(); ++i)
            lines.push_back(gone(before_[i]));
        for (std::size_t i = both; i < after_.size(); ++i)
            lines.push_back(come(after_[i]));
    }

  private:
    void pair_same_clauses(std::vector<Correction> &lines) {
        std::erase_if(before_, [&](const DatedCount &before) {
            const auto same = std::ranges::find_if(after_, [&](const DatedCount &after) {
                return after.counted.clause == before.counted.clause;
            });
            if (same == after_.end()) return false;
            if (same->counted != before.counted) lines.push_back(pair_of(call_, before, *same));
            after_.erase(same);
            return true;
        });
    }
    // A clause fewer or more for a call that is known both times is a matter of prices.
    [[nodiscard]] Correction gone(const DatedCount &before) const {
        return {.reason =
                    known_after_ ? CorrectionReason::price_changed : CorrectionReason::call_removed,
                .clause = before.counted.clause,
                .call = call_,
                .date = before.date,
                .before = before.counted,
                .after = std::nullopt,
                .difference = Money{} - before.counted.amount};
    }
    [[nodiscard]] Correction come(const DatedCount &after) const {
        return {.reason =
                    known_before_ ? CorrectionReason::price_changed : CorrectionReason::call_added,
                .clause = after.counted.clause,
                .call = call_,
                .date = after.date,
                .before = std::nullopt,
                .after = after.counted,
                .difference = after.counted.amount};
    }

    CallId call_;
    bool known_before_;
    bool known_after_;
    std::vector<DatedCount> before_;
    std::vector<DatedCount> after_;
};

// What the municipality pays by each clause, less what its calls make of it themselves.
class Totals {
  public:
    void add(const MonthKnown &known, std::int64_t sign) {
        for (const Charge &charge : known.statement.charges) {
            if (charge.payer != Payer::municipality) continue;
            cents_[known.clauses.at(charge.clause).name] += sign * charge.amount.cents;
        }
    }
    void take_out(const Correction &line) {
        if (line.after) cents_[line.after->clause] -= line.after->amount.cents;
        if (line.before) cents_[line.before->clause] += line.before->amount.cents;
    }
    void add_to(std::vector<Correction> &lines, const Month &month) const {
        for (const auto &[clause, cents] : cents_) {
            if (cents == 0) continue;
            lines.push_back({.reason = CorrectionReason::clause_total,
                             .clause = clause,
                             .call = {},
                             .date = first_day(month),
                             .before = std::nullopt,
                             .after = std::nullopt,
                             .difference = Money{cents}});
        }
    }

  private:
    std::map<std::string, std::int64_t> cents_;
};

} // namespace

std::string_view to_string(CorrectionReason reason) {
    return name_in(kReasons, reason);
}

Expected<MonthKnown> know(const PriceList &prices, const Calls &calls, const Month &month) {
    const auto months = rate(prices, calls);
    if (!months) return tl::unexpected(months.error());
    auto amounts = call_amounts(prices, calls, month);
    if (!amounts) return tl::unexpected(amounts.error());
    MonthKnown known;
    for (const PriceClause &clause : prices.clauses)
        known.clauses.push_back({clause.name, clause.payer == Payer::municipality});
    known.statement.month = month;
    for (const MonthStatement &each : *months) {
        if (each.month == month) known.statement = each;
    }
    known.calls = std::move(*amounts);
    return known;
}

void add(MonthKnown &known, const MonthKnown &other) {
    const std::size_t shift = known.clauses.size();
    known.clauses.insert(known.clauses.end(), other.clauses.begin(), other.clauses.end());
    known.statement.month = other.statement.month;
    for (Charge charge : other.statement.charges) {
        charge.clause += shift;
        known.statement.charges.push_back(std::move(charge));
    }
    for (CallAmount call : other.calls) {
        call.clause += shift;
        known.calls.push_back(call);
    }
    known.statement.calls += other.statement.calls;
    known.statement.total = known.statement.total + other.statement.total;
    known.statement.third_party = known.statement.third_party + other.statement.third_party;
    known.statement.levy = known.statement.levy + other.statement.levy;
}

std::vector<Correction> corrections(const Month &month, const MonthKnown &before,
                                    const MonthKnown &after) {
    ByCall calls_before = by_call(before);
    ByCall calls_after = by_call(after);
    std::vector<Correction> lines;
    for (auto &[call, counted] : calls_before) {
        const auto now = calls_after.find(call);
        std::vector<DatedCount> then;
        if (now != calls_after.end()) then = std::move(now->second);
        CallPairs(call, std::move(counted), std::move(then)).add_to(lines);
    }
    for (auto &[call, counted] : calls_after) {
        if (!calls_before.contains(call)) CallPairs(call, {}, std::move(counted)).add_to(lines);
    }
    std::ranges::stable_sort(
        lines, {}, [](const Correction &line) { return std::pair{line.call, line.clause}; });
    Totals totals;
    totals.add(after, 1);
    totals.add(before, -1);
    for (const Correction &line : lines)
        totals.take_out(line);
    totals.add_to(lines, month);
    return lines;
}

} // namespace fernamt::agreements
