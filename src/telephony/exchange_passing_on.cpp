// SPDX-License-Identifier: EUPL-1.2
// Calls that go on to somebody outside: transfer, consultation, conference, the town hall's own
// operator, a partner centre. Whoever is dialled is one leg, the target; what it becomes is decided
// by routing. A caller who has not been answered yet keeps hearing the ringing tone meanwhile.
#include "base/log.h"
#include "telephony/diversion.h"
#include "telephony/exchange_core.h"

#include <utility>

namespace fernamt::telephony {

namespace {

constexpr Duration kTargetGrace = 5s; // routing's deadline comes first
// Not for a callback's citizen: only the leg knows whether it has rung at all.
constexpr Duration kCitizenGrace = -1s;
constexpr int kOk = 200, kRequestTimeout = 408;
constexpr const char *kWithheld = "anonymous";

// How History-Info names the one who is called next: by number, also a phone registered with us.
std::string uri_of(const PhoneNumber &number, const std::string &way) {
    const bool is_phone = way.find('@') == std::string::npos && !way.empty();
    return is_phone ? "sip:" + number.e164 + "@fernamt.invalid" : way;
}

} // namespace

// --- dialling -----------------------------------------------------------------------------------

std::string ExchangeCore::shown_number(CallId id) const {
    const auto routed = machine_.state().calls.find(id);
    const bool known = routed != machine_.state().calls.end() && routed->second.number;
    return known ? routed->second.number->e164 : kWithheld;
}

void ExchangeCore::dial(LiveCall &call, const Dial &wanted) {
    const CallId id = call.id;
    const Media::Tag tag = new_tag(call, wanted.role == LegRole::caller ? 'C' : 'T');
    call.legs.push_back({.tag = tag, .role = wanted.role});
    const std::string way = wanted.number.e164.empty() ? "" : parts_.outside_uri(wanted.number);
    if (way.empty()) {
        // A number that is lost will not come back: nobody tries that for ever.
        return submit(event_failed(call, *call.find(tag), routing::DeclineCause::rejected,
                                   !wanted.number.e164.empty()));
    }
    parts_.media.leg_out(id, tag, LegKind::plain, [=, this](Expected<std::string> sdp) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->find(tag) : nullptr;
        if (leg == nullptr) return; // given up meanwhile
        if (!sdp) {
            return submit(event_failed(*live, *leg, routing::DeclineCause::unreachable, true));
        }
        leg->offer = std::move(*sdp);
        ring_outside(id, tag, way, wanted);
    });
}

void ExchangeCore::ring_outside(CallId id, const Media::Tag &tag, const std::string &way,
                                const Dial &wanted) {
    LiveCall *call = find(id);
    LiveLeg *leg = call->find(tag);
    const Duration grace = wanted.role == LegRole::caller ? kCitizenGrace : kTargetGrace;
    const OutgoingCall outgoing{.target = way,
                                .from_user =
                                    wanted.from_user.empty() ? shown_number(id) : wanted.from_user,
                                .display_name = "",
                                .offer = std::exchange(leg->offer, {}),
                                .ring_timeout = wanted.ring_for + grace,
                                .headers = wanted.headers,
                                .max_forwards = call->way.max_forwards - 1};
    const LegId sip = parts_.legs.invite(outgoing, this);
    (void)attach_invited(id, tag, sip);
}

// Who is to take the call over, or is asked about it, at the agent's wish. It sees the
// municipality's number, and what has become of the call so far: a telephone system that sends it
// back is known by that.
void ExchangeCore::dial_target(LiveCall &call) {
    const PhoneNumber number{std::exchange(call.target, {}).reveal()};
    dial(call, {.number = number,
                .headers = history_for(call, number, routing::Rule::agent_request),
                .ring_for = machine_.state().rules.transfer_timeout});
}

std::vector<std::pair<std::string, std::string>>
ExchangeCore::history_for(const LiveCall &call, const PhoneNumber &target,
                          routing::Rule rule) const {
    const auto routed = machine_.state().calls.find(call.id);
    const bool known = routed != machine_.state().calls.end() && routed->second.number;
    if (!known) return {};
    const Diverted before = diverted_of(call.way);
    return headers_for_forward(before, *routed->second.number,
                               uri_of(target, parts_.outside_uri(target)), rule);
}

// Whoever waits for news of it hears that nobody has answered, if nothing else was said before.
void ExchangeCore::drop_targets(LiveCall &call) {
    tell_referrer(call, kRequestTimeout);
    while (const LiveLeg *leg = call.of_role(LegRole::target)) {
        const Media::Tag tag = leg->tag;
        drop_leg(call, tag, false);
    }
}

