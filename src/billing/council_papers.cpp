// SPDX-License-Identifier: EUPL-1.2
#include "billing/council_papers.h"

#include "billing/invoice_pdf.h"
#include "billing/letter.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::Onboarding;

constexpr std::int64_t kBarLength = 20;

Letter letter_of(const PaperHead &head, std::string subject) {
    Letter letter;
    letter.title = subject;
    letter.author = head.centre;
    letter.date = head.today;
    letter.sender = head.centre;
    letter.address = {head.to.empty() ? "An die beteiligten Kommunen" : head.to};
    letter.details = {{"Stand", german_date(head.today)}};
    letter.subject = std::move(subject);
    return letter;
}

void paragraph(Letter &letter, std::string text) {
    letter.blocks.emplace_back(LetterParagraph{std::move(text)});
}
void heading(Letter &letter, std::string text) {
    letter.blocks.emplace_back(LetterHeading{std::move(text)});
}

// A bar of text stays readable for everyone who reads the PDF, also aloud: the sum stands beside.
std::string bar(Money amount, Money highest) {
    if (highest.cents <= 0 || amount.cents <= 0) return "";
    const std::int64_t length = std::max<std::int64_t>(
        1, mul_div(amount.cents, kBarLength, highest.cents, Rounding::half_up));
    return std::string(static_cast<std::size_t>(length), '|');
}

std::string with_sign(Money amount) {
    return (amount > Money{} ? "+" : "") + to_german(amount);
}
std::string with_sign(const std::optional<Money> &amount) {
    return amount ? with_sign(*amount) : "–";
}

std::string thousands(std::int64_t value) {
    std::string digits = fmt::format("{}", value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ".");
    }
    return digits;
}

std::string span_words(const VariantComparison &comparison) {
    return german_date(comparison.first) + " bis " + german_date(comparison.last);
}

std::string paying(int towns) {
    return towns == 1 ? "1 Kommune zahlt" : fmt::format("{} Kommunen zahlen", towns);
}

// What does not bring the same: prices that somebody agreed or proposed.
std::string exceptions(const VariantComparison &comparison) {
    std::string words;
    const auto has = [&](auto &&wanted) { return std::ranges::any_of(comparison.columns, wanted); };
    if (has([](const VariantColumn &each) { return each.model > FinancingModel::calls; })) {
        words += " Die Vorlagen stehen mit ihren eigenen Preisen da, je Kommune eine Vereinbarung.";
    }
    const bool gaps = has([](const VariantColumn &each) {
        return std::ranges::any_of(each.towns,
                                   [](const VariantCell &cell) { return !cell.difference; });
    });
    if (gaps) {
        words += " Wo „–“ steht, ist in diesen Monaten nichts oder nicht lückenlos vereinbart.";
    }
    return words;
}

LetterTable models_table(const VariantComparison &comparison) {
    Money highest;
    for (const VariantColumn &column : comparison.columns)
        highest = std::max(highest, column.total);
    LetterTable table;
    table.columns = {{"Modell", 2.2}, {"Preise", 4}, {"Zusammen", 1.8, true}, {"", 1.6}};
    for (const VariantColumn &column : comparison.columns) {
        table.rows.push_back({std::string{german_name(column.model)}, column.words,
                              to_german(column.total), bar(column.total, highest)});
    }
    return table;
}

Money burden(const VariantCell &cell) {
    return cell.pays + cell.by_levy;
}

LetterTable towns_table(const VariantComparison &comparison, const VariantColumn &column,
                        const std::vector<std::string> &towns) {
    Money highest;
    for (const VariantCell &cell : column.towns)
        highest = std::max(highest, burden(cell));
    LetterTable table;
    table.small = true;
    table.columns = {{"Kommune", 2.6},
                     {"Anrufe", 1, true},
                     {"zahlt", 1.6, true},
                     {"mit der Umlage", 1.6, true},
                     {"Unterschied", 1.6, true},
                     {"je 1.000 Einw.", 1.4, true},
                     {"Unterschied je 1.000 Einw.", 1.5, true},
                     {"", 1.2}};
    VariantCell sum;
    sum.difference = Money{};
    std::int64_t calls = 0;
    for (std::size_t i = 0; i < column.towns.size(); ++i) {
        const VariantCell &cell = column.towns[i];
        table.rows.push_back(
            {towns.at(i), thousands(comparison.calls.at(i)), to_german(cell.pays),
             to_german(cell.by_levy), with_sign(cell.difference),
             to_german(Money{cell.cents_per_1000_inhabitants}),
             cell.difference ? with_sign(Money{cell.difference_per_1000_inhabitants}) : "–",
             bar(burden(cell), highest)});
        sum.pays = sum.pays + cell.pays;
        sum.by_levy = sum.by_levy + cell.by_levy;
        sum.difference = *sum.difference + cell.difference.value_or(Money{});
        calls += comparison.calls.at(i);
    }
    table.sums = {{"Summe", thousands(calls), to_german(sum.pays), to_german(sum.by_levy),
                   with_sign(sum.difference), "", "", ""}};
    return table;
}

std::string_view section_words(agreements::Section section) {
    switch (section) {
    case agreements::Section::service:
        return "Leistungsumfang";
    case agreements::Section::technology:
        return "Technik";
    case agreements::Section::data:
        return "Wissen und Datenschutz";
    case agreements::Section::cost:
        return "Kosten und Haushalt";
    case agreements::Section::people:
        return "Personal";
    case agreements::Section::schedule:
        return "Beschlüsse";
    }
    return {};
}

