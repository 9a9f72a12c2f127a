// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_delivery_command.h"

#include "app/exit_codes.h"
#include "knowledge/delivery.h"
#include "knowledge/export.h"
#include "knowledge/foreign_formats.h"
#include "knowledge/website_fetch.h"
#include "storage/database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace fernamt::app {

namespace {

constexpr std::size_t kShownFindings = 20;

void print(const knowledge::DeliveryReport &report, bool json) {
    if (json) {
        fmt::print("{}\n", knowledge::to_json(report));
        return;
    }
    fmt::print("Delivery {} of {} ({}): {}\n", report.id, report.source,
               report.complete ? "complete" : "changes", report.state);
    fmt::print("  {} files, {} objects, {} refused, {} notes\n", report.files, report.objects,
               report.refused, report.notes);
    fmt::print("  {:<16}{:>10}{:>10}{:>10}{:>10}\n", "", "new", "changed", "same", "removed");
    for (int kind = 1; kind <= knowledge::kObjectKinds; ++kind) {
        const auto &counts = report.kinds[static_cast<std::size_t>(kind - 1)];
        fmt::print("  {:<16}{:>10}{:>10}{:>10}{:>10}\n",
                   knowledge::to_string(static_cast<knowledge::ObjectKind>(kind)), counts.created,
                   counts.updated, counts.unchanged, counts.removed);
    }
    if (report.complete) {
        fmt::print("  {} of the {} objects of this source are not named any more\n",
                   report.vanishing, report.source_objects);
    }
    if (report.unknown_removals + report.duplicates + report.dangling > 0) {
        fmt::print("  {} removals of what is not there, {} objects told twice, {} references "
                   "to what is not there\n",
                   report.unknown_removals, report.duplicates, report.dangling);
    }
    const std::size_t shown = std::min(report.findings.size(), kShownFindings);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto &each = report.findings[i];
        fmt::print("  {}:{}: {} {} {}\n", each.file, each.line, each.code, each.object,
                   each.detail);
    }
    if (report.findings.size() > shown) {
        fmt::print("  ... and {} more (--json shows {})\n",
                   report.refused + report.notes - static_cast<std::int64_t>(shown),
                   knowledge::kMostFindings);
    }
    std::fflush(stdout);
}

struct TemporaryFolder {
    std::filesystem::path path;
    TemporaryFolder() {
        std::string pattern = std::filesystem::temp_directory_path() / "fernamt-import-XXXXXX";
        if (mkdtemp(pattern.data()) != nullptr) path = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path.empty()) std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
};

// The interface's version stands in the address that the operator gives: they are retired often.
Expected<void> download(const KnowledgeImportOptions &options, const std::filesystem::path &to) {
    constexpr std::size_t kMostBytes = std::size_t{256} * 1024 * 1024;
    knowledge::FetchRequest request{
        .url = options.path, .most_bytes = kMostBytes, .longest = std::chrono::minutes(10)};
    if (!options.api_key_file.empty()) {
        std::ifstream in(options.api_key_file);
        std::string key;
        if (!std::getline(in, key)) {
            return fail(ProblemKind::invalid_input, "config.secret_unreadable",
                        {{"file", options.api_key_file},
                         {"remedy", "put the key into the file's first line"}});
        }
        request.header = "api_key: " + key;
    }
    const auto answer = knowledge::make_page_fetcher()->fetch(request);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != 200) {
        return fail(ProblemKind::unavailable, "website.unreachable",
                    {{"what", fmt::format("answered {}", answer->status)}});
    }
    std::ofstream(to, std::ios::binary) << answer->body;
    return {};
}

// Turns an address into a file and another format into XZuFi; options.path is the delivery then.
Expected<void> make_delivery(KnowledgeImportOptions &options, const std::filesystem::path &folder) {
    if (options.path.starts_with("https://") || options.path.starts_with("http://")) {
        const auto file = folder / "answer";
        if (auto done = download(options, file); !done) return done;
        options.path = file;
    }
    const auto format = knowledge::foreign_format(options.format);
    if (!format) return {};
    const auto file = folder / "delivery.xml";
    const auto converted = knowledge::convert_foreign(options.path, *format, options.agency, file);
    if (!converted) return tl::unexpected(converted.error());
    for (const std::string &what : converted->unusable)
        fmt::print(stderr, "not usable: {}\n", what);
    options.path = file;
    return {};
}

} // namespace

