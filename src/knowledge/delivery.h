// SPDX-License-Identifier: EUPL-1.2
// A delivery of knowledge in four steps: stage (read everything into a generation of its own,
// nothing is visible), report (what would change, what was refused, where and why), apply, undo.
// Each step writes in pieces of some milliseconds, because calls share the one writer; each object
// changes at once as a whole, and an interrupted step goes on where it stopped. A complete delivery
// replaces its source: what it does not name is removed, unless that would be suspiciously much.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "knowledge/model.h"
#include "storage/database.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct DeliveryOptions {
    std::string path;
    std::string source = "xzufi"; // who delivers; a complete delivery replaces this source only
    bool complete = false;
    // A complete delivery that would remove more of its source than this is refused.
    int most_vanishing_percent = 10;
    bool allow_mass_deletion = false;
    std::string schema_file; // an operator's XSD
};

struct DeliveryCounts {
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    std::int64_t removed = 0;
    friend bool operator==(const DeliveryCounts &, const DeliveryCounts &) = default;
};

struct DeliveryFinding {
    std::string file;
    int line = 0;
    std::string code;
    std::string object;
    std::string detail;
};

struct DeliveryReport {
    std::int64_t id = 0;
    std::string state; // "staged", "applied", "undone"
    std::string source;
    bool complete = false;
    std::int64_t files = 0;
    std::int64_t objects = 0; // read and usable, removals too
    std::int64_t refused = 0;
    std::int64_t notes = 0;            // read, but something in it was not understood
    std::int64_t unknown_removals = 0; // normal: the federal portal keeps millions of them
    std::int64_t duplicates = 0;       // the last one counts
    std::int64_t dangling = 0;         // responsibilities whose service or holder is not there
    std::int64_t source_objects = 0;   // before
    std::int64_t vanishing = 0;        // of a complete delivery: not named any more
    std::array<DeliveryCounts, kObjectKinds> kinds{};
    std::vector<DeliveryFinding> findings; // the first kMostFindings
};
inline constexpr std::int64_t kMostFindings = 1000;

// Reads everything and says what would change. On a Problem nothing of the delivery is left:
// "knowledge.delivery_*", "knowledge.xml_*", "knowledge.xzufi_namespace", "knowledge.schema_*",
// "knowledge.object_too_large" with the file's name as argument.
[[nodiscard]] Expected<DeliveryReport>
stage_delivery(storage::Database &database, const Clock &clock, const DeliveryOptions &options);

// "knowledge.delivery_mass_deletion" (vanishing, of), "knowledge.delivery_state" when there is
// nothing staged, "knowledge.delivery_not_found".
[[nodiscard]] Expected<DeliveryReport> apply_delivery(storage::Database &database,
                                                      const Clock &clock, std::int64_t id,
                                                      const DeliveryOptions &options);

// Brings back what was before. "knowledge.undo_superseded" when a later delivery changed the same
// objects: undo that one first.
[[nodiscard]] Expected<DeliveryReport> undo_delivery(storage::Database &database,
                                                     const Clock &clock, std::int64_t id);

// Forgets what was staged and not applied.
[[nodiscard]] Expected<void> discard_delivery(storage::Database &database, std::int64_t id);

struct DeliverySummary {
    std::int64_t id = 0;
    std::string source;
    std::string state;
    bool complete = false;
    Instant started;
};
[[nodiscard]] Expected<std::vector<DeliverySummary>> deliveries(storage::Database &database);

// For machines; for people the command line prints it.
[[nodiscard]] std::string to_json(const DeliveryReport &report);

} // namespace fernamt::knowledge