std::string shown_answer(const agreements::Question &question, std::string_view answer) {
    if (answer.empty()) return "(noch offen)";
    if (question.kind == agreements::AnswerKind::yes_no) return answer == "yes" ? "ja" : "nein";
    return std::string{answer};
}

LetterTable answers_table(const Onboarding &onboarding, agreements::Section section) {
    LetterTable table;
    table.columns = {{"Frage", 4}, {"Antwort", 4}};
    for (const agreements::Question &question : agreements::questions()) {
        if (question.section != section) continue;
        table.rows.push_back({std::string{question.german},
                              shown_answer(question, answer_to(onboarding, question.key))});
    }
    return table;
}

LetterTable schedule_table(const Onboarding &onboarding) {
    LetterTable table;
    table.columns = {{"Bis", 1.4}, {"Aufgabe", 4.4}, {"Wer", 1.6}, {"Erledigt", 1.4}};
    for (const agreements::OnboardingTask &task : onboarding.tasks) {
        const auto *kind = agreements::find_task(task.key);
        if (kind == nullptr) continue;
        table.rows.push_back({german_date(task.due), std::string{kind->german},
                              kind->by_municipality ? "Kommune" : "Servicecenter",
                              task.done ? german_date(*task.done) : ""});
    }
    return table;
}

void cost_section(Letter &letter, const std::optional<VariantComparison> &variants,
                  std::int64_t inhabitants) {
    heading(letter, "Kosten im Jahr nach Finanzierungsmodell");
    if (!variants) {
        paragraph(letter,
                  "Die Kosten lassen sich berechnen, sobald die Zahl der Anrufe im Jahr und "
                  "ihre mittlere Dauer genannt sind.");
        return;
    }
    paragraph(letter,
              fmt::format("Auf {} Anrufe im Jahr gerechnet. Jedes Modell ist so bemessen, "
                          "dass es dasselbe einbringt wie der Minutenpreis; wie es zwischen "
                          "den Kommunen verteilt, zeigt der Vergleich aller Beteiligten.",
                          thousands(variants->calls.at(0))));
    letter.blocks.emplace_back(models_table(*variants));
    if (inhabitants > 0) {
        const VariantCell &cell = variants->columns.front().towns.front();
        paragraph(letter, fmt::format("Beim Minutenpreis sind das {} je 1.000 Einwohnerinnen und "
                                      "Einwohner ({}).",
                                      to_german(Money{cell.cents_per_1000_inhabitants}),
                                      thousands(inhabitants)));
    }
}

} // namespace

Expected<std::string> print_variants(const VariantComparison &comparison,
                                     const std::vector<std::string> &towns, const PaperHead &head) {
    Letter letter = letter_of(head, "Finanzierungsmodelle im Vergleich");
    paragraph(letter, fmt::format("Alle Modelle sind auf dieselben Anrufe vom {} gerechnet, mit "
                                  "derselben Rechnung wie die Abrechnung selbst. Jedes ist so "
                                  "bemessen, dass es zusammen dasselbe einbringt wie der "
                                  "Minutenpreis; Unterschiede der Summen kommen vom Runden der "
                                  "Preise auf Cent.{}",
                                  span_words(comparison), exceptions(comparison)));
    letter.blocks.emplace_back(models_table(comparison));
    for (const VariantColumn &column : comparison.columns) {
        heading(letter, std::string{german_name(column.model)});
        paragraph(letter, column.words + ".");
        if (column.model != comparison.reference) {
            paragraph(letter, fmt::format("Gegenüber {}: {} weniger, {} mehr.",
                                          comparison.reference == FinancingModel::agreed
                                              ? "dem, was heute vereinbart ist"
                                              : "dem Minutenpreis",
                                          paying(column.gaining), paying(column.paying_more)));
        }
        letter.blocks.emplace_back(towns_table(comparison, column, towns));
    }
    return to_pdf(letter);
}

Expected<std::string> print_decision_paper(const Onboarding &onboarding, std::int64_t inhabitants,
                                           const std::optional<VariantComparison> &variants,
                                           const PaperHead &head) {
    Letter letter = letter_of(head, "Entscheidungsvorlage: Beitritt zum Servicecenter");
    letter.details.emplace_back("Start", german_date(onboarding.go_live));
    heading(letter, "Worum es geht");
    paragraph(letter,
              fmt::format("{} kann sich zum {} dem gemeinsamen Servicecenter anschließen. Zu "
                          "entscheiden ist über Leistungsumfang, Finanzierungsmodell, Zeitplan und "
                          "den Entwurf der Vereinbarung.",
                          head.to, german_date(onboarding.go_live)));
    using agreements::Section;
    for (const Section section : {Section::service, Section::technology, Section::data,
                                  Section::cost, Section::people, Section::schedule}) {
        heading(letter, std::string{section_words(section)});
        letter.blocks.emplace_back(answers_table(onboarding, section));
        if (section == Section::cost) cost_section(letter, variants, inhabitants);
    }
    heading(letter, "Zeitplan");
    letter.blocks.emplace_back(schedule_table(onboarding));
    heading(letter, "Eckpunkte der Vereinbarung");
    paragraph(letter,
              "Sechs Abschnitte: Aufgaben des Servicecenters, Aufgaben der Verwaltung, "
              "technische Voraussetzungen, Datenschutz, Kostenübernahme, Laufzeit. Zwei "
              "Jahre, dann von Jahr zu Jahr, wenn nicht sechs Monate vor dem Ende gekündigt "
              "wird. Der Entwurf wird als Anlage aus denselben Angaben gedruckt.");
    return to_pdf(letter);
}

} // namespace fernamt::billing
