// SPDX-License-Identifier: EUPL-1.2
#include "agreements/template.h"

#include "agreements/names.h"

#include <fmt/format.h>

namespace fernamt::agreements {

namespace {

constexpr Names<Template, 5> kTemplates{
    {{Template::minute_price, "minute_price"},
     {Template::levy_and_minutes, "levy_and_minutes"},
     {Template::inhabitants_and_minutes, "inhabitants_and_minutes"},
     {Template::package, "package"},
     {Template::per_call, "per_call"}}};

constexpr Price kMinute{950'000};            // Soest (F-23)
constexpr Price kMinuteOfPackage{1'590'000}; // Baden-Baden (F-24), as is the package
constexpr Price kInhabitant{500'000};        // a proposal; no paper names a figure
constexpr Price kCall{3'000'000};            // a proposal; the template of Hessen names none
constexpr Price kCap{40'000};                // 4 cents per inhabitant (F-28)

PriceClause clause(std::string name, const LocalDate &from, PriceModel model, std::string words) {
    PriceClause made;
    made.name = std::move(name);
    made.from = from;
    made.words = std::move(words);
    made.model = std::move(model);
    return made;
}

PriceClause minutes(const LocalDate &from) {
    MinutePrice model;
    model.steps = {{1, kMinute}};
    return clause("Gesprächsminuten", from, model,
                  fmt::format("{} je Minute Gespräch und Nachbereitung der angenommenen Anrufe, "
                              "je Anruf auf volle Sekunden aufgerundet, der Betrag je Anruf "
                              "kaufmännisch auf Cent gerundet.",
                              to_german(kMinute)));
}

std::vector<PriceClause> prices_of(Template model, const TemplateTown &town,
                                   const LocalDate &from) {
    switch (model) {
    case Template::minute_price:
        return {minutes(from)};
    case Template::levy_and_minutes: {
        PriceClause levy = clause("Anteil an der Umlage", from,
                                  LevyShare{Money{10'000'000}, {{town.municipality, 1}}},
                                  "Wird mit der Umlage getragen und nicht einzeln berechnet.");
        levy.payer = Payer::levy;
        return {minutes(from), levy,
                clause("Personalgestellung", from, SecondmentCredit{100, Money{5'360'000}},
                       "Je gestellte Stelle und Jahr werden die Personalkosten angerechnet.")};
    }
    case Template::inhabitants_and_minutes:
        return {minutes(from),
                clause("Grundbetrag je Einwohner", from, InhabitantBase{kInhabitant},
                       fmt::format("{} je Einwohnerin und Einwohner und Jahr, monatlich zu einem "
                                   "Zwölftel.",
                                   to_german(kInhabitant)))};
    case Template::package: {
        Package package;
        package.per_year = Money{9'500'000};
        package.included_minutes = 60'000;
        package.overage_per_minute = kMinuteOfPackage;
        return {clause("Pauschale", from, package,
                       "95.000,00\u00a0€ je Vertragsjahr für bis zu 60.000 Minuten, darüber hinaus "
                       "1,59\u00a0€ je Minute.")};
    }
    case Template::per_call:
        return {clause("Angenommene Anrufe", from, CallPrice{{{1, kCall}}},
                       fmt::format("{} je angenommenen Anruf.", to_german(kCall))),
                clause("Obergrenze", from, InhabitantCap{{{1, kCap}}},
                       "Höchstens 4 Cent je Einwohnerin und Einwohner im Vertragsjahr.")};
    }
    return {};
}

void write_sections(Agreement &made, const std::string &town) {
    made.tasks_of_centre =
        "Das Servicecenter nimmt die Anrufe auf den genannten Rufnummern im Namen der Kommune an, "
        "beantwortet sie aus dem gemeinsamen Wissen, verbindet weiter oder nimmt das Anliegen auf.";
    made.tasks_of_municipality = fmt::format(
        "{} hält ihre Angaben im gemeinsamen Wissen aktuell, benennt die zuständigen Stellen und "
        "beantwortet aufgenommene Anliegen in der vereinbarten Frist.",
        town);
    made.backup_contact = "Hauptamt";
    made.technical_prerequisites =
        "Die Rufnummern werden auf das Servicecenter umgeleitet; jede Seite trägt ihre Anbindung.";
    made.data_protection =
        "Auftragsverarbeitung nach Art. 28 DSGVO. Gespräche werden nicht aufgezeichnet; Daten "
        "werden nach den vereinbarten Fristen gelöscht.";
    made.cost_clause = "Die Kosten folgen den Preisregeln dieses Abschnitts. Abgerechnet wird "
                       "monatlich mit Nachweis je Anruf ohne Angaben zu Personen.";
    made.term_clause = "Die Vereinbarung gilt zwei Jahre und verlängert sich jeweils um ein Jahr, "
                       "wenn sie nicht mit einer Frist von sechs Monaten gekündigt wird.";
}

} // namespace

std::string_view to_string(Template model) {
    return name_in(kTemplates, model);
}
std::optional<Template> parse_template(std::string_view text) {
    return value_in(kTemplates, text);
}

Agreement from_template(Template model, const TemplateTown &town, const LocalDate &begins) {
    Agreement made;
    made.municipality = town.municipality;
    made.title = "Vereinbarung über den telefonischen Bürgerservice mit " + town.name;
    made.land = town.land;
    write_sections(made, town.name);
    for (const PhoneNumber &number : town.numbers)
        made.numbers.push_back({begins, std::nullopt, {number, Scope::all_calls}});
    made.promises = {{begins, std::nullopt, Promise{}}};
    if (!town.hours.empty()) made.hours = {{begins, std::nullopt, town.hours}};
    made.retentions = {{begins, std::nullopt, Retention{}}};
    if (town.inhabitants > 0)
        made.populations = {{begins, town.key_date, town.inhabitants, town.source}};
    made.prices = prices_of(model, town, begins);
    made.taxes = {{begins, std::nullopt,
                   Tax{TaxCategory::not_taxable, 0, "§ 2b UStG, Vermerk der Kämmerei ausstehend"}}};
    made.term.begins = begins;
    return made;
}

} // namespace fernamt::agreements
