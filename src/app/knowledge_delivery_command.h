// SPDX-License-Identifier: EUPL-1.2
// `fernamt knowledge import|export|undo|deliveries`: XZuFi in and out at the command line. Import
// prints its report before anything takes effect; --dry-run stops there. While a service holds the
// database it does the work (app/operator_door.h), in pieces beside its calls.
#pragma once

#include "app/config.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fernamt::app {

struct KnowledgeImportOptions {
    std::string path;
    std::string source = "xzufi";
    bool complete = false;
    bool dry_run = false;
    bool allow_mass_deletion = false;
    int most_vanishing_percent = 10;
    std::string schema_file;
    std::string format;       // "" or "xzufi"; else see knowledge/foreign_formats.h
    std::string agency;       // who is named as maker where the format does not say
    std::string api_key_file; // its first line is sent as api_key when path is an address
    bool json = false;
};
[[nodiscard]] int import_knowledge(const Config &config, const KnowledgeImportOptions &options);

struct KnowledgeExportOptions {
    std::string ars;         // of a municipality, district or Land; empty: everything
    std::int64_t since = -1; // generation; below 0: everything
    std::string version = "2.3.1";
    std::string root = "transfer";
    std::string file;        // empty: standard output
    std::string schema_file; // only with a file: one that does not obey it is not written
    bool own_texts = false;
};
[[nodiscard]] int export_knowledge(const Config &config, const KnowledgeExportOptions &options);

[[nodiscard]] int undo_knowledge(const Config &config, std::int64_t delivery, bool json);
struct KnowledgeDeliveriesOptions {
    std::optional<std::int64_t> show, apply, discard, undo; // at most one; none: the list
    int most_vanishing_percent = 10;
    bool allow_mass_deletion = false;
    bool json = false;
};
[[nodiscard]] int list_deliveries(const Config &config, const KnowledgeDeliveriesOptions &options);

} // namespace fernamt::app
