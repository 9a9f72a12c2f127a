// SPDX-License-Identifier: EUPL-1.2
// Changing what distribution obeys: the change is stored, the rules are built anew from the
// database and given to the exchange, and only when they are in the ledger and in effect the answer
// goes out. One change at a time, so that an older view of the rules can never overtake a newer
// one. A preview makes the same change in a transaction that is rolled back.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"
#include "net/http.h"
#include "people/rule_change.h"
#include "storage/database.h"
#include "telephony/exchange.h"

#include <functional>
#include <mutex>
#include <optional>

namespace fernamt::web {

class RuleChange {
  public:
    RuleChange(storage::Database &database, telephony::Exchange &exchange, net::EventHub &hub,
               const Clock &clock)
        : database_(database), exchange_(exchange), hub_(hub), clock_(clock) {}

    // `store` writes the change. If the exchange cannot take the new rules, the change stays
    // stored, the problem is returned, and the next change or start brings them into effect.
    [[nodiscard]] Expected<void> make(UserId by, const std::function<Expected<void>()> &store);
    // The same, in one transaction that this opens; the change can be taken back.
    using Write = std::function<Expected<void>(const people::Change &)>;
    [[nodiscard]] Expected<void> make(UserId by, const Write &write);
    // Takes back a change that the second form of make() has made (people/rule_history.h).
    [[nodiscard]] Expected<void> undo(UserId by, std::int64_t id);

    struct Preview {
        routing::Rules before; // in force
        routing::Rules after;  // if this change were made now
        // A crisis plan changes nothing until it begins: played as if it ran all day.
        std::optional<routing::CrisisPlan> crisis = {};
    };
    [[nodiscard]] Expected<Preview> preview(UserId by, const Write &write);
    // In a transaction that is rolled back, with no change beside it. PostgreSQL may run `trial`
    // again: it must set, not add to, what it captures.
    [[nodiscard]] Expected<void>
    try_out(const std::function<Expected<void>(storage::Connection &)> &trial);

  private:
    [[nodiscard]] Expected<void> bring_into_effect(UserId by);
    [[nodiscard]] Expected<void>
    roll_back(const std::function<Expected<void>(storage::Connection &)> &trial);

    storage::Database &database_;
    telephony::Exchange &exchange_;
    net::EventHub &hub_;
    const Clock &clock_;
    std::mutex mutex_;
};

} // namespace fernamt::web
