// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_draft.h"

#include "agreements/dates.h"
#include "billing/billed_months.h"
#include "billing/invoice_source.h"
#include "billing/priced_calls.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

// Reads what one document stands on.
class EvidenceMaker {
  public:
    EvidenceMaker(storage::Database &database, MunicipalityId municipality)
        : database_(database), municipality_(municipality) {}

    // Terms without a price are no agreement.
    Expected<void> bill(const std::vector<Month> &months, const Basis &basis) {
        evidence_.months = months;
        if (months.empty()) return {};
        const LocalDate first = first_day(months.front());
        const LocalDate last = last_day(months.back());
        auto parts = parts_of(months, basis);
        if (!parts) return tl::unexpected(parts.error());
        if (parts->empty()) return fail(ProblemKind::conflict, "invoice.no_agreement");
        const auto calls = read_calls(database_, municipality_, first, last, basis.known_seq);
        if (!calls) return tl::unexpected(calls.error());
        if (auto covered = check_covered(calls->calls, months, *parts); !covered) return covered;
        evidence_.parts = evidence_parts(std::move(*parts));
        return {};
    }

    // True if the step changes anything.
    Expected<bool> correct(const BilledStep &step) {
        EvidenceCorrection correction{step.month, {}, {}, {}};
        if (step.before) {
            const LedgerRange range = ledger_; // what was billed once is the other document's
            auto before = parts_of({step.month}, *step.before);
            if (!before) return tl::unexpected(before.error());
            ledger_ = range;
            correction.before = evidence_parts(std::move(*before));
        }
        if (step.after) {
            auto after = parts_of({step.month}, *step.after);
            if (!after) return tl::unexpected(after.error());
            if (auto noted = note_uncovered(step, *after); !noted) {
                return tl::unexpected(noted.error());
            }
            correction.after = evidence_parts(std::move(*after));
        }
        if (correction.before == correction.after) return false;
        auto lines = corrected_lines(correction);
        if (!lines) return tl::unexpected(lines.error());
        if (lines->empty()) return false;
        correction.lines = std::move(*lines);
        evidence_.corrections.push_back(std::move(correction));
        return true;
    }

    [[nodiscard]] Evidence take() { return std::move(evidence_); }
    [[nodiscard]] const LedgerRange &ledger() const { return ledger_; }
    [[nodiscard]] const std::vector<std::string> &notes() const { return notes_; }

  private:
    Expected<std::vector<PricedPart>> parts_of(const std::vector<Month> &months,
                                               const Basis &basis) {
        const LocalDate first = first_day(months.front());
        const LocalDate last = last_day(months.back());
        const auto terms = basis.terms
                               ? terms_as_of(database_, municipality_, first, last, *basis.terms)
                               : terms_of(database_, municipality_, first, last);
        if (!terms) return tl::unexpected(terms.error());
        return priced_parts(database_, *terms, municipality_, months, basis.known_seq, ledger_);
    }

    static std::vector<EvidencePart> evidence_parts(std::vector<PricedPart> priced) {
        std::vector<EvidencePart> parts;
        for (PricedPart &each : priced)
            parts.push_back(std::move(each.part));
        return parts;
    }

    // An agreement that was ended for past days: what is no longer paid for is said.
    Expected<void> note_uncovered(const BilledStep &step, const std::vector<PricedPart> &parts) {
        const LocalDate first = first_day(step.month);
        const LocalDate last = last_day(step.month);
        const bool whole = std::ranges::any_of(parts, [&](const PricedPart &each) {
            return each.part.first <= first && last <= each.part.last;
        });
        if (whole) return {};
        const auto calls = read_calls(database_, municipality_, first, last, step.after->known_seq);
        if (!calls) return tl::unexpected(calls.error());
        const auto count = std::ranges::count_if(calls->calls, [&](const CallFact &fact) {
            return agreements::is_owed(fact.kind) &&
                   !check_covered({fact}, {step.month}, parts).has_value();
        });
        if (count == 0) return {};
        notes_.push_back(fmt::format("{}: {} Anrufe an Tagen ohne Vereinbarung sind nicht "
                                     "berechnet.",
                                     to_string(step.month), count));
        return {};
    }

    storage::Database &database_;
    MunicipalityId municipality_;
    Evidence evidence_;
    LedgerRange ledger_;
    std::vector<std::string> notes_;
};

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

