// SPDX-License-Identifier: EUPL-1.2
// What happens to the switchboard from outside: the input of the state machine (machine.h). Events
// are facts without personal data; each is in the ledger before its effects leave the building.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/id.h"
#include "base/phone_number.h"
#include "routing/rules.h"

namespace fernamt::routing {

enum class Device { sip_phone, browser };

enum class HangUpCause {
    normal,       // BYE, or CANCEL before the answer
    media_lost,   // no more sound from this side
    signalling,   // the transaction or the session timer failed
    restart,      // could not be taken up again after a restart of ours
    replaced,     // a new leg took its place: accepted, changes nothing
};

enum class DeclineCause { rejected, busy, unreachable };

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

struct RulesChanged { Rules rules; UserId by; };
// A caller is on the line. dialled is empty if no candidate was a number of ours.
struct CallOffered { CallId call; std::optional<DialledNumber> dialled; };
struct CallerHungUp { CallId call; HangUpCause cause = HangUpCause::normal; };
struct AnnouncementFinished { CallId call; }; // closing or unknown-number text was heard to its end
// Ready at once. Again with another device: the next call rings there.
struct AgentSignedIn { AgentId agent; Device device = Device::browser; };
// In a call: takes effect after its after-call work; in after-call work it ends that.
struct AgentSignedOut { AgentId agent; };
// From pause, missed or after-call work; in a call it takes back a wish for pause or sign-out.
struct AgentReady { AgentId agent; };
struct AgentPaused { AgentId agent; };  // in a call: takes effect after its after-call work
struct AgentAnswered { AgentId agent; CallId call; };
struct AgentDeclined { AgentId agent; CallId call; DeclineCause cause = DeclineCause::rejected; };
struct AgentHungUp { AgentId agent; CallId call; HangUpCause cause = HangUpCause::normal; };
struct HoldRequested { AgentId agent; CallId call; };
struct ResumeRequested { AgentId agent; CallId call; };
struct TransferRequested { AgentId agent; CallId call; TransferTarget target; }; // blind
struct TransferAnswered { CallId call; };
struct TransferFailed { CallId call; DeclineCause cause = DeclineCause::unreachable; };
struct TransferTargetHungUp { CallId call; };
struct WrapUpExtended { AgentId agent; };
struct WrapUpFinished { AgentId agent; };
struct TimePassed {}; // a deadline of the machine is due (Machine::next_deadline)

using Event = std::variant<RulesChanged, CallOffered, CallerHungUp, AnnouncementFinished,
                           AgentSignedIn, AgentSignedOut, AgentReady, AgentPaused, AgentAnswered,
                           AgentDeclined, AgentHungUp, HoldRequested, ResumeRequested,
                           TransferRequested, TransferAnswered, TransferFailed,
                           TransferTargetHungUp, WrapUpExtended, WrapUpFinished, TimePassed>;

} // namespace fernamt::routing
