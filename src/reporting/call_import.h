// SPDX-License-Identifier: EUPL-1.2
// Takes a telephone system's call records into the ledger, for centres that keep it (issue B, part
// 10): figures and invoices then count these calls like our own. Idempotent: a record that is
// there already, from this file or another, is passed over. Rows that are no call of ours are
// refused one by one, with the line and the reason; the others go in. No caller, no employee.
#pragma once

#include "ledger/ledger.h"
#include "reporting/call_record.h"
#include "reporting/pbx_record.h"
#include "routing/rules.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace fernamt::reporting {

struct RefusedRow {
    std::int64_t line = 0;
    std::string reason; // "begin_unreadable", "number_not_ours" ...
    std::string word;   // of the result column, if that is what the mapping does not name
};

struct ImportReport {
    std::int64_t rows = 0;
    std::int64_t imported = 0;
    std::int64_t already_there = 0;
    std::int64_t ignored = 0; // the mapping says so
    std::vector<RefusedRow> refused;
    std::map<MunicipalityId, std::int64_t> municipalities; // of those imported
    std::optional<Instant> first, last;                    // begin of those imported
};

struct ImportOptions {
    bool dry_run = false; // everything but the ledger
    Instant now;
    std::function<void(std::int64_t rows)> progress; // now and then; may be empty
    // Calls in one transaction, and what happens after each: a pause. A Problem from there stops
    // the import where it is. As it stands it is for a process of its own, where no call waits for
    // the writer.
    std::size_t piece = 500;
    std::function<Expected<void>()> after_piece = {};
};

// `rules` say whose number was dialled when. Problems: those of PbxReader::open and of the ledger;
// what was appended before one stays, and the next run goes on from there.
[[nodiscard]] Expected<ImportReport>
import_calls(std::istream &in, const PbxMapping &mapping, const routing::Rules &rules,
             ledger::Ledger &ledger, storage::Database &database, const ImportOptions &options);

} // namespace fernamt::reporting
