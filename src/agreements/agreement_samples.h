// SPDX-License-Identifier: EUPL-1.2
// A complete agreement for tests, of an invented town with the terms of Soest's paper. It
// passes check(), so that a test changes the one thing it is about. Not for the demo and not a
// template: its words are placeholders, its number is one of those kept free for films.
#pragma once

#include "agreements/agreement.h"
#include "agreements/samples.h"

namespace fernamt::agreements::samples {

[[nodiscard]] inline Agreement agreement(const LocalDate &begins = {2026, 1, 1}) {
    Agreement made;
    made.municipality = kTown;
    made.title = "Öffentlich-rechtliche Vereinbarung über den telefonischen Bürgerservice";
    made.history = {{State::draft, add_days(begins, -300), UserId{3}, Instant{1}, "Entwurf"}};
    made.tasks_of_centre = "Annahme und qualifizierte Vermittlung von Anrufen.";
    made.numbers = {{begins, std::nullopt, {PhoneNumber{"+493023125234"}, Scope::all_calls}}};
    made.promises = {{begins, std::nullopt, Promise{}}};
    made.tasks_of_municipality = "Pflege der TOP-100-Leistungen, Benennung einer Stelle.";
    made.backup_contact = "Hauptamt";
    made.technical_prerequisites = "Rufumleitung der Zentralrufnummer.";
    std::vector<ServiceHours> week;
    for (int day = 0; day < 5; ++day)
        week.push_back({day, 8 * 3600, 18 * 3600});
    made.hours = {{begins, std::nullopt, week}};
    made.data_protection = "Auftragsverarbeitung nach Art. 28 DSGVO.";
    made.retentions = {{begins, std::nullopt, Retention{}}};
    made.cost_clause = "0,95 € je Gesprächsminute.";
    made.populations = {{begins, {begins.year - 1, 12, 31}, 30'000, "register of the test"}};
    made.prices = {clause("Minuten", begins, per_minute(Price{950'000}))};
    made.taxes = {{begins, std::nullopt,
                   Tax{TaxCategory::not_taxable, 0, "§ 2b UStG, Vermerk der Kämmerei"}}};
    made.budgets = {{begins.year, Money{2'500'000}, "01.17.01", "4711"}};
    made.term_clause = "Zwei Jahre, dann von Jahr zu Jahr.";
    made.term.begins = begins;
    made.documents = {{"Ratsbeschluss", "BV 2025 0312", add_days(begins, -100)}};
    return made;
}

// Signed, and in force from its first day on.
[[nodiscard]] inline Agreement in_force(const LocalDate &begins = {2026, 1, 1}) {
    Agreement made = agreement(begins);
    const auto change = [&](State to, int days) {
        made.history.push_back({to, add_days(begins, days), UserId{3}, Instant{2}, ""});
    };
    change(State::resolved, -90);
    change(State::signed_, -60);
    change(State::active, 0);
    return made;
}

} // namespace fernamt::agreements::samples
