// SPDX-License-Identifier: EUPL-1.2
#include "billing/terms.h"

#include "billing/agreement_book.h"
#include "billing/billed_months.h"
#include "billing/standard_price.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::PriceList;

constexpr std::int64_t kStandard = 0; // TermsSource::agreement

// Standard prices say nothing about VAT: as before § 2b UStG has to be applied.
agreements::Dated<agreements::Tax> transition() {
    return {LocalDate{2000, 1, 1}, LocalDate{2026, 12, 31},
            agreements::Tax{agreements::TaxCategory::not_taxable, 0,
                            "§ 27 Abs. 22, 22a UStG (Übergangsregelung zu § 2b UStG)"}};
}

void add_taxes(Terms &terms, const std::vector<agreements::Dated<agreements::Tax>> &taxes,
               const Days &days) {
    for (agreements::Dated<agreements::Tax> tax : taxes) {
        tax.from = std::max(tax.from, days.from);
        tax.to = std::min(tax.to.value_or(days.to), days.to);
        if (tax.from <= *tax.to) terms.taxes.push_back(std::move(tax));
    }
}

// A year that names neither product nor cost centre has no code.
void add_codes(Terms &terms, const std::vector<agreements::BudgetYear> &budgets, const Days &days) {
    for (const agreements::BudgetYear &budget : budgets) {
        if (budget.product.empty() && budget.cost_centre.empty()) continue;
        const LocalDate from = std::max(days.from, LocalDate{budget.year, 1, 1});
        const LocalDate to = std::min(days.to, LocalDate{budget.year, 12, 31});
        if (from <= to) terms.codes.push_back({from, to, budget.product, budget.cost_centre});
    }
}

struct InForce {
    const StoredAgreement *stored = nullptr;
    Days days;
};

Expected<std::vector<InForce>> in_force_within(const std::vector<StoredAgreement> &stored,
                                               const LocalDate &first, const LocalDate &last) {
    std::vector<InForce> found;
    for (const StoredAgreement &each : stored) {
        if (const auto days = days_in_force(each.agreement, first, last)) {
            found.push_back({&each, *days});
        }
    }
    std::ranges::stable_sort(found, {}, [](const InForce &each) { return each.days.from; });
    for (std::size_t i = 1; i < found.size(); ++i) {
        if (found[i - 1].days.to < found[i].days.from) continue;
        return price_overlap(
            found[i - 1].stored->agreement, found[i].stored->agreement,
            {found[i].days.from, std::min(found[i - 1].days.to, found[i].days.to)});
    }
    return found;
}

void add_agreement(Terms &terms, const InForce &each) {
    const agreements::Agreement &agreement = each.stored->agreement;
    PriceSource source{agreements::prices_of(agreement), false,
                       std::vector<std::int64_t>(agreement.prices.size(), agreement.id)};
    // Also where it ended by itself and nobody has recorded it.
    if (!source.prices.ends) source.prices.ends = ends_by_itself(agreement);
    terms.sources.push_back(std::move(source));
    add_taxes(terms, agreement.taxes, each.days);
    add_codes(terms, agreement.budgets, each.days);
    terms.payment_days = agreement.payment_days;
    terms.land = agreement.land;
    terms.stand_on.push_back({agreement.id, each.stored->version});
}

// Until `until`: the day before the first agreement begins, where there is one.
std::optional<PriceSource> standard_source(MunicipalityId municipality,
                                           const std::vector<StandardPrice> &prices,
                                           const LocalDate &first, const LocalDate &last,
                                           std::optional<LocalDate> until) {
    PriceSource source{.prices = {}, .standard = true, .ids = {}};
    std::vector<StandardPrice> kept; // only these days', so that a month stands on its own
    for (const StandardPrice &price : prices) {
        if (price.valid_from > last || (price.valid_to && *price.valid_to < first)) continue;
        kept.push_back(price);
        source.ids.push_back(price.id);
    }
    if (kept.empty()) return std::nullopt;
    source.prices = to_price_list(municipality, kept);
    source.prices.ends = until;
    if (until && *until < source.prices.contract_begins) return std::nullopt;
    return source;
}

