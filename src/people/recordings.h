// SPDX-License-Identifier: EUPL-1.2
// What callers of a municipality hear, or in a crisis, in versions: each change says from when it
// is heard, and what was heard before stays to be listened to and taken back (issue B, part 12).
// Taking back is a version of its own, so the list only grows, until kKeptRecordings are over. The
// sound is not here but in telephony/announcements_files.h; what is put into force, in
// web/recordings.h.
#pragma once

#include "people/roles.h"
#include "people/rule_change.h"
#include "routing/rules.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fernamt::people {

// Of one recording: those that are no longer heard, and those that wait for their instant.
inline constexpr int kKeptRecordings = 10;
inline constexpr int kPlannedRecordings = 5;

// One of the two, and what it is for: "greeting", "info_1", "crisis" (web/announcement_routes.cpp).
struct RecordingOf {
    std::optional<MunicipalityId> municipality;
    routing::CrisisId crisis;
    std::string kind;
    friend bool operator==(const RecordingOf &, const RecordingOf &) = default;
};

struct Recording {
    std::int64_t id = 0; // never given twice
    RecordingOf of;
    Instant from;
    std::string file; // empty: what came with the program
    Duration length{};
    Instant made_at;
    UserId by;                            // none: an older program, or none of ours
    std::optional<Role> office;           // what is shown instead of a person
    std::optional<std::int64_t> restores; // whose sound it brought back
    std::optional<Instant> withdrawn_at;  // before it was heard
    friend bool operator==(const Recording &, const Recording &) = default;
};

// In the order in which they are heard; withdrawn ones among them.
[[nodiscard]] Expected<std::vector<Recording>> recordings(storage::Connection &connection);
[[nodiscard]] Expected<std::vector<Recording>> recordings(storage::Connection &connection,
                                                          const RecordingOf &of);
// Of the versions of one recording in their order: which one is heard then; none: what came with
// the program, and nobody has ever changed it.
[[nodiscard]] const Recording *heard_at(const std::vector<Recording> &versions, Instant at);

// Gives it its id, and forgets the oldest beyond kKeptRecordings. Audited. conflict
// "announcement.too_many_planned" {most}.
[[nodiscard]] Expected<Recording> add(const Change &change, Recording recording);
// One that waits is never heard. "announcement.not_found"; conflict "announcement.already_heard".
[[nodiscard]] Expected<void> withdraw(const Change &change, const RecordingOf &of, std::int64_t id);

// Those of which the ledger does not know yet, or not yet that they were withdrawn.
[[nodiscard]] Expected<std::vector<Recording>>
recordings_not_in_ledger(storage::Connection &connection);
[[nodiscard]] Expected<void> set_in_ledger(storage::Connection &connection, const Recording &stored,
                                           std::int64_t seq);

} // namespace fernamt::people
