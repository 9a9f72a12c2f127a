// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_delivery_command.h"

#include "app/exit_codes.h"
#include "knowledge/delivery.h"
#include "knowledge/export.h"
#include "storage/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
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

} // namespace

int import_knowledge(const Config &config, const KnowledgeImportOptions &options) {
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
