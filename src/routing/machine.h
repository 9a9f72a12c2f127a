// SPDX-License-Identifier: EUPL-1.2
// The switchboard as a pure, deterministic state machine: (state, event, now) -> (state, decisions
// with their reasons). No clock, no random, no I/O: the same code distributes live calls, rebuilds
// its state from the ledger after a crash, and simulates. Same events, same state, on any machine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "routing/decision.h"
#include "routing/event.h"
#include "routing/rules.h"

namespace fernamt::routing {

enum class CallState { announcing, waiting, ringing, talking, held, transferring, transferred };
[[nodiscard]] std::string_view to_string(CallState state);

struct Call {
    CallId id;
    CallState state = CallState::waiting;
    std::optional<MunicipalityId> municipality;
    std::optional<PhoneNumber> number;
    Announcement announcement = Announcement::greeting; // while announcing
    Instant offered_at;             // its age decides its place, also after a requeue
    std::optional<Instant> answered_at;
    std::optional<AgentId> agent;   // ringing, talking, held; last one while transferring
    Instant state_since;
    Duration talk{};
    Duration transferred{};
    friend bool operator==(const Call &, const Call &) = default;
};

struct Agent {
    AgentId id;
    AgentState state = AgentState::signed_out;
    Device device = Device::browser;
    std::optional<CallId> call;      // ringing, talking, held, after_call_work
    std::optional<MunicipalityId> municipality; // of that call, also when it has ended
    Instant state_since;
    Instant idle_since;              // for longest-idle-first: end of the last work
    std::optional<Instant> until;    // ringing, after_call_work
    bool pause_after_call = false;
    bool sign_out_after_call = false;
    friend bool operator==(const Agent &, const Agent &) = default;
};

struct State {
    Rules rules;
    std::map<CallId, Call> calls;
    std::map<AgentId, Agent> agents; // known to the rules; signed-out ones included
    Instant now;
    friend bool operator==(const State &, const State &) = default;
};

class Machine {
  public:
    Machine();
    explicit Machine(State state); // from a snapshot
    ~Machine();
    Machine(Machine &&) noexcept;
    Machine &operator=(Machine &&) noexcept;

    // Applies one event. now never goes back (an earlier one counts as the latest seen).
    // An event that fits no state is answered by one Refused and changes nothing.
    // Deadlines act at TimePassed only: an answer that comes before it still counts.
    [[nodiscard]] Decisions step(const Event &event, Instant now);
    // When TimePassed is due next; empty if nothing is timed.
    [[nodiscard]] std::optional<Instant> next_deadline() const;

    [[nodiscard]] const State &state() const;
    // Waiting calls in the order in which they will be served.
    [[nodiscard]] std::vector<CallId> waiting() const;
    // Do the orders kept for speed equal those rebuilt from the state? Always; for tests and alarms.
    [[nodiscard]] bool is_consistent() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fernamt::routing
