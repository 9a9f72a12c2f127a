// SPDX-License-Identifier: EUPL-1.2
// A delivery of knowledge in four steps: stage (read everything into a generation of its own,
// nothing is visible), report (what would change, what was refused, where and why), apply, undo.
// Each step writes in pieces of some milliseconds, because calls share the one writer; each object
// changes at once as a whole, and an interrupted step goes on where it stopped. A complete delivery
// replaces its source: what it does not name is removed, unless that would be suspiciously much.
// Beside a running exchange let knowledge/delivery_office.h do this, with a pace that leaves the
// writer to calls.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"
#include "knowledge/model.h"
#include "storage/database.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct DeliveryOptions {
    std::string path;
    std::string source = "xzufi"; // who delivers; a complete delivery replaces this source only
    bool complete = false;
    // A delivery that would remove more than this share of its source is refused: by what it does
    // not name if it is complete, and by what it asks to remove, where kFewRemovals always may go.
    int most_vanishing_percent = 10;
    bool allow_mass_deletion = false;
    std::string schema_file; // an operator's XSD; empty: none, or the one that is configured
    bool converted = false;  // made here of another format: the configured schema is not for it
    int undo_days = 90;      // so long after it took effect what it replaced is kept
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

struct DeliveryChange {
    std::string what;   // "removed", "updated", "created"
    std::string object; // "office L100042/815"
    std::string name;   // as it will be, of a removed one as it was; a responsibility has none
};

struct DeliveryReport {
    std::int64_t id = 0;
    std::string state; // "staging", "failed", "staged", "applying", "applied", "undoing", "undone"
    std::string source;
    std::string path; // what was read
    bool complete = false;
    Instant started;
    std::optional<Instant> finished; // applied or undone
    // Applied: the last day on which it can be undone; after it what it replaced is erased. None:
    // it took effect before such days were noted, and erase_what_is_over has not seen it yet.
    std::optional<LocalDate> undo_until;
    UserId by;                      // 0: somebody at the command line
    std::optional<Problem> problem; // why it failed or stopped half-way
    std::int64_t files = 0;
    std::int64_t objects = 0;          // read and usable, removals too
    std::int64_t refused = 0;          // stays as it is: what is named and unusable never vanishes
    std::int64_t notes = 0;            // read, but something in it was not understood
    std::int64_t unknown_removals = 0; // normal: the federal portal keeps millions of them
    std::int64_t duplicates = 0;       // the last one counts
    std::int64_t dangling = 0;         // responsibilities whose service or holder is not there
    std::int64_t source_objects = 0;   // before
    std::int64_t vanishing = 0;        // of a complete delivery: not named any more
    std::array<DeliveryCounts, kObjectKinds> kinds{};
    std::vector<DeliveryChange> changes;   // as it was read: removals first, the first kMostChanges
    std::vector<DeliveryFinding> findings; // the first kMostFindings
};
inline constexpr std::int64_t kMostChanges = 1000;
inline constexpr std::int64_t kMostFindings = 1000;
inline constexpr std::int64_t kFewRemovals = 20; // of a delivery of changes

// How much at once, and what happens between two pieces: a pause, a look at the disk, a sign of
// progress. A Problem from there stops the step where it is. As it stands it is for a process of
// its own, where no call waits for the writer: each piece waits for the disk some times, so that
// larger ones are faster (docs/explanation/measured-facts.md, deliveries); 8 MB of texts each.
struct DeliveryPace {
    std::size_t piece_objects = 1'600;
    [[nodiscard]] std::size_t piece_bytes() const { return piece_objects * 5 * 1024; }
    std::function<Expected<void>(std::int64_t objects)> after_piece; // objects done in this step
};

// The four steps. Reserves the number under which everything else is asked; "staging".
[[nodiscard]] Expected<std::int64_t> open_delivery(storage::Database &database, const Clock &clock,
                                                   const DeliveryOptions &options,
                                                   UserId by = UserId{});
