// SPDX-License-Identifier: EUPL-1.2
#include "app/commands.h"

#include "app/agreement_commands.h"
#include "app/call_import_command.h"
#include "app/config.h"
#include "app/config_phones.h"
#include "app/demo.h"
#include "app/exit_codes.h"
#include "app/invoice_commands.h"
#include "app/knowledge_crawl_command.h"
#include "app/knowledge_delivery_command.h"
#include "app/knowledge_directory_command.h"
#include "app/knowledge_search_command.h"
#include "app/serve.h"
#include "base/log.h"
#include "billing/invoice.h"
#include "ledger/ledger.h"
#include "ledger/ledger_export.h"
#include "people/directory.h"
#include "people/municipalities.h"
#include "people/users.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>

extern char **environ; // NOLINT: POSIX

namespace fernamt::app {

namespace {

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> all;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return all;
}

struct Common {
    std::string config_file;
    std::string database_url;
};

// What most systems need; the rest stands on the page.
constexpr const char *kMappingExample = R"(A mapping (docs/how-to/import-calls.md explains it):

source = "Telefonanlage Rathaus"
time_format = "%d.%m.%Y %H:%M:%S"
area_code = "030"

[columns]
record = "Nr"
begin = ["Datum", "Beginn"]
answered = ["Datum", "Angenommen"]
end = ["Datum", "Ende"]
dialled = "Ziel"
result = "Ergebnis"

[results]
"beantwortet" = "answered"
"aufgelegt" = "abandoned"
"abgehend" = "ignored"
)";

void add_common(CLI::App &command, Common &common) {
    command.add_option("--config", common.config_file, "Configuration file (TOML)");
    command.add_option("--database", common.database_url,
                       "sqlite:///PATH or postgresql://USER@HOST:PORT/NAME, instead of the "
                       "configuration's");
}

std::string database_url(const Common &common, const Config &config) {
    if (!common.database_url.empty()) return common.database_url;
    if (!config.database_url.empty()) return config.database_url;
    return "sqlite://" + config.state_directory + "/fernamt.db";
}

Expected<Config> configuration(const Common &common) {
    auto config = load_config(common.config_file, environment());
    if (!config) return config;
    config->database_url = database_url(common, *config);
    return config;
}

// Whoever names an SQLite file and nothing else means the service whose it is: its index stands
// beside it.
Expected<Config> configuration_for_index(const Common &common) {
    auto config = configuration(common);
    constexpr std::string_view kFile = "sqlite://";
    if (!config || !common.database_url.starts_with(kFile)) return config;
    if (common.config_file.empty() && config->state_directory == Config{}.state_directory) {
        config->state_directory =
            std::filesystem::path(common.database_url.substr(kFile.size())).parent_path();
    }
    return config;
}

// Opens the database (and the ledger on it) for one question and asks it.
int with_ledger(const Common &common, storage::Access access,
                const std::function<int(storage::Database &, ledger::Ledger &)> &ask) {
    const auto config = configuration(common);
    if (!config) return report(config.error());
    auto database = storage::Database::open(config->database_url, access);
    if (!database) return report(database.error());
    auto ledger = ledger::Ledger::open(**database);
    if (!ledger) return report(ledger.error());
    return ask(**database, **ledger);
}

int verify(const Common &common, bool json) {
    return with_ledger(common, storage::Access::read_only, [&](auto &, auto &ledger) {
        const auto checked = ledger.verify();
        if (!checked) return report(checked.error());
        const bool broken = checked->first_broken.has_value();
        if (json) {
            fmt::print("{{\"entries\":{},\"ok\":{}{}}}\n", checked->entries, !broken,
                       broken ? fmt::format(",\"first_broken\":{},\"what\":\"{}\"",
                                            *checked->first_broken, checked->what)
                              : "");
        } else {
            fmt::print("{}\n", ledger::describe(*checked));
        }
        return broken ? kFound : kOk;
    });
}

int export_ledger(const Common &common, bool json, std::int64_t from) {
    return with_ledger(common, storage::Access::read_only, [&](auto &, auto &ledger) {
        const auto form = json ? ledger::ExportForm::array : ledger::ExportForm::lines;
        const auto written = ledger::export_entries(ledger, from, form, std::cout);
        return written ? kOk : report(written.error());
    });
}

