// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_pdf.h"

#include "billing/letter.h"
#include "billing/month.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

// A cancelled credit note is to be paid again.
bool takes_back(const Document &document) {
    return document.kind == DocumentKind::credit_note ||
           (document.kind == DocumentKind::cancellation && document.payable <= Money{});
}

std::string period_of(const Document &document) {
    const Month first = month_of(document.period_from);
    const Month last = month_of(document.period_to);
    if (first == last && document.period_from == first_day(first) &&
        document.period_to == last_day(last)) {
        return german_month(first);
    }
    return german_date(document.period_from) + " bis " + german_date(document.period_to);
}

std::vector<std::string> without_empty(std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string &line) { return line.empty(); });
    return lines;
}

std::string place_of(const Party &party) {
    return party.postcode.empty() ? party.city : party.postcode + " " + party.city;
}

std::string labelled(std::string_view label, const std::string &value) {
    return value.empty() ? "" : fmt::format("{} {}", label, value);
}

std::string tax_words(const agreements::Tax &tax) {
    switch (tax.category) {
    case agreements::TaxCategory::not_taxable:
        return "Nicht steuerbar";
    case agreements::TaxCategory::exempt:
        return "Umsatzsteuerfrei";
    case agreements::TaxCategory::standard:
        return fmt::format("Umsatzsteuer {} %", tax.rate_percent);
    }
    return "";
}

// In blocks of four, as it is read out and typed.
std::string in_fours(const std::string &iban) {
    std::string out;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += ' ';
        out += iban[i];
    }
    return out;
}

LetterTable lines_table(const Document &document) {
    LetterTable table;
    table.columns = {{"Nr.", 0.5}, {"Leistung", 4.2}, {"Zeitraum", 2}, {"Betrag", 1.5, true}};
    int count = 0;
    for (const DocumentLine &line : document.lines) {
        table.rows.push_back({fmt::format("{}", ++count),
                              line.detail.empty() ? line.text : line.text + "\n" + line.detail,
                              german_date(line.from) + " bis " + german_date(line.to),
                              to_german(line.amount)});
    }
    if (table.rows.empty()) {
        table.rows.push_back(
            {"", "Keine abrechenbaren Anrufe", period_of(document), to_german(Money{})});
    }
    const auto sum = [&](std::string text, Money amount) {
        table.sums.push_back({"", std::move(text), "", to_german(amount)});
    };
    sum("Nettobetrag", document.net);
    sum(tax_words(document.tax), document.vat);
    if (document.prepaid != Money{}) {
        sum("Gesamtbetrag", document.gross);
        sum("abzüglich geleisteter Abschläge", Money{} - document.prepaid);
    }
    sum(takes_back(document) ? "Gutgeschrieben" : "Zu zahlen",
        takes_back(document) && document.kind == DocumentKind::cancellation
            ? Money{} - document.payable
            : document.payable);
    return table;
}

// "Ihre Buchung: Produkt 01.17.01, Kostenstelle 4711.", then the lines that are booked otherwise.
std::string booking_words(const Document &document) {
    std::vector<std::string> codes;
    if (const AccountCode *code = code_of(document)) codes.push_back(german_words(*code));
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
        if (const AccountCode *other = other_code_of(document, document.lines[i])) {
            codes.push_back(fmt::format("Nr. {} {}", i + 1, german_words(*other)));
        }
    }
    return codes.empty() ? "" : fmt::format("Ihre Buchung: {}.", fmt::join(codes, "; "));
}

std::string payment_words(const Document &document) {
    if (takes_back(document)) {
        return fmt::format("Der Betrag wird mit {} verrechnet oder erstattet.", document.refers_to);
    }
    if (document.payable <= Money{}) return "Es ist nichts zu zahlen.";
    return fmt::format("Bitte überweisen Sie {} bis zum {} auf das Konto {} und nennen Sie als "
                       "Verwendungszweck {}.",
                       to_german(document.payable), german_date(document.due_on),
                       in_fours(document.seller.iban),
                       document.number.empty() ? "die Rechnungsnummer" : document.number);
}

void add_proof(Letter &letter, const Document &document) {
    if (document.evidence_root.empty()) return;
    letter.blocks.emplace_back(LetterHeading{"Nachweis"});
    letter.blocks.emplace_back(LetterParagraph{
        fmt::format("Diese Rechnung folgt aus den Einträgen {} bis {} des Journals (Prüfsumme {}). "
                    "Jeder Anruf steht in der Anlage. Die Nachweisdatei lässt sich ohne unser "
                    "Zutun nachrechnen („fernamt verify-invoice“); ihre Prüfsumme muss {} sein.",
                    document.ledger.first, document.ledger.last, document.ledger.root,
                    document.evidence_root),
        true});
}

std::string german_kind(const std::string &kind) {
    static constexpr std::array kWords{std::pair{"own_number", "eigene Rufnummer"},
                                       std::pair{"number_115", "115"},
                                       std::pair{"crisis", "Krise"},
                                       std::pair{"from_partner", "für Partner"},
                                       std::pair{"to_partner", "bei Partner"},
                                       std::pair{"abandoned", "aufgelegt"},
                                       std::pair{"closed", "außerhalb der Zeiten"},
                                       std::pair{"unknown_number", "unbekannte Rufnummer"},
                                       std::pair{"nobody_available", "niemand erreichbar"},
                                       std::pair{"failed", "technisch abgebrochen"},
                                       std::pair{"not_taken", "nicht angenommen"},
                                       std::pair{"test_call", "Probeanruf"},
                                       std::pair{"it_fault", "IT-Störung"},
                                       std::pair{"internal_call", "intern"},
                                       std::pair{"implausible_duration", "unglaubwürdige Dauer"},
                                       std::pair{"ended_too_late", "zu spät beendet"},
                                       std::pair{"call_added", "hinzugekommen"},
                                       std::pair{"call_removed", "weggefallen"},
                                       std::pair{"time_changed", "andere Zeit"},
                                       std::pair{"kind_changed", "andere Art"},
                                       std::pair{"price_changed", "anderer Preis"},
                                       std::pair{"clause_total", "Summe der Preisregel"}};
    for (const auto &[name, words] : kWords) {
        if (kind == name) return words;
    }
    return kind;
}

