// SPDX-License-Identifier: EUPL-1.2
// Why the machine refused an event: stable codes for Refused::code. A refused event changed
// nothing; most are late messages or a second window's command, and no reason to worry.
#pragma once

#include <string_view>

namespace fernamt::routing::refusal {

inline constexpr std::string_view kCallUnknown = "call_unknown";   // never offered, or ended
inline constexpr std::string_view kCallExists = "call_exists";     // offered twice
inline constexpr std::string_view kAgentUnknown = "agent_unknown"; // not in the rules
inline constexpr std::string_view kAgentSignedOut = "agent_signed_out";
inline constexpr std::string_view kAlreadySignedIn = "already_signed_in";
inline constexpr std::string_view kAlreadyReady = "already_ready";
inline constexpr std::string_view kAlreadyPaused = "already_paused";
inline constexpr std::string_view kAlreadyRequested = "already_requested"; // pause, sign-out
inline constexpr std::string_view kAlreadyHeld = "already_held";
inline constexpr std::string_view kAgentRinging = "agent_ringing";
inline constexpr std::string_view kAgentInCall = "agent_in_call";
inline constexpr std::string_view kAgentNotInCall = "agent_not_in_call"; // or in another call
inline constexpr std::string_view kNotRinging = "not_ringing";           // this call at this agent
inline constexpr std::string_view kNotHeld = "not_held";
inline constexpr std::string_view kNotAnnouncing = "not_announcing";
inline constexpr std::string_view kNotTransferring = "not_transferring";
inline constexpr std::string_view kNotTransferred = "not_transferred";
inline constexpr std::string_view kNotInAfterCallWork = "not_in_after_call_work";
inline constexpr std::string_view kTargetMissing = "target_missing";
inline constexpr std::string_view kInConsultation = "in_consultation";
inline constexpr std::string_view kNotInConsultation = "not_in_consultation";
inline constexpr std::string_view kMunicipalityUnknown = "municipality_unknown";
inline constexpr std::string_view kSameMunicipality = "same_municipality";
inline constexpr std::string_view kNotWaiting = "not_waiting";
inline constexpr std::string_view kNoCallbackHere = "no_callback_here"; // its queue offers none
inline constexpr std::string_view kCallerWithheld = "caller_withheld";  // nobody to call back
inline constexpr std::string_view kCallbackExists = "callback_exists";  // one per number
inline constexpr std::string_view kNotACallback = "not_a_callback";
inline constexpr std::string_view kCallerNotOnLine = "caller_not_on_line";
inline constexpr std::string_view kCrisisUnknown = "crisis_unknown";
inline constexpr std::string_view kCrisisExists = "crisis_exists";
inline constexpr std::string_view kCrisisOfNothing =
    "crisis_of_nothing"; // no municipality, no queue
inline constexpr std::string_view kAgentExists = "agent_exists";
inline constexpr std::string_view kNothingDue = "nothing_due"; // the timer lost a race

} // namespace fernamt::routing::refusal
