// SPDX-License-Identifier: EUPL-1.2
// What the machine decides, each with the rule that decided. Telephony carries decisions out in the
// given order; billing and reporting read them from the ledger, so they carry the durations they
// stand for and nobody has to reconstruct them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"
#include "routing/event.h"

namespace fernamt::routing {

enum class Rule {
    unknown_number,        // nobody's number: announcement, then end
    closed_hours,          // outside the municipality's hours
    closed_public_holiday,
    nobody_signed_in,      // open, but no agent is signed in at all
    queue_of_municipality, // joins its municipality's queue
    oldest_caller_first,   // across all queues
    longest_idle_agent_first,
    ring_timeout,
    agent_declined,
    caller_hung_up,
    agent_hung_up,
    agent_answered,
    agent_request,         // the agent asked for it (hold, resume, transfer, pause, sign-out)
    transfer_answered,
    transfer_gave_back,    // the target did not answer: back to the head of the queue
    transfer_target_hung_up,
    wrap_up_begins,
    wrap_up_time_over,
    announcement_heard,
    recovery,              // after a restart
    rules_changed,
};
[[nodiscard]] std::string_view to_string(Rule rule); // "oldest_caller_first"

enum class AgentState { signed_out, ready, ringing, talking, held, after_call_work, paused, missed };
[[nodiscard]] std::string_view to_string(AgentState state);

enum class Announcement { greeting, waiting_music, closed, unknown_number, nobody_available };
[[nodiscard]] std::string_view to_string(Announcement announcement);

enum class EndReason {
    completed,          // answered and ended by either side
    abandoned,          // the caller hung up while waiting
    closed,             // heard the closing announcement (or hung up during it)
    unknown_number,
    nobody_available,
    transferred,        // ended while talking to the transfer target
    failed,             // signalling, media or restart ended it
};
[[nodiscard]] std::string_view to_string(EndReason reason);

struct Announce { CallId call; Announcement announcement; }; // answer the caller, play, then hang up
struct Queue { CallId call; MunicipalityId municipality; };  // answer, greeting, then waiting music
// Ring names why this agent (longest_idle_agent_first); the AgentStateChanged beside it names why
// this call (oldest_caller_first).
struct Ring { CallId call; AgentId agent; Device device; };
// Also after a decline: a leg may be gone already, another window may still ring.
struct StopRinging { CallId call; AgentId agent; };
// waited: offered -> first answered; the same again when a second agent answers after a transfer
// that came back, so whoever sums up takes a call's first one.
struct Connect { CallId call; AgentId agent; Duration waited{}; };
struct Hold { CallId call; AgentId agent; };
struct Resume { CallId call; AgentId agent; };
struct Transfer { CallId call; AgentId agent; TransferTarget target; }; // agent leg ends, target rings
struct ConnectTransfer { CallId call; };
struct Requeue { CallId call; }; // music again; it keeps its place by its age
struct End { // end every leg of the call
    CallId call;
    EndReason reason = EndReason::completed;
    std::optional<MunicipalityId> municipality;
    std::optional<PhoneNumber> number; // the dialled number of ours
    Instant offered_at;
    std::optional<Instant> answered_at; // first agent
    Duration talk{};      // sum of agents' talking and held time in this call
    Duration transferred{}; // time with a transfer target
};
// Also told, with the same state, when an agent's device, end of wrap-up or wish (pause or sign-out
// after the call) changed: who shows it reads the agent from the state.
struct AgentStateChanged {
    AgentId agent;
    AgentState state = AgentState::signed_out;
    std::optional<CallId> call;
    std::optional<Instant> until; // ringing, after_call_work: when it ends by itself
};
struct WrapUpDone { AgentId agent; CallId call; MunicipalityId municipality; Duration duration{}; };
// The event fits no state; nothing changed, not even the machine's time. Codes: refusal.h. The rule
// beside it says nothing.
struct Refused { std::string_view code; };

using Effect = std::variant<Announce, Queue, Ring, StopRinging, Connect, Hold, Resume, Transfer,
                            ConnectTransfer, Requeue, End, AgentStateChanged, WrapUpDone, Refused>;

struct Decision {
    Effect effect;
    Rule rule = Rule::agent_request;
};
using Decisions = std::vector<Decision>;

} // namespace fernamt::routing
