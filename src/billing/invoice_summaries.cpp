// SPDX-License-Identifier: EUPL-1.2
// The list of a month (invoice.h): sums from the working set in one pass over its columns, and from
// the ledger wherever the set is behind or anything is unclear, so that a problem is always told in
// the ledger's own words.
#include "agreements/dates.h"
#include "billing/call_set.h"
#include "billing/invoice.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fernamt::billing {

namespace {

// What has come since the set was last kept is taken before reading, unless it is very much.
constexpr std::int64_t kMostTakenWhileAsked = 20'000;

InvoiceSummary from_ledger(MunicipalityId municipality, const Month &month,
                           const Expected<Invoice> &invoice) {
    InvoiceSummary summary{
        .municipality = municipality, .month = month, .total = {}, .problem = std::nullopt};
    if (!invoice) {
        summary.problem = invoice.error();
        return summary;
    }
    summary.calls = invoice->calls;
    summary.talk = invoice->talk;
    summary.after_call_work = invoice->after_call_work;
    summary.billed_seconds = invoice->billed_seconds;
    summary.total = invoice->total;
    return summary;
}

// A lost database concerns the whole list; what is wrong with one agreement does not.
bool concerns_all(const Problem &problem) {
    return problem.kind == ProblemKind::unavailable;
}

bool counts(const agreements::PriceList &prices, agreements::CallKind kind) {
    return agreements::is_billed(kind) &&
           (agreements::is_owed(kind) || agreements::prices_kind(prices, kind));
}

void add_times(InvoiceSummary &summary, const EvidencePart &part, const agreements::Calls &calls) {
    const auto first = agreements::days_between(calls.first(), first_day(summary.month));
    const auto last = agreements::days_between(calls.first(), last_day(summary.month));
    std::array<bool, agreements::kCallKinds> counted{};
    for (int kind = 0; kind < agreements::kCallKinds; ++kind) {
        counted.at(static_cast<std::size_t>(kind)) =
            counts(part.prices, static_cast<agreements::CallKind>(kind));
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (calls.day()[i] < first || calls.day()[i] > last) continue;
        if (!counted[static_cast<std::size_t>(calls.kind()[i])]) continue;
        summary.talk += Duration{calls.talk_us()[i]};
        summary.after_call_work += Duration{calls.work_us()[i]};
    }
}

// False: not rated, ask the ledger why.
bool add_part(InvoiceSummary &summary, const EvidencePart &part, const agreements::Calls &calls) {
    const auto statements = agreements::rate(part.prices, calls);
    if (!statements) return false;
    for (const agreements::MonthStatement &statement : *statements) {
        if (statement.month != summary.month) continue;
        summary.calls += statement.calls;
        summary.total = summary.total + statement.total;
        for (const agreements::Charge &charge : statement.charges) {
            const bool use = charge.part == agreements::ChargePart::use;
            if (use) summary.billed_seconds += charge.billed_seconds;
        }
    }
    add_times(summary, part, calls);
    return true;
}

// Calls on days without prices are a problem; whether there are any, the ledger says.
bool covers(const std::vector<PricedPart> &parts, const Month &month) {
    for (LocalDate date = first_day(month); date <= last_day(month); date = add_days(date, 1)) {
        const bool covered = std::ranges::any_of(parts, [&](const PricedPart &each) {
            return each.part.first <= date && date <= each.part.last;
        });
        if (!covered) return false;
    }
    return true;
}

Expected<std::optional<InvoiceSummary>> from_set(storage::Database &database,
                                                 MunicipalityId municipality, const Month &month) {
    const std::optional<InvoiceSummary> ask_the_ledger;
    const auto terms = terms_of(database, municipality, first_day(month), last_day(month));
    if (!terms) return ask_the_ledger;
    const auto parts = priced_spans(*terms, {month});
    if (!covers(parts, month)) return ask_the_ledger;
    InvoiceSummary summary{
        .municipality = municipality, .month = month, .total = {}, .problem = std::nullopt};
    for (const PricedPart &each : parts) {
        const auto calls = read_call_set(database, municipality, each.part.first, each.part.last);
        if (!calls) return tl::unexpected(calls.error());
        if (!*calls || !add_part(summary, each.part, **calls)) return ask_the_ledger;
    }
    return summary;
}

} // namespace

Expected<std::vector<InvoiceSummary>>
invoice_summaries(storage::Database &database, const std::vector<MunicipalityId> &municipalities,
                  const Month &month) {
    // A set that cannot be kept is behind, and nobody needs it.
    (void)keep_call_set(database, kMostTakenWhileAsked);
    std::vector<InvoiceSummary> summaries;
    for (const MunicipalityId municipality : municipalities) {
        auto summary = from_set(database, municipality, month);
        if (summary && *summary) {
            summaries.push_back(std::move(**summary));
            continue;
        }
        const auto invoice = make_invoice(database, municipality, month);
        if (!invoice && concerns_all(invoice.error())) return tl::unexpected(invoice.error());
        summaries.push_back(from_ledger(municipality, month, invoice));
    }
    return summaries;
}

} // namespace fernamt::billing
