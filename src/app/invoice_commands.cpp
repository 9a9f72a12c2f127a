// SPDX-License-Identifier: EUPL-1.2
#include "app/invoice_commands.h"

#include "app/exit_codes.h"
#include "billing/evidence_table.h"
#include "billing/invoice_book.h"
#include "billing/invoice_pdf.h"
#include "billing/invoice_run.h"
#include "billing/xrechnung.h"
#include "people/municipalities.h"
#include "storage/database.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

namespace fernamt::app {

namespace {

using billing::Change;
using billing::Document;
using billing::InvoiceBook;

// Whoever may write to the database from the shell is no user of the service.
constexpr UserId kCommandLine{0};

Expected<std::string> read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || !text) return fail(ProblemKind::not_found, "evidence.not_readable");
    return text.str();
}

int print(std::string_view text) {
    std::cout << text;
    std::cout.flush();
    return std::cout ? kOk : kSoftware;
}

int verify_file(const std::string &path) {
    const auto text = read_file(path);
    if (!text) return report(text.error());
    const auto verdict = billing::verify_invoice(*text);
    if (!verdict) return report(verdict.error());
    const int printed = print(billing::describe(*verdict));
    return verdict->findings.empty() ? printed : kFound;
}

struct Options {
    InvoiceCommandsContext context;
    std::string file;
    std::string number;
    std::string ars;
    std::string month;
    std::string reason;
    std::string format = "json";
    std::string workbook;
};

template <class Use>
int with_book(const Options &options, storage::Access access, Use use) {
    const auto config = options.context.configuration();
    if (!config) return report(config.error());
    const auto database = storage::Database::open(config->database_url, access);
    if (!database) return report(database.error());
    InvoiceBook book(**database);
    return use(book);
}

Change change_of(const Options &options) {
    return {kCommandLine, SystemClock{}.now(), options.reason};
}

int printed_number(const Expected<billing::Issued> &issued) {
    if (!issued) return report(issued.error());
    return print(
        fmt::format("{} {}\n", issued->document.number, to_decimal(issued->document.payable)));
}

int issue(const Options &options) {
    const auto municipality = parse_ars(options.ars);
    const auto month = billing::parse_month(options.month);
    if (!municipality || !month) {
        fmt::print(stderr, "fernamt: --municipality is an ARS of 12 digits, --month is YYYY-MM\n");
        return kUsage;
    }
    return with_book(options, storage::Access::read_write, [&](InvoiceBook &book) {
        return printed_number(book.issue(*municipality, *month, change_of(options)));
    });
}

int correct(const Options &options) {
    const auto municipality = parse_ars(options.ars);
    if (!municipality) {
        fmt::print(stderr, "fernamt: --municipality is an ARS of 12 digits\n");
        return kUsage;
    }
    return with_book(options, storage::Access::read_write, [&](InvoiceBook &book) {
        const auto issued = book.correct(*municipality, change_of(options));
        if (!issued) return report(issued.error());
        for (const billing::Issued &each : *issued)
            fmt::print("{} {}\n", each.document.number, to_decimal(each.document.payable));
        return kOk;
    });
}

int cancel(const Options &options) {
    return with_book(options, storage::Access::read_write, [&](InvoiceBook &book) {
        return printed_number(book.cancel(options.number, change_of(options)));
    });
}

int preview(const Options &options) {
    const auto municipality = parse_ars(options.ars);
    const auto month = billing::parse_month(options.month);
    if (!municipality || !month) {
        fmt::print(stderr, "fernamt: --municipality is an ARS of 12 digits, --month is YYYY-MM\n");
        return kUsage;
    }
    return with_book(options, storage::Access::read_only, [&](InvoiceBook &book) {
        const auto draft = book.preview(*municipality, *month, SystemClock{}.now());
        if (!draft) return report(draft.error());
        if (options.format == "json") return print(billing::to_json(draft->document) + "\n");
        const auto table = billing::evidence_table(draft->evidence);
        if (!table) return report(table.error());
        const auto pdf = billing::to_pdf(draft->document, *table);
        return pdf ? print(*pdf) : report(pdf.error());
    });
}

