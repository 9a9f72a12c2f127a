// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement_annex.h"

#include "billing/invoice_pdf.h"
#include "billing/letter.h"

#include <fmt/format.h>

#include <array>

namespace fernamt::billing {

namespace {

using namespace agreements;

template <class T>
std::string days(const Dated<T> &each) {
    if (!each.to) return "ab " + german_date(each.from);
    return german_date(each.from) + " bis " + german_date(*each.to);
}

std::string_view scope_words(Scope scope) {
    switch (scope) {
    case Scope::all_calls:
        return "alle Anrufe";
    case Scope::when_absent:
        return "wenn die Zentrale im Rathaus nicht besetzt ist";
    case Scope::overflow_only:
        return "nur was im Rathaus nicht angenommen wird";
    case Scope::out_of_hours:
        return "außerhalb der Zeiten des Rathauses";
    case Scope::crisis_only:
        return "nur in einer ausgerufenen Krise, zu deren Zeiten";
    case Scope::number_115:
        return "alle Anrufe, gezählt und berechnet als Anrufe an die 115";
    }
    return "";
}

std::string_view tax_words(TaxCategory category) {
    switch (category) {
    case TaxCategory::not_taxable:
        return "nicht steuerbar";
    case TaxCategory::exempt:
        return "steuerfrei";
    case TaxCategory::standard:
        return "steuerpflichtig";
    }
    return "";
}

std::string clock(int second) {
    return fmt::format("{}:{:02d}", second / 3600, second / 60 % 60);
}

std::string hours_words(const std::vector<ServiceHours> &hours) {
    static constexpr std::array kDays{"Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"};
    std::string text;
    for (const ServiceHours &each : hours) {
        text += fmt::format("{}{} {} bis {}", text.empty() ? "" : ", ",
                            kDays.at(static_cast<std::size_t>(each.weekday)),
                            clock(each.from_second), clock(each.to_second));
    }
    return text.empty() ? "keine Zeiten" : text + " Uhr";
}

std::string scope_text(const NumberScope &each) {
    std::string text{scope_words(each.scope)};
    if (each.office) {
        text += fmt::format("; zuerst klingelt {}", to_din5008(*each.office));
        if (each.ring_seconds) text += fmt::format(" {} Sekunden", *each.ring_seconds);
    }
    if (each.staffed) text += "; besetzt " + hours_words(*each.staffed);
    return text;
}

class Annex {
  public:
    explicit Annex(const Agreement &agreement) : it_(agreement) {}

    std::vector<LetterBlock> blocks() {
        section("1. Aufgaben des Servicecenters", it_.tasks_of_centre);
        table({{"Rufnummer", 2}, {"Umfang", 3}, {"gilt", 2.5}}, it_.numbers,
              [](const auto &each) -> std::vector<std::string> {
                  return {to_din5008(each.value.number), scope_text(each.value), days(each)};
              });
        table({{"Zusage", 5}, {"gilt", 2.5}}, it_.promises,
              [](const auto &each) -> std::vector<std::string> {
                  return {
                      fmt::format("{} % der Anrufe in {} Sekunden angenommen, {} % beim ersten "
                                  "Kontakt gelöst, Antwort in {} {}",
                                  each.value.answered_percent, each.value.within_seconds,
                                  each.value.first_contact_percent, each.value.reply_hours,
                                  each.value.reply_in_service_hours ? "Servicestunden" : "Stunden"),
                      days(each)};
              });
        section("2. Aufgaben der angeschlossenen Verwaltung", it_.tasks_of_municipality);
        if (!it_.backup_contact.empty()) paragraph("Ansprechstelle: " + it_.backup_contact);
        section("3. Technische Voraussetzungen", it_.technical_prerequisites);
        table({{"Servicezeiten", 5}, {"gilt", 2.5}}, it_.hours,
              [](const auto &each) -> std::vector<std::string> {
                  return {hours_words(each.value), days(each)};
              });
        section("4. Datenschutz", it_.data_protection);
        table({{"Löschung nach", 5}, {"gilt", 2.5}}, it_.retentions,
              [](const auto &each) -> std::vector<std::string> {
                  return {fmt::format("Rufnummern der Anrufenden {} Tage, Vorgänge {} Tage, "
                                      "Anrufdaten {} Tage",
                                      each.value.caller_days, each.value.case_days,
                                      each.value.call_record_days),
                          days(each)};
              });
        costs();
        term();
        return std::move(blocks_);
    }

