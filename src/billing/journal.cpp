// SPDX-License-Identifier: EUPL-1.2
#include "billing/journal.h"

#include "base/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

constexpr std::array kHead{
    "Belegnummer", "Art",          "Belegdatum",   "faellig am", "Regionalschluessel",
    "Empfaenger",  "Leistung von", "Leistung bis", "Bezug",      "Netto",
    "Steuer",      "Steuersatz",   "Steuerbetrag", "Brutto",     "Vorauszahlungen",
    "Zahlbetrag",  "Grund",        "Pruefsumme",   "Produkt",    "Kostenstelle"};

std::string decimal(Money amount) {
    std::string text = to_decimal(amount);
    std::ranges::replace(text, '.', ',');
    return text;
}

std::string record_of(const std::vector<std::string> &fields) {
    std::string out;
    for (const std::string &field : fields)
        out += (out.empty() ? "" : ";") + field;
    return out + "\r\n";
}

// Names and reasons come from people; amounts may be negative, so only these are guarded.
std::string said(const std::string &text) {
    return csv_field(text, "=+-@\t\r");
}

// Each once, in the order of their days: a document that corrects last year may bear two.
std::string listed(const Document &document, std::string AccountCode::*part) {
    std::vector<std::string> found;
    for (const AccountCode &code : document.codes.value_or(std::vector<AccountCode>{})) {
        const std::string &text = code.*part;
        if (!text.empty() && std::ranges::find(found, text) == found.end()) found.push_back(text);
    }
    return said(fmt::format("{}", fmt::join(found, ", ")));
}

} // namespace

std::string journal_csv(const std::vector<Document> &documents) {
    std::string out = record_of({kHead.begin(), kHead.end()});
    for (const Document &document : documents) {
        const auto booked = [&](Money amount) { return decimal(effect_of(document, amount)); };
        out += record_of({document.number,
                          std::string{german_title(document.kind)},
                          to_string(document.issued_on),
                          to_string(document.due_on),
                          to_ars(document.municipality),
                          said(document.buyer.name),
                          to_string(document.period_from),
                          to_string(document.period_to),
                          document.refers_to,
                          booked(document.net),
                          std::string{to_string(document.tax.category)},
                          fmt::format("{}", document.tax.rate_percent),
                          booked(document.vat),
                          booked(document.gross),
                          booked(document.prepaid),
                          booked(document.payable),
                          said(document.reason),
                          document.evidence_root,
                          listed(document, &AccountCode::product),
                          listed(document, &AccountCode::cost_centre)});
    }
    return out;
}

} // namespace fernamt::billing
