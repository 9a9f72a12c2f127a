// SPDX-License-Identifier: EUPL-1.2
// The ledger as text for people and other programs: entries as JSON (`fernamt ledger export`), the
// verdict of verify as one line (`fernamt ledger verify`). The payload stands as it is stored, so
// that anyone can recompute the hashes (entry_hash.h).
#pragma once

#include "ledger/ledger.h"

#include <iosfwd>
#include <string>

namespace fernamt::ledger {

enum class ExportForm {
    lines, // one JSON object per line
    array, // one JSON array
};

// Stops with "ledger.export_write" when the stream takes no more.
[[nodiscard]] Expected<std::int64_t> export_entries(Ledger &ledger, std::int64_t from_seq,
                                                    ExportForm form, std::ostream &out);
// {"seq":1,"at":"...Z","at_us":1,"type":"...","call":1,"municipality":"032410000000",
//  "payload":{...},"previous":"hex","hash":"hex"}; payload is a text if it is no JSON object.
[[nodiscard]] std::string to_json(const Entry &entry);

// "ok: 12 entries, root 3f..." or "broken: entry 7: hash: ..., entries 1 to 6 are intact".
[[nodiscard]] std::string describe(const VerifyReport &report);

} // namespace fernamt::ledger