int import_knowledge(const Config &config, const KnowledgeImportOptions &given) {
    KnowledgeImportOptions options = given;
    const TemporaryFolder folder;
    if (auto ready = make_delivery(options, folder.path); !ready) return report(ready.error());
    auto database = storage::Database::open(config.database_url);
    if (!database) return report(database.error());
    const SystemClock clock;
    const knowledge::DeliveryOptions delivery{.path = options.path,
                                              .source = options.source,
                                              .complete = options.complete,
                                              .most_vanishing_percent =
                                                  options.most_vanishing_percent,
                                              .allow_mass_deletion = options.allow_mass_deletion,
                                              .schema_file = options.schema_file};
    const auto staged = knowledge::stage_delivery(**database, clock, delivery);
    if (!staged) return report(staged.error());
    if (options.dry_run) {
        print(*staged, options.json);
        const auto discarded = knowledge::discard_delivery(**database, staged->id);
        return discarded ? kOk : report(discarded.error());
    }
    if (!options.json) print(*staged, false);
    const auto applied = knowledge::apply_delivery(**database, clock, staged->id, delivery);
    if (!applied) {
        // Refused: nothing has happened, and nothing of it shall lie about.
        (void)knowledge::discard_delivery(**database, staged->id);
        return report(applied.error());
    }
    if (options.json) {
        auto all = *staged;
        all.state = applied->state;
        print(all, true);
    } else {
        fmt::print("Applied. `fernamt knowledge undo {}` brings back what was before.\n",
                   applied->id);
    }
    return kOk;
}

int export_knowledge(const Config &config, const KnowledgeExportOptions &options) {
    knowledge::ExportOptions wanted{.version = options.version, .root = options.root};
    std::ranges::replace(wanted.version, '.', '_');
    if (!options.ars.empty()) {
        wanted.area = knowledge::parse_area(options.ars);
        if (!wanted.area) {
            fmt::print(stderr, "fernamt: --ars is an ARS of 12 digits, of a district 5, of a Land "
                               "2\n");
            return kUsage;
        }
    }
    if (options.since >= 0) wanted.since = options.since;
    auto database = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!database) return report(database.error());
    std::ofstream file;
    if (!options.file.empty()) {
        file.open(options.file, std::ios::binary | std::ios::trunc);
        if (!file) {
            fmt::print(stderr, "fernamt: {} cannot be written\n", options.file);
            return kUsage;
        }
    }
    std::ostream &out = options.file.empty() ? std::cout : file;
    const auto written = knowledge::export_xzufi(**database, wanted, out);
    if (!written) return report(written.error());
    fmt::print(stderr, "{} objects and {} removals, generation {}\n", written->objects,
               written->removals, written->generation);
    return kOk;
}

int undo_knowledge(const Config &config, std::int64_t delivery, bool json) {
    auto database = storage::Database::open(config.database_url);
    if (!database) return report(database.error());
    const auto undone = knowledge::undo_delivery(**database, SystemClock{}, delivery);
    if (!undone) return report(undone.error());
    print(*undone, json);
    return kOk;
}

int list_deliveries(const Config &config, bool json) {
    auto database = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!database) return report(database.error());
    const auto all = knowledge::deliveries(**database);
    if (!all) return report(all.error());
    if (json) fmt::print("[");
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto &each = (*all)[i];
        if (json) {
            fmt::print("{}{{\"delivery\":{},\"state\":\"{}\",\"complete\":{},\"started\":\"{}\"}}",
                       i == 0 ? "" : ",", each.id, each.state, each.complete,
                       to_iso8601(each.started));
        } else {
            fmt::print("{:>6}  {:<9} {}  {}{}\n", each.id, each.state, to_iso8601(each.started),
                       each.source, each.complete ? " (complete)" : "");
        }
    }
    if (json) fmt::print("]\n");
    return kOk;
}

} // namespace fernamt::app
