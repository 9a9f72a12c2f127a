// SPDX-License-Identifier: EUPL-1.2
#include "billing/partner_letter.h"

#include "billing/invoice_pdf.h"
#include "billing/letter.h"

#include <fmt/format.h>

namespace fernamt::billing {

namespace {

std::string clock(std::int64_t seconds) { // "1:02:30"
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string calls(std::int64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "Anruf" : "Anrufe");
}

LetterTable table_of(const PartnerLine &line, const PartnerStatement &statement) {
    LetterTable table;
    table.columns = {{"Leistung", 3.4},
                     {"Anrufe", 1.3},
                     {"Zeit", 1.2, true},
                     {"Preis je Minute", 1.6, true},
                     {"Betrag", 1.6, true}};
    const auto row = [&](std::string text, std::int64_t count, std::int64_t seconds, Price price,
                         Money amount) {
        table.rows.push_back({std::move(text), calls(count), clock(seconds),
                              line.price ? to_german(price) : "–",
                              line.price ? to_german(amount) : "–"});
    };
    const PartnerPrice price = line.price.value_or(PartnerPrice{});
    row(price.counts_after_call_work ? "Wir für Sie: Gespräch und Nachbereitung"
                                     : "Wir für Sie: Gespräch",
        line.sums.taken_for, statement.seconds_taken_for, price.taken_for, statement.owed_to_us);
    row("Sie für uns: Gespräch", line.sums.taken_by, statement.seconds_taken_by, price.taken_by,
        Money{} - statement.owed_by_us);
    if (line.price) table.sums.push_back({"Saldo", "", "", "", to_german(statement.balance)});
    return table;
}

std::string balance_words(const PartnerStatement &statement, const Party &centre) {
    if (statement.balance > Money{}) {
        return fmt::format("Zu unseren Gunsten bleiben {}. Bitte überweisen Sie den Betrag auf das "
                           "Konto {}.",
                           to_german(statement.balance), centre.iban);
    }
    if (statement.balance < Money{}) {
        return fmt::format("Zu Ihren Gunsten bleiben {}. Wir überweisen den Betrag.",
                           to_german(Money{} - statement.balance));
    }
    return "Beide Seiten sind quitt.";
}

} // namespace

Expected<std::string> partner_pdf(const Month &month, const PartnerLine &line, const Party &centre,
                                  const LocalDate &today) {
    // Without a price the time still stands there, for both to check.
    const PartnerStatement statement = statement_of(line.price.value_or(PartnerPrice{}), line.sums);
    Letter letter;
    letter.title = fmt::format("Abrechnung mit {}, {}", line.name, german_month(month));
    letter.author = centre.name;
    letter.date = today;
    letter.sender =
        fmt::format("{} · {} · {} {}", centre.name, centre.street, centre.postcode, centre.city);
    letter.address = {line.name};
    letter.details = {{"Datum", german_date(today)},
                      {"Monat", german_month(month)},
                      {"Ansprechstelle", centre.contact},
                      {"Telefon", centre.phone},
                      {"E-Mail", centre.email}};
    std::erase_if(letter.details, [](const auto &pair) { return pair.second.empty(); });
    letter.subject = fmt::format("Gegenseitig angenommene Anrufe, {}", german_month(month));
    letter.blocks.emplace_back(table_of(line, statement));
    letter.blocks.emplace_back(LetterParagraph{
        line.price ? balance_words(statement, centre)
                   : "Für diesen Monat ist kein Preis vereinbart; es ist nichts zu zahlen."});
    if (line.price && !line.price->words.empty()) {
        letter.blocks.emplace_back(LetterParagraph{"Vereinbart ist: " + line.price->words});
    }
    letter.blocks.emplace_back(LetterParagraph{
        "Die Zeiten sind über den Monat genau zusammengezählt, auf angefangene Sekunden "
        "aufgerundet und kaufmännisch auf Cent berechnet. Diese Aufstellung ist keine Rechnung: "
        "Sie hat keine Nummer und weist keine Umsatzsteuer aus; die richtet sich nach der "
        "Vereinbarung zwischen den Häusern.",
        true});
    return to_pdf(letter);
}

} // namespace fernamt::billing
