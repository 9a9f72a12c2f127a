// SPDX-License-Identifier: EUPL-1.2
// What distribution obeys is versioned: every change through web/rule_change leaves the rows before
// and after it, and the last one that stands can be taken back, then the one before it. Covers
// skills and who has them, queues, partners, overflows, crisis plans, lines, exceptions from the
// hours, names, hours and waiting times of a municipality, and the settings. Not its term, which is
// its agreement's, and not people: taking back would give rights and passwords back that were
// taken for a reason (they are blocked and let in again instead). An undone change stays in the
// history.
#pragma once

#include "people/rule_change.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fernamt::people {

struct ChangedThing;

// The tables as they are inside a transaction.
class RuleRows {
  public:
    [[nodiscard]] static Expected<RuleRows> read(storage::Connection &connection);
    RuleRows(RuleRows &&) noexcept;
    RuleRows &operator=(RuleRows &&) noexcept;
    ~RuleRows();

  private:
    struct Rows;
    explicit RuleRows(std::unique_ptr<Rows> rows);
    std::unique_ptr<Rows> rows_;
    friend Expected<void> remember(const Change &change, const RuleRows &before);
    friend Expected<std::vector<ChangedThing>> changed_since(storage::Connection &connection,
                                                             const RuleRows &before);
    friend Expected<void> undo(const Change &change, std::int64_t id);
};

// What has changed since `before` becomes an entry of the history; nothing if nothing has.
[[nodiscard]] Expected<void> remember(const Change &change, const RuleRows &before);

enum class RuleTable {
    skill,
    agent_skills,
    queue,
    partner,
    overflow,
    crisis_plan,
    line,
    exception,
    municipality,
    settings
};
[[nodiscard]] std::string_view to_string(RuleTable table);
enum class RuleHow { added, changed, removed };
[[nodiscard]] std::string_view to_string(RuleHow how);

struct ChangedThing {
    RuleTable table = RuleTable::skill;
    std::int64_t id = 0;
    RuleHow how = RuleHow::changed;
    std::string name; // as people know it: a name, a number, a day; may be empty
    // Whose line or exception: a number or a day alone says little.
    std::optional<MunicipalityId> municipality = std::nullopt;
    friend bool operator==(const ChangedThing &, const ChangedThing &) = default;
};

// What has changed since `before` in this transaction.
[[nodiscard]] Expected<std::vector<ChangedThing>> changed_since(storage::Connection &connection,
                                                                const RuleRows &before);

struct RuleHistoryEntry {
    std::int64_t id = 0;
    Instant at;
    UserId by;
    std::vector<ChangedThing> things;
    bool undone = false;
};

// What a thing was called at an instant, for whoever explains the past (the ledger keeps ids only).
struct ThingName {
    std::optional<std::string> then;  // nothing: it was removed before this history was kept
    std::optional<std::string> today; // nothing: it is removed
    friend bool operator==(const ThingName &, const ThingName &) = default;
};
class RuleNames {
  public:
    // Of these tables, of which each row is a thing with a name. Reads the whole history.
    [[nodiscard]] static Expected<RuleNames> read(storage::Connection &connection,
                                                  const std::vector<RuleTable> &tables);
    [[nodiscard]] ThingName at(RuleTable table, std::int64_t id, Instant at) const;

  private:
    struct Renaming { // also a removal, an addition, and the taking back of each
        Instant at;
        std::optional<std::string> before, after;
    };
    using Thing = std::pair<RuleTable, std::int64_t>;
    std::map<Thing, std::vector<Renaming>> renamings_; // in the order of time
    std::map<Thing, std::string> today_;
};

// The newest first.
[[nodiscard]] Expected<std::vector<RuleHistoryEntry>> rule_history(storage::Connection &connection,
                                                                   int limit);
// Takes the change back. "distribution.not_found"; conflict "distribution.undo_not_last" unless it
// is the last that stands; conflict "distribution.undo_overtaken" if another way has changed the
// same since.
[[nodiscard]] Expected<void> undo(const Change &change, std::int64_t id);

} // namespace fernamt::people
