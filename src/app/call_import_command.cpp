// SPDX-License-Identifier: EUPL-1.2
#include "app/call_import_command.h"

#include "app/exit_codes.h"
#include "ledger/ledger.h"
#include "people/rules.h"
#include "reporting/call_import.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>

namespace fernamt::app {

namespace json = boost::json;

namespace {

using reporting::ImportReport;
using reporting::PbxMapping;

constexpr std::size_t kShownRows = 50;
// A decision about a call waits for the ledger no longer than for some dozen records.
constexpr std::size_t kPieceBesideCalls = 20;
constexpr auto kLongestPause = 250ms;

tl::unexpected<Problem> wrong(std::string key, std::string remedy) {
    return fail(ProblemKind::invalid_input, "calls.mapping_wrong",
                {{"key", std::move(key)}, {"remedy", std::move(remedy)}});
}

// A column's name, or several that are read as one text.
Expected<std::vector<std::string>> names_of(const toml::node &node, const std::string &key) {
    if (const auto *one = node.as_string()) return std::vector<std::string>{one->get()};
    std::vector<std::string> names;
    if (const auto *several = node.as_array()) {
        for (const auto &each : *several) {
            if (!each.is_string()) return wrong(key, "write names of columns");
            names.push_back(each.as_string()->get());
        }
    }
    if (names.empty()) return wrong(key, "write the name of a column, or a list of names");
    return names;
}

Expected<void> read_columns(const toml::table &table, PbxMapping &mapping) {
    const std::map<std::string, std::vector<std::string> PbxMapping::*> several{
        {"begin", &PbxMapping::begin},
        {"answered", &PbxMapping::answered},
        {"end", &PbxMapping::end},
        {"call", &PbxMapping::call}};
    const std::map<std::string, std::string PbxMapping::*> single{
        {"record", &PbxMapping::record}, {"dialled", &PbxMapping::dialled},
        {"result", &PbxMapping::result}, {"wait", &PbxMapping::wait},
        {"talk", &PbxMapping::talk},     {"after_call_work", &PbxMapping::after_call_work},
        {"agent", &PbxMapping::agent}};
    for (const auto &[name, node] : table) {
        const std::string key(name.str());
        const auto names = names_of(node, "columns." + key);
        if (!names) return tl::unexpected(names.error());
        if (const auto found = several.find(key); found != several.end()) {
            mapping.*found->second = *names;
        } else if (const auto one = single.find(key); one != single.end()) {
            if (names->size() != 1) return wrong("columns." + key, "write one name");
            mapping.*one->second = names->front();
        } else {
            return fail(ProblemKind::invalid_input, "calls.mapping_unknown",
                        {{"key", "columns." + key}});
        }
    }
    return {};
}

Expected<void> read_results(const toml::table &table, PbxMapping &mapping) {
    for (const auto &[name, node] : table) {
        const std::string word(name.str());
        const auto *text = node.as_string();
        const auto result =
            text != nullptr ? reporting::parse_pbx_result(text->get()) : std::nullopt;
        if (!result) {
            return wrong("results." + word, "write answered, abandoned, closed, nobody_available, "
                                            "failed or ignored");
        }
        mapping.results.emplace(word, *result);
    }
    return {};
}

Expected<void> read_agents(const toml::node &node, PbxMapping &mapping) {
    const auto names = names_of(node, "agents");
    if (!names) return tl::unexpected(names.error());
    mapping.agents = *names;
    return {};
}

Expected<void> read_outgoing(const toml::table &table, PbxMapping &mapping) {
    for (const auto &[name, node] : table) {
        const std::string column(name.str());
        if (column.empty()) return wrong("outgoing.\"\"", "write the name of a column");
        auto beginnings = names_of(node, "outgoing." + column);
        if (!beginnings) {
            return wrong("outgoing." + column,
                         "write how that column's text begins, or a list of such");
        }
        if (std::ranges::any_of(*beginnings, &std::string::empty))
            return wrong("outgoing." + column, "every text begins with an empty one");
        mapping.outgoing.emplace(column, std::move(*beginnings));
    }
    return {};
}

Expected<void> read_member(const std::string &key, const std::string &text, PbxMapping &mapping) {
    if (key == "source") {
        mapping.source = text;
    } else if (key == "area_code") {
        mapping.area_code = text.starts_with('0') ? text.substr(1) : text;
    } else if (key == "time_format") {
        mapping.time_format = text;
    } else if (key == "delimiter") {
        if (text.size() != 1 || text == "\"") return wrong(key, "write one character");
        mapping.divider = text.front();
    } else if (key == "encoding") {
        if (text != "utf-8" && text != "latin-1") return wrong(key, "write utf-8 or latin-1");
        mapping.latin1 = text == "latin-1";
    } else if (key == "time_zone") {
        if (text != "Europe/Berlin" && text != "UTC")
            return wrong(key, "write Europe/Berlin or UTC");
        mapping.zone = text == "UTC" ? reporting::PbxZone::utc : reporting::PbxZone::berlin;
    } else {
        return fail(ProblemKind::invalid_input, "calls.mapping_unknown", {{"key", key}});
    }
    return {};
}

Expected<std::string> read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(ProblemKind::not_found, "calls.file_not_readable", {{"file", path}});
    return text.str();
}

json::object to_json(const ImportReport &report) {
    json::array refused;
    for (const auto &row : report.refused) {
        json::object shown{{"line", row.line}, {"reason", row.reason}};
        if (!row.word.empty()) shown.emplace("word", row.word);
        refused.push_back(std::move(shown));
    }
    json::object towns;
    for (const auto &[id, calls] : report.municipalities)
        towns.emplace(to_ars(id), calls);
    json::object shown;
    shown.emplace("rows", report.rows);
    shown.emplace("imported", report.imported);
    shown.emplace("already_there", report.already_there);
    shown.emplace("ignored", report.ignored);
    shown.emplace("municipalities", std::move(towns));
    if (report.first) shown.emplace("first", to_iso8601(*report.first));
    if (report.last) shown.emplace("last", to_iso8601(*report.last));
    shown.emplace("refused", std::move(refused));
    return shown;
}

// What to_json() has written; boost::json throws when it is anything else.
ImportReport read_report(const std::string &text) {
    const json::value value = json::parse(text);
    const json::object &shown = value.as_object();
    ImportReport report;
    report.rows = shown.at("rows").as_int64();
    report.imported = shown.at("imported").as_int64();
    report.already_there = shown.at("already_there").as_int64();
    report.ignored = shown.at("ignored").as_int64();
    for (const auto &[ars, calls] : shown.at("municipalities").as_object())
        report.municipalities.emplace(parse_ars(ars).value(), calls.as_int64());
    const auto instant = [&](const char *name) -> std::optional<Instant> {
        const json::value *there = shown.if_contains(name);
        return there == nullptr ? std::nullopt : parse_iso8601(std::string(there->as_string()));
    };
    report.first = instant("first");
    report.last = instant("last");
    for (const json::value &row : shown.at("refused").as_array()) {
        const json::value *word = row.as_object().if_contains("word");
        report.refused.push_back({row.at("line").as_int64(),
                                  std::string(row.at("reason").as_string()),
                                  word == nullptr ? "" : std::string(word->as_string())});
    }
    return report;
}

void print_json(const ImportReport &report, bool dry_run) {
    json::object shown;
    shown.emplace("dry_run", dry_run);
    for (const auto &member : to_json(report))
        shown.emplace(member.key(), member.value());
    std::cout << json::value(std::move(shown)) << '\n';
}

void print_text(const ImportReport &report, bool dry_run) {
    fmt::print("{} rows: {} calls {}, {} already there, {} ignored, {} refused\n", report.rows,
               report.imported, dry_run ? "would be imported" : "imported", report.already_there,
               report.ignored, report.refused.size());
    for (const auto &[id, calls] : report.municipalities)
        fmt::print("  {} {}\n", to_ars(id), calls);
    const std::size_t shown = std::min(report.refused.size(), kShownRows);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto &row = report.refused[i];
        fmt::print("  line {}: {}{}\n", row.line, row.reason,
                   row.word.empty() ? "" : fmt::format(" \"{}\"", row.word));
    }
    if (report.refused.size() > shown)
        fmt::print("  ... and {} more (--json lists all)\n", report.refused.size() - shown);
    std::fflush(stdout);
}

} // namespace

