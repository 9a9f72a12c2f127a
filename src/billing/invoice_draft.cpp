// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_draft.h"

#include "agreements/dates.h"
#include "billing/invoice_source.h"
#include "billing/priced_calls.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

// Terms without a price are no agreement.
Expected<Terms> agreed_terms(storage::Database &database, MunicipalityId municipality,
                             const LocalDate &first, const LocalDate &last) {
    auto terms = terms_of(database, municipality, first, last);
    if (terms && terms->sources.empty()) return fail(ProblemKind::conflict, "invoice.no_agreement");
    return terms;
}

Expected<std::vector<PricedPart>> parts_of(storage::Database &database, const Terms &terms,
                                           MunicipalityId municipality,
                                           const std::vector<Month> &months,
                                           std::optional<std::int64_t> up_to, LedgerRange &range) {
    auto priced = priced_parts(database, terms, municipality, months, up_to, range);
    if (priced && priced->empty()) return fail(ProblemKind::conflict, "invoice.no_agreement");
    return priced;
}

Expected<agreements::MonthKnown> known_of(const EvidencePart &part, const Month &month) {
    const auto columns = to_columns(part.calls, part.first, part.last);
    if (!columns) return tl::unexpected(columns.error());
    return agreements::know(part.prices, *columns, month);
}

// What is known about an earlier month now and was not when it was last invoiced.
Expected<void> correct_month(storage::Database &database, const Draft &draft, const Month &month,
                             std::vector<EvidenceCorrection> &lines, LedgerRange &range) {
    const auto terms =
        agreed_terms(database, draft.municipality, first_day(month), last_day(month));
    if (!terms) return tl::unexpected(terms.error());
    LedgerRange before_range;
    const auto before = parts_of(database, *terms, draft.municipality, {month},
                                 draft.corrected_up_to, before_range);
    if (!before) return tl::unexpected(before.error());
    const auto after = parts_of(database, *terms, draft.municipality, {month}, draft.up_to, range);
    if (!after) return tl::unexpected(after.error());
    for (std::size_t i = 0; i < after->size(); ++i) {
        const auto known_before = known_of(before->at(i).part, month);
        const auto known_after = known_of(after->at(i).part, month);
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
    const auto terms = agreed_terms(database, municipality, first_day(first), last_day(last));
    if (!terms) return tl::unexpected(terms.error());
    const auto seller = read_party(database, InvoiceBook::kCentre);
    if (!seller) return tl::unexpected(seller.error());
    const auto buyer = read_party(database, municipality);
    if (!buyer) return tl::unexpected(buyer.error());
    if (auto complete = check_parties(*seller, *buyer); !complete) {
        return tl::unexpected(complete.error());
    }
    // The month of service decides about VAT, not the day of the invoice.
    const agreements::Tax *tax = agreements::on(terms->taxes, last_day(last));
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
        add_days(document.issued_on, terms->payment_days), terms->land); // § 193 BGB
    return document;
}

Expected<Issued> draft_invoice(storage::Database &database, const Draft &draft) {
    const LocalDate first = first_day(draft.months.front());
    const LocalDate last = last_day(draft.months.back());
    const auto terms = agreed_terms(database, draft.municipality, first, last);
    if (!terms) return tl::unexpected(terms.error());
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
    auto parts =
        parts_of(database, *terms, draft.municipality, draft.months, known.up_to, document->ledger);
    if (!parts) return tl::unexpected(parts.error());
    const auto calls = read_calls(database, draft.municipality, first, last, known.up_to);
    if (!calls) return tl::unexpected(calls.error());
    if (auto covered = check_covered(calls->calls, draft.months, *parts); !covered) {
        return tl::unexpected(covered.error());
    }
    for (PricedPart &each : *parts)
        issued.evidence.parts.push_back(std::move(each.part));
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