int invoice(const Common &common, const std::string &ars, const std::string &month_text,
            const std::string &format_text) {
    const auto municipality = parse_ars(ars);
    const auto month = billing::parse_month(month_text);
    const auto format = billing::parse_format(format_text);
    if (!municipality || !month || !format) {
        fmt::print(stderr, "fernamt: --municipality is an ARS of 12 digits, --month is YYYY-MM, "
                           "--format is csv or json\n");
        return kUsage;
    }
    return with_ledger(common, storage::Access::read_only, [&](auto &database, auto &) {
        const SystemClock clock;
        if (auto known = people::Municipalities(database, clock).find(*municipality); !known) {
            return report(known.error());
        }
        const auto invoice = billing::make_invoice(database, *municipality, *month);
        if (!invoice) return report(invoice.error());
        if (invoice->charges.empty()) {
            fmt::print(stderr, "fernamt: nothing is agreed with {} in {}: no price, no lines\n",
                       ars, month_text);
        }
        std::cout << (*format == billing::Format::json ? billing::to_json(*invoice)
                                                       : billing::to_csv(*invoice));
        std::cout.flush();
        return std::cout ? kOk : kSoftware;
    });
}

// The first administrator of a new installation; everybody else is added on the pages.
int add_user(const Common &common, const std::string &login, const std::string &name,
             const std::vector<std::string> &roles) {
    std::string password;
    if (isatty(STDIN_FILENO) != 0) fmt::print(stderr, "Password (at least 12 characters): ");
    std::getline(std::cin, password);
    const auto config = configuration(common);
    if (!config) return report(config.error());
    auto database = storage::Database::open(config->database_url);
    if (!database) return report(database.error());
    const auto added = people::add_first_user(**database, login, name, roles, password);
    if (!added) return report(added.error());
    fmt::print("{} can sign in now.\n", login);
    return kOk;
}

// Whose phones there are is asked of the database. A configuration may be written before there is
// one: then it is only said that nobody looked.
void ask_whose_phones(const Common &common, const Config &config, Mistakes &mistakes) {
    if (config.sip_phones.empty() || mistakes.about("database.url")) return;
    const auto database =
        storage::Database::open(database_url(common, config), storage::Access::read_only);
    if (database) {
        const auto people = people::Directory::load(**database);
        if (people) return check_phones(config, **people, mistakes);
        static_cast<void>(report(people.error()));
    } else {
        static_cast<void>(report(database.error()));
    }
    fmt::print(stderr, "fernamt: so nobody has looked whose phones [[sip.phone]] names\n");
}

int check_configuration(const Common &common, bool show) {
    const FurtherCheck whose_phones = [&](const Config &config, Mistakes &mistakes) {
        ask_whose_phones(common, config, mistakes);
    };
    const auto checked =
        check_config(common.config_file, environment(), show ? FurtherCheck{} : whose_phones);
    for (const Problem &mistake : checked.mistakes)
        static_cast<void>(report(mistake));
    if (!checked.mistakes.empty()) return kConfig;
    fmt::print("{}",
               show ? to_toml(checked.config) : std::string("The configuration is in order.\n"));
    return kOk;
}

} // namespace