std::pair<LocalDate, LocalDate> period_of(const Draft &draft) {
    std::vector<Month> months = draft.months;
    if (months.empty()) {
        for (const BilledStep &step : draft.corrections)
            months.push_back(step.month);
    }
    const auto [first, last] = std::ranges::minmax(months);
    return {first_day(first), last_day(last)};
}

// The steps that the document stands for, and the months as they are printed.
void keep_steps(Document &document, const Draft &draft, const std::vector<BilledStep> &kept) {
    document.steps.emplace();
    for (const Month &month : draft.months) {
        document.months.push_back(to_string(month));
        document.steps->push_back({month, std::nullopt, draft.basis});
    }
    for (const BilledStep &step : kept) {
        const std::string month = to_string(step.month);
        if (std::ranges::find(document.corrected, month) == document.corrected.end()) {
            document.corrected.push_back(month);
        }
        document.steps->push_back(step);
    }
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
                               const LocalDate &from, const LocalDate &to,
                               const agreements::Tax &tax, Instant now) {
    const auto terms = terms_of(database, municipality, from, to);
    if (!terms) return tl::unexpected(terms.error());
    const auto seller = read_party(database, InvoiceBook::kCentre);
    if (!seller) return tl::unexpected(seller.error());
    const auto buyer = read_party(database, municipality);
    if (!buyer) return tl::unexpected(buyer.error());
    if (auto complete = check_parties(*seller, *buyer); !complete) {
        return tl::unexpected(complete.error());
    }
    Document document;
    document.municipality = municipality;
    document.period_from = from;
    document.period_to = to;
    document.seller = *seller;
    document.buyer = *buyer;
    document.tax = tax;
    document.issued_on = to_local(now).date;
    document.due_on = agreements::next_working_day(
        add_days(document.issued_on, terms->payment_days), terms->land); // § 193 BGB
    return document;
}

Expected<Issued> draft_invoice(storage::Database &database, const Draft &draft) {
    EvidenceMaker maker(database, draft.municipality);
    if (auto billed = maker.bill(draft.months, draft.basis); !billed) {
        return tl::unexpected(billed.error());
    }
    Draft kept = draft;
    kept.corrections.clear();
    for (const BilledStep &step : draft.corrections) {
        const auto changed = maker.correct(step);
        if (!changed) return tl::unexpected(changed.error());
        if (*changed) kept.corrections.push_back(step);
    }
    if (kept.months.empty() && kept.corrections.empty()) {
        return fail(ProblemKind::conflict, "invoice.nothing_to_correct");
    }
    const auto [from, to] = period_of(kept);
    auto document = draft_frame(database, draft.municipality, from, to, draft.tax, draft.now);
    if (!document) return tl::unexpected(document.error());
    Issued issued{std::move(*document), maker.take()};
    issued.document.known_seq = draft.known_seq;
    issued.document.ledger = maker.ledger();
    auto computed = compute(issued.evidence);
    if (!computed) return tl::unexpected(computed.error());
    issued.document.lines = std::move(computed->lines);
    issued.document.notes = std::move(computed->notes);
    issued.document.notes.insert(issued.document.notes.end(), maker.notes().begin(),
                                 maker.notes().end());
    issued.document.evidence_root = root_of(issued.evidence);
    keep_steps(issued.document, kept, kept.corrections);
    if (auto booked = add_codes(database, issued.document); !booked) {
        return tl::unexpected(booked.error());
    }
    add_up(issued.document);
    return issued;
}

Expected<Evidence> evidence_again(storage::Database &database, const Document &document) {
    EvidenceMaker maker(database, document.municipality);
    std::vector<Month> months;
    for (const std::string &text : document.months)
        months.push_back(parse_month(text).value_or(month_of(document.period_from)));
    Basis basis{document.known_seq, std::nullopt};
    std::vector<BilledStep> corrections;
    for (const BilledStep &step : steps_of(document)) {
        const bool whole = !step.before && std::ranges::find(months, step.month) != months.end();
        if (whole) basis = step.after.value_or(basis);
        if (!whole) corrections.push_back(step);
    }
    if (auto billed = maker.bill(months, basis); !billed) return tl::unexpected(billed.error());
    for (const BilledStep &step : corrections) {
        if (auto made = maker.correct(step); !made) return tl::unexpected(made.error());
    }
    Evidence evidence = maker.take();
    if (!document.steps) { // of before the calls of corrections were carried
        for (EvidenceCorrection &each : evidence.corrections) {
            each.before.clear();
            each.after.clear();
        }
    }
    return evidence;
}

} // namespace fernamt::billing
