// SPDX-License-Identifier: EUPL-1.2
#include "app/agreement_commands.h"

#include "agreements/template.h"
#include "app/exit_codes.h"
#include "billing/agreement_annex.h"
#include "billing/agreement_book.h"
#include "billing/invoice_book.h"
#include "billing/offboarding_paper.h"
#include "billing/template_town.h"
#include "people/municipalities.h"
#include "storage/database.h"
#include "web/agreed_change.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

namespace fernamt::app {

namespace {

using agreements::State;
using billing::AgreementBook;
using billing::StoredAgreement;

// Whoever may write to the database from the shell is no user of the service.
constexpr UserId kCommandLine{0};
constexpr std::array kStates{State::draft,  State::resolved,     State::signed_,
                             State::active, State::notice_given, State::ended};

struct Options {
    InvoiceCommandsContext context;
    std::string ars;
    std::string model = "minute_price";
    std::string begins;
    std::int64_t id = 0;
    std::string to;
    std::string on;
    std::string note;
};

int usage(std::string_view text) {
    fmt::print(stderr, "fernamt: {}\n", text);
    return kUsage;
}

int print(std::string_view text) {
    std::cout << text;
    std::cout.flush();
    return std::cout ? kOk : kSoftware;
}

std::string line_of(const StoredAgreement &stored) {
    const agreements::Agreement &agreement = stored.agreement;
    const LocalDate today = to_local(SystemClock{}.now()).date;
    return fmt::format("{} {} {} {} {}\n", agreement.id, to_ars(agreement.municipality),
                       to_string(state_on(agreement, today)), to_string(agreement.term.begins),
                       agreement.ends ? to_string(*agreement.ends) : "-");
}

template <class Use>
int with_database(const Options &options, storage::Access access, Use use) {
    const auto config = options.context.configuration();
    if (!config) return report(config.error());
    const auto database = storage::Database::open(config->database_url, access);
    if (!database) return report(database.error());
    return use(**database);
}

Expected<agreements::TemplateTown> town_of(storage::Database &database, MunicipalityId id) {
    const SystemClock clock;
    const auto known = people::Municipalities(database, clock).find(id);
    if (!known) return tl::unexpected(known.error());
    return billing::template_town(known->id, known->name, known->land, known->population,
                                  known->population_date, known->population_source, known->numbers,
                                  known->hours);
}

int create(const Options &options) {
    const auto municipality = parse_ars(options.ars);
    const auto model = agreements::parse_template(options.model);
    const auto begins = parse_date(options.begins);
    if (!municipality || !model || !begins) {
        return usage("--municipality is an ARS of 12 digits, --begins is YYYY-MM-DD");
    }
    return with_database(options, storage::Access::read_write, [&](storage::Database &database) {
        const auto town = town_of(database, *municipality);
        if (!town) return report(town.error());
        const auto stored = AgreementBook(database).create(
            agreements::from_template(*model, *town, *begins),
            {kCommandLine, SystemClock{}.now(), fmt::format("Vorlage {}", options.model)});
        if (!stored) return report(stored.error());
        for (const Problem &problem : check(stored->agreement))
            fmt::print(stderr, "missing: {}\n", describe(problem));
        return print(line_of(*stored));
    });
}

int list(const Options &options) {
    return with_database(options, storage::Access::read_only, [](storage::Database &database) {
        const auto all = AgreementBook(database).list();
        if (!all) return report(all.error());
        std::string text;
        for (const StoredAgreement &stored : *all)
            text += line_of(stored);
        return print(text);
    });
}

int show(const Options &options) {
    return with_database(options, storage::Access::read_only, [&](storage::Database &database) {
        const auto stored = AgreementBook(database).find(options.id);
        if (!stored) return report(stored.error());
        return print(billing::to_document(stored->agreement) + "\n");
    });
}

int move(const Options &options) {
    const auto on = parse_date(options.on);
    const auto *to =
        std::ranges::find_if(kStates, [&](State state) { return to_string(state) == options.to; });
    if (!on || to == kStates.end()) return usage("--on is YYYY-MM-DD");
    return with_database(options, storage::Access::read_write, [&](storage::Database &database) {
        AgreementBook book(database);
        const auto known = book.find(options.id);
        if (!known) return report(known.error());
        const billing::Change change{kCommandLine, SystemClock{}.now(), options.note};
        const auto stored = book.move(
            options.id, known->version, *to, *on,
            web::with_effect(change, database, known->agreement.municipality, options.id));
        if (!stored) return report(stored.error());
        // A running program has its own copy of what distribution obeys.
        fmt::print(stderr, "Numbers, hours and term follow the agreement. A running fernamt takes "
                           "them up at its next change of rules or start.\n");
        return print(line_of(*stored));
    });
}

int annex(const Options &options) {
    return with_database(options, storage::Access::read_only, [&](storage::Database &database) {
        const auto stored = AgreementBook(database).find(options.id);
        if (!stored) return report(stored.error());
        const SystemClock clock;
        const auto town =
            people::Municipalities(database, clock).find(stored->agreement.municipality);
        if (!town) return report(town.error());
        const auto pdf = billing::print_annex(stored->agreement, town->name, "Servicecenter",
                                              to_local(clock.now()).date);
        return pdf ? print(*pdf) : report(pdf.error());
    });
}

int offboarding(const Options &options) {
    return with_database(options, storage::Access::read_only, [&](storage::Database &database) {
        const auto stored = AgreementBook(database).find(options.id);
        if (!stored) return report(stored.error());
        const SystemClock clock;
        const auto town =
            people::Municipalities(database, clock).find(stored->agreement.municipality);
        if (!town) return report(town.error());
        billing::InvoiceBook book(database);
        const auto issued = billing::standing_documents(book, town->id);
        if (!issued) return report(issued.error());
        const auto pdf = billing::print_offboarding(stored->agreement, town->name, "Servicecenter",
                                                    *issued, to_local(clock.now()).date);
        return pdf ? print(*pdf) : report(pdf.error());
    });
}

} // namespace

void add_agreement_commands(CLI::App &app, InvoiceCommandsContext context) {
    // The callbacks share it and live as long as the app.
    const auto options = std::make_shared<Options>(Options{.context = std::move(context)});
    const auto on_call = [&](CLI::App *command, int (*run)(const Options &)) {
        options->context.add_common(*command);
        command->callback([options, run] { options->context.result = run(*options); });
    };
    auto *agreement = app.add_subcommand("agreement", "Draft and keep agreements with towns");
    agreement->require_subcommand(1);
    auto *created = agreement->add_subcommand("create", "A draft from a template");
    created->add_option("--municipality", options->ars, "ARS, 12 digits")->required();
    created->add_option("--begins", options->begins, "The first day, YYYY-MM-DD")->required();
    created->add_option("--template", options->model, "The financing model")
        ->check(CLI::IsMember({"minute_price", "levy_and_minutes", "inhabitants_and_minutes",
                               "package", "per_call"}));
    on_call(created, create);
    on_call(agreement->add_subcommand("list", "All agreements"), list);
    auto *shown = agreement->add_subcommand("show", "Print an agreement as JSON");
    shown->add_option("id", options->id, "Its id")->required();
    on_call(shown, show);
    auto *moved = agreement->add_subcommand("move", "Record a step on its way");
    moved->add_option("id", options->id, "Its id")->required();
    moved->add_option("--to", options->to, "The next state")
        ->required()
        ->check(CLI::IsMember({"draft", "resolved", "signed", "active", "notice_given", "ended"}));
    moved->add_option("--on", options->on, "The legal day, YYYY-MM-DD")->required();
    moved->add_option("--note", options->note, "Council resolution; no names of persons");
    on_call(moved, move);
    auto *printed = agreement->add_subcommand("annex", "Print the annex as PDF");
    printed->add_option("id", options->id, "Its id")->required();
    on_call(printed, annex);
    auto *ended = agreement->add_subcommand("offboarding", "Print the plan of its end as PDF");
    ended->add_option("id", options->id, "Its id")->required();
    on_call(ended, offboarding);
}

} // namespace fernamt::app
