// SPDX-License-Identifier: EUPL-1.2
#include "app/call_import_command.h"

#include "app/exit_codes.h"
#include "ledger/ledger.h"
#include "people/rules.h"
#include "reporting/call_import.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace fernamt::app {

namespace json = boost::json;

namespace {

using reporting::ImportReport;
using reporting::PbxMapping;

constexpr std::size_t kShownRows = 50;

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

void print_json(const ImportReport &report, bool dry_run) {
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
    shown.emplace("dry_run", dry_run);
    shown.emplace("rows", report.rows);
    shown.emplace("imported", report.imported);
    shown.emplace("already_there", report.already_there);
    shown.emplace("ignored", report.ignored);
    shown.emplace("municipalities", std::move(towns));
    if (report.first) shown.emplace("first", to_iso8601(*report.first));
    if (report.last) shown.emplace("last", to_iso8601(*report.last));
    shown.emplace("refused", std::move(refused));
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
    const auto database = storage::Database::open(config.database_url, access);
    if (!database) return report(database.error());
    const auto ledger = ledger::Ledger::open(**database);
    if (!ledger) return report(ledger.error());
    const auto rules = people::build_rules(**database);
    if (!rules) return report(rules.error());
    const reporting::ImportOptions wanted{
        .dry_run = options.dry_run, .now = SystemClock{}.now(), .progress = [](std::int64_t rows) {
            fmt::print(stderr, "{} rows\n", rows);
        }};
    const auto done = reporting::import_calls(file, *mapping, *rules, **ledger, **database, wanted);
    if (!done) return report(done.error());
    if (options.json) {
        print_json(*done, options.dry_run);
    } else {
        print_text(*done, options.dry_run);
    }
    return done->refused.empty() ? kOk : kFound;
}

} // namespace fernamt::app