// The day before the first agreement that was ever in force. One that has ended since counts too:
// an old price per minute must not come back by itself when an agreement ends.
std::optional<LocalDate> last_standard_day(const std::vector<StoredAgreement> &stored,
                                           const LocalDate &last) {
    std::optional<LocalDate> until;
    for (const StoredAgreement &each : stored) {
        const auto days = days_in_force(each.agreement, each.agreement.term.begins, last);
        if (!days) continue;
        const LocalDate before = add_days(days->from, -1);
        until = std::min(until.value_or(before), before);
    }
    return until;
}

struct Agreed { // everything that terms are made from
    std::vector<StoredAgreement> agreements;
    std::vector<StandardPrice> standard;
    std::int64_t standard_version = 0;
};

Expected<Terms> terms_from(const Agreed &agreed, MunicipalityId municipality,
                           const LocalDate &first, const LocalDate &last) {
    const auto found = in_force_within(agreed.agreements, first, last);
    if (!found) return tl::unexpected(found.error());
    Terms terms;
    const auto until = last_standard_day(agreed.agreements, last);
    if (!until || *until >= first) {
        auto source = standard_source(municipality, agreed.standard, first, last, until);
        if (source) {
            terms.sources.push_back(std::move(*source));
            add_taxes(terms, {transition()}, {first, std::min(last, until.value_or(last))});
            terms.stand_on.push_back({kStandard, agreed.standard_version});
        }
    }
    for (const InForce &each : *found)
        add_agreement(terms, each);
    return terms;
}

bool any_on(const Terms &terms, const LocalDate &day) {
    return std::ranges::any_of(terms.sources, [&](const PriceSource &source) {
        return source.prices.contract_begins <= day &&
               (!source.prices.ends || day <= *source.prices.ends);
    });
}

} // namespace

Expected<Terms> terms_of(storage::Database &database, MunicipalityId municipality,
                         const LocalDate &first, const LocalDate &last) {
    auto stored = AgreementBook(database).list(municipality);
    if (!stored) return tl::unexpected(stored.error());
    auto standard = standard_prices_now(database, municipality);
    if (!standard) return tl::unexpected(standard.error());
    return terms_from({std::move(*stored), std::move(standard->prices), standard->version},
                      municipality, first, last);
}

Expected<Terms> terms_as_of(storage::Database &database, MunicipalityId municipality,
                            const LocalDate &first, const LocalDate &last,
                            const std::vector<TermsSource> &stood_on) {
    Agreed agreed;
    for (const TermsSource &source : stood_on) {
        if (source.agreement == kStandard) {
            auto standard = standard_prices_as_of(database, municipality, source.version);
            if (!standard) return tl::unexpected(standard.error());
            agreed.standard = std::move(*standard);
            agreed.standard_version = source.version;
            continue;
        }
        auto stored = AgreementBook(database).version(source.agreement, source.version);
        if (!stored) return tl::unexpected(stored.error());
        agreed.agreements.push_back(std::move(*stored));
    }
    return terms_from(agreed, municipality, first, last);
}

Expected<std::optional<agreements::Tax>> tax_of(const Terms &terms, const Month &month) {
    std::optional<agreements::Tax> found;
    for (LocalDate day = first_day(month); day <= last_day(month); day = add_days(day, 1)) {
        if (!any_on(terms, day)) continue;
        const agreements::Tax *tax = agreements::on(terms.taxes, day);
        if (tax == nullptr) {
            return fail(ProblemKind::conflict, "invoice.tax_missing",
                        {{"from", to_string(day)}, {"remedy", "add_a_tax_clause"}});
        }
        if (found && !same_rate(*found, *tax)) {
            return fail(ProblemKind::conflict, "invoice.tax_mixed",
                        {{"from", to_string(day)}, {"remedy", "let_the_tax_begin_with_a_month"}});
        }
        found = *tax;
    }
    return found;
}

} // namespace fernamt::billing