// "2026-11-05 10:00:00" as people here read it.
std::string german_time(const std::string &local) {
    const auto date = parse_date(local.substr(0, 10));
    return date ? german_date(*date) + local.substr(10) : local;
}

void add_annex(Letter &letter, const EvidenceTable &evidence) {
    LetterTable calls;
    calls.small = true;
    calls.columns = {{"Satz", 1.5},
                     {"Anruf", 1.6},
                     {"Zeit", 2.5},
                     {"Art", 1.8},
                     {"Gespräch in s", 1, true},
                     {"Nachbereitung in s", 1.2, true},
                     {"Preisregel", 2.4},
                     {"abgerechnet in s", 1.1, true},
                     {"Betrag in Euro", 1, true}};
    for (std::vector<std::string> row : evidence.rows) {
        row.at(2) = german_time(row[2]);
        row.at(3) = german_kind(row[3]);
        calls.rows.push_back(std::move(row));
    }
    letter.blocks.emplace_back(LetterPageBreak{});
    letter.blocks.emplace_back(LetterHeading{"Anlage: Nachweis je Anruf"});
    letter.blocks.emplace_back(LetterParagraph{
        "Ohne Angaben zu Personen. Zeiten nach der Uhr in Deutschland; Gespräch und Nachbereitung "
        "ungerundet, abgerechnet nach der Rundung der Vereinbarung.",
        true});
    letter.blocks.emplace_back(std::move(calls));
}

} // namespace

std::string german_date(const LocalDate &date) {
    return fmt::format("{:02d}.{:02d}.{:04d}", date.day, date.month, date.year);
}

std::string german_month(const Month &month) {
    static constexpr std::array kNames{"Januar",    "Februar", "März",     "April",
                                       "Mai",       "Juni",    "Juli",     "August",
                                       "September", "Oktober", "November", "Dezember"};
    return fmt::format("{} {}", kNames.at(static_cast<std::size_t>(month.month - 1)), month.year);
}

Expected<std::string> to_pdf(const Document &document, const EvidenceTable &evidence) {
    const Party &seller = document.seller;
    const Party &buyer = document.buyer;
    const bool draft = document.number.empty();
    const std::string kind{german_title(document.kind)};
    Letter letter;
    letter.title = draft ? fmt::format("{} {} (Entwurf)", kind, period_of(document))
                         : fmt::format("{} {}", kind, document.number);
    letter.author = seller.name;
    letter.date = document.issued_on;
    letter.sender = fmt::format("{} · {} · {}", seller.name, seller.street, place_of(seller));
    letter.address = without_empty({buyer.name, buyer.street, place_of(buyer)});
    letter.mark = draft ? "ENTWURF" : "";
    letter.details = {{"Nummer", draft ? "noch keine" : document.number},
                      {"Datum", german_date(document.issued_on)},
                      {"Leistungszeitraum", period_of(document)},
                      {"Leitweg-ID", buyer.leitweg_id},
                      {"Ansprechstelle", seller.contact},
                      {"Telefon", seller.phone},
                      {"E-Mail", seller.email}};
    std::erase_if(letter.details, [](const auto &pair) { return pair.second.empty(); });
    letter.subject = fmt::format("{}: telefonischer Bürgerservice, {}", kind, period_of(document));
    if (!document.refers_to.empty()) {
        letter.blocks.emplace_back(
            LetterParagraph{fmt::format("Zu {}. Grund: {}", document.refers_to, document.reason)});
    }
    letter.blocks.emplace_back(lines_table(document));
    if (!document.tax.reason.empty()) {
        letter.blocks.emplace_back(LetterParagraph{"Umsatzsteuer: " + document.tax.reason});
    }
    for (const std::string &note : document.notes)
        letter.blocks.emplace_back(LetterParagraph{note});
    if (const std::string booking = booking_words(document); !booking.empty()) {
        letter.blocks.emplace_back(LetterParagraph{booking});
    }
    letter.blocks.emplace_back(LetterParagraph{payment_words(document)});
    add_proof(letter, document);
    letter.blocks.emplace_back(LetterParagraph{
        "Rechnung im Sinne des Umsatzsteuerrechts ist die XRechnung gleicher Nummer; dieses "
        "Schreiben gibt sie lesbar wieder.",
        true});
    letter.foot = {without_empty({seller.name, seller.street, place_of(seller)}),
                   without_empty({labelled("Telefon", seller.phone), seller.email}),
                   without_empty({labelled("IBAN", in_fours(seller.iban)),
                                  labelled("USt-IdNr.", seller.vat_id),
                                  labelled("Steuernummer", seller.tax_number)})};
    if (!evidence.rows.empty()) add_annex(letter, evidence);
    return to_pdf(letter);
}

} // namespace fernamt::billing
