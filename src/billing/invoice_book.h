// SPDX-License-Identifier: EUPL-1.2
// Issues documents: numbers without gaps, one after the other also when two people issue at once;
// locked for ever, cancelled and issued anew, never changed (GoBD). Each document is chained to the
// one before it by its hash. A document and its number are one transaction: a full disk uses up no
// number. What became known or was agreed after a month was invoiced comes as correction lines with
// the next. No rights are checked here; web and the command line do.
#pragma once

#include "billing/agreement_book.h"
#include "billing/evidence.h"
#include "billing/invoice_document.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

struct Issued {
    Document document;
    Evidence evidence;
    friend bool operator==(const Issued &, const Issued &) = default;
};

struct BookReport {
    std::int64_t documents = 0;
    std::string root;                        // hash of the last one, 64 hex digits
    std::optional<std::string> first_broken; // number
    std::string what;                        // "hash", "gap", "total"
};

class InvoiceBook {
  public:
    explicit InvoiceBook(storage::Database &database) : database_(database) {}

    // How centre (seller) and municipality (buyer) stand on documents. kCentre: the seller.
    static constexpr MunicipalityId kCentre{0};
    [[nodiscard]] Expected<void> set_party(MunicipalityId municipality, const Party &party,
                                           const Alongside &also = {});
    [[nodiscard]] Expected<Party> party(MunicipalityId municipality);

    // What would be issued, for a running month by what is known until now: without number, nothing
    // stored. Problems: "invoice.no_agreement", "invoice.tax_missing", "invoice.tax_mixed" (from,
    // remedy), "invoice.party_missing" (place), those of rating and prices (a gap, an overlap).
    [[nodiscard]] Expected<Issued> preview(MunicipalityId municipality, const Month &month,
                                           Instant now);
    // All as above; "invoice.month_open" (from) before its end; "invoice.already_issued" (number)
    // until that is cancelled. A month that was cancelled is issued anew on the facts of the
    // cancelled document: what changed since then comes as a correction with the next invoice. A
    // correction of a month with another VAT is issued at the same time as a document of its own.
    // "xrechnung.rule_broken" (rule, place): it could not be sent; nothing is stored.
    [[nodiscard]] Expected<Issued> issue(MunicipalityId municipality, const Month &month,
                                         const Change &change);
    // Corrections alone, one document for each VAT category: where no invoice follows any more, an
    // agreement that has ended for example. Empty if there is nothing to correct.
    [[nodiscard]] Expected<std::vector<Issued>> correct(MunicipalityId municipality,
                                                        const Change &change);
    // What correct() would issue, without numbers; nothing stored.
    [[nodiscard]] Expected<std::vector<Issued>> preview_corrections(MunicipalityId municipality,
                                                                    Instant now);
    // A payment on account for one month; net, VAT by the agreement. "invoice.settled" (number)
    // once the settlement of its year stands.
    [[nodiscard]] Expected<Issued> issue_advance(MunicipalityId municipality, const Month &month,
                                                 Money net, const Change &change);
    // The months of the year without an invoice of their own, less the year's advances; the
    // advances alone if all months have one. With another VAT within the year: the first part that
    // is open; once more for the next. As soon as the year, or what is agreed in it, is over.
    [[nodiscard]] Expected<Issued> settle(MunicipalityId municipality, int year,
                                          const Change &change);
    // Takes a document back whole. "invoice.cancelled", "invoice.not_found",
    // "invoice.reason_missing" (change.reason); "invoice.credited" (number, remedy) while a credit
    // note for it stands, "invoice.settled" (number, remedy) while a settlement counts the advance.
    [[nodiscard]] Expected<Issued> cancel(const std::string &number, const Change &change);
    // Gives back a part of an invoice or settlement. "invoice.credit_too_high" (open): more than
    // was invoiced less earlier credit notes.
    [[nodiscard]] Expected<Issued> credit(const std::string &number, const std::string &text,
                                          Money net, const Change &change);

    [[nodiscard]] Expected<Document> find(const std::string &number);
    // The evidence, read again from the ledger as it was known then; its root is the document's, or
    // "invoice.evidence_differs" (number). Empty for what no call stands behind.
    [[nodiscard]] Expected<Evidence> evidence(const Document &document);
    // In the order of issue.
    [[nodiscard]] Expected<std::vector<Document>>
    list(std::optional<MunicipalityId> municipality = std::nullopt);
    // The number of the document that cancelled it.
    [[nodiscard]] Expected<std::optional<std::string>> cancelled_by(const std::string &number);
    // The chain, the circles without gaps, the totals.
    [[nodiscard]] Expected<BookReport> verify();

  private:
    storage::Database &database_;
};

// Of a municipality, in the order of issue, without cancellations and what they took back.
[[nodiscard]] Expected<std::vector<Document>> standing_documents(InvoiceBook &book,
                                                                 MunicipalityId municipality);

} // namespace fernamt::billing
