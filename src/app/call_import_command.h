// SPDX-License-Identifier: EUPL-1.2
// `fernamt calls import`: a telephone system's call records become calls of the ledger
// (reporting/call_import.h). The mapping is a TOML file, documented in docs/how-to/import-calls.md.
#pragma once

#include "app/config.h"
#include "reporting/pbx_record.h"

#include <string>

namespace fernamt::app {

struct CallImportOptions {
    std::string file;
    std::string mapping;
    bool dry_run = false;
    bool json = false;
};

// Exit code: 0; 1 if rows were refused (the others are in); those of report().
[[nodiscard]] int import_calls(const Config &config, const CallImportOptions &options);

// "calls.mapping_unreadable" {line, reason}, "calls.mapping_unknown" {key}, "calls.mapping_wrong"
// {key, remedy}.
[[nodiscard]] Expected<reporting::PbxMapping> parse_pbx_mapping(const std::string &text);

} // namespace fernamt::app
