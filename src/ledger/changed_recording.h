// SPDX-License-Identifier: EUPL-1.2
// "announcement.changed": from an instant on, callers hear another recording (people/recordings.h).
// The sound is not in the ledger, its SHA-256 is: whoever has the file can prove that it was this
// one. No event of the switchboard, so a replay passes over it.
#pragma once

#include "ledger/ledger.h"
#include "routing/rules.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fernamt::ledger {

struct ChangedRecording {
    std::int64_t version = 0;                   // its number in people/recordings.h
    std::optional<MunicipalityId> municipality; // whose: one of these two
    std::optional<routing::CrisisId> crisis;    // (a prepared plan)
    std::string kind;                           // "greeting"
    Instant from;                               // heard from then on
    std::optional<std::string> sha256;          // none: what came with the program
    UserId by;                                  // none: taken over from an older program
    std::optional<Instant> withdrawn_at;        // it will never be heard
};

[[nodiscard]] NewEntry to_entry(const ChangedRecording &fact, Instant at);

} // namespace fernamt::ledger