// Goes on with the run of that month that stopped, or begins one; exit code 1 if a document failed.
int run_month(const Options &options) {
    const auto month = billing::parse_month(options.month);
    if (!month) {
        fmt::print(stderr, "fernamt: --month is YYYY-MM\n");
        return kUsage;
    }
    const auto config = options.context.configuration();
    if (!config) return report(config.error());
    const auto database =
        storage::Database::open(config->database_url, storage::Access::read_write);
    if (!database) return report(database.error());
    billing::InvoiceRuns runs(**database);
    const auto all = runs.list();
    if (!all) return report(all.error());
    std::optional<std::int64_t> id;
    for (const billing::InvoiceRun &run : *all) {
        const bool open = std::ranges::any_of(run.items, [](const billing::RunItem &item) {
            return item.state != billing::RunState::issued;
        });
        if (run.month == *month && open) id = run.id;
    }
    if (!id) {
        const SystemClock clock;
        const auto towns = people::Municipalities(**database, clock).all();
        if (!towns) return report(towns.error());
        std::vector<MunicipalityId> ids;
        for (const people::Municipality &town : *towns)
            ids.push_back(town.id);
        const auto started = runs.start(ids, *month, change_of(options));
        if (!started) return report(started.error());
        id = started->id;
    }
    const auto done = runs.resume(*id, change_of(options));
    if (!done) return report(done.error());
    int failed = 0;
    for (const billing::RunItem &item : done->items) {
        const bool issued = item.state == billing::RunState::issued;
        failed += issued ? 0 : 1;
        fmt::print("{} {} {}\n", to_ars(item.municipality), to_string(item.state),
                   issued ? item.number : item.problem);
    }
    return failed > 0 ? kFound : kOk;
}

int list(const Options &options) {
    return with_book(options, storage::Access::read_only, [&](InvoiceBook &book) {
        const auto documents = book.list();
        if (!documents) return report(documents.error());
        for (const Document &document : *documents) {
            fmt::print("{} {} {} {} {} {}\n", document.number, to_string(document.kind),
                       to_ars(document.municipality), to_string(document.period_from),
                       to_string(document.period_to), to_decimal(document.payable));
        }
        return kOk;
    });
}

Expected<std::string> shown(InvoiceBook &book, const Document &document,
                            const std::string &format) {
    if (format == "json") return billing::to_json(document) + "\n";
    if (format == "xrechnung") return billing::to_xrechnung(document);
    const auto evidence = book.evidence(document);
    if (!evidence) return tl::unexpected(evidence.error());
    if (format == "evidence") return billing::to_json(document, *evidence);
    const auto table = billing::evidence_table(*evidence);
    if (!table) return tl::unexpected(table.error());
    if (format == "pdf") return billing::to_pdf(document, *table);
    return billing::to_csv(*table);
}

Expected<void> write_book(InvoiceBook &book, const Document &document, const std::string &path) {
    const auto evidence = book.evidence(document);
    if (!evidence) return tl::unexpected(evidence.error());
    const auto table = billing::evidence_table(*evidence);
    if (!table) return tl::unexpected(table.error());
    return billing::write_workbook(path, document, *table);
}

int show(const Options &options) {
    return with_book(options, storage::Access::read_only, [&](InvoiceBook &book) {
        const auto document = book.find(options.number);
        if (!document) return report(document.error());
        if (!options.workbook.empty()) {
            const auto written = write_book(book, *document, options.workbook);
            return written ? kOk : report(written.error());
        }
        const auto text = shown(book, *document, options.format);
        return text ? print(*text) : report(text.error());
    });
}

