// SPDX-License-Identifier: EUPL-1.2
// What the machine decides, each with the rule that decided. Telephony carries decisions out in the
// given order; billing and reporting read them from the ledger, so they carry the durations they
// stand for and nobody has to reconstruct them.
#pragma once

#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"
#include "routing/event.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace fernamt::routing {

enum class Rule {
    unknown_number, // nobody's number: announcement, then end
    closed_hours,   // outside the municipality's hours
    closed_public_holiday,
    nobody_signed_in,      // open, but no agent is signed in at all
    queue_of_municipality, // joins its municipality's queue
    oldest_caller_first,   // across all queues
    longest_idle_agent_first,
    ring_timeout,
    agent_declined,
    caller_hung_up,
    agent_hung_up,
    agent_line_failed, // not hung up: no sound, no signalling
    agent_answered,
    agent_request, // the agent asked for it (hold, resume, transfer, pause, sign-out)
    transfer_answered,
    transfer_gave_back, // the target did not answer: back to the head of the queue
    transfer_target_hung_up,
    wrap_up_begins,
    wrap_up_time_over,
    announcement_heard,
    recovery, // after a restart
    rules_changed,
    number_not_valid,        // ours, but not at this time
    municipality_not_served, // has not joined yet, or has left
    closed_locally,          // a local closure, or not even an exceptional opening
    queue_of_number,         // joins the number's own queue
    queue_full,
    office_first, // the town hall's own operator is there and rings first
    office_no_answer,
    office_busy,
    office_answered,
    overflow_planned, // to a partner centre, because ...
    overflow_closed,
    overflow_queue_length,
    overflow_longest_wait,
    partner_answered,
    partner_gave_back, // the partner did not answer: back at its old place
    best_skills_first, // of several idle agents
    callback_requested,
    callback_answered,
    callback_failed,       // not reached: tried again later
    callback_given_up,     // not reached often enough
    callback_out_of_hours, // sleeps until the hours begin
    callback_replaced,     // the same caller is on the line again, at the old place
    callback_withdrawn,
    consult_answered,
    consult_over, // the one who was asked did not answer, or has gone
    tenant_corrected,
    crisis_begins,
    crisis_ends,
    queue_of_crisis,
    lead_request,
    demands_relaxed,      // the caller has waited long enough for less
    callback_due,         // awake again
    callback_not_dialled, // our own fault: tried again soon, and not counted
    imported, // another telephone system decided; this is its record (reporting/call_import)
};
[[nodiscard]] std::string_view to_string(Rule rule); // "oldest_caller_first"

enum class AgentState {
    signed_out,
    ready,
    ringing,
    talking,
    held,
    after_call_work,
    paused,
    missed
};
[[nodiscard]] std::string_view to_string(AgentState state);

enum class Announcement { greeting, waiting_music, closed, unknown_number, nobody_available };
[[nodiscard]] std::string_view to_string(Announcement announcement);

enum class EndReason {
    completed, // answered and ended by either side
    abandoned, // the caller hung up while waiting
    closed,    // heard the closing announcement (or hung up during it)
    unknown_number,
    nobody_available,
    transferred,      // ended while talking to the transfer target
    failed,           // signalling, media or restart ended it
    taken_by_office,  // the town hall's own operator took it; never billed
    taken_by_partner, // another centre took it
    callback_given_up,
    callback_replaced, // goes on as the call that the same person made meanwhile
    callback_withdrawn,
};
[[nodiscard]] std::string_view to_string(EndReason reason);

