// SPDX-License-Identifier: EUPL-1.2
#include "billing/classification_preview.h"

#include "billing/invoice.h"
#include "billing/invoice_rows.h"
#include "billing/invoice_source.h"
#include "billing/priced_calls.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

// The month's calls of one municipality and what prices them.
struct RatedMonth {
    MonthCalls calls;
    std::vector<PricedPart> parts;
};

Expected<RatedMonth> read_month(storage::Database &database, MunicipalityId municipality,
                                const Month &month) {
    const LocalDate first = first_day(month), last = last_day(month);
    const auto terms = terms_of(database, municipality, first, last);
    if (!terms) return tl::unexpected(terms.error());
    LedgerRange range;
    auto parts = priced_parts(database, *terms, municipality, {month}, std::nullopt, range);
    if (!parts) return tl::unexpected(parts.error());
    auto calls = read_calls(database, municipality, first, last);
    if (!calls) return tl::unexpected(calls.error());
    return RatedMonth{std::move(*calls), std::move(*parts)};
}

void remove(std::vector<CallFact> &calls, CallId call) {
    std::erase_if(calls, [&](const CallFact &fact) { return fact.call == call; });
}

void put(RatedMonth &month, const CallFact &fact) {
    const LocalDate day = to_local(fact.offered_at).date;
    month.calls.calls.push_back(fact);
    for (PricedPart &each : month.parts) {
        const bool covered = each.part.first <= day && day <= each.part.last;
        if (covered) each.part.calls.push_back(fact);
    }
}

void remove(RatedMonth &month, CallId call) {
    remove(month.calls.calls, call);
    for (PricedPart &each : month.parts)
        remove(each.part.calls, call);
}

std::optional<Money> total_of(MunicipalityId municipality, const Month &month,
                              const RatedMonth &rated) {
    const auto invoice = invoice_of(municipality, month, rated.calls, rated.parts);
    if (!invoice) return std::nullopt;
    return invoice->total;
}

Expected<std::optional<std::string>>
billing_document(storage::Database &database, MunicipalityId municipality, const Month &month) {
    const auto rows = read_rows(database, kOfTown, {municipality.value});
    if (!rows) return tl::unexpected(rows.error());
    std::optional<std::string> number;
    for (const Row *row : standing(*rows)) {
        const auto &months = row->document.months;
        const bool bills = bills_months(row->document.kind) &&
                           std::ranges::find(months, to_string(month)) != months.end();
        if (bills) number = row->number;
    }
    return number;
}

class Previewing {
  public:
    Previewing(storage::Database &database, const Classifying &change)
        : database_(database), change_(change),
          month_(month_of(to_local(change.known.offered_at).date)) {}

    Expected<std::vector<ClassificationEffect>> run() {
        auto from = read_month(database_, change_.known.municipality, month_);
        if (!from) return tl::unexpected(from.error());
        const auto &calls = from->calls.calls;
        const auto found = std::ranges::find(calls, change_.known.call, &CallFact::call);
        if (found == calls.end()) return fail(ProblemKind::not_found, "call.not_found");
        CallFact given = *found;
        given.kind = change_.kind;
        const bool stays = change_.to == change_.known.municipality;
        if (auto done = add(change_.known.municipality, std::move(*from), given, stays); !done) {
            return tl::unexpected(done.error());
        }
        if (stays) return std::move(effects_);
        auto to = read_month(database_, change_.to, month_);
        if (!to) return tl::unexpected(to.error());
        if (auto done = add(change_.to, std::move(*to), given, true); !done) {
            return tl::unexpected(done.error());
        }
        return std::move(effects_);
    }

  private:
    Expected<void> add(MunicipalityId municipality, RatedMonth month, const CallFact &given,
                       bool has_it_then) {
        ClassificationEffect effect{municipality, month_, std::nullopt, std::nullopt, std::nullopt};
        effect.before = total_of(municipality, month_, month);
        remove(month, given.call);
        if (has_it_then) put(month, given);
        effect.after = total_of(municipality, month_, month);
        auto number = billing_document(database_, municipality, month_);
        if (!number) return tl::unexpected(number.error());
        effect.billed_by = std::move(*number);
        effects_.push_back(std::move(effect));
        return {};
    }

    storage::Database &database_;
    const Classifying &change_;
    Month month_;
    std::vector<ClassificationEffect> effects_;
};

} // namespace

Expected<std::vector<ClassificationEffect>>
preview_reclassification(storage::Database &database, const Reclassification &change) {
    const auto decided = decide(database, change);
    if (!decided) return tl::unexpected(decided.error());
    return Previewing(database, *decided).run();
}

} // namespace fernamt::billing
