// SPDX-License-Identifier: EUPL-1.2
// An issued document between centre and municipality: invoice, advance, yearly settlement, credit
// note, cancellation. Whatever is on the paper stands in it, and how it was made; nothing in it
// changes after it is issued. Pure values; invoice_book.h numbers and keeps them, xrechnung.h
// writes them for machines.
#pragma once

#include "agreements/agreement.h"
#include "agreements/rating.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/problem.h"
#include "billing/account_code.h"
#include "billing/billed_step.h"
#include "billing/call_fact.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

enum class DocumentKind {
    invoice,      // of a month
    advance,      // a payment on account (Abschlag)
    settlement,   // of a year, less the advances
    credit_note,  // for one invoice, by hand, with a reason
    cancellation, // takes one document back whole
};
[[nodiscard]] std::string_view to_string(DocumentKind kind);
[[nodiscard]] std::string_view german_title(DocumentKind kind); // "Rechnung"
// Invoices and settlements: calls stand behind them.
[[nodiscard]] bool bills_months(DocumentKind kind);

// An authority on the document. Contact names an office, never a person.
struct Party {
    std::string name;
    std::string street;
    std::string postcode;
    std::string city;
    std::string leitweg_id; // buyer: BT-10
    std::string vat_id;     // seller: BT-31
    std::string tax_number; // seller: BT-32
    std::string contact;    // "Kämmerei"
    std::string phone;
    std::string email;
    std::string iban;
    friend bool operator==(const Party &, const Party &) = default;
};

struct DocumentLine {
    std::string text;   // "Gesprächsminuten"
    std::string detail; // "12 Anrufe, 27,50 Minuten zu 0,95 €"
    LocalDate from;     // service
    LocalDate to;
    Money amount; // net
    friend bool operator==(const DocumentLine &, const DocumentLine &) = default;
};

struct Document {
    DocumentKind kind = DocumentKind::invoice;
    std::string number; // empty: a preview
    MunicipalityId municipality;
    LocalDate period_from;
    LocalDate period_to;
    LocalDate issued_on;
    LocalDate due_on;
    Party seller;
    Party buyer;
    std::vector<DocumentLine> lines;
    agreements::Tax tax;
    Money net;
    Money vat;
    Money gross;
    Money prepaid; // settlement: gross of the advances
    Money payable;
    std::vector<std::string> advances;  // settlement: their numbers
    std::string refers_to;              // credit note, cancellation: the document's number
    std::string reason;                 // of these two
    std::vector<std::string> notes;     // what others bear, hints
    LedgerRange ledger;                 // what it stands on
    std::int64_t known_seq = 0;         // the ledger's last entry when it was made
    std::string evidence_root;          // evidence.h
    std::vector<std::string> months;    // that it bills whole: "2026-11"
    std::vector<std::string> corrected; // months of other documents that it corrects
    // What it bills of each of these months, by which ledger and prices; empty: a document of
    // before this was kept, which has `corrected_up_to` instead (one ledger entry for all).
    std::optional<std::vector<BilledStep>> steps;
    std::optional<std::int64_t> corrected_up_to;
    // How the municipality books it; empty: nothing was agreed, or it is older than they were kept.
    std::optional<std::vector<AccountCode>> codes;
    friend bool operator==(const Document &, const Document &) = default;
};

// An amount of the document as it changes what the municipality owes: a credit note's amounts are
// positive, as EN 16931 wants them for type 381, and lower it.
[[nodiscard]] Money effect_of(const Document &document, Money amount);
// Net, VAT (on the sum, half up: EN 16931 BR-CO-17), gross, payable from the lines.
void add_up(Document &document);
// One charge in words: "Minuten", "12 Anrufe, 27,50 Minuten zu 0,95 €".
[[nodiscard]] DocumentLine line_of(const agreements::PriceClause &clause,
                                   const agreements::Charge &charge);
// What the municipality pays by the statement, in words; charges of 0 without calls are left out.
[[nodiscard]] std::vector<DocumentLine> lines_of(const agreements::PriceList &prices,
                                                 const agreements::MonthStatement &statement);
// What third parties and the levy bear.
[[nodiscard]] std::vector<std::string> notes_of(const agreements::PriceList &prices,
                                                const agreements::MonthStatement &statement);

// Canonical JSON, and back: "document.wrong_value" (place).
[[nodiscard]] std::string to_json(const Document &document);
[[nodiscard]] Expected<Document> document_from(std::string_view json);
[[nodiscard]] std::string to_json(const Party &party);
[[nodiscard]] Expected<Party> party_from(std::string_view json);

} // namespace fernamt::billing