int verify_book(const Options &options) {
    return with_book(options, storage::Access::read_only, [&](InvoiceBook &book) {
        const auto checked = book.verify();
        if (!checked) return report(checked.error());
        if (checked->first_broken) {
            fmt::print("broken: {}: {}\n", *checked->first_broken, checked->what);
            return kFound;
        }
        fmt::print("ok: {} documents, root {}\n", checked->documents, checked->root);
        return kOk;
    });
}

int set_party(const Options &options) {
    const auto municipality =
        options.ars == "centre" ? std::optional{InvoiceBook::kCentre} : parse_ars(options.ars);
    const auto text = read_file(options.file);
    if (!municipality || !text) {
        fmt::print(stderr, "fernamt: --municipality is an ARS or \"centre\", FILE is JSON\n");
        return kUsage;
    }
    const auto party = billing::party_from(*text);
    if (!party) return report(party.error());
    return with_book(options, storage::Access::read_write, [&](InvoiceBook &book) {
        const auto stored = book.set_party(*municipality, *party);
        return stored ? kOk : report(stored.error());
    });
}

} // namespace

void add_invoice_commands(CLI::App &app, InvoiceCommandsContext context) {
    // The callbacks share it and live as long as the app.
    const auto options = std::make_shared<Options>(Options{.context = std::move(context)});
    const auto on_call = [&](CLI::App *command, int (*run)(const Options &)) {
        options->context.add_common(*command);
        command->callback([options, run] { options->context.result = run(*options); });
    };

    auto *verify = app.add_subcommand("verify-invoice", "Recompute a document from its evidence");
    verify->add_option("file", options->file, "The evidence")->required();
    verify->callback([options] { options->context.result = verify_file(options->file); });

    auto *month = app.add_subcommand("invoice-run", "Issue a month's invoices for all that can be");
    month->add_option("--month", options->month, "YYYY-MM")->required();
    on_call(month, run_month);

    auto *document = app.add_subcommand("document", "Issue and show invoices and their evidence");
    document->require_subcommand(1);
    auto *draft = document->add_subcommand("preview", "What would be issued; stores nothing");
    draft->add_option("--municipality", options->ars, "ARS, 12 digits")->required();
    draft->add_option("--month", options->month, "YYYY-MM")->required();
    draft->add_option("--format", options->format, "json or pdf")
        ->check(CLI::IsMember({"json", "pdf"}));
    on_call(draft, preview);
    auto *issued = document->add_subcommand("issue", "Issue the invoice of a month");
    issued->add_option("--municipality", options->ars, "ARS, 12 digits")->required();
    issued->add_option("--month", options->month, "YYYY-MM")->required();
    on_call(issued, issue);
    auto *corrected = document->add_subcommand(
        "correct", "Issue what invoiced months cost otherwise now, where no invoice follows");
    corrected->add_option("--municipality", options->ars, "ARS, 12 digits")->required();
    on_call(corrected, correct);
    auto *cancelled = document->add_subcommand("cancel", "Take a document back whole");
    cancelled->add_option("number", options->number, "Its number")->required();
    cancelled->add_option("--reason", options->reason, "Stands on the cancellation")->required();
    on_call(cancelled, cancel);
    on_call(document->add_subcommand("list", "All documents in the order of issue"), list);
    auto *one = document->add_subcommand("show", "Print a document");
    one->add_option("number", options->number, "Its number")->required();
    one->add_option("--format", options->format, "json, xrechnung, evidence, csv or pdf")
        ->check(CLI::IsMember({"json", "xrechnung", "evidence", "csv", "pdf"}));
    one->add_option("--workbook", options->workbook, "Write an .xlsx file instead");
    on_call(one, show);
    on_call(document->add_subcommand("verify", "Check numbers, chain and totals"), verify_book);
    auto *party = document->add_subcommand("party", "Set the billing details of a side");
    party->add_option("--municipality", options->ars, "ARS, or \"centre\"")->required();
    party->add_option("file", options->file, "JSON: name, street, postcode, ...")->required();
    on_call(party, set_party);
}

} // namespace fernamt::app
