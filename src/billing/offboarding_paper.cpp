// SPDX-License-Identifier: EUPL-1.2
#include "billing/offboarding_paper.h"

#include "agreements/offboarding.h"
#include "billing/invoice_pdf.h"
#include "billing/letter.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::billing {

namespace {

using agreements::OffboardingStep;
using agreements::OffboardingTask;

std::string words(const OffboardingStep &step) {
    switch (step.task) {
    case OffboardingTask::tell_partners:
        return "Partner-Servicecenter informieren: Überläufe von und zu der Kommune entfallen";
    case OffboardingTask::switch_number_back:
        return "Rufnummer " + to_din5008(PhoneNumber{step.subject}) +
               " zurückschalten; mit Ablauf dieses Tages nimmt das Servicecenter sie nicht mehr an";
    case OffboardingTask::end_access:
        return "Zugänge der Kommune sperren";
    case OffboardingTask::return_data:
        return "Daten übergeben: eigene Wissenstexte, Verzeichnis, Rechnungen mit Nachweisen";
    case OffboardingTask::final_account:
        return "Schlussabrechnung ausstellen und Abschläge verrechnen";
    case OffboardingTask::delete_data:
        if (step.subject == "caller") return "Rufnummern der Anrufenden löschen";
        if (step.subject == "case") return "Vorgänge und Notizen löschen";
        return "Anrufdaten löschen";
    }
    return {};
}

// Of the agreement's months until its end, those that no standing document bills.
std::vector<std::string> open_months(const agreements::Agreement &agreement,
                                     const std::vector<Document> &issued) {
    std::set<std::string> billed;
    for (const Document &document : issued)
        billed.insert(document.months.begin(), document.months.end());
    std::vector<std::string> open;
    for (Month month = month_of(agreement.term.begins); first_day(month) <= *agreement.ends;
         month = next(month)) {
        if (!billed.contains(agreements::to_string(month))) open.push_back(german_month(month));
    }
    return open;
}

LetterTable steps_table(const std::vector<OffboardingStep> &plan) {
    LetterTable table;
    table.columns = {{"Bis", 1.4}, {"Was", 5}, {"Erledigt am, durch", 2.2}};
    for (const OffboardingStep &step : plan)
        table.rows.push_back({german_date(step.due), words(step), ""});
    return table;
}

LetterTable account_table(const std::vector<Document> &issued) {
    LetterTable table;
    table.columns = {{"Dokument", 2}, {"Art", 2.4}, {"Zeitraum", 3}, {"Zahlbetrag", 2, true}};
    Money total;
    for (const Document &document : issued) {
        table.rows.push_back(
            {document.number, std::string{german_title(document.kind)},
             german_date(document.period_from) + " bis " + german_date(document.period_to),
             to_german(document.payable)});
        const bool gives_back = document.kind == DocumentKind::credit_note;
        total = gives_back ? total - document.payable : total + document.payable;
    }
    table.sums = {{"Summe", "", "", to_german(total)}};
    return table;
}

std::string joined(const std::vector<std::string> &texts) {
    std::string all;
    for (const std::string &text : texts)
        all += (all.empty() ? "" : ", ") + text;
    return all;
}

} // namespace

Expected<std::string> print_offboarding(const agreements::Agreement &agreement,
                                        const std::string &town, const std::string &centre,
                                        const std::vector<Document> &issued,
                                        const LocalDate &today) {
    if (!agreement.ends) return fail(ProblemKind::conflict, "agreement.no_end");
    Letter letter;
    letter.title = "Plan zum Ende der Vereinbarung";
    letter.author = centre;
    letter.date = today;
    letter.sender = centre;
    letter.address = {town};
    letter.details = {{"Stand", german_date(today)},
                      {"Vereinbarung", fmt::format("{}", agreement.id)},
                      {"Letzter Tag", german_date(*agreement.ends)}};
    letter.subject = "Plan zum Ende der Vereinbarung: " + agreement.title;
    letter.blocks.emplace_back(LetterParagraph{
        fmt::format("Die Vereinbarung endet mit dem {}. Bis zu den genannten Tagen ist zu tun:",
                    german_date(*agreement.ends))});
    letter.blocks.emplace_back(steps_table(agreements::offboarding_plan(agreement)));
    letter.blocks.emplace_back(LetterHeading{"Schlussabrechnung"});
    if (issued.empty()) {
        letter.blocks.emplace_back(LetterParagraph{"Bisher ist nichts abgerechnet."});
    } else {
        letter.blocks.emplace_back(account_table(issued));
    }
    const auto open = open_months(agreement, issued);
    letter.blocks.emplace_back(LetterParagraph{
        open.empty() ? "Alle Monate bis zum Ende sind abgerechnet."
                     : "Noch abzurechnen: " + joined(open) +
                           ". Nachbearbeitung und Korrekturen, die danach bekannt werden, stehen "
                           "auf der Schlussabrechnung."});
    return to_pdf(letter);
}

} // namespace fernamt::billing
