// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreed_burden.h"

#include "billing/priced_calls.h"

namespace fernamt::billing {

namespace {

Expected<Burden> rated(const std::vector<PricedPart> &parts, const Month &first) {
    Burden burden;
    for (const PricedPart &each : parts) {
        const EvidencePart &part = each.part;
        const auto columns = to_columns(part.calls, part.first, part.last);
        if (!columns) return tl::unexpected(columns.error());
        const auto months = agreements::rate(part.prices, *columns);
        if (!months) return tl::unexpected(months.error());
        for (const agreements::MonthStatement &month : *months) {
            if (month.month < first) continue; // of the contract year, for packages and caps
            burden.pays = burden.pays + month.total;
            burden.by_levy = burden.by_levy + month.levy;
        }
    }
    return burden;
}

Expected<Burden> burden_of(storage::Database &database, const Terms &terms,
                           MunicipalityId municipality, const Month &first, const Month &last,
                           const std::vector<CallFact> &calls) {
    std::vector<Month> months;
    for (Month month = first; month <= last; month = next(month))
        months.push_back(month);
    LedgerRange range;
    const auto parts = priced_parts(database, terms, municipality, months, std::nullopt, range);
    if (!parts) return tl::unexpected(parts.error());
    if (auto covered = check_covered(calls, months, *parts); !covered) {
        return tl::unexpected(covered.error());
    }
    return rated(*parts, first);
}

std::optional<Burden> none() {
    return std::nullopt;
}

// What is wrong with the agreements of one municipality does not concern the others.
Expected<std::optional<Burden>> unless_unclear(const Problem &problem) {
    const bool unclear =
        problem.kind == ProblemKind::conflict || problem.kind == ProblemKind::invalid_input;
    if (unclear) return none();
    return tl::unexpected(problem);
}

} // namespace

Expected<std::optional<Burden>> agreed_burden(storage::Database &database,
                                              MunicipalityId municipality, const Month &first,
                                              const Month &last,
                                              const std::vector<CallFact> &calls) {
    const auto terms = terms_of(database, municipality, first_day(first), last_day(last));
    if (!terms) return unless_unclear(terms.error());
    if (terms->sources.empty()) return none();
    const auto burden = burden_of(database, *terms, municipality, first, last, calls);
    if (!burden) return unless_unclear(burden.error());
    return *burden;
}

} // namespace fernamt::billing
