// SPDX-License-Identifier: EUPL-1.2
#include "billing/xrechnung.h"

#include <fmt/format.h>
#include <libxml/xmlwriter.h>

#include <cstdlib>
#include <memory>

namespace fernamt::billing {

namespace {

using agreements::TaxCategory;

constexpr std::string_view kCustomization =
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0";
constexpr std::string_view kProfile = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";
constexpr std::string_view kInvoice = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
constexpr std::string_view kCreditNote =
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";
constexpr std::string_view kAggregate =
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
constexpr std::string_view kBasic =
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

// UNTDID 1001, as BR-DE-17 allows them.
std::string_view type_code(DocumentKind kind) {
    switch (kind) {
    case DocumentKind::invoice:
    case DocumentKind::settlement:
        return "380";
    case DocumentKind::advance:
        return "326";
    case DocumentKind::credit_note:
        return "381";
    case DocumentKind::cancellation:
        return "384";
    }
    return "380";
}

// UNTDID 5305.
std::string_view category_code(TaxCategory category) {
    switch (category) {
    case TaxCategory::not_taxable:
        return "O";
    case TaxCategory::exempt:
        return "E";
    case TaxCategory::standard:
        return "S";
    }
    return "O";
}

// XML 1.0 knows no control characters but tab and line ends.
std::string printable(std::string_view text) {
    std::string kept;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 || c == '\n' || c == '\t') kept += c;
    }
    return kept;
}

class Writer {
  public:
    Writer() : buffer_(xmlBufferCreate()), writer_(xmlNewTextWriterMemory(buffer_.get(), 0)) {
        check(xmlTextWriterSetIndent(writer_.get(), 1));
        check(xmlTextWriterStartDocument(writer_.get(), "1.0", "UTF-8", nullptr));
    }

    void start(std::string_view name) {
        check(xmlTextWriterStartElement(writer_.get(), xml(std::string{name}).get()));
    }
    void end() { check(xmlTextWriterEndElement(writer_.get())); }
    void attribute(std::string_view name, std::string_view value) {
        check(xmlTextWriterWriteAttribute(writer_.get(), xml(std::string{name}).get(),
                                          xml(printable(value)).get()));
    }
    void text(std::string_view value) {
        check(xmlTextWriterWriteString(writer_.get(), xml(printable(value)).get()));
    }
    // <cbc:name>value</cbc:name>, left out if there is no value.
    void element(std::string_view name, std::string_view value, std::string_view key = {},
                 std::string_view code = {}) {
        if (value.empty()) return;
        start(fmt::format("cbc:{}", name));
        if (!key.empty()) attribute(key, code);
        text(value);
        end();
    }
    void amount(std::string_view name, Money value) {
        element(name, to_decimal(value), "currencyID", "EUR");
    }
    Expected<std::string> finish() {
        check(xmlTextWriterEndDocument(writer_.get()));
        writer_.reset(); // flushes
        if (!good_) return fail(ProblemKind::internal, "xrechnung.not_written");
        const auto *content = xmlBufferContent(buffer_.get());
        return std::string{reinterpret_cast<const char *>(content),
                           static_cast<std::size_t>(xmlBufferLength(buffer_.get()))};
    }

  private:
    using Text = std::unique_ptr<xmlChar, decltype(xmlFree)>;
    static Text xml(const std::string &text) {
        return {xmlCharStrndup(text.data(), static_cast<int>(text.size())), xmlFree};
    }
    void check(int result) { good_ = good_ && result >= 0; }

    struct FreeBuffer {
        void operator()(xmlBuffer *buffer) const { xmlBufferFree(buffer); }
    };
    struct FreeWriter {
        void operator()(xmlTextWriter *writer) const { xmlFreeTextWriter(writer); }
    };
    std::unique_ptr<xmlBuffer, FreeBuffer> buffer_;
    std::unique_ptr<xmlTextWriter, FreeWriter> writer_;
    bool good_ = true;
};

// One element with what stands in it.
template <class Content>
void group(Writer &writer, std::string_view name, Content content) {
    writer.start(fmt::format("cac:{}", name));
    content();
    writer.end();
}

void tax_scheme(Writer &writer, std::string_view id) {
    group(writer, "TaxScheme", [&] { writer.element("ID", id); });
}

void address(Writer &writer, const Party &party) {
    group(writer, "PostalAddress", [&] {
        writer.element("StreetName", party.street);
        writer.element("CityName", party.city);
        writer.element("PostalZone", party.postcode);
        group(writer, "Country", [&] { writer.element("IdentificationCode", "DE"); });
    });
}

