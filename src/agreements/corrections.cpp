// SPDX-License-Identifier: EUPL-1.2
#include "agreements/corrections.h"

#include "agreements/names.h"

#include <map>
#include <string>
#include <utility>

namespace fernamt::agreements {

namespace {

constexpr Names<CorrectionReason, 6> kReasons{{{CorrectionReason::call_added, "call_added"},
                                               {CorrectionReason::call_removed, "call_removed"},
                                               {CorrectionReason::time_changed, "time_changed"},
                                               {CorrectionReason::kind_changed, "kind_changed"},
                                               {CorrectionReason::price_changed, "price_changed"},
                                               {CorrectionReason::clause_total, "clause_total"}}};

using Key = std::pair<CallId, std::string>;
struct Pair {
    const CallAmount *before = nullptr;
    const CallAmount *after = nullptr;
};

CorrectionReason reason_of(const Pair &pair) {
    if (pair.before == nullptr) return CorrectionReason::call_added;
    if (pair.after == nullptr) return CorrectionReason::call_removed;
    if (pair.before->kind != pair.after->kind) return CorrectionReason::kind_changed;
    const bool same_time = pair.before->talk == pair.after->talk &&
                           pair.before->after_call_work == pair.after->after_call_work;
    return same_time ? CorrectionReason::price_changed : CorrectionReason::time_changed;
}

std::int64_t seconds_of(const CallAmount *call) {
    return call == nullptr ? 0 : call->billed_seconds.value_or(0);
}
std::int64_t cents_of(const CallAmount *call) {
    return call == nullptr || !call->amount ? 0 : call->amount->cents;
}
bool changed(const Pair &pair) {
    return !pair.before || !pair.after || pair.before->talk != pair.after->talk ||
           pair.before->after_call_work != pair.after->after_call_work ||
           pair.before->kind != pair.after->kind || cents_of(pair.before) != cents_of(pair.after);
}

// What the municipality pays by each clause.
void add_totals(std::map<std::string, std::int64_t> &totals, const MonthKnown &known,
                std::int64_t sign) {
    for (const Charge &charge : known.statement.charges) {
        if (charge.payer != Payer::municipality) continue;
        totals[known.clauses.at(charge.clause)] += sign * charge.amount.cents;
    }
}

// The names of the clauses that the municipality pays: a call of another payer costs it nothing.
std::map<std::string, bool> paid_here(const MonthKnown &known) {
    std::map<std::string, bool> paid;
    for (const Charge &charge : known.statement.charges)
        paid[known.clauses.at(charge.clause)] = charge.payer == Payer::municipality;
    return paid;
}

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
        known.clauses.push_back(clause.name);
    known.statement.month = month;
    for (const MonthStatement &each : *months) {
        if (each.month == month) known.statement = each;
    }
    known.calls = std::move(*amounts);
    return known;
}

std::vector<Correction> corrections(const MonthKnown &before, const MonthKnown &after) {
    std::map<Key, Pair> pairs;
    for (const CallAmount &call : before.calls)
        pairs[{call.call, before.clauses.at(call.clause)}].before = &call;
    for (const CallAmount &call : after.calls)
        pairs[{call.call, after.clauses.at(call.clause)}].after = &call;
    std::map<std::string, std::int64_t> totals;
    add_totals(totals, after, 1);
    add_totals(totals, before, -1);
    auto paid = paid_here(before);
    for (const auto &[name, here] : paid_here(after))
        paid[name] = here;

    std::vector<Correction> lines;
    for (const auto &[key, pair] : pairs) {
        if (!changed(pair)) continue;
        const bool here = paid[key.second];
        const std::int64_t difference = here ? cents_of(pair.after) - cents_of(pair.before) : 0;
        totals[key.second] -= difference;
        lines.push_back({.reason = reason_of(pair),
                         .clause = key.second,
                         .call = key.first,
                         .date = (pair.after ? pair.after : pair.before)->date,
                         .seconds_before = seconds_of(pair.before),
                         .seconds_after = seconds_of(pair.after),
                         .difference = Money{difference}});
    }
    for (const auto &[clause, cents] : totals) {
        if (cents == 0) continue;
        lines.push_back({.reason = CorrectionReason::clause_total,
                         .clause = clause,
                         .call = {},
                         .date = first_day(after.statement.month),
                         .difference = Money{cents}});
    }
    return lines;
}

} // namespace fernamt::agreements
