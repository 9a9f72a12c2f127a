// SPDX-License-Identifier: EUPL-1.2
// Changes of what distribution obeys "from then on" (issue B, part 12). Such a request waits in the
// database (people/planned_changes.h) and is made at its instant by RuleChange, exactly as if it
// were sent then: with the same checks, in the history, in the ledger, to be taken back. One that
// does not fit any more is not made, and says why. What fell due while the program did not run is
// made at its start. Roles are checked when it is planned, not again.
#pragma once

#include "people/planned_changes.h"
#include "web/gate.h"
#include "web/rule_change.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fernamt::web {

// The request carries ?from=: it is for later.
[[nodiscard]] bool is_for_later(const net::Request &request);
// invalid "from": not_an_instant, in_the_past, too_far (two years).
[[nodiscard]] Expected<Instant> planned_instant(const Incoming &incoming);

class RulePlans {
  public:
    RulePlans(RuleChange &rules, storage::Database &database, net::EventHub &hub,
              const Clock &clock)
        : rules_(rules), database_(database), hub_(hub), clock_(clock) {}
    ~RulePlans() { stop(); }
    RulePlans(const RulePlans &) = delete;
    RulePlans &operator=(const RulePlans &) = delete;

    // What a request of this route writes, and the crisis plan that it makes if it makes one. The
    // Make may refer to the Incoming. Before start().
    using Made = std::optional<routing::CrisisPlan>;
    using Make = std::function<Expected<Made>(const people::Change &)>;
    using Prepare = std::function<Expected<Make>(const Incoming &)>;
    void know(std::string_view method, std::string_view pattern, Prepare prepare);

    // Tried in a transaction that is rolled back, after all that will be made before it; stored if
    // it would have been made.
    [[nodiscard]] Expected<people::PlannedChange> plan(const Incoming &incoming, Instant at);
    // As it would be then without it and with it: not yet planned, or waiting.
    [[nodiscard]] Expected<RuleChange::Preview> preview(const Incoming &incoming, Instant at);
    [[nodiscard]] Expected<RuleChange::Preview> preview(std::int64_t id);
    // Those that wait in their order, and those that were refused; a problem of one that waits is
    // what would keep it from being made as things stand now.
    [[nodiscard]] Expected<std::vector<people::PlannedChange>> list();
    // Also: why it was refused has been read. "distribution.not_found".
    [[nodiscard]] Expected<void> withdraw(UserId by, std::int64_t id);

    // Makes what is due, and says when the next one will be. Only one thread may do this.
    [[nodiscard]] std::optional<Instant> make_due();
    void start(); // a thread that does so at each instant
    void stop();

  private:
    using Plans = std::vector<people::PlannedChange>;
    [[nodiscard]] Expected<people::PlannedChange> read_plan(const Incoming &incoming,
                                                            Instant at) const;
    [[nodiscard]] Expected<Plans> stored();
    // In the transaction: the change and what follows from it for other plans.
    [[nodiscard]] Expected<Made> make(const people::Change &change,
                                      const people::PlannedChange &plan) const;
    [[nodiscard]] Expected<void> make_those_before(storage::Connection &connection,
                                                   std::int64_t id) const;
    [[nodiscard]] Expected<RuleChange::Preview> preview(storage::Connection &connection,
                                                        std::int64_t id) const;
    // False: not now, try again.
    [[nodiscard]] bool take_effect(const people::PlannedChange &plan);
    void changed();
    void work();

    RuleChange &rules_;
    storage::Database &database_;
    net::EventHub &hub_;
    const Clock &clock_;
    net::Router patterns_;
    std::map<std::pair<std::string, std::string>, Prepare, std::less<>> known_; // method, pattern
    std::mutex mutex_;
    std::condition_variable wake_;
    bool news_ = false;
    bool stops_ = false;
    std::thread thread_;
};

} // namespace fernamt::web
