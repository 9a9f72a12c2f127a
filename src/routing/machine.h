// SPDX-License-Identifier: EUPL-1.2
// The switchboard as a pure, deterministic state machine: (state, event, now) -> (state, decisions
// with their reasons). No clock, no random, no I/O: the same code distributes live calls, rebuilds
// its state from the ledger after a crash, and simulates. Same events, same state, on any machine.
#pragma once

#include "routing/decision.h"
#include "routing/event.h"
#include "routing/rules.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace fernamt::routing {

enum class CallState { announcing, waiting, ringing, talking, held, transferring, transferred };
[[nodiscard]] std::string_view to_string(CallState state);

// Somebody whom the agent asks about this call while the caller waits (or listens: joined).
struct Consultation {
    enum class State { ringing, talking, joined };
    State state = State::ringing;
    friend bool operator==(const Consultation &, const Consultation &) = default;
};

// The caller has chosen to be called back: nobody is on the line until `dialling` has succeeded.
struct Callback {
    CallerKey caller;
    Instant requested_at;
    std::int64_t attempts = 0;    // that reached the citizen's side
    std::int64_t not_dialled = 0; // in a row, by our own fault
    bool dialling = false;        // an agent waits for the citizen to answer
    bool reached = false;         // the citizen is on the line: a call like any other from now on
    std::optional<Instant> sleeps_until; // retry, or the next opening
    friend bool operator==(const Callback &, const Callback &) = default;
};

struct Call {
    CallId id;
    CallState state = CallState::waiting;
    std::optional<MunicipalityId> municipality;
    std::optional<PhoneNumber> number;
    CallerKey caller; // to find this caller's earlier callback; none: withheld
    Announcement announcement = Announcement::greeting; // while announcing
    Instant offered_at;
    std::optional<Instant> answered_at;
    std::optional<AgentId> agent; // ringing, talking, held; last one while transferring
    Instant state_since;
    Duration talk{};
    Duration transferred{};
    // Its place in the one order: arrival less head start. Kept until the end; none: never queued.
    std::optional<Instant> place;
    bool queued = false; // has heard the greeting and stood in line
    QueueId queue;
    Scope scope = Scope::central;
    std::int64_t price_class = 0;     // of its line when it came, or of the meant town's
    CrisisId crisis;                  // what it counts in: the one that ran when it was answered
    CrisisId waits_in;                // whose demands, helpers and priority it waits by
    std::optional<Duration> moved_up; // by that one, in `place`; none: in none, or not known
    std::optional<Rule> crisis_changed_by; // since it last waited: why its crisis is another one
    std::int64_t relaxations = 0; // how many have come into force: of its queue, or its crisis
    std::optional<Instant> until; // when its state ends or changes by itself
    Outside outside = Outside::transfer; // transferring, transferred: to whom
    PartnerId from;
    PartnerId to;                 // was offered to this partner, the last one of them:
    std::vector<PartnerId> asked; // not again
    std::int64_t hops = 0;
    std::optional<MunicipalityId> dialled; // before the correction
    std::int64_t transfers = 0;
    std::optional<Consultation> consult;
    std::optional<Callback> callback;
    friend bool operator==(const Call &, const Call &) = default;
};

[[nodiscard]] bool is_on_line(const Call &call); // who shall be called back may not be

struct Agent {
    AgentId id;
    AgentState state = AgentState::signed_out;
    Device device = Device::browser;
    std::optional<CallId> call;                 // ringing, talking, held, after_call_work
    std::optional<MunicipalityId> municipality; // of that call, also when it has ended
    Instant state_since;
    Instant idle_since;           // for longest-idle-first: end of the last work
    std::optional<Instant> until; // ringing, after_call_work
    bool pause_after_call = false;
    bool sign_out_after_call = false;
    std::optional<std::vector<SkillLevel>> skills; // by the lead, instead of the rules'
    CrisisId helps;                                // no account: this crisis only
    CrisisId crisis;                               // of that call, also when it has ended
    std::optional<Instant> working_since;          // answered; ends with the work after the call
    friend bool operator==(const Agent &, const Agent &) = default;
};

struct Crisis {
    CrisisId id;
    CrisisPlan plan;
    Instant began_at;
    CrisisFacts facts;
    friend bool operator==(const Crisis &, const Crisis &) = default;
};

struct OfficeSwitch {
    MunicipalityId id;
    bool absent = true;
    std::optional<Instant> until;
    friend bool operator==(const OfficeSwitch &, const OfficeSwitch &) = default;
};

// How long calls occupy an agent: a running mean that follows the last thirty or so.
struct Handling {
    std::int64_t calls = 0;
    Duration mean{};
    friend bool operator==(const Handling &, const Handling &) = default;
};

struct State {
    Rules rules;
    std::map<CallId, Call> calls;
    std::map<AgentId, Agent> agents; // known to the rules; signed-out ones included
    Instant now;
    std::map<CrisisId, Crisis> crises;              // those that run
    std::map<MunicipalityId, OfficeSwitch> offices; // ad-hoc switches in force
    Handling handling;
    friend bool operator==(const State &, const State &) = default;
};

// Where a waiting call stands, and how long it will probably wait. The method (docs/explanation/
// waiting-time.md): `ahead` calls that compete for the same agents are served before it; `working`
// agents of those who may take it are not in a pause; each is busy for `handling` per call. So one
// of them is free every handling / working, and this call is served at the (ahead + 1)th time. It
// is a mean: half of the callers wait less. Nobody working: no estimate.
struct WaitEstimate {
    std::int64_t ahead = 0;
    std::int64_t working = 0;
    Duration handling{};
    std::optional<Duration> wait;
    friend bool operator==(const WaitEstimate &, const WaitEstimate &) = default;
};

// Who stands in line, for the desks.
struct InLine {
    std::int64_t calls = 0;
    std::int64_t callbacks = 0; // of these: nobody is on the line
    // Of the one on the line who has waited longest, be it with breaks: now less this is the wait.
    // Not the first one in line: the order counts head starts. None: nobody is on the line.
    std::optional<Instant> longest_since;
    friend bool operator==(const InLine &, const InLine &) = default;
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
    // Waiting calls in the order in which they will be served. For tests: it sorts them all.
    [[nodiscard]] std::vector<CallId> waiting() const;
    [[nodiscard]] InLine in_line() const;
    // Empty if the call does not wait.
    [[nodiscard]] std::optional<WaitEstimate> estimate(CallId call) const;
    // Do the orders kept for speed equal those rebuilt from the state? Always; for tests and
    // alarms.
    [[nodiscard]] bool is_consistent() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fernamt::routing