// Reads everything and says what would change. On a Problem ("knowledge.delivery_*",
// "knowledge.xml_*", "knowledge.xzufi_namespace", "knowledge.schema_*" (xzufi_reader.h),
// "knowledge.object_too_large" with the file's name as argument) the delivery is "failed", keeps
// the reason and nothing else.
[[nodiscard]] Expected<DeliveryReport> read_delivery(storage::Database &database,
                                                     const Clock &clock, std::int64_t id,
                                                     const DeliveryOptions &options,
                                                     const DeliveryPace &pace = {});
// Both at once; on a Problem nothing of the delivery is left.
[[nodiscard]] Expected<DeliveryReport> stage_delivery(storage::Database &database,
                                                      const Clock &clock,
                                                      const DeliveryOptions &options,
                                                      const DeliveryPace &pace = {});

// Also goes on with what was interrupted. "knowledge.delivery_mass_deletion" (vanishing, of, most),
// "knowledge.delivery_state" when there is nothing to apply, "knowledge.delivery_not_found".
[[nodiscard]] Expected<DeliveryReport> apply_delivery(storage::Database &database,
                                                      const Clock &clock, std::int64_t id,
                                                      const DeliveryOptions &options,
                                                      const DeliveryPace &pace = {});
// Would it be refused, as things are now?
[[nodiscard]] Expected<void> check_apply(storage::Database &database, std::int64_t id,
                                         const DeliveryOptions &options);

// Brings back what was before, also of one that was applied half-way. "knowledge.undo_superseded"
// when a later delivery changed the same objects: undo that one first. "knowledge.undo_over"
// (until) when its last day has passed.
[[nodiscard]] Expected<DeliveryReport> undo_delivery(storage::Database &database,
                                                     const Clock &clock, std::int64_t id,
                                                     const DeliveryPace &pace = {});
[[nodiscard]] Expected<void> check_undo(storage::Database &database, const Clock &clock,
                                        std::int64_t id);
// Is there something to undo, a later delivery's changes aside?
[[nodiscard]] bool can_undo(const DeliveryReport &report, Instant now);

// What deliveries replaced holds former texts and people who were removed from them: it is kept for
// undoing, undo_days whole days after they took effect, and not longer (GDPR, article 5 (1) e); as
// long after it came in what nobody decided about. Notes the last day of undoing where none is
// noted or where it would be later than that, and names those that are over and still have
// something to erase, the oldest first.
[[nodiscard]] Expected<std::vector<std::int64_t>> find_over(storage::Database &database,
                                                            const Clock &clock, int undo_days);
// Erases that, in pieces: what an applied delivery replaced, or what was staged, which is "failed"
// then ("knowledge.delivery_undecided" (days)). "knowledge.delivery_state" when it is not over.
// Nobody may take a step of it meanwhile.
[[nodiscard]] Expected<DeliveryReport> erase_over(storage::Database &database, const Clock &clock,
                                                  std::int64_t id, int undo_days,
                                                  const DeliveryPace &pace = {});

// Forgets what was staged and not applied, or what failed.
[[nodiscard]] Expected<void> discard_delivery(storage::Database &database, std::int64_t id,
                                              const DeliveryPace &pace = {});

// What a process that died left behind. Those that were being read become "failed"
// ("knowledge.delivery_interrupted") and lose their rows; returned are those that were being
// applied or undone: they are there in part, and wait for apply_delivery or undo_delivery.
struct InterruptedDelivery {
    std::int64_t id = 0;
    bool undoing = false;
};
[[nodiscard]] Expected<std::vector<InterruptedDelivery>>
clean_up_deliveries(storage::Database &database, const Clock &clock);

// All, the newest first, without changes and findings; or one with them.
[[nodiscard]] Expected<std::vector<DeliveryReport>> deliveries(storage::Database &database);
[[nodiscard]] Expected<DeliveryReport> find_delivery(storage::Database &database, std::int64_t id);

// For machines; for people the command line prints it.
[[nodiscard]] std::string to_json(const DeliveryReport &report);

} // namespace fernamt::knowledge
