// SPDX-License-Identifier: EUPL-1.2
#include "routing/decision.h"

namespace fernamt::routing {

std::string_view to_string(Rule rule) {
    switch (rule) {
    case Rule::unknown_number:
        return "unknown_number";
    case Rule::closed_hours:
        return "closed_hours";
    case Rule::closed_public_holiday:
        return "closed_public_holiday";
    case Rule::nobody_signed_in:
        return "nobody_signed_in";
    case Rule::queue_of_municipality:
        return "queue_of_municipality";
    case Rule::oldest_caller_first:
        return "oldest_caller_first";
    case Rule::longest_idle_agent_first:
        return "longest_idle_agent_first";
    case Rule::ring_timeout:
        return "ring_timeout";
    case Rule::agent_declined:
        return "agent_declined";
    case Rule::caller_hung_up:
        return "caller_hung_up";
    case Rule::agent_hung_up:
        return "agent_hung_up";
    case Rule::agent_line_failed:
        return "agent_line_failed";
    case Rule::agent_answered:
        return "agent_answered";
    case Rule::agent_request:
        return "agent_request";
    case Rule::transfer_answered:
        return "transfer_answered";
    case Rule::transfer_gave_back:
        return "transfer_gave_back";
    case Rule::transfer_target_hung_up:
        return "transfer_target_hung_up";
    case Rule::wrap_up_begins:
        return "wrap_up_begins";
    case Rule::wrap_up_time_over:
        return "wrap_up_time_over";
    case Rule::announcement_heard:
        return "announcement_heard";
    case Rule::recovery:
        return "recovery";
    case Rule::rules_changed:
        return "rules_changed";
    case Rule::number_not_valid:
        return "number_not_valid";
    case Rule::municipality_not_served:
        return "municipality_not_served";
    case Rule::closed_locally:
        return "closed_locally";
    case Rule::queue_of_number:
        return "queue_of_number";
    case Rule::queue_full:
        return "queue_full";
    case Rule::office_first:
        return "office_first";
    case Rule::office_no_answer:
        return "office_no_answer";
    case Rule::office_busy:
        return "office_busy";
    case Rule::office_answered:
        return "office_answered";
    case Rule::overflow_planned:
        return "overflow_planned";
    case Rule::overflow_closed:
        return "overflow_closed";
    case Rule::overflow_queue_length:
        return "overflow_queue_length";
    case Rule::overflow_longest_wait:
        return "overflow_longest_wait";
    case Rule::partner_answered:
        return "partner_answered";
    case Rule::partner_gave_back:
        return "partner_gave_back";
    case Rule::best_skills_first:
        return "best_skills_first";
    case Rule::callback_requested:
        return "callback_requested";
    case Rule::callback_answered:
        return "callback_answered";
    case Rule::callback_failed:
        return "callback_failed";
    case Rule::callback_given_up:
        return "callback_given_up";
    case Rule::callback_out_of_hours:
        return "callback_out_of_hours";
    case Rule::callback_replaced:
        return "callback_replaced";
    case Rule::callback_withdrawn:
        return "callback_withdrawn";
    case Rule::consult_answered:
        return "consult_answered";
    case Rule::consult_over:
        return "consult_over";
    case Rule::tenant_corrected:
        return "tenant_corrected";
    case Rule::crisis_begins:
        return "crisis_begins";
    case Rule::crisis_ends:
        return "crisis_ends";
    case Rule::queue_of_crisis:
        return "queue_of_crisis";
    case Rule::lead_request:
        return "lead_request";
    case Rule::demands_relaxed:
        return "demands_relaxed";
    case Rule::callback_due:
        return "callback_due";
    case Rule::callback_not_dialled:
        return "callback_not_dialled";
    case Rule::imported:
        return "imported";
    }
    return "unknown";
}

std::string_view to_string(AgentState state) {
    switch (state) {
    case AgentState::signed_out:
        return "signed_out";
    case AgentState::ready:
        return "ready";
    case AgentState::ringing:
        return "ringing";
    case AgentState::talking:
        return "talking";
    case AgentState::held:
        return "held";
    case AgentState::after_call_work:
        return "after_call_work";
    case AgentState::paused:
        return "paused";
    case AgentState::missed:
        return "missed";
    }
    return "unknown";
}

std::string_view to_string(Announcement announcement) {
    switch (announcement) {
    case Announcement::greeting:
        return "greeting";
    case Announcement::waiting_music:
        return "waiting_music";
    case Announcement::closed:
        return "closed";
    case Announcement::unknown_number:
        return "unknown_number";
    case Announcement::nobody_available:
        return "nobody_available";
    }
    return "unknown";
}

std::string_view to_string(EndReason reason) {
    switch (reason) {
    case EndReason::completed:
        return "completed";
    case EndReason::abandoned:
        return "abandoned";
    case EndReason::closed:
        return "closed";
    case EndReason::unknown_number:
        return "unknown_number";
    case EndReason::nobody_available:
        return "nobody_available";
    case EndReason::transferred:
        return "transferred";
    case EndReason::failed:
        return "failed";
    case EndReason::taken_by_office:
        return "taken_by_office";
    case EndReason::taken_by_partner:
        return "taken_by_partner";
    case EndReason::callback_given_up:
        return "callback_given_up";
    case EndReason::callback_replaced:
        return "callback_replaced";
    case EndReason::callback_withdrawn:
        return "callback_withdrawn";
    }
    return "unknown";
}

} // namespace fernamt::routing
