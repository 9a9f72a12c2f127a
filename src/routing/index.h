// SPDX-License-Identifier: EUPL-1.2
// The orders in which the machine looks at its state: who waits longest, who is idle longest, what
// is due next. Derived from State alone, kept up at each change, and equal to a fresh one at any
// time (Index::of). Decides nothing.
#pragma once

#include "routing/machine.h"

#include <compare>
#include <cstdint>
#include <set>

namespace fernamt::routing {

struct WaitingCall { // oldest first; the id decides between calls of the same microsecond
    Instant offered_at;
    CallId call;
    friend auto operator<=>(const WaitingCall &, const WaitingCall &) = default;
};

struct IdleAgent { // longest idle first
    Instant idle_since;
    AgentId agent;
    friend auto operator<=>(const IdleAgent &, const IdleAgent &) = default;
};

struct Deadline {
    enum class Of { agent, call };
    Instant at;
    Of of = Of::agent;
    std::int64_t id = 0;
    friend auto operator<=>(const Deadline &, const Deadline &) = default;
};

struct Index {
    std::set<WaitingCall> waiting;
    std::set<IdleAgent> idle;
    std::set<Deadline> deadlines;
    int signed_in = 0;
    Duration transfer_timeout{}; // of the rules; a call that is transferred stores no deadline

    [[nodiscard]] static Index of(const State &state);
    void add(const Call &call);
    void remove(const Call &call);
    void add(const Agent &agent);
    void remove(const Agent &agent);
    friend bool operator==(const Index &, const Index &) = default;
};

} // namespace fernamt::routing
