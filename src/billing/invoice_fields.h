// SPDX-License-Identifier: EUPL-1.2
// Which members of a document stand in its stored form: one line each, for writing and reading.
// Names are stored for years: never change one. Internal to billing.
#pragma once

#include "billing/agreement_fields.h"
#include "billing/invoice_document.h"

namespace fernamt::billing {

using agreements::Is;

template <class F, Is<Party> T>
void fields(F &f, T &v) {
    f("name", v.name);
    f("street", v.street);
    f("postcode", v.postcode);
    f("city", v.city);
    f("leitweg_id", v.leitweg_id);
    f("vat_id", v.vat_id);
    f("tax_number", v.tax_number);
    f("contact", v.contact);
    f("phone", v.phone);
    f("email", v.email);
    f("iban", v.iban);
}
template <class F, Is<DocumentLine> T>
void fields(F &f, T &v) {
    f("text", v.text);
    f("detail", v.detail);
    f("from", v.from);
    f("to", v.to);
    f("amount_cents", v.amount);
}
template <class F, Is<LedgerRange> T>
void fields(F &f, T &v) {
    f("first", v.first);
    f("last", v.last);
    f("root", v.root);
}
template <class F, Is<TermsSource> T>
void fields(F &f, T &v) {
    f("agreement", v.agreement);
    f("version", v.version);
}
template <class F, Is<Basis> T>
void fields(F &f, T &v) {
    f("known_seq", v.known_seq);
    f("terms", v.terms);
}
template <class F, Is<BilledStep> T>
void fields(F &f, T &v) {
    f("month", v.month);
    f("before", v.before);
    f("after", v.after);
}
template <class F, Is<AccountCode> T>
void fields(F &f, T &v) {
    f("from", v.from);
    f("to", v.to);
    f("product", v.product);
    f("cost_centre", v.cost_centre);
}
template <class F, Is<Document> T>
void fields(F &f, T &v) {
    f("kind", v.kind);
    f("number", v.number);
    f("municipality", v.municipality);
    f("period_from", v.period_from);
    f("period_to", v.period_to);
    f("issued_on", v.issued_on);
    f("due_on", v.due_on);
    f("seller", v.seller);
    f("buyer", v.buyer);
    f("lines", v.lines);
    f("tax", v.tax);
    f("net_cents", v.net);
    f("vat_cents", v.vat);
    f("gross_cents", v.gross);
    f("prepaid_cents", v.prepaid);
    f("payable_cents", v.payable);
    f("advances", v.advances);
    f("refers_to", v.refers_to);
    f("reason", v.reason);
    f("notes", v.notes);
    f("ledger", v.ledger);
    f("known_seq", v.known_seq);
    f("evidence_root", v.evidence_root);
    f("months", v.months);
    f("corrected", v.corrected);
    f("steps", v.steps);
    f("corrected_up_to", v.corrected_up_to);
    f("codes", v.codes);
}

} // namespace fernamt::billing