void legal_entity(Writer &writer, const Party &party) {
    group(writer, "PartyLegalEntity", [&] { writer.element("RegistrationName", party.name); });
}

void tax_registration(Writer &writer, std::string_view id, std::string_view scheme) {
    if (id.empty()) return;
    group(writer, "PartyTaxScheme", [&] {
        writer.element("CompanyID", id);
        tax_scheme(writer, scheme);
    });
}

void seller(Writer &writer, const Document &document) {
    const Party &party = document.seller;
    // BR-O-2: who is not subject to VAT shows no VAT identifier; BR-CO-26 wants another then.
    const bool not_taxable = document.tax.category == TaxCategory::not_taxable;
    group(writer, "AccountingSupplierParty", [&] {
        group(writer, "Party", [&] {
            writer.element("EndpointID", party.email, "schemeID", "EM");
            if (not_taxable) {
                group(writer, "PartyIdentification", [&] {
                    writer.element("ID", party.tax_number.empty() ? party.email : party.tax_number);
                });
            }
            group(writer, "PartyName", [&] { writer.element("Name", party.name); });
            address(writer, party);
            if (!not_taxable) tax_registration(writer, party.vat_id, "VAT");
            if (!not_taxable) tax_registration(writer, party.tax_number, "FC");
            legal_entity(writer, party);
            group(writer, "Contact", [&] {
                writer.element("Name", party.contact);
                writer.element("Telephone", party.phone);
                writer.element("ElectronicMail", party.email);
            });
        });
    });
}

void buyer(Writer &writer, const Document &document) {
    const Party &party = document.buyer;
    group(writer, "AccountingCustomerParty", [&] {
        group(writer, "Party", [&] {
            writer.element("EndpointID", party.leitweg_id, "schemeID", "0204"); // Leitweg-ID
            group(writer, "PartyName", [&] { writer.element("Name", party.name); });
            address(writer, party);
            legal_entity(writer, party);
        });
    });
}

void period(Writer &writer, const LocalDate &from, const LocalDate &to) {
    group(writer, "InvoicePeriod", [&] {
        writer.element("StartDate", to_string(from));
        writer.element("EndDate", to_string(to));
    });
}

std::string proof_of(const Document &document) {
    return fmt::format("Nachweis: Hauptbuch Eintrag {} bis {}, Wurzel {}; Anrufe {}.",
                       document.ledger.first, document.ledger.last,
                       document.ledger.root.empty() ? "-" : document.ledger.root,
                       document.evidence_root.empty() ? "-" : document.evidence_root);
}

void notes(Writer &writer, const Document &document) {
    std::string note{german_title(document.kind)};
    if (!document.refers_to.empty()) note += fmt::format(" zu {}", document.refers_to);
    if (!document.reason.empty()) note += fmt::format(". Grund: {}", document.reason);
    for (const std::string &each : document.notes)
        note += "\n" + each;
    if (!document.advances.empty()) {
        note += fmt::format("\nAngerechnete Abschläge: {}", fmt::join(document.advances, ", "));
    }
    writer.element("Note", note + "\n" + proof_of(document));
}

// Left out where the municipality has named no code, and on documents of before codes were kept.
void accounting(Writer &writer, const AccountCode *code) {
    if (code != nullptr) writer.element("AccountingCost", reference_of(*code));
}

void header(Writer &writer, const Document &document, bool credit) {
    writer.element("CustomizationID", kCustomization);
    writer.element("ProfileID", kProfile);
    writer.element("ID", document.number);
    writer.element("IssueDate", to_string(document.issued_on));
    if (!credit) writer.element("DueDate", to_string(document.due_on));
    writer.element(credit ? "CreditNoteTypeCode" : "InvoiceTypeCode", type_code(document.kind));
    notes(writer, document);
    writer.element("DocumentCurrencyCode", "EUR");
    accounting(writer, code_of(document)); // BT-19
    writer.element("BuyerReference", document.buyer.leitweg_id);
    period(writer, document.period_from, document.period_to);
    if (document.refers_to.empty()) return;
    group(writer, "BillingReference", [&] {
        group(writer, "InvoiceDocumentReference",
              [&] { writer.element("ID", document.refers_to); });
    });
}

std::string compact(std::string_view iban) {
    std::string text;
    for (const char c : iban) {
        if (c != ' ') text += c;
    }
    return text;
}

void payment(Writer &writer, const Document &document) {
    group(writer, "PaymentMeans", [&] {
        writer.element("PaymentMeansCode", "58"); // SEPA credit transfer
        writer.element("PaymentID", document.number);
        group(writer, "PayeeFinancialAccount", [&] {
            writer.element("ID", compact(document.seller.iban));
            writer.element("Name", document.seller.name);
        });
    });
    group(writer, "PaymentTerms", [&] {
        writer.element("Note", fmt::format("Zahlbar bis {}.", to_string(document.due_on)));
    });
}

