// SPDX-License-Identifier: EUPL-1.2
// What legs report, as events for routing. A report finds its leg by id: one that has been given up
// meanwhile says nothing.
#include "base/log.h"
#include "telephony/exchange_core.h"
#include "telephony/sdp.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr int kRinging = 180, kNotAcceptable = 488;
constexpr int kBusyHere = 486, kBusyEverywhere = 600, kDecline = 603, kTemporarilyUnavailable = 480;

routing::DeclineCause cause_of(int sip_status) {
    if (sip_status == kBusyHere || sip_status == kBusyEverywhere)
        return routing::DeclineCause::busy;
    if (sip_status == kDecline || sip_status == kTemporarilyUnavailable) {
        return routing::DeclineCause::rejected;
    }
    return routing::DeclineCause::unreachable;
}

// Without a ringing tone before: does this status tell of the one who was called (RFC 3261 section
// 21; 607 and 608: RFC 8197, RFC 8688; 403, 501 and 502 are what a carrier makes of a number that
// refuses calls or does not work: RFC 3398, section 7.2.4.1), or of a trunk that is dead or full?
// Also our own time-out (408): a phone that is reached rings first.
bool speaks_for_callee(int sip_status) {
    constexpr int kOfCallee[] = {403, 404, 410, 480, 484, 485, 486, 488,
                                 501, 502, 600, 603, 604, 606, 607, 608};
    return std::ranges::find(kOfCallee, sip_status) != std::end(kOfCallee);
}

const char *name_of(LegRole role) {
    switch (role) {
    case LegRole::caller:
        return "caller";
    case LegRole::agent:
        return "agent";
    case LegRole::target:
        break;
    }
    return "target";
}

// "sip:+49302312500@host;user=phone" -> "+49302312500"
std::string user_part(const std::string &target) {
    std::size_t from = target.find(':');
    from = from == std::string::npos ? 0 : from + 1;
    return target.substr(from, target.find_first_of("@;>", from) - from);
}

} // namespace

routing::Event ExchangeCore::event_answered(const LiveCall &call, const LiveLeg &leg) const {
    switch (leg.role) {
    case LegRole::caller:
        return routing::CallbackAnswered{call.id};
    case LegRole::agent:
        return routing::AgentAnswered{leg.agent, call.id};
    case LegRole::target:
        break;
    }
    // Of a consultation also after the agent has handed over: routing knows.
    if (call.target_is_consulted) return routing::ConsultAnswered{call.id};
    return routing::TransferAnswered{call.id};
}

routing::Event ExchangeCore::event_failed(const LiveCall &call, const LiveLeg &leg,
                                          routing::DeclineCause cause, bool ours) const {
    switch (leg.role) {
    case LegRole::caller:
        if (is_dialling_citizen(call.id)) return routing::CallbackFailed{call.id, cause, ours};
        return routing::CallerHungUp{call.id, routing::HangUpCause::signalling};
    case LegRole::agent:
        return routing::AgentDeclined{leg.agent, call.id, cause};
    case LegRole::target:
        break;
    }
    if (call.target_is_consulted) return routing::ConsultFailed{call.id, cause};
    return routing::TransferFailed{call.id, cause};
}

void ExchangeCore::on_ringing(LegId sip) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    leg->rang = true;
    if (leg->role == LegRole::target) tell_referrer(*call, kRinging);
}

void ExchangeCore::on_answered(LegId sip, const std::string &sdp) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) {
        parts_.legs.hang_up(sip); // answered while we were giving it up
        return;
    }
    if (leg->given_up) return; // let go as soon as that is written down
    const CallId id = call->id;
    const Media::Tag tag = leg->tag;
    parts_.media.leg_out_answered(id, tag, sdp, [this, id, tag](Expected<void> result) {
        LiveCall *live = find(id);
        LiveLeg *answered = live != nullptr ? live->find(tag) : nullptr;
        if (answered == nullptr || answered->given_up) return;
        answered->media_up = static_cast<bool>(result);
        remember(*live);
        const bool late_offer = answered->role == LegRole::caller && !is_dialling_citizen(id);
        if (late_offer) { // their SDP came with the ACK
            if (!result) return submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
            return settle_sound(*live);
        }
        const auto event = result
                               ? event_answered(*live, *answered)
                               : event_failed(*live, *answered, routing::DeclineCause::unreachable,
                                              true); // somebody is there, we have no sound
        if (!result && answered->role == LegRole::target) tell_referrer(*live, kNotAcceptable);
        submit(event);
    });
}

void ExchangeCore::on_failed(LegId sip, int sip_status) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    places_.erase(sip);
    leg->sip = {};
    if (leg->given_up || gave_up_place(*call, *leg)) return;
    // What the carrier or the phone said: the ledger keeps only what it means for the call.
    log::info("call.leg_refused",
              {{"call", call->id.value}, {"leg", name_of(leg->role)}, {"status", sip_status}});
    const bool ours = !leg->rang && !speaks_for_callee(sip_status);
    const auto event = event_failed(*call, *leg, cause_of(sip_status), ours);
    if (leg->role == LegRole::target) tell_referrer(*call, sip_status);
    submit(event);
}