// What a rule compared, as it saw it: for the explanation (explain.h) only, nothing is decided by
// it afterwards. What the rule did not look at is empty.
struct Figures {
    std::optional<std::int64_t> waiting;      // calls in its queue when the rule was asked,
    std::optional<std::int64_t> most_waiting; // and from how many on it applies
    std::optional<Duration> waited;           // this call,
    std::optional<Duration> most_wait;        // and from how long on it applies
    std::optional<Duration> head_start;       // counts as waited already
    std::optional<std::int64_t> signed_in;    // who could ever serve it
    std::optional<Instant> from;              // the time that the rule speaks of, [from, until): of
    std::optional<Instant> until;             // a planned overflow, a number, a municipality's term
    std::optional<Instant> opens;             // when the hours begin next
    friend bool operator==(const Figures &, const Figures &) = default;
};
struct Announce {
    CallId call;
    Announcement announcement;
    Figures figures = {};
    friend bool operator==(const Announce &, const Announce &) = default;
}; // answer the caller, play, then hang up
// Answer, greeting, then waiting music. After an office that did not answer: the office's leg ends.
struct Queue {
    CallId call;
    MunicipalityId municipality;
    QueueId queue;
    CrisisId crisis;        // its announcement instead of the greeting
    std::int64_t ahead = 0; // how many wait before it, when it joins
    Figures figures = {};
    friend bool operator==(const Queue &, const Queue &) = default;
};
// Ring names why this agent (longest_idle_agent_first); the AgentStateChanged beside it names why
// this call (oldest_caller_first).
struct Ring {
    CallId call;
    AgentId agent;
    Device device;
    Duration waited{};            // what the rule saw: the call's wait,
    Duration idle{};              // the agent's idle time,
    std::int64_t relaxations = 0; // how often the demands had been relaxed
    bool callback = false;        // nobody is on the line yet
    friend bool operator==(const Ring &, const Ring &) = default;
};
// Also after a decline: a leg may be gone already, another window may still ring.
struct StopRinging {
    CallId call;
    AgentId agent;
    friend bool operator==(const StopRinging &, const StopRinging &) = default;
};
// waited: offered -> first answered; the same again when a second agent answers after a transfer
// that came back, so whoever sums up takes a call's first one.
struct Connect {
    CallId call;
    AgentId agent;
    Duration waited{};
    friend bool operator==(const Connect &, const Connect &) = default;
};
struct Hold {
    CallId call;
    AgentId agent;
    friend bool operator==(const Hold &, const Hold &) = default;
};
struct Resume {
    CallId call;
    AgentId agent;
    friend bool operator==(const Resume &, const Resume &) = default;
};
struct Transfer {
    CallId call;
    AgentId agent;
    TransferTarget target;
    friend bool operator==(const Transfer &, const Transfer &) = default;
}; // agent leg ends, target rings
struct ConnectTransfer {
    CallId call;
    friend bool operator==(const ConnectTransfer &, const ConnectTransfer &) = default;
};
struct Requeue {
    CallId call;
    friend bool operator==(const Requeue &, const Requeue &) = default;
}; // music again; it keeps its place by its age
struct End { // end every leg of the call
    CallId call;
    EndReason reason = EndReason::completed;
    std::optional<MunicipalityId> municipality;
    std::optional<PhoneNumber> number; // the dialled number of ours
    Instant offered_at;
    std::optional<Instant> answered_at; // first agent
    Duration talk{};                    // sum of agents' talking and held time in this call
    Duration transferred{};             // time with a transfer target, an office or a partner
    QueueId queue;
    Scope scope = Scope::central;
    CrisisId crisis; // own statistics and billing
    PartnerId from;  // came from this partner
    PartnerId to;    // was handed to this partner
    std::optional<MunicipalityId>
        dialled;                        // if an agent corrected it; municipality is the one meant
    std::int64_t transfers = 0;         // how often it was passed on
    std::optional<Instant> callback_at; // the caller chose a callback then
    std::int64_t callback_attempts =
        0;                        // how often the citizen was dialled; our faults do not count
    std::int64_t price_class = 0; // of the line, when the call came; 0: the agreement's
    friend bool operator==(const End &, const End &) = default;
};
// Also told, with the same state, when an agent's device, end of wrap-up or wish (pause or sign-out
// after the call) changed: who shows it reads the agent from the state.
struct AgentStateChanged {
    AgentId agent;
    AgentState state = AgentState::signed_out;
    std::optional<CallId> call;
    std::optional<Instant> until; // ringing, after_call_work: when it ends by itself
    friend bool operator==(const AgentStateChanged &, const AgentStateChanged &) = default;
};
struct WrapUpDone {
    AgentId agent;
    CallId call;
    MunicipalityId municipality;
    Duration duration{};
    friend bool operator==(const WrapUpDone &, const WrapUpDone &) = default;
};
// The call goes outside without an agent: ring the target, and connect it when it answers.
enum class Outside { transfer, office, partner };
struct Forward {
    CallId call;
    PhoneNumber target;
    Outside purpose = Outside::office;
    PartnerId partner;
    Figures figures = {};
    friend bool operator==(const Forward &, const Forward &) = default;
};
// Something about its waiting has changed without a phone ringing: its demands were relaxed, or a
// callback went to sleep or woke. Nothing to do but to show it.
struct StillWaits {
    CallId call;
    std::int64_t relaxations = 0;
    std::optional<Instant> sleeps_until;
    Figures figures = {};
    friend bool operator==(const StillWaits &, const StillWaits &) = default;
};
// A call waits by the rules of a crisis that has begun, or (none) of none any more; also one that
// has rung or spoken meanwhile and waits again, or for which a phone rings when the crisis ends.
// Nothing to do but to show it.
struct SortedAnew {
    CallId call;
    CrisisId crisis;
    Figures figures = {};
    friend bool operator==(const SortedAnew &, const SortedAnew &) = default;
};
struct CallbackNoted {
    CallId call;
    std::int64_t ahead = 0;
    friend bool operator==(const CallbackNoted &, const CallbackNoted &) = default;
}; // say so, then end the caller's leg
struct CallBack {
    CallId call;
    AgentId agent;
    friend bool operator==(const CallBack &, const CallBack &) = default;
}; // the agent waits: dial the citizen
struct StopTarget {
    CallId call;
    friend bool operator==(const StopTarget &, const StopTarget &) = default;
}; // end the leg of whoever was dialled, if there is one
struct Consult {
    CallId call;
    AgentId agent;
    TransferTarget target;
    friend bool operator==(const Consult &, const Consult &) = default;
}; // music for the caller, dial
struct ConnectConsult {
    CallId call;
    AgentId agent;
    friend bool operator==(const ConnectConsult &, const ConnectConsult &) = default;
}; // agent and target speak, the caller waits
struct EndConsult {
    CallId call;
    friend bool operator==(const EndConsult &, const EndConsult &) = default;
}; // end the target's leg; back to two
struct Conference {
    CallId call;
    AgentId agent;
    friend bool operator==(const Conference &, const Conference &) = default;
}; // three speak
struct HandOver {
    CallId call;
    AgentId agent;
    friend bool operator==(const HandOver &, const HandOver &) = default;
}; // agent's leg ends, the other two speak
struct Corrected {
    CallId call;
    AgentId agent;
    MunicipalityId from;
    MunicipalityId to;
    friend bool operator==(const Corrected &, const Corrected &) = default;
};
struct CrisisStarted {
    CrisisId crisis;
    std::int64_t calls = 0;
    friend bool operator==(const CrisisStarted &, const CrisisStarted &) = default;
}; // so many waiting calls moved
// Facts of one crisis, for the report; sums only.
struct CrisisFacts {
    std::int64_t offered = 0;
    std::int64_t answered = 0;
    std::int64_t abandoned = 0;
    std::int64_t helpers = 0;
    std::int64_t waiting = 0; // still, when it ended: they wait on as usual calls
    Duration talk{};
    Duration after_call_work{};
    Duration waited{};       // of the answered ones together
    Duration longest_wait{}; // of an answered one
    friend bool operator==(const CrisisFacts &, const CrisisFacts &) = default;
};
// At the end of the crisis: talk and work of conversations that still run then are not in it (who
// reads the report adds them: reporting/reports.h).
struct CrisisReport {
    CrisisId crisis;
    Instant began_at;
    CrisisFacts facts;
    friend bool operator==(const CrisisReport &, const CrisisReport &) = default;
};
// The event fits no state; nothing changed, not even the machine's time. Codes: refusal.h. The rule
// beside it says nothing.
struct Refused {
    std::string_view code;
    friend bool operator==(const Refused &, const Refused &) = default;
};

using Effect = std::variant<Announce, Queue, Ring, StopRinging, Connect, Hold, Resume, Transfer,
                            ConnectTransfer, Requeue, End, AgentStateChanged, WrapUpDone, Refused,
                            Forward, CallbackNoted, CallBack, StopTarget, Consult, ConnectConsult,
                            EndConsult, Conference, HandOver, Corrected, CrisisStarted,
                            CrisisReport, StillWaits, SortedAnew>;

struct Decision {
    Effect effect;
    Rule rule = Rule::agent_request;
    friend bool operator==(const Decision &, const Decision &) = default;
};
using Decisions = std::vector<Decision>;

} // namespace fernamt::routing
