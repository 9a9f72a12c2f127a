// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_delivery_command.h"

#include "app/exit_codes.h"
#include "app/operator_door.h"
#include "app/temporary_folder.h"
#include "knowledge/delivery.h"
#include "knowledge/export.h"
#include "knowledge/foreign_formats.h"
#include "knowledge/website_fetch.h"
#include "storage/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

namespace fernamt::app {

namespace {

constexpr std::size_t kShownChanges = 20;
constexpr std::size_t kShownFindings = 20;

void print(const knowledge::DeliveryReport &report, bool json) {
    if (json) {
        fmt::print("{}\n", knowledge::to_json(report));
        return;
    }
    fmt::print("Delivery {} of {} ({}): {}\n", report.id, report.source,
               report.complete ? "complete" : "changes", report.state);
    if (report.problem) fmt::print("  {}\n", describe(*report.problem));
    if (report.undo_until) {
        const std::string until = to_string(*report.undo_until);
        fmt::print("{}\n",
                   can_undo(report, SystemClock().now())
                       ? "  can be undone until " + until
                       : "  could be undone until " + until + ": what was before is erased");
    }
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
    const std::size_t named = std::min(report.changes.size(), kShownChanges);
    for (std::size_t i = 0; i < named; ++i) {
        const auto &each = report.changes[i];
        fmt::print("  {}: {} {}\n", each.what, each.object, each.name);
    }
    if (report.changes.size() > named)
        fmt::print("  ... and more (--json names {})\n", knowledge::kMostChanges);
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
Expected<void> make_delivery(KnowledgeImportOptions &options, TemporaryFolder &temporary) {
    const auto format = knowledge::foreign_format(options.format);
    const bool remote = options.path.starts_with("https://") || options.path.starts_with("http://");
    if (!remote && !format) return {};
    const auto folder = temporary.path();
    if (!folder) return tl::unexpected(folder.error());
    if (remote) {
        const auto file = *folder / "answer";
        if (auto done = download(options, file); !done) return done;
        options.path = file;
    }
    if (!format) return {};
    const auto file = *folder / "delivery.xml";
    const auto converted = knowledge::convert_foreign(options.path, *format, options.agency, file);
    if (!converted) return tl::unexpected(converted.error());
    for (const std::string &what : converted->unusable)
        fmt::print(stderr, "not usable: {}\n", what);
    if (options.complete && !options.allow_mass_deletion && !converted->unusable.empty()) {
        // What stands in there would be removed as not named.
        return fail(ProblemKind::invalid_input, "knowledge.delivery_torn",
                    {{"parts", fmt::format("{}", converted->unusable.size())},
                     {"remedy", "deliver it without --complete, or whole"}});
    }
    options.path = file;
    return {};
}

// Where deliveries are worked on: in this process when the database is free, else by the one that
// holds it.
class DeliveryDesk {
  public:
    [[nodiscard]] static Expected<std::unique_ptr<DeliveryDesk>> open(const Config &config) {
        auto desk = std::unique_ptr<DeliveryDesk>(new DeliveryDesk);
        auto database = storage::Database::open(config.database_url);
        if (!database && database.error().code == "storage.in_use") {
            desk->service_.emplace(operator_socket(config));
            database = storage::Database::open(config.database_url, storage::Access::read_only);
        }
        if (!database) return tl::unexpected(database.error());
        desk->database_ = std::move(*database);
        desk->schema_file_ = config.knowledge_schema_file;
        if (desk->service_) return desk;
        // Nobody else writes, so whatever is half read belongs to a process that died.
        const auto cleaned = knowledge::clean_up_deliveries(*desk->database_, desk->clock_);
        if (!cleaned) return tl::unexpected(cleaned.error());
        return desk;
    }

    [[nodiscard]] Expected<std::int64_t> read(knowledge::DeliveryOptions options) {
        if (service_) return service_->read(options); // by its own configuration
        if (options.schema_file.empty() && !options.converted) options.schema_file = schema_file_;
        const auto staged = knowledge::stage_delivery(*database_, clock_, options);
        if (!staged) return tl::unexpected(staged.error());
        return staged->id;
    }
    [[nodiscard]] Expected<void> apply(std::int64_t id, const knowledge::DeliveryOptions &options) {
        if (service_) return service_->apply(id, options);
        return without_report(knowledge::apply_delivery(*database_, clock_, id, options));
    }
    [[nodiscard]] Expected<void> undo(std::int64_t id) {
        if (service_) return service_->undo(id);
        return without_report(knowledge::undo_delivery(*database_, clock_, id));
    }
    [[nodiscard]] Expected<void> discard(std::int64_t id) {
        return service_ ? service_->discard(id) : knowledge::discard_delivery(*database_, id);
    }
    [[nodiscard]] Expected<knowledge::DeliveryReport> find(std::int64_t id) {
        return knowledge::find_delivery(*database_, id);
    }

  private:
    DeliveryDesk() = default;
    static Expected<void> without_report(const Expected<knowledge::DeliveryReport> &done) {
        if (!done) return tl::unexpected(done.error());
        return {};
    }
    SystemClock clock_;
    std::unique_ptr<storage::Database> database_;
    std::optional<OperatorClient> service_;
    std::string schema_file_;
};

int show(DeliveryDesk &desk, std::int64_t id, bool json) {
    const auto found = desk.find(id);
    if (!found) return report(found.error());
    print(*found, json);
    return kOk;
}

// Refused: nothing has happened, and nothing of it shall lie about. Stopped half-way: the operator
// has to decide, so the two ways are named.
int not_applied(DeliveryDesk &desk, std::int64_t id, const Problem &problem) {
    const int code = report(problem);
    const auto now = desk.find(id);
    if (!now) return code;
    if (now->state == "staged") {
        if (const auto gone = desk.discard(id); !gone) return report(gone.error());
        return code;
    }
    fmt::print(stderr,
               "Delivery {0} took effect in part. `fernamt knowledge deliveries --apply {0}` goes "
               "on, `--undo {0}` brings back what was before.\n",
               id);
    return code;
}

int work_on_delivery(const Config &config, const KnowledgeDeliveriesOptions &options) {
    const auto desk = DeliveryDesk::open(config);
    if (!desk) return report(desk.error());
    if (options.discard) {
        const auto done = (*desk)->discard(*options.discard);
        return done ? kOk : report(done.error());
    }
    if (options.undo) {
        if (const auto done = (*desk)->undo(*options.undo); !done) return report(done.error());
        return show(**desk, *options.undo, options.json);
    }
    const knowledge::DeliveryOptions how{.most_vanishing_percent = options.most_vanishing_percent,
                                         .allow_mass_deletion = options.allow_mass_deletion,
                                         .undo_days = config.privacy_delivery_undo_days};
    if (const auto done = (*desk)->apply(*options.apply, how); !done) return report(done.error());
    return show(**desk, *options.apply, options.json);
}

} // namespace

int import_knowledge(const Config &config, const KnowledgeImportOptions &given) {
    KnowledgeImportOptions options = given;
    TemporaryFolder temporary("fernamt-import");
    if (auto ready = make_delivery(options, temporary); !ready) return report(ready.error());
    const auto desk = DeliveryDesk::open(config);
    if (!desk) return report(desk.error());
    const knowledge::DeliveryOptions delivery{
        .path = options.path,
        .source = options.source,
        .complete = options.complete,
        .most_vanishing_percent = options.most_vanishing_percent,
        .allow_mass_deletion = options.allow_mass_deletion,
        .schema_file = options.schema_file,
        .converted = knowledge::foreign_format(options.format).has_value(),
        .undo_days = config.privacy_delivery_undo_days};
    const auto read = (*desk)->read(delivery);
    if (!read) return report(read.error());
    auto staged = (*desk)->find(*read);
    if (!staged) return report(staged.error());
    if (!options.json || options.dry_run) print(*staged, options.json);
    if (options.dry_run) {
        const auto discarded = (*desk)->discard(*read);
        return discarded ? kOk : report(discarded.error());
    }
    if (const auto applied = (*desk)->apply(*read, delivery); !applied) {
        return not_applied(**desk, *read, applied.error());
    }
    const auto now = (*desk)->find(*read);
    const auto until = now ? now->undo_until : std::nullopt;
    if (options.json) {
        staged->state = "applied";
        staged->undo_until = until;
        print(*staged, true);
    } else {
        fmt::print("Applied. `fernamt knowledge undo {}` brings back what was before{}.\n", *read,
                   until ? ", until " + to_string(*until) : "");
    }
    return kOk;
}

int export_knowledge(const Config &config, const KnowledgeExportOptions &options) {
    knowledge::ExportOptions wanted{
        .version = options.version, .root = options.root, .own_texts = options.own_texts};
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
    const auto written =
        options.file.empty()
            ? knowledge::export_xzufi(**database, wanted, std::cout)
            : knowledge::export_xzufi_file(**database, wanted, options.file, options.schema_file);
    if (!written) return report(written.error());
    fmt::print(stderr, "{} objects and {} removals, generation {}\n", written->objects,
               written->removals, written->generation);
    return kOk;
}

int undo_knowledge(const Config &config, std::int64_t delivery, bool json) {
    return work_on_delivery(config, {.undo = delivery, .json = json});
}

int list_deliveries(const Config &config, const KnowledgeDeliveriesOptions &options) {
    if (options.apply || options.discard || options.undo) return work_on_delivery(config, options);
    auto database = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!database) return report(database.error());
    if (options.show) {
        const auto found = knowledge::find_delivery(**database, *options.show);
        if (!found) return report(found.error());
        print(*found, options.json);
        return kOk;
    }
    const auto all = knowledge::deliveries(**database);
    if (!all) return report(all.error());
    if (options.json) fmt::print("[");
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto &each = (*all)[i];
        if (options.json) {
            fmt::print("{}{}", i == 0 ? "" : ",", knowledge::to_json(each));
        } else {
            const bool until = each.undo_until && can_undo(each, SystemClock().now());
            fmt::print("{:>6}  {:<9} {}  {}{}{}{}\n", each.id, each.state, to_iso8601(each.started),
                       each.source, each.complete ? " (complete)" : "",
                       until ? "  undo until " + to_string(*each.undo_until) : "",
                       each.problem ? "  " + describe(*each.problem) : "");
        }
    }
    if (options.json) fmt::print("]\n");
    return kOk;
}

} // namespace fernamt::app
