// SPDX-License-Identifier: EUPL-1.2
// The ledger's words for routing's enums and alternatives. They are stored for years: never change
// one, only add. name_of gives "" beyond the last value. Internal to the ledger.
#pragma once

#include "routing/machine.h"

#include <string_view>

namespace fernamt::routing {

// to_string's answer for no value of the enum
[[nodiscard]] constexpr std::string_view known(std::string_view name) {
    return name == "unknown" ? std::string_view{} : name;
}
[[nodiscard]] inline std::string_view name_of(Rule v) {
    return known(to_string(v));
}
[[nodiscard]] inline std::string_view name_of(AgentState v) {
    return known(to_string(v));
}
[[nodiscard]] inline std::string_view name_of(Announcement v) {
    return known(to_string(v));
}
[[nodiscard]] inline std::string_view name_of(EndReason v) {
    return known(to_string(v));
}
[[nodiscard]] inline std::string_view name_of(CallState v) {
    return known(to_string(v));
}

[[nodiscard]] constexpr std::string_view name_of(Device v) {
    switch (v) {
    case Device::sip_phone:
        return "sip_phone";
    case Device::browser:
        return "browser";
    }
    return {};
}

[[nodiscard]] constexpr std::string_view name_of(HangUpCause v) {
    switch (v) {
    case HangUpCause::normal:
        return "normal";
    case HangUpCause::media_lost:
        return "media_lost";
    case HangUpCause::signalling:
        return "signalling";
    case HangUpCause::restart:
        return "restart";
    case HangUpCause::replaced:
        return "replaced";
    }
    return {};
}

[[nodiscard]] constexpr std::string_view name_of(DeclineCause v) {
    switch (v) {
    case DeclineCause::rejected:
        return "rejected";
    case DeclineCause::busy:
        return "busy";
    case DeclineCause::unreachable:
        return "unreachable";
    }
    return {};
}

[[nodiscard]] constexpr std::string_view name_of(DialledSource v) {
    switch (v) {
    case DialledSource::request_uri:
        return "request_uri";
    case DialledSource::called_party_id:
        return "called_party_id";
    case DialledSource::history_info:
        return "history_info";
    case DialledSource::diversion:
        return "diversion";
    case DialledSource::to:
        return "to";
    }
    return {};
}

[[nodiscard]] inline std::string_view name_of(Scope v) {
    return known(to_string(v));
}
[[nodiscard]] inline std::string_view name_of(OverflowWhen v) {
    return known(to_string(v));
}

[[nodiscard]] constexpr std::string_view name_of(Outside v) {
    switch (v) {
    case Outside::transfer:
        return "transfer";
    case Outside::office:
        return "office";
    case Outside::partner:
        return "partner";
    }
    return {};
}

[[nodiscard]] constexpr std::string_view name_of(Consultation::State v) {
    switch (v) {
    case Consultation::State::ringing:
        return "ringing";
    case Consultation::State::talking:
        return "talking";
    case Consultation::State::joined:
        return "joined";
    }
    return {};
}

// Types of entries, one per alternative of Event and Effect.
constexpr std::string_view type_of(const RulesChanged *) {
    return "rules.changed";
}
constexpr std::string_view type_of(const CallOffered *) {
    return "call.offered";
}
constexpr std::string_view type_of(const CallerHungUp *) {
    return "call.hung_up";
}
constexpr std::string_view type_of(const AnnouncementFinished *) {
    return "call.announcement_finished";
}
constexpr std::string_view type_of(const AgentSignedIn *) {
    return "agent.signed_in";
}
constexpr std::string_view type_of(const AgentSignedOut *) {
    return "agent.signed_out";
}
constexpr std::string_view type_of(const AgentReady *) {
    return "agent.ready";
}
constexpr std::string_view type_of(const AgentPaused *) {
    return "agent.paused";
}
constexpr std::string_view type_of(const AgentAnswered *) {
    return "agent.answered";
}
constexpr std::string_view type_of(const AgentDeclined *) {
    return "agent.declined";
}
constexpr std::string_view type_of(const AgentHungUp *) {
    return "agent.hung_up";
}
constexpr std::string_view type_of(const HoldRequested *) {
    return "agent.hold_requested";
}
constexpr std::string_view type_of(const ResumeRequested *) {
    return "agent.resume_requested";
}
constexpr std::string_view type_of(const TransferRequested *) {
    return "agent.transfer_requested";
}
constexpr std::string_view type_of(const TransferAnswered *) {
    return "transfer.answered";
}
constexpr std::string_view type_of(const TransferFailed *) {
    return "transfer.failed";
}
constexpr std::string_view type_of(const TransferTargetHungUp *) {
    return "transfer.target_hung_up";
}
constexpr std::string_view type_of(const WrapUpExtended *) {
    return "agent.wrap_up_extended";
}
constexpr std::string_view type_of(const WrapUpFinished *) {
    return "agent.wrap_up_finished";
}
constexpr std::string_view type_of(const TimePassed *) {
    return "time.passed";
}

constexpr std::string_view type_of(const ConsultRequested *) {
    return "agent.consult_requested";
}
constexpr std::string_view type_of(const ConsultAnswered *) {
    return "consult.answered";
}
constexpr std::string_view type_of(const ConsultFailed *) {
    return "consult.failed";
}
constexpr std::string_view type_of(const ConsultTargetHungUp *) {
    return "consult.target_hung_up";
}
constexpr std::string_view type_of(const ConsultEnded *) {
    return "agent.consult_ended";
}
constexpr std::string_view type_of(const ConferenceRequested *) {
    return "agent.conference_requested";
}
constexpr std::string_view type_of(const HandOverRequested *) {
    return "agent.hand_over_requested";
}
constexpr std::string_view type_of(const TenantCorrected *) {
    return "agent.tenant_corrected";
}
constexpr std::string_view type_of(const CallbackRequested *) {
    return "callback.requested";
}
constexpr std::string_view type_of(const CallbackAnswered *) {
    return "callback.answered";
}
constexpr std::string_view type_of(const CallbackFailed *) {
    return "callback.failed";
}
constexpr std::string_view type_of(const CallbackWithdrawn *) {
    return "callback.withdrawn";
}
constexpr std::string_view type_of(const OfficeSwitched *) {
    return "office.switched";
}
constexpr std::string_view type_of(const SkillsAssigned *) {
    return "agent.skills_assigned";
}
constexpr std::string_view type_of(const CrisisBegan *) {
    return "crisis.began";
}
constexpr std::string_view type_of(const CrisisEnded *) {
    return "crisis.ended";
}
constexpr std::string_view type_of(const HelperJoined *) {
    return "crisis.helper_joined";
}

constexpr std::string_view type_of(const Announce *) {
    return "decision.announce";
}
constexpr std::string_view type_of(const Queue *) {
    return "decision.queue";
}
constexpr std::string_view type_of(const Ring *) {
    return "decision.ring";
}
constexpr std::string_view type_of(const StopRinging *) {
    return "decision.stop_ringing";
}
constexpr std::string_view type_of(const Connect *) {
    return "decision.connect";
}
constexpr std::string_view type_of(const Hold *) {
    return "decision.hold";
}
constexpr std::string_view type_of(const Resume *) {
    return "decision.resume";
}
constexpr std::string_view type_of(const Transfer *) {
    return "decision.transfer";
}
constexpr std::string_view type_of(const ConnectTransfer *) {
    return "decision.connect_transfer";
}
constexpr std::string_view type_of(const Requeue *) {
    return "decision.requeue";
}
constexpr std::string_view type_of(const End *) {
    return "decision.end";
}
constexpr std::string_view type_of(const AgentStateChanged *) {
    return "decision.agent_state_changed";
}
constexpr std::string_view type_of(const WrapUpDone *) {
    return "decision.wrap_up_done";
}
constexpr std::string_view type_of(const Forward *) {
    return "decision.forward";
}
constexpr std::string_view type_of(const CallbackNoted *) {
    return "decision.callback_noted";
}
constexpr std::string_view type_of(const StillWaits *) {
    return "decision.still_waits";
}
constexpr std::string_view type_of(const SortedAnew *) {
    return "decision.sorted_anew";
}
constexpr std::string_view type_of(const CallBack *) {
    return "decision.call_back";
}
constexpr std::string_view type_of(const StopTarget *) {
    return "decision.stop_target";
}
constexpr std::string_view type_of(const Consult *) {
    return "decision.consult";
}
constexpr std::string_view type_of(const ConnectConsult *) {
    return "decision.connect_consult";
}
constexpr std::string_view type_of(const EndConsult *) {
    return "decision.end_consult";
}
constexpr std::string_view type_of(const Conference *) {
    return "decision.conference";
}
constexpr std::string_view type_of(const HandOver *) {
    return "decision.hand_over";
}
constexpr std::string_view type_of(const Corrected *) {
    return "decision.corrected";
}
constexpr std::string_view type_of(const CrisisStarted *) {
    return "decision.crisis_started";
}
constexpr std::string_view type_of(const CrisisReport *) {
    return "decision.crisis_report";
}
constexpr std::string_view type_of(const Refused *) {
    return "decision.refused";
}

} // namespace fernamt::routing

namespace fernamt {

[[nodiscard]] inline std::string_view name_of(Land v) {
    return v >= Land::BW && v <= Land::TH ? to_string(v) : std::string_view{};
}

[[nodiscard]] constexpr std::string_view name_of(Weekday v) {
    switch (v) {
    case Weekday::monday:
        return "monday";
    case Weekday::tuesday:
        return "tuesday";
    case Weekday::wednesday:
        return "wednesday";
    case Weekday::thursday:
        return "thursday";
    case Weekday::friday:
        return "friday";
    case Weekday::saturday:
        return "saturday";
    case Weekday::sunday:
        return "sunday";
    }
    return {};
}

} // namespace fernamt