  private:
    void paragraph(std::string text) {
        if (!text.empty()) blocks_.emplace_back(LetterParagraph{std::move(text)});
    }
    void section(std::string title, const std::string &words) {
        blocks_.emplace_back(LetterHeading{std::move(title)});
        paragraph(words.empty() ? "(noch zu schreiben)" : words);
    }
    template <class T, class Row>
    void table(std::vector<LetterColumn> columns, const std::vector<T> &values, Row row) {
        if (values.empty()) return;
        LetterTable made;
        made.columns = std::move(columns);
        for (const T &each : values)
            made.rows.push_back(row(each));
        blocks_.emplace_back(std::move(made));
    }

    void costs() {
        section("5. Kostenübernahme", it_.cost_clause);
        table({{"Preisregel", 2}, {"Wortlaut", 4}, {"gilt", 2}}, it_.prices,
              [](const PriceClause &each) -> std::vector<std::string> {
                  std::string words = each.words;
                  if (each.payer == Payer::third_party) words += " Zahlt: " + each.payer_name;
                  const Dated<int> dated{each.from, each.to, 0};
                  return {each.name, words, days(dated)};
              });
        table({{"Einwohner", 1.5, true}, {"Stichtag", 1.5}, {"Quelle", 3}, {"gilt ab", 1.5}},
              it_.populations, [](const Population &each) -> std::vector<std::string> {
                  return {fmt::format("{}", each.inhabitants), german_date(each.key_date),
                          each.source, german_date(each.from)};
              });
        table({{"Umsatzsteuer", 2}, {"Grund", 4}, {"gilt", 2}}, it_.taxes,
              [](const auto &each) -> std::vector<std::string> {
                  const Tax &tax = each.value;
                  std::string what{tax_of(tax)};
                  return {what, tax.reason, days(each)};
              });
        table({{"Haushaltsjahr", 1.5}, {"Ansatz", 2, true}, {"Produkt", 2}, {"Kostenstelle", 2}},
              it_.budgets, [](const BudgetYear &each) -> std::vector<std::string> {
                  return {fmt::format("{}", each.year), to_german(each.amount), each.product,
                          each.cost_centre};
              });
        paragraph(fmt::format("Zahlbar binnen {} Tagen nach Rechnungsdatum.", it_.payment_days));
    }

    static std::string tax_of(const Tax &tax) {
        std::string text{tax_words(tax.category)};
        if (tax.rate_percent > 0) text += fmt::format(", {} %", tax.rate_percent);
        return text;
    }

    void term() {
        section("6. Laufzeit", it_.term_clause);
        const Term &term = it_.term;
        std::string text = "Beginn " + german_date(term.begins) + ". ";
        text += term.first_months > 0
                    ? fmt::format("Erste Laufzeit {} Monate, dann jeweils {} Monate. ",
                                  term.first_months, term.renewal_months)
                    : std::string{"Ohne feste Laufzeit. "};
        const auto next = next_possible_end(term, term.begins, it_.land);
        if (next && !it_.ends) {
            text += fmt::format("Frühestes Ende {}, Kündigung bis {}.", german_date(next->last_day),
                                german_date(next->notice_until));
        }
        if (it_.ends) text += "Endet mit dem " + german_date(*it_.ends) + ".";
        paragraph(text);
        table({{"Unterlage", 3}, {"Zeichen", 2}, {"Datum", 1.5}}, it_.documents,
              [](const agreements::Document &each) -> std::vector<std::string> {
                  return {each.title, each.reference, german_date(each.date)};
              });
    }

    const Agreement &it_;
    std::vector<LetterBlock> blocks_;
};

} // namespace

Expected<std::string> print_annex(const agreements::Agreement &agreement, const std::string &town,
                                  const std::string &centre, const LocalDate &today) {
    const bool draft = state_of(agreement) == State::draft;
    Letter letter;
    letter.title = agreement.title;
    letter.author = centre;
    letter.date = today;
    letter.sender = centre;
    letter.address = {town};
    letter.details = {{"Stand", german_date(today)},
                      {"Vereinbarung", fmt::format("{}", agreement.id)},
                      {"Beginn", german_date(agreement.term.begins)}};
    letter.subject = "Anlage zur Vereinbarung: " + agreement.title;
    letter.mark = draft ? "ENTWURF" : "";
    letter.blocks = Annex(agreement).blocks();
    return to_pdf(letter);
}

} // namespace fernamt::billing