void ExchangeCore::on_ended(LegId sip, routing::HangUpCause cause) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    places_.erase(sip);
    leg->sip = {};
    if (leg->given_up || gave_up_place(*call, *leg)) return;
    const CallId id = call->id;
    switch (leg->role) {
    case LegRole::caller:
        if (!is_on_line(id)) return end_caller_leg(id); // hung up before we did: it is noted
        submit(routing::CallerHungUp{id, cause});
        break;
    case LegRole::agent:
        if (leg->left) { // has not waited to be told how its transfer went
            const Media::Tag tag = leg->tag;
            return drop_leg(*call, tag, false);
        }
        submit(leg->dialled ? routing::Event{routing::ConsultEnded{leg->agent, id}}
                            : routing::AgentHungUp{leg->agent, id, cause});
        break;
    case LegRole::target:
        submit(call->target_is_consulted ? routing::Event{routing::ConsultTargetHungUp{id}}
                                         : routing::TransferTargetHungUp{id});
        break;
    }
}

// A new offer within the dialog: same ports of ours, new address of theirs. An agent's phone that
// offers hold asks for hold: the caller hears music, the desk shows it. Only a phone that holds can
// resume: any other offer (session refresh, new address) leaves the desk's hold as it is.
void ExchangeCore::on_offer(LegId sip, const std::string &sdp) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    const CallId id = call->id;
    const bool hold = sdp::is_hold(sdp);
    const bool agent_side = leg->role == LegRole::agent && leg->in_use();
    const AgentId agent = leg->agent;
    parts_.media.leg_updated(
        id, leg->tag, sdp, [this, sip, id, agent_side, agent, hold](Expected<std::string> answer) {
            const auto [live, answered] = find(sip);
            if (answered == nullptr) return;
            if (!answer) {
                parts_.legs.answer_offer(sip, "");
                return;
            }
            const bool held_before = std::exchange(answered->holds, hold);
            parts_.legs.answer_offer(sip, *answer);
            remember(*live);
            if (!agent_side || (!hold && !held_before)) return;
            submit(hold ? routing::Event{routing::HoldRequested{agent, id}}
                        : routing::ResumeRequested{agent, id});
        });
}

void ExchangeCore::on_refer(LegId sip, const std::string &target) {
    const auto [call, leg] = find(sip);
    const auto number = parse_phone_number(user_part(target));
    const bool allowed = leg != nullptr && leg->role == LegRole::agent && leg->in_use() && number &&
                         !parts_.outside_uri(*number).empty();
    if (!allowed) return parts_.legs.answer_refer(sip, false);
    refer(*leg, [&](const Done &done) {
        submit_passing_on(PassOn::transfer, leg->agent, call->id, *number, done);
    });
}

// 202 only to what routing has taken: its refusal comes back at once, what it decides is carried
// out later.
void ExchangeCore::refer(LiveLeg &leg, const std::function<void(const Done &)> &ask) {
    const LegId sip = leg.sip;
    leg.referred = true;
    const auto refused = std::make_shared<bool>(false);
    ask([refused](Expected<void> done) { *refused = !done; });
    if (*refused) leg.referred = false;
    parts_.legs.answer_refer(sip, leg.referred);
}

// How the transfer goes that the agent's phone has asked for. A final status is the end of its leg:
// the agent has left the call long since.
void ExchangeCore::tell_referrer(LiveCall &call, int sip_status) {
    const LiveLeg *leg = call.referrer();
    if (leg == nullptr) return;
    if (leg->sip) parts_.legs.refer_progress(leg->sip, sip_status);
    if (sip_status < 200) return;
    const Media::Tag tag = leg->tag;
    drop_leg(call, tag, false);
}

// The agent's phone connects its two lines and leaves (attended transfer): the hand-over of a
// consultation that it dialled itself.
bool ExchangeCore::on_refer_replaces(LegId sip, LegId other) {
    const auto [call, leg] = find(sip);
    const auto [other_call, other_leg] = find(other);
    const bool own_lines = leg != nullptr && other_leg != nullptr && call == other_call &&
                           leg->role == LegRole::agent && other_leg->role == LegRole::agent &&
                           leg->dialled != other_leg->dialled && leg->agent == other_leg->agent;
    if (!own_lines) return false;
    refer(*leg, [&](const Done &done) {
        submit(routing::HandOverRequested{leg->agent, call->id}, done);
    });
    return true;
}

void ExchangeCore::on_dialog(LegId sip, const std::string &dialog_record) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    const char *role = leg->role == LegRole::caller  ? "caller"
                       : leg->role == LegRole::agent ? "agent"
                                                     : "target";
    journal_.put_leg(call->id, {leg->tag, role, false, leg->agent, dialog_record, leg->holds});
}

} // namespace fernamt::telephony