Expected<PbxMapping> parse_pbx_mapping(const std::string &text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error &error) {
        return fail(ProblemKind::invalid_input, "calls.mapping_unreadable",
                    {{"line", std::to_string(error.source().begin.line)},
                     {"reason", std::string(error.description())}});
    }
    PbxMapping mapping;
    for (const auto &[name, node] : table) {
        const std::string key(name.str());
        Expected<void> read;
        if (key == "columns" && node.is_table()) {
            read = read_columns(*node.as_table(), mapping);
        } else if (key == "results" && node.is_table()) {
            read = read_results(*node.as_table(), mapping);
        } else if (key == "outgoing" && node.is_table()) {
            read = read_outgoing(*node.as_table(), mapping);
        } else if (key == "agents") {
            read = read_agents(node, mapping);
        } else if (const auto *value = node.as_string()) {
            read = read_member(key, value->get(), mapping);
        } else {
            read = wrong(key, "write a text in quotes");
        }
        if (!read) return tl::unexpected(read.error());
    }
    const bool of_legs = !mapping.agent.empty() || !mapping.agents.empty();
    if (of_legs && !mapping.by_legs())
        return wrong("columns.call", "name the column that the legs of a call have in common");
    if (!mapping.agents.empty() && mapping.agent.empty())
        return wrong("columns.agent", "name the column that says who answered");
    return mapping;
}