void tax_total(Writer &writer, const Document &document) {
    const bool standard = document.tax.category == TaxCategory::standard;
    group(writer, "TaxTotal", [&] {
        writer.amount("TaxAmount", document.vat);
        group(writer, "TaxSubtotal", [&] {
            writer.amount("TaxableAmount", document.net);
            writer.amount("TaxAmount", document.vat);
            group(writer, "TaxCategory", [&] {
                writer.element("ID", category_code(document.tax.category));
                writer.element("Percent", fmt::format("{}", document.tax.rate_percent)); // BR-DE-14
                if (document.tax.category == TaxCategory::not_taxable) {
                    writer.element("TaxExemptionReasonCode", "VATEX-EU-O");
                }
                if (!standard) writer.element("TaxExemptionReason", document.tax.reason);
                tax_scheme(writer, "VAT");
            });
        });
    });
}

void totals(Writer &writer, const Document &document) {
    group(writer, "LegalMonetaryTotal", [&] {
        writer.amount("LineExtensionAmount", document.net);
        writer.amount("TaxExclusiveAmount", document.net);
        writer.amount("TaxInclusiveAmount", document.gross);
        if (document.prepaid != Money{}) writer.amount("PrepaidAmount", document.prepaid);
        writer.amount("PayableAmount", document.payable);
    });
}

void line(Writer &writer, const Document &document, const DocumentLine &each, std::size_t number,
          bool credit) {
    const bool negative = each.amount < Money{};
    group(writer, credit ? "CreditNoteLine" : "InvoiceLine", [&] {
        writer.element("ID", fmt::format("{}", number));
        writer.element(credit ? "CreditedQuantity" : "InvoicedQuantity", negative ? "-1" : "1",
                       "unitCode", "C62");
        writer.amount("LineExtensionAmount", each.amount);
        accounting(writer, other_code_of(document, each)); // BT-133
        const bool within = document.period_from <= each.from && each.to <= document.period_to;
        if (within) period(writer, each.from, each.to);
        group(writer, "Item", [&] {
            writer.element("Description", each.detail);
            writer.element("Name", each.text);
            group(writer, "ClassifiedTaxCategory", [&] {
                writer.element("ID", category_code(document.tax.category));
                if (document.tax.category != TaxCategory::not_taxable) { // BR-O-5
                    writer.element("Percent", fmt::format("{}", document.tax.rate_percent));
                }
                tax_scheme(writer, "VAT");
            });
        });
        group(writer, "Price", [&] { // never negative: BR-27
            writer.amount("PriceAmount", negative ? Money{} - each.amount : each.amount);
        });
    });
}

tl::unexpected<Problem> broken(const RuleFinding &finding) {
    return fail(ProblemKind::conflict, "xrechnung.rule_broken",
                {{"rule", finding.rule}, {"place", finding.place}});
}

} // namespace

Expected<std::string> write_xrechnung(const Document &document) {
    const bool credit = document.kind == DocumentKind::credit_note;
    Writer writer;
    writer.start(credit ? "ubl:CreditNote" : "ubl:Invoice");
    writer.attribute("xmlns:ubl", credit ? kCreditNote : kInvoice);
    writer.attribute("xmlns:cac", kAggregate);
    writer.attribute("xmlns:cbc", kBasic);
    header(writer, document, credit);
    seller(writer, document);
    buyer(writer, document);
    payment(writer, document);
    tax_total(writer, document);
    totals(writer, document);
    std::size_t number = 0;
    for (const DocumentLine &each : document.lines)
        line(writer, document, each, ++number, credit);
    if (document.lines.empty()) { // BR-16: also what costs nothing has a line
        line(writer, document,
             {"Keine abrechenbaren Anrufe", "", document.period_from, document.period_to, Money{}},
             1, credit);
    }
    writer.end();
    return writer.finish();
}

Expected<std::string> to_xrechnung(const Document &document) {
    auto xml = write_xrechnung(document);
    if (!xml) return xml;
    for (const RuleFinding &finding : check_xrechnung(*xml)) {
        if (!finding.at_issue) return broken(finding);
    }
    return xml;
}

Expected<void> fit_to_issue(const Document &document) {
    const auto xml = write_xrechnung(document);
    if (!xml) return tl::unexpected(xml.error());
    const auto findings = check_xrechnung(*xml);
    if (findings.empty()) return {};
    return broken(findings.front());
}

} // namespace fernamt::billing
