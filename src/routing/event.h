// SPDX-License-Identifier: EUPL-1.2
// What happens to the switchboard from outside: the input of the state machine (machine.h). Events
// are facts without personal data; each is in the ledger before its effects leave the building.
#pragma once

#include "base/id.h"
#include "base/phone_number.h"
#include "routing/rules.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace fernamt::routing {

enum class Device { sip_phone, browser };

enum class HangUpCause {
    normal,     // BYE, or CANCEL before the answer
    media_lost, // no more sound from this side
    signalling, // the transaction or the session timer failed
    restart,    // could not be taken up again after a restart of ours
    replaced,   // a new leg took its place: accepted, changes nothing
};

enum class DeclineCause { rejected, busy, unreachable };

// What one action switches: everything of a municipality, or everything in a queue (a
// topic). The approved wording and the announcement belong to the id; they are shown and played
// elsewhere.
struct CrisisPlan {
    CrisisId id;
    std::optional<MunicipalityId> municipality; // none: whoever calls that queue's numbers
    QueueId queue;                              // none: all of that municipality's numbers
    Duration head_start{};                      // priority in the one order over all queues
    bool always_open = false;
    std::vector<OpeningPeriod> hours; // beside the usual ones, holidays or not
    std::vector<SkillLevel> demands;  // instead of the queue's; empty: every agent may take it
    // By the caller's whole wait, as a queue's: also what was waited before it began.
    std::vector<Relaxation> relaxations;
    // False: by a plan of before it had steps. Its queue's counted on, without effect.
    bool own_steps = true;
    friend bool operator==(const CrisisPlan &, const CrisisPlan &) = default;
};

// Where a transfer goes, as the ledger may know it; one of the two. A municipality's own number
// stands in clear; any other is a person's or an office's, and only its commitment is here: the
// value stands outside the ledger and is erased (ledger::seal_value).
struct TransferTarget {
    std::optional<PhoneNumber> number;
    std::optional<std::string> sealed; // 64 hex digits
    [[nodiscard]] bool empty() const {
        return (!number || number->e164.empty()) && (!sealed || sealed->empty());
    }
    friend bool operator==(const TransferTarget &, const TransferTarget &) = default;
};

struct RulesChanged {
    Rules rules;
    UserId by;
};
// A caller is on the line. dialled is empty if no candidate was a number of ours.
struct CallOffered {
    CallId call;
    std::optional<DialledNumber> dialled;
    CallerKey caller;      // to find this caller's callback; none: withheld
    PartnerId from;        // handed to us by this partner: marked for billing, never sent on
    std::int64_t hops = 0; // diversions before us (History-Info, RFC 7044)
};
struct CallerHungUp {
    CallId call;
    HangUpCause cause = HangUpCause::normal;
};
struct AnnouncementFinished {
    CallId call;
}; // closing or unknown-number text was heard to its end
// Ready at once, or paused first: who signs in has not said yet that a call may come. Again with
// another device: the next call rings there.
struct AgentSignedIn {
    AgentId agent;
    Device device = Device::browser;
    bool paused = false;
};
// In a call: takes effect after its after-call work; in after-call work it ends that.
struct AgentSignedOut {
    AgentId agent;
};
// From pause, missed or after-call work; in a call it takes back a wish for pause or sign-out.
struct AgentReady {
    AgentId agent;
};
struct AgentPaused {
    AgentId agent;
}; // in a call: takes effect after its after-call work
struct AgentAnswered {
    AgentId agent;
    CallId call;
};
struct AgentDeclined {
    AgentId agent;
    CallId call;
    DeclineCause cause = DeclineCause::rejected;
};
struct AgentHungUp {
    AgentId agent;
    CallId call;
    HangUpCause cause = HangUpCause::normal;
};
struct HoldRequested {
    AgentId agent;
    CallId call;
};
struct ResumeRequested {
    AgentId agent;
    CallId call;
};
struct TransferRequested {
    AgentId agent;
    CallId call;
    TransferTarget target;
}; // blind
struct TransferAnswered {
    CallId call;
};
struct TransferFailed {
    CallId call;
    DeclineCause cause = DeclineCause::unreachable;
};
struct TransferTargetHungUp {
    CallId call;
};
// Consultation: the caller hears music while the agent speaks with somebody else.
struct ConsultRequested {
    AgentId agent;
    CallId call;
    TransferTarget target;
};
struct ConsultAnswered {
    CallId call;
};
struct ConsultFailed {
    CallId call;
    DeclineCause cause = DeclineCause::unreachable;
};
struct ConsultTargetHungUp {
    CallId call;
}; // also out of a conference
struct ConsultEnded {
    AgentId agent;
    CallId call;
}; // back to the caller alone
struct ConferenceRequested {
    AgentId agent;
    CallId call;
}; // all three
struct HandOverRequested {
    AgentId agent;
    CallId call;
}; // warm transfer: the agent leaves
// The caller meant another municipality (F-07): greeting, knowledge and bill follow.
struct TenantCorrected {
    AgentId agent;
    CallId call;
    MunicipalityId municipality;
};
// "Press 1 for a callback": the caller's leg ends, the place in the queue stays.
struct CallbackRequested {
    CallId call;
    CallerKey caller;
};
struct CallbackAnswered {
    CallId call;
}; // the citizen is on the line
struct CallbackFailed {
    CallId call;
    DeclineCause cause = DeclineCause::unreachable;
    bool ours = false; // the citizen's phone never rang: no trunk, no media, a restart of ours
};
struct CallbackWithdrawn {
    CallId call;
};
// The operator's ad-hoc switch (phone code, page, REST): absent or there until an instant, or until
// it is set again; empty: by the timetable of each number.
struct OfficeSwitched {
    MunicipalityId municipality;
    std::optional<bool> absent;
    std::optional<Instant> until;
};
// The lead moves an agent between skills, live; empty: what the rules say.
struct SkillsAssigned {
    AgentId agent;
    std::optional<std::vector<SkillLevel>> skills;
    UserId by;
};
struct CrisisBegan {
    CrisisPlan plan;
    UserId by;
};
struct CrisisEnded {
    CrisisId crisis;
    UserId by;
};
// Came in by a one-time code, without an account: serves this crisis only, and leaves with it.
struct HelperJoined {
    AgentId agent;
    CrisisId crisis;
};
struct WrapUpExtended {
    AgentId agent;
};
struct WrapUpFinished {
    AgentId agent;
};
struct TimePassed {}; // a deadline of the machine is due (Machine::next_deadline)

using Event =
    std::variant<RulesChanged, CallOffered, CallerHungUp, AnnouncementFinished, AgentSignedIn,
                 AgentSignedOut, AgentReady, AgentPaused, AgentAnswered, AgentDeclined, AgentHungUp,
                 HoldRequested, ResumeRequested, TransferRequested, TransferAnswered,
                 TransferFailed, TransferTargetHungUp, WrapUpExtended, WrapUpFinished, TimePassed,
                 ConsultRequested, ConsultAnswered, ConsultFailed, ConsultTargetHungUp,
                 ConsultEnded, ConferenceRequested, HandOverRequested, TenantCorrected,
                 CallbackRequested, CallbackAnswered, CallbackFailed, CallbackWithdrawn,
                 OfficeSwitched, SkillsAssigned, CrisisBegan, CrisisEnded, HelperJoined>;

} // namespace fernamt::routing