namespace {

void tell(std::int64_t rows) {
    fmt::print(stderr, "{} rows\n", rows);
}

Expected<ImportReport> import_here(storage::Database &database, std::istream &file,
                                   const PbxMapping &mapping, bool dry_run) {
    const auto ledger = ledger::Ledger::open(database);
    if (!ledger) return tl::unexpected(ledger.error());
    const auto rules = people::build_rules(database);
    if (!rules) return tl::unexpected(rules.error());
    const reporting::ImportOptions wanted{
        .dry_run = dry_run, .now = SystemClock{}.now(), .progress = tell};
    return reporting::import_calls(file, mapping, *rules, **ledger, database, wanted);
}

Expected<ImportReport> hand_over(const Config &config, const CallImportOptions &options,
                                 const std::string &mapping) {
    const auto done =
        OperatorClient(operator_socket(config)).import_calls(options.file, mapping, tell);
    if (!done) return tl::unexpected(done.error());
    return read_report(*done);
}

} // namespace

Expected<std::string> import_calls_beside(const std::string &mapping_text, std::istream &records,
                                          ledger::Ledger &ledger, storage::Database &database,
                                          Instant now, const OperatorTalk &talk) {
    using steady = std::chrono::steady_clock;
    const auto mapping = parse_pbx_mapping(mapping_text);
    if (!mapping) return tl::unexpected(mapping.error());
    const auto rules = people::build_rules(database);
    if (!rules) return tl::unexpected(rules.error());
    auto began = steady::now();
    const reporting::ImportOptions wanted{
        .now = now,
        .progress = talk.tell,
        .piece = kPieceBesideCalls,
        .after_piece = [&]() -> Expected<void> {
            if (auto may = talk.check(); !may) return may;
            std::this_thread::sleep_for(
                std::min<steady::duration>(steady::now() - began, kLongestPause));
            began = steady::now();
            return {};
        }};
    const auto done = reporting::import_calls(records, *mapping, *rules, ledger, database, wanted);
    if (!done) return tl::unexpected(done.error());
    return json::serialize(to_json(*done));
}

int import_calls(const Config &config, const CallImportOptions &options) {
    const auto text = read_file(options.mapping);
    if (!text) return report(text.error());
    const auto mapping = parse_pbx_mapping(*text);
    if (!mapping) return report(mapping.error());
    std::ifstream file(options.file, std::ios::binary);
    if (!file) {
        return report(
            {ProblemKind::not_found, "calls.file_not_readable", {{"file", options.file}}});
    }
    const auto access = options.dry_run ? storage::Access::read_only : storage::Access::read_write;
    // Opened to write, a mistyped address becomes a new database, in which no number is ours.
    const auto there = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!there && there.error().code == "storage.unavailable") return report(there.error());
    const auto database = storage::Database::open(config.database_url, access);
    const bool in_use = !database && database.error().code == "storage.in_use";
    if (!database && !in_use) return report(database.error());
    const auto done = in_use ? hand_over(config, options, *text)
                             : import_here(**database, file, *mapping, options.dry_run);
    if (!done) return report(done.error());
    if (options.json) {
        print_json(*done, options.dry_run);
    } else {
        print_text(*done, options.dry_run);
    }
    return done->refused.empty() ? kOk : kFound;
}

} // namespace fernamt::app
