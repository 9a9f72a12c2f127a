// SPDX-License-Identifier: EUPL-1.2
#include "billing/priced_calls.h"

#include "billing/invoice_source.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::PriceList;

struct Span {
    LocalDate first;
    LocalDate last;
};

std::optional<Span> span_of(const PriceList &prices, const std::vector<Month> &months) {
    const LocalDate first =
        std::max(agreements::rating_begins(prices, months.front()), prices.contract_begins);
    LocalDate last = last_day(months.back());
    if (prices.ends) last = std::min(last, *prices.ends);
    if (first > last) return std::nullopt;
    return Span{first, last};
}

// As if nobody knew yet what comes after `last`.
PricedPart part_until(const PriceSource &source, const Span &span) {
    PricedPart priced{
        .part = {.prices = source.prices, .first = span.first, .last = span.last, .calls = {}},
        .standard = source.standard,
        .ids = {}};
    PriceList &list = priced.part.prices;
    const auto beyond = [&](const std::optional<LocalDate> &day) {
        return day && *day > span.last;
    };
    if (beyond(list.ends)) list.ends.reset();
    std::erase_if(list.populations, [&](const auto &each) { return each.from > span.last; });
    list.clauses.clear();
    for (std::size_t i = 0; i < source.prices.clauses.size(); ++i) {
        agreements::PriceClause clause = source.prices.clauses[i];
        if (clause.from > span.last) continue;
        if (beyond(clause.to)) clause.to.reset();
        list.clauses.push_back(std::move(clause));
        priced.ids.push_back(source.ids.at(i));
    }
    return priced;
}

void widen(LedgerRange &range, const LedgerRange &other) {
    if (other.last == 0) return;
    if (range.last == 0 || other.first < range.first) range.first = other.first;
    if (other.last > range.last) {
        range.last = other.last;
        range.root = other.root;
    }
}

} // namespace

std::vector<PricedPart> priced_spans(const Terms &terms, const std::vector<Month> &months) {
    std::vector<PricedPart> priced;
    for (const PriceSource &source : terms.sources) {
        if (const auto span = span_of(source.prices, months)) {
            priced.push_back(part_until(source, *span));
        }
    }
    return priced;
}

Expected<std::vector<PricedPart>> priced_parts(storage::Database &database, const Terms &terms,
                                               MunicipalityId municipality,
                                               const std::vector<Month> &months,
                                               std::optional<std::int64_t> up_to,
                                               LedgerRange &range) {
    std::vector<PricedPart> priced = priced_spans(terms, months);
    for (PricedPart &each : priced) {
        auto calls = read_calls(database, municipality, each.part.first, each.part.last, up_to);
        if (!calls) return tl::unexpected(calls.error());
        widen(range, calls->ledger);
        each.part.calls = std::move(calls->calls);
    }
    return priced;
}

Expected<void> check_covered(const std::vector<CallFact> &calls, const std::vector<Month> &months,
                             const std::vector<PricedPart> &parts) {
    const auto open = [&](const LocalDate &date) {
        return std::ranges::find(months, month_of(date)) != months.end() &&
               std::ranges::none_of(parts, [&](const PricedPart &each) {
                   return each.part.first <= date && date <= each.part.last;
               });
    };
    for (const CallFact &fact : calls) {
        if (!agreements::is_owed(fact.kind)) continue;
        LocalDate from = to_local(fact.offered_at).date;
        if (!open(from)) continue;
        LocalDate to = from;
        while (open(add_days(from, -1)))
            from = add_days(from, -1);
        while (open(add_days(to, 1)))
            to = add_days(to, 1);
        return fail(ProblemKind::conflict, "agreement.price_gap",
                    {{"from", to_string(from)}, {"to", to_string(to)}});
    }
    return {};
}

} // namespace fernamt::billing