// --- transfer -----------------------------------------------------------------------------------

void ExchangeCore::carry_out(const routing::Transfer &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    call->coupling = Coupling::none;
    call->target_is_consulted = false;
    release_agent(*call, effect.agent);
    play_music(effect.call);
    dial_target(*call);
}

void ExchangeCore::carry_out(const routing::ConnectTransfer &effect) {
    const CallId id = effect.call;
    if (LiveCall *call = find(id)) tell_referrer(*call, kOk);
    answer_caller(id, [this, id] {
        if (LiveCall *call = find(id)) couple(*call, Coupling::target);
    });
    changed_situation();
}

void ExchangeCore::carry_out(const routing::StopTarget &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    call->coupling = Coupling::none;
    drop_targets(*call);
    if (is_on_line(effect.call)) return;
    // A callback that did not come about: the agent waited alone.
    while (!call->legs.empty()) {
        const Media::Tag tag = call->legs.front().tag;
        drop_leg(*call, tag, false);
    }
    changed_situation();
}

// --- office and partner -------------------------------------------------------------------------

// The far end sees the citizen's number, where the call came to, and what has become of it so far
// (RFC 7044, RFC 5806). It never goes back to where it has been: a telephone system that forwards
// to us when it is busy would otherwise get its own call again.
void ExchangeCore::forward(const routing::Forward &effect, routing::Rule rule) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    const CallId id = effect.call;
    call->target_is_consulted = false;
    const Diverted before = diverted_of(call->way);
    if (was_at(before, effect.target)) {
        log::info("call.loop_avoided", {{"call", id.value}});
        return submit(routing::TransferFailed{id, routing::DeclineCause::busy});
    }
    const auto routed = machine_.state().calls.find(id);
    if (routed == machine_.state().calls.end()) return;
    Dial wanted{.number = effect.target, .from_user = kWithheld};
    if (const auto caller = parse_phone_number(call->caller.reveal())) {
        wanted.from_user = caller->e164;
    }
    if (routed->second.until) wanted.ring_for = *routed->second.until - machine_.state().now;
    wanted.headers = history_for(*call, effect.target, rule);
    prepare_caller(id, [this, id, wanted] { // its codec is the call's
        if (LiveCall *live = find(id)) dial(*live, wanted);
    });
    changed_situation();
}

// --- consultation and conference ----------------------------------------------------------------

void ExchangeCore::carry_out(const routing::Consult &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    call->coupling = Coupling::none;
    call->target_is_consulted = true;
    if (const LiveLeg *leg = call->of_agent(effect.agent)) {
        parts_.media.park(effect.call, leg->tag, [](Expected<void>) {});
    }
    play_music(effect.call);
    dial_target(*call);
    changed(effect.agent);
}

void ExchangeCore::carry_out(const routing::ConnectConsult &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    if (LiveLeg *second = call->second_line(); second != nullptr && !second->offer.empty()) {
        parts_.legs.answer(second->sip, std::exchange(second->offer, {}));
    }
    couple(*call, Coupling::consult);
    changed(effect.agent);
}

void ExchangeCore::carry_out(const routing::EndConsult &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    const bool all_spoke = call->coupling == Coupling::conference;
    call->coupling = Coupling::none;
    drop_targets(*call);
    if (const LiveLeg *second = call->second_line()) {
        const Media::Tag tag = second->tag;
        drop_leg(*call, tag, false);
    }
    if (all_spoke) couple(*call, Coupling::agent);
    if (const LiveLeg *leg = call->of_role(LegRole::agent)) changed(leg->agent);
}

void ExchangeCore::carry_out(const routing::Conference &effect) {
    if (LiveCall *call = find(effect.call)) couple(*call, Coupling::conference);
    changed(effect.agent);
}

// The target may still ring: then this is a blind transfer, and the caller hears music on.
void ExchangeCore::carry_out(const routing::HandOver &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    const auto routed = machine_.state().calls.find(effect.call);
    const bool answered = routed != machine_.state().calls.end() &&
                          routed->second.state == routing::CallState::transferred;
    release_agent(*call, effect.agent);
    if (answered) {
        tell_referrer(*call, kOk);
        couple(*call, Coupling::target);
    } else {
        call->coupling = Coupling::none;
    }
    changed(effect.agent);
}

} // namespace fernamt::telephony
