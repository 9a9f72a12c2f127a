// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_draft.h"

#include "agreements/dates.h"
#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::billing {

namespace {

constexpr int kDaysToPay = 30; // where only the standard model's agreement exists

// Agreements of a municipality as price lists, with what else a document needs from them.
struct Source {
    std::vector<agreements::PriceList> prices;
    std::vector<agreements::Dated<agreements::Tax>> taxes;
    int payment_days = kDaysToPay;
    Land land = Land::NI;
};

bool in_force_between(const agreements::Agreement &agreement, const LocalDate &first,
                      const LocalDate &last) {
    const LocalDate from = std::max(agreement.term.begins, first);
    return from <= last && configuration_on(agreement, from).active;
}

Expected<Source> source_of(storage::Database &database, MunicipalityId municipality,
                           const LocalDate &first, const LocalDate &last) {
    Source source;
    const auto stored = AgreementBook(database).list(municipality);
    if (!stored) return tl::unexpected(stored.error());
    for (const StoredAgreement &each : *stored) {
        if (!in_force_between(each.agreement, first, last)) continue;
        source.prices.push_back(agreements::prices_of(each.agreement));
        source.taxes.insert(source.taxes.end(), each.agreement.taxes.begin(),
                            each.agreement.taxes.end());
        source.payment_days = each.agreement.payment_days;
        source.land = each.agreement.land;
    }
    if (!source.prices.empty()) return source;
    const auto standard = agreements_of(database, municipality);
    if (!standard) return tl::unexpected(standard.error());
    if (standard->empty()) return fail(ProblemKind::conflict, "invoice.no_agreement");
    source.prices.push_back(to_price_list(municipality, *standard));
    // The standard model's row says nothing about VAT: as before § 2b UStG has to be applied.
    source.taxes = {{LocalDate{2000, 1, 1}, LocalDate{2026, 12, 31},
                     agreements::Tax{agreements::TaxCategory::not_taxable, 0,
                                     "§ 27 Abs. 22, 22a UStG (Übergangsregelung zu § 2b UStG)"}}};
    return source;
}

struct Span {
    LocalDate first;
    LocalDate last;
};

// The days whose calls a part needs.
std::optional<Span> span_of(const agreements::PriceList &prices, const std::vector<Month> &months) {
    LocalDate first =
        std::max(agreements::rating_begins(prices, months.front()), prices.contract_begins);
    LocalDate last = last_day(months.back());
    if (prices.ends) last = std::min(last, *prices.ends);
    if (first > last) return std::nullopt;
    return Span{first, last};
}

std::vector<EvidenceCall> evidence_of(const MonthCalls &calls) {
    std::vector<EvidenceCall> rows;
    for (const CallFact &fact : calls.calls) {
        rows.push_back({fact.call, fact.offered_at, fact.kind, fact.talk, fact.after_call_work});
    }
    return rows;
}

void widen(LedgerRange &range, const LedgerRange &other) {
    if (other.last == 0) return;
    if (range.last == 0 || other.first < range.first) range.first = other.first;
    if (other.last > range.last) {
        range.last = other.last;
        range.root = other.root;
    }
}

Expected<std::vector<EvidencePart>>
parts_of(storage::Database &database, const Source &source, MunicipalityId municipality,
         const std::vector<Month> &months, std::optional<std::int64_t> up_to, LedgerRange &range) {
    std::vector<EvidencePart> parts;
    for (const agreements::PriceList &prices : source.prices) {
        const auto span = span_of(prices, months);
        if (!span) continue;
        const auto calls = read_calls(database, municipality, span->first, span->last, up_to);
        if (!calls) return tl::unexpected(calls.error());
        widen(range, calls->ledger);
        parts.push_back({prices, span->first, span->last, evidence_of(*calls)});
    }
    if (parts.empty()) return fail(ProblemKind::conflict, "invoice.no_agreement");
    return parts;
}

// Calls on days of the months that no agreement covers must not be given away unseen.
Expected<void> check_covered(storage::Database &database, MunicipalityId municipality,
                             const std::vector<Month> &months,
                             const std::vector<EvidencePart> &parts,
                             std::optional<std::int64_t> up_to) {
    const auto calls = read_calls(database, municipality, first_day(months.front()),
                                  last_day(months.back()), up_to);
    if (!calls) return tl::unexpected(calls.error());
    for (const CallFact &fact : calls->calls) {
        if (!agreements::is_billed(fact.kind)) continue;
        const LocalDate date = to_local(fact.offered_at).date;
        if (std::ranges::find(months, month_of(date)) == months.end()) continue;
        const bool covered = std::ranges::any_of(parts, [&](const EvidencePart &part) {
            return part.first <= date && date <= part.last;
        });
        if (covered) continue;
        return fail(ProblemKind::conflict, "agreement.price_gap",
                    {{"from", to_string(date)}, {"to", to_string(date)}});
    }
    return {};
}

Expected<agreements::MonthKnown> known_of(const EvidencePart &part, const Month &month) {
    agreements::Calls columns(part.first, part.last);
    for (const EvidenceCall &call : part.calls) {
        const auto added =
            columns.add(call.call, call.offered_at, call.kind, call.talk, call.after_call_work);
        if (!added) return tl::unexpected(added.error());
    }
    return agreements::know(part.prices, columns, month);
}

// What is known about an earlier month now and was not when it was last invoiced.
Expected<void> correct_month(storage::Database &database, const Draft &draft, const Month &month,
                             std::vector<EvidenceCorrection> &lines, LedgerRange &range) {
    const auto source = source_of(database, draft.municipality, first_day(month), last_day(month));
    if (!source) return tl::unexpected(source.error());
    LedgerRange before_range;
    const auto before = parts_of(database, *source, draft.municipality, {month},
                                 draft.corrected_up_to, before_range);
    if (!before) return tl::unexpected(before.error());
    const auto after = parts_of(database, *source, draft.municipality, {month}, draft.up_to, range);
    if (!after) return tl::unexpected(after.error());
    for (std::size_t i = 0; i < after->size(); ++i) {
        const auto known_before = known_of(before->at(i), month);
        const auto known_after = known_of(after->at(i), month);
        if (!known_before) return tl::unexpected(known_before.error());
        if (!known_after) return tl::unexpected(known_after.error());
        for (auto &line : agreements::corrections(*known_before, *known_after))
            lines.push_back({month, std::move(line)});
    }
    return {};
}

Expected<std::int64_t> last_seq(storage::Database &database) {
    std::int64_t seq = 0;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each("SELECT COALESCE(MAX(seq), 0) FROM ledger_entry", {},
                               [&](const storage::Row &row) {
                                   seq = row.integer(0);
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return seq;
}

Expected<void> check_parties(const Party &seller, const Party &buyer) {
    const std::pair<std::string_view, const std::string *> needed[] = {
        {"seller.name", &seller.name},          {"seller.postcode", &seller.postcode},
        {"seller.city", &seller.city},          {"seller.contact", &seller.contact},
        {"seller.phone", &seller.phone},        {"seller.email", &seller.email},
        {"seller.iban", &seller.iban},          {"buyer.name", &buyer.name},
        {"buyer.postcode", &buyer.postcode},    {"buyer.city", &buyer.city},
        {"buyer.leitweg_id", &buyer.leitweg_id}};
    for (const auto &[place, text] : needed) {
        if (!text->empty()) continue;
        return fail(ProblemKind::conflict, "invoice.party_missing",
                    {{"place", std::string{place}}, {"remedy", "complete_the_details"}});
    }
    return {};
}

} // namespace

Expected<Party> read_party(storage::Database &database, MunicipalityId municipality) {
    std::string text;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each("SELECT document FROM invoice_party WHERE municipality = $1",
                               {municipality.value}, [&](const storage::Row &row) {
                                   text = row.text(0);
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    if (text.empty()) {
        return fail(ProblemKind::conflict, "invoice.party_missing",
                    {{"place", municipality == InvoiceBook::kCentre ? "seller" : "buyer"},
                     {"remedy", "complete_the_details"}});
    }
    return party_from(text);
}

Expected<Document> draft_frame(storage::Database &database, MunicipalityId municipality,
                               const Month &first, const Month &last, Instant now) {
    const auto source = source_of(database, municipality, first_day(first), last_day(last));
    if (!source) return tl::unexpected(source.error());
    const auto seller = read_party(database, InvoiceBook::kCentre);
    if (!seller) return tl::unexpected(seller.error());
    const auto buyer = read_party(database, municipality);
    if (!buyer) return tl::unexpected(buyer.error());
    if (auto complete = check_parties(*seller, *buyer); !complete) {
        return tl::unexpected(complete.error());
    }
    // The month of service decides about VAT, not the day of the invoice.
    const agreements::Tax *tax = agreements::on(source->taxes, last_day(last));
    if (tax == nullptr) {
        return fail(ProblemKind::conflict, "invoice.tax_missing",
                    {{"from", to_string(first_day(first))}, {"remedy", "add_a_tax_clause"}});
    }
    Document document;
    document.municipality = municipality;
    document.period_from = first_day(first);
    document.period_to = last_day(last);
    document.seller = *seller;
    document.buyer = *buyer;
    document.tax = *tax;
    document.issued_on = to_local(now).date;
    document.due_on = agreements::next_working_day(
        add_days(document.issued_on, source->payment_days), source->land); // § 193 BGB
    return document;
}

Expected<Issued> draft_invoice(storage::Database &database, const Draft &draft) {
    const LocalDate first = first_day(draft.months.front());
    const LocalDate last = last_day(draft.months.back());
    const auto source = source_of(database, draft.municipality, first, last);
    if (!source) return tl::unexpected(source.error());
    auto document = draft_frame(database, draft.municipality, draft.months.front(),
                                draft.months.back(), draft.now);
    if (!document) return tl::unexpected(document.error());
    const auto seq = last_seq(database); // before the calls: what comes later is corrected later
    if (!seq) return tl::unexpected(seq.error());
    Draft known = draft;
    known.up_to = draft.up_to.value_or(*seq);
    document->known_seq = *known.up_to;

    Issued issued;
    issued.evidence.months = draft.months;
    auto parts = parts_of(database, *source, draft.municipality, draft.months, known.up_to,
                          document->ledger);
    if (!parts) return tl::unexpected(parts.error());
    issued.evidence.parts = std::move(*parts);
    if (auto covered = check_covered(database, draft.municipality, draft.months,
                                     issued.evidence.parts, known.up_to);
        !covered) {
        return tl::unexpected(covered.error());
    }
    for (const Month &month : draft.correct) {
        const auto corrected =
            correct_month(database, known, month, issued.evidence.corrections, document->ledger);
        if (!corrected) return tl::unexpected(corrected.error());
    }
    auto computed = compute(issued.evidence);
    if (!computed) return tl::unexpected(computed.error());
    document->lines = std::move(computed->lines);
    document->notes = std::move(computed->notes);
    document->evidence_root = root_of(issued.evidence);
    for (const Month &month : draft.months)
        document->months.push_back(to_string(month));
    for (const Month &month : draft.correct)
        document->corrected.push_back(to_string(month));
    document->corrected_up_to = draft.corrected_up_to;
    add_up(*document);
    issued.document = std::move(*document);
    return issued;
}

} // namespace fernamt::billing
