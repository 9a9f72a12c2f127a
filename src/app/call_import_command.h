// SPDX-License-Identifier: EUPL-1.2
// `fernamt calls import`: a telephone system's call records become calls of the ledger
// (reporting/call_import.h). The mapping is a TOML file, documented in docs/how-to/import-calls.md.
#pragma once

#include "app/config.h"
#include "app/operator_door.h"
#include "ledger/ledger.h"
#include "reporting/pbx_record.h"

#include <istream>
#include <string>

namespace fernamt::app {

struct CallImportOptions {
    std::string file;
    std::string mapping;
    bool dry_run = false;
    bool json = false;
};

// By itself, or through the service that holds the database. Exit code: 0; 1 if rows were refused
// (the others are in); those of report().
[[nodiscard]] int import_calls(const Config &config, const CallImportOptions &options);

// The same within the service that holds the database (app/operator_door.h), beside calls: in
// smaller pieces, with a pause after each as long as it took. The report as print_json shows it.
[[nodiscard]] Expected<std::string>
import_calls_beside(const std::string &mapping, std::istream &records, ledger::Ledger &ledger,
                    storage::Database &database, Instant now, const OperatorTalk &talk);

// "calls.mapping_unreadable" {line, reason}, "calls.mapping_unknown" {key}, "calls.mapping_wrong"
// {key, remedy}.
[[nodiscard]] Expected<reporting::PbxMapping> parse_pbx_mapping(const std::string &text);

} // namespace fernamt::app