int run(int argc, char **argv) {
    CLI::App app{"Fernamt: the telephone office that many town halls share"};
    app.set_version_flag("--version", std::string("fernamt ") + FERNAMT_VERSION);
    app.require_subcommand(1);
    int result = kOk;
    Common common;

    auto *serve_command = app.add_subcommand("serve", "Run the service");
    add_common(*serve_command, common);
    serve_command->callback([&] {
        const auto config = configuration(common);
        result = config ? serve(*config) : report(config.error());
    });

    DemoOptions demo_options;
    auto *demo_command = app.add_subcommand("demo", "Run the demo region with simulated calls");
    demo_command
        ->add_option("--callers-per-hour", demo_options.callers_per_hour,
                     "Simulated citizens who call, per hour")
        ->check(CLI::Range(0, 360'000));
    demo_command->add_option("--agents", demo_options.agents, "Simulated colleagues who answer")
        ->check(CLI::Range(0, 500));
    demo_command
        ->add_option("--seconds", demo_options.seconds,
                     "Stop after so many seconds and print a summary")
        ->check(CLI::Range(1, 86'400));
    demo_command->add_flag("--json", demo_options.json, "Print the summary as one JSON object");
    demo_command->add_option("--state", demo_options.state_directory,
                             "Keep the state in this directory (default: a temporary one)");
    demo_command->add_option("--http-port", demo_options.http_port, "0: any free port")
        ->check(CLI::Range(0, 65'535));
    demo_command->add_option("--sip-port", demo_options.sip_port, "0: any free port")
        ->check(CLI::Range(0, 65'535));
    demo_command->add_option("--listen", demo_options.listen,
                             "Let telephones in: an IPv4 address of this machine, or auto for the "
                             "first that others reach (default: this machine only)");
    demo_command->add_option("--seed", demo_options.seed, "Same seed, same citizens");
    demo_command->add_option("--database", demo_options.database_url,
                             "PostgreSQL instead of SQLite in the state directory");
    demo_command->add_option("--data", demo_options.data_directory, "The repository's data/");
    demo_command->add_option("--ui", demo_options.ui_directory, "The built pages");
    demo_command->add_option("--announcements", demo_options.announcements_directory,
                             "Made by script/announcements");
    demo_command->callback([&] { result = demo(demo_options); });

    bool json = false;
    std::int64_t from = 1;
    auto *ledger_command = app.add_subcommand("ledger", "Check or export the ledger");
    ledger_command->require_subcommand(1);
    auto *verify_command =
        ledger_command->add_subcommand("verify", "Check the chain; name the first broken entry");
    add_common(*verify_command, common);
    verify_command->add_flag("--json", json, "One JSON object");
    verify_command->callback([&] { result = verify(common, json); });
    auto *export_command = ledger_command->add_subcommand("export", "Print all entries");
    add_common(*export_command, common);
    export_command->add_flag("--json", json, "One JSON array instead of one object per line");
    export_command->add_option("--from", from, "First entry")->check(CLI::PositiveNumber);
    export_command->callback([&] { result = export_ledger(common, json, from); });

    std::string ars, month, format = "csv";
    auto *invoice_command =
        app.add_subcommand("invoice", "Reproduce a municipality's invoice from the ledger");
    add_common(*invoice_command, common);
    invoice_command->add_option("--municipality", ars, "ARS, 12 digits")->required();
    invoice_command->add_option("--month", month, "YYYY-MM")->required();
    invoice_command->add_option("--format", format, "csv or json");
    invoice_command->callback([&] { result = invoice(common, ars, month, format); });
    add_invoice_commands(app, {[&](CLI::App &command) { add_common(command, common); },
                               [&] { return configuration(common); }, result});
    add_agreement_commands(app, {[&](CLI::App &command) { add_common(command, common); },
                                 [&] { return configuration(common); }, result});

    CallImportOptions calls_options;
    auto *calls_command = app.add_subcommand("calls", "Calls that came another way");
    calls_command->require_subcommand(1);
    auto *calls_import =
        calls_command->add_subcommand("import", "Take in a telephone system's call records (CSV)");
    add_common(*calls_import, common);
    calls_import->add_option("file", calls_options.file, "The records")->required();
    calls_import->add_option("--mapping", calls_options.mapping, "What its columns mean (TOML)")
        ->required();
    calls_import->footer(kMappingExample);
    calls_import->add_flag("--dry-run", calls_options.dry_run, "Report only, change nothing");
    calls_import->add_flag("--json", calls_options.json, "The report as one JSON object");
    calls_import->callback([&] {
        const auto config = configuration(common);
        result = config ? import_calls(*config, calls_options) : report(config.error());
    });

    KnowledgeSearchOptions search_options;
    auto *knowledge_command = app.add_subcommand("knowledge", "Ask and keep the knowledge");
    knowledge_command->require_subcommand(1);
    auto *search_command =
        knowledge_command->add_subcommand("search", "Find what a caller means, and say why");
    add_common(*search_command, common);
    search_command->add_option("words", search_options.words, "As the caller says it")->required();
    search_command->add_option("--ars", search_options.ars, "The municipality, ARS of 12 digits");
    search_command->add_option("--limit", search_options.limit, "Hits at most")
        ->check(CLI::Range(1, 100));
    search_command->add_flag("--json", search_options.json, "One JSON object");
    search_command->callback([&] {
        const auto config = configuration_for_index(common);
        result = config ? search_knowledge(*config, search_options) : report(config.error());
    });
    KnowledgeIndexOptions index_options;
    auto *index_command =
        knowledge_command->add_subcommand("index", "The state of this node's search index");
    add_common(*index_command, common);
    index_command->add_flag("--verify", index_options.verify, "Compare it with the database");
    index_command->add_flag("--rebuild", index_options.rebuild, "Build it again");
    index_command->add_flag("--json", index_options.json, "One JSON object");
    index_command->callback([&] {
        const auto config = configuration_for_index(common);
        result = config ? knowledge_index(*config, index_options) : report(config.error());
    });

    KnowledgeImportOptions import_options;
    auto *import_command = knowledge_command->add_subcommand(
        "import",
        "Take in a delivery: XZuFi (a file, a folder with index.txt, a zip) or what other "
        "services answered");
    add_common(*import_command, common);
    import_command->add_option("path", import_options.path, "What was delivered")->required();
    import_command->add_option("--source", import_options.source, "Who delivers");
    import_command->add_flag("--complete", import_options.complete,
                             "A full delivery: what it does not name is removed");
    import_command->add_flag("--dry-run", import_options.dry_run, "Report only, change nothing");
    import_command->add_flag("--allow-mass-deletion", import_options.allow_mass_deletion,
                             "Even if it removes much");
    import_command
        ->add_option("--most-vanishing", import_options.most_vanishing_percent,
                     "Percent of the source that it may remove")
        ->check(CLI::Range(0, 100));
    import_command->add_option("--xsd", import_options.schema_file,
                               "Validate with this schema instead of knowledge.schema_file");
    import_command
        ->add_option("--format", import_options.format,
                     "xzufi (default), pvog-json, pvog-csv or bus-json: answers of those services")
        ->check(CLI::IsMember({"xzufi", "pvog-json", "pvog-csv", "bus-json"}));
    import_command->add_option("--agency", import_options.agency,
                               "bus-json: who is named as maker of the objects");
    import_command->add_option("--api-key-file", import_options.api_key_file,
                               "When PATH is an address: its first line is sent as api_key");
    import_command->add_flag("--json", import_options.json, "The report as one JSON object");
    import_command->callback([&] {
        const auto config = configuration(common);
        result = config ? import_knowledge(*config, import_options) : report(config.error());
    });
    KnowledgeExportOptions export_options;
    auto *knowledge_export =
        knowledge_command->add_subcommand("export", "Write the knowledge as XZuFi");
    add_common(*knowledge_export, common);
    knowledge_export->add_option("--ars", export_options.ars, "Only what concerns this area");
    knowledge_export->add_option("--since", export_options.since,
                                 "Only what changed after this generation");
    knowledge_export->add_option("--version", export_options.version, "2.3.1 or 2.2.0");
    knowledge_export->add_option("--root", export_options.root, "Name of the root element");
    knowledge_export->add_flag("--own-texts", export_options.own_texts,
                               "Also what municipalities wrote themselves, as specialisations");
    auto *export_file =
        knowledge_export->add_option("--output", export_options.file, "Instead of standard output");
    knowledge_export
        ->add_option("--xsd", export_options.schema_file, "Write it only if it obeys this schema")
        ->needs(export_file);
    knowledge_export->callback([&] {
        const auto config = configuration(common);
        result = config ? export_knowledge(*config, export_options) : report(config.error());
    });
    KnowledgeCrawlOptions crawl_options;
    auto *crawl_command = knowledge_command->add_subcommand(
        "crawl", "Read the towns' websites ([[website.site]]) for the search, now");
    add_common(*crawl_command, common);
    crawl_command->add_option("--site", crawl_options.site, "Only the one that starts there");
    crawl_command->add_flag("--allow-mass-deletion", crawl_options.allow_mass_deletion,
                            "Even if most of a site's texts would be gone");
    crawl_command->add_flag("--json", crawl_options.json, "One JSON array");
    crawl_command->callback([&] {
        const auto config = configuration(common);
        result = config ? crawl_knowledge(*config, crawl_options) : report(config.error());
    });
    KnowledgeDirectoryOptions directory_options;
    auto *directory_command = knowledge_command->add_subcommand(
        "directory-ldap", "Read the towns' directory services ([[directory.ldap]]), now");
    add_common(*directory_command, common);
    directory_command->add_option("--ars", directory_options.ars, "Only this municipality's");
    directory_command->add_flag("--dry-run", directory_options.dry_run,
                                "Report only, change nothing");
    directory_command->add_flag("--allow-mass-deletion", directory_options.allow_mass_deletion,
                                "Even if many people are not there any more");
    directory_command->add_flag("--json", directory_options.json, "One JSON array");
    directory_command->callback([&] {
        const auto config = configuration(common);
        result = config ? read_directories(*config, directory_options) : report(config.error());
    });
    std::int64_t delivery = 0;
    auto *undo_command =
        knowledge_command->add_subcommand("undo", "Bring back what was before a delivery");
    add_common(*undo_command, common);
    undo_command->add_option("delivery", delivery, "Its number")->required();
    undo_command->add_flag("--json", json, "One JSON object");
    undo_command->callback([&] {
        const auto config = configuration(common);
        result = config ? undo_knowledge(*config, delivery, json) : report(config.error());
    });
    auto *deliveries_command =
        knowledge_command->add_subcommand("deliveries", "What was delivered and when");
    add_common(*deliveries_command, common);
    KnowledgeDeliveriesOptions deliveries_options;
    auto *one_step = deliveries_command->add_option_group("one delivery");
    one_step->add_option("--show", deliveries_options.show, "Its report and findings");
    one_step->add_option("--apply", deliveries_options.apply,
                         "Let it take effect, or go on where it stopped");
    one_step->add_option("--discard", deliveries_options.discard,
                         "Forget it before it took effect");
    one_step->add_option("--undo", deliveries_options.undo, "Bring back what was before it");
    one_step->require_option(0, 1);
    deliveries_command
        ->add_option("--most-vanishing", deliveries_options.most_vanishing_percent,
                     "With --apply: percent of the source that it may remove")
        ->check(CLI::Range(0, 100));
    deliveries_command->add_flag("--allow-mass-deletion", deliveries_options.allow_mass_deletion,
                                 "With --apply: even if it removes much");
    deliveries_command->add_flag("--json", deliveries_options.json, "JSON");
    deliveries_command->callback([&] {
        const auto config = configuration(common);
        result = config ? list_deliveries(*config, deliveries_options) : report(config.error());
    });

    std::string login, name;
    std::vector<std::string> roles{"admin"};
    auto *user_command = app.add_subcommand("user", "Add the first administrator");
    user_command->require_subcommand(1);
    auto *user_add = user_command->add_subcommand("add", "Password on standard input");
    add_common(*user_add, common);
    user_add->add_option("--login", login, "Name to sign in with")->required();
    user_add->add_option("--name", name, "Name to show")->required();
    user_add->add_option("--role", roles, "agent, lead, editor, finance, admin, auditor, reader");
    user_add->callback([&] { result = add_user(common, login, name, roles); });

    auto *config_command = app.add_subcommand("config", "Check or show the configuration");
    config_command->require_subcommand(1);
    auto *config_check = config_command->add_subcommand("check", "Find mistakes");
    add_common(*config_check, common);
    config_check->callback([&] { result = check_configuration(common, false); });
    auto *config_show = config_command->add_subcommand("show", "What runs, with documentation");
    add_common(*config_show, common);
    config_show->callback([&] { result = check_configuration(common, true); });

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        const int code = app.exit(error);
        return code == 0 ? kOk : kUsage;
    }
    return result;
}

} // namespace fernamt::app
