// SPDX-License-Identifier: EUPL-1.2
// What each decision does to legs and sound. Callbacks of media and legs come later and find their
// call by id: if it has ended meanwhile they do nothing.
#include "base/log.h"
#include "ledger/routing_codec.h"
#include "telephony/exchange_core.h"
#include "telephony/sdp.h"

#include <utility>

namespace fernamt::telephony {

namespace {

constexpr int kForever = 100'000; // music: repeated until stopped
constexpr Duration kPhoneGrace =
    5s; // routing's ring timeout comes first; this one is the safety net
constexpr int kBusyHere = 486, kBusyEverywhere = 600, kDecline = 603, kTemporarilyUnavailable = 480;

routing::DeclineCause cause_of(int sip_status) {
    if (sip_status == kBusyHere || sip_status == kBusyEverywhere)
        return routing::DeclineCause::busy;
    if (sip_status == kDecline || sip_status == kTemporarilyUnavailable) {
        return routing::DeclineCause::rejected;
    }
    return routing::DeclineCause::unreachable;
}

// Does the far end put us on hold by this offer (RFC 3264 section 8.4, and c=0.0.0.0 of RFC 2543)?
bool is_hold(const std::string &offer) {
    const auto audio = sdp::parse(offer);
    if (!audio) return false; // media will refuse it
    return audio->direction == sdp::Direction::sendonly ||
           audio->direction == sdp::Direction::inactive || audio->address == "0.0.0.0";
}

// "sip:+49302312500@host;user=phone" -> "+49302312500"
std::string user_part(const std::string &target) {
    std::size_t from = target.find(':');
    from = from == std::string::npos ? 0 : from + 1;
    return target.substr(from, target.find_first_of("@;>", from) - from);
}

} // namespace

void ExchangeCore::execute(const routing::Decision &decision) {
    std::visit([this](const auto &effect) { carry_out(effect); }, decision.effect);
}

void ExchangeCore::report_not_carried_out(const routing::Decision &decision) {
    const std::string name = ledger::to_entry(decision, parts_.clock.now()).type;
    if (!not_carried_out_.insert(name).second) return;
    log::warning("exchange.not_carried_out",
                 {{"decision", name}, {"remedy", "leave the rules that ask for it"}});
}

// --- the caller ---------------------------------------------------------------------------------

void ExchangeCore::answer_caller(CallId id, const std::function<void()> &then) {
    LiveCall *call = find(id);
    if (call == nullptr) return;
    if (call->answered) return then();
    const std::string offer = std::exchange(call->caller_offer, {});
    call->answered = true;
    const auto answered = [this, id, then](Expected<std::string> sdp) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->find(kCallerTag) : nullptr;
        if (leg == nullptr) return;
        if (!sdp) {
            const bool unusable = sdp.error().kind == ProblemKind::invalid_input;
            log::warning("call.media_failed",
                         {{"call", id.value}, {"problem", describe(sdp.error())}});
            if (unusable) {
                parts_.legs.reject(leg->sip, 488, reason_header(488, "No usable audio"));
            } else {
                parts_.legs.reject(leg->sip, 503, reason_header(503, "Media is unavailable"), 5s);
            }
            submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
            return;
        }
        leg->media_up = true;
        parts_.legs.answer(leg->sip, *sdp);
        remember(*live);
        then();
    };
    if (offer.empty()) { // late offer: ours goes out in the 200, theirs comes with the ACK
        parts_.media.leg_out(id, kCallerTag, LegKind::plain, answered);
    } else {
        parts_.media.leg_in(id, kCallerTag, LegKind::plain, offer, answered);
    }
}

void ExchangeCore::play(CallId id, routing::Announcement announcement, int repeat,
                        const std::function<void(Duration)> &then) {
    LiveCall *call = find(id);
    if (call == nullptr) return;
    parts_.loop.cancel(std::exchange(call->announcement_end, Loop::TimerId::none));
    const std::string path = parts_.announcements.path(call->municipality, announcement);
    parts_.media.play(id, kCallerTag, path, repeat, [this, id, then](Expected<Duration> length) {
        LiveCall *live = find(id);
        if (live == nullptr) return;
        if (!length) {
            log::warning("media.play_failed",
                         {{"call", id.value}, {"problem", describe(length.error())}});
        }
        if (!then) return;
        parts_.loop.cancel(std::exchange(live->announcement_end, Loop::TimerId::none));
        const Duration wait = length.value_or(Duration{0});
        live->announcement_end = parts_.loop.after(wait, [then, wait] { then(wait); });
    });
}

void ExchangeCore::play_music(CallId id) {
    play(id, routing::Announcement::waiting_music, kForever, {});
}

void ExchangeCore::carry_out(const routing::Announce &effect) {
    const CallId id = effect.call;
    const routing::Announcement announcement = effect.announcement;
    answer_caller(id, [this, id, announcement] {
        play(id, announcement, 1,
             [this, id](Duration) { submit(routing::AnnouncementFinished{id}); });
    });
}

void ExchangeCore::carry_out(const routing::Queue &effect) {
    const CallId id = effect.call;
    answer_caller(id, [this, id] {
        play(id, routing::Announcement::greeting, 1, [this, id](Duration) {
            const auto call = machine_.state().calls.find(id);
            if (call == machine_.state().calls.end()) return;
            const bool waits = call->second.state == routing::CallState::waiting ||
                               call->second.state == routing::CallState::ringing;
            if (waits) play_music(id);
        });
    });
    changed_situation();
}

void ExchangeCore::carry_out(const routing::Requeue &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    if (LiveLeg *target = call->of_role(LegRole::target)) drop_leg(*call, target->tag, false);
    play_music(effect.call);
    changed_situation();
}

void ExchangeCore::carry_out(const routing::End &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    parts_.loop.cancel(call->announcement_end);
    for (const LiveLeg &leg : call->legs) {
        if (!leg.sip) continue;
        parts_.legs.hang_up(leg.sip);
        places_.erase(leg.sip);
    }
    parts_.media.end(effect.call);
    journal_.end(effect.call);
    calls_.erase(effect.call);
    count_live();
    changed_situation();
}

// --- the agent ----------------------------------------------------------------------------------

void ExchangeCore::carry_out(const routing::Ring &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    const CallId id = effect.call;
    const AgentId agent = effect.agent;
    if (effect.device == routing::Device::browser) {
        offer_to_browser(*call, agent, [this, id, agent](bool offered) {
            if (!offered) {
                submit(routing::AgentDeclined{agent, id, routing::DeclineCause::unreachable});
                return;
            }
            if (const LiveCall *live = find(id)) count_dispatch(*live);
        });
        return;
    }
    const Media::Tag tag = new_tag(*call, 'A');
    call->legs.push_back({.tag = tag, .role = LegRole::agent, .agent = agent});
    parts_.media.leg_out(id, tag, LegKind::plain, [=, this](Expected<std::string> offer) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->find(tag) : nullptr;
        if (leg == nullptr) return; // stopped ringing before it began
        if (!offer) {
            submit(routing::AgentDeclined{agent, id, routing::DeclineCause::unreachable});
            return;
        }
        leg->offer = std::move(*offer);
        const std::string display =
            live->municipality ? parts_.short_name(*live->municipality) : "";
        ring_phone(id, tag, parts_.phone_user(agent), display);
    });
}

void ExchangeCore::ring_phone(CallId id, const Media::Tag &tag, const std::string &target,
                              const std::string &display) {
    LiveCall *call = find(id);
    LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg == nullptr) return;
    const auto routed = machine_.state().calls.find(id);
    const bool known = routed != machine_.state().calls.end() && routed->second.number;
    const routing::Rules &rules = machine_.state().rules;
    const Duration timeout =
        leg->role == LegRole::agent ? rules.ring_timeout : rules.transfer_timeout;
    const OutgoingCall outgoing{.target = target,
                                .from_user = known ? routed->second.number->e164 : "anonymous",
                                .display_name = display,
                                .offer = std::exchange(leg->offer, {}),
                                .ring_timeout = timeout + kPhoneGrace,
                                .headers = {}};
    const LegId sip = parts_.legs.invite(outgoing, this);
    // invite may report a failure at once and change the call's legs: look the leg up again.
    call = find(id);
    leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg == nullptr) return;
    attach(*call, *leg, sip);
    if (leg->role == LegRole::agent) count_dispatch(*call);
}

void ExchangeCore::carry_out(const routing::StopRinging &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr || call->of_agent(effect.agent) == nullptr) return;
    drop_agent(*call, effect.agent, true);
    changed(effect.agent);
}

void ExchangeCore::carry_out(const routing::Connect &effect) {
    LiveCall *call = find(effect.call);
    LiveLeg *leg = call != nullptr ? call->of_agent(effect.agent) : nullptr;
    if (leg == nullptr) return;
    parts_.loop.cancel(std::exchange(call->announcement_end, Loop::TimerId::none));
    connect_caller(*call, *leg);
    changed_situation();
}

void ExchangeCore::connect_caller(LiveCall &call, LiveLeg &partner) {
    partner.talks = true;
    if (!partner.media_up) return; // the agent was quicker than the browser's SDP
    const CallId id = call.id;
    parts_.media.connect(id, kCallerTag, partner.tag, [this, id](Expected<void> result) {
        LiveCall *live = find(id);
        if (live == nullptr) return;
        remember(*live);
        if (result) return;
        log::error("media.connect_failed",
                   {{"call", id.value}, {"problem", describe(result.error())}});
        submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
    });
}

void ExchangeCore::carry_out(const routing::Hold &effect) {
    LiveCall *call = find(effect.call);
    LiveLeg *leg = call != nullptr ? call->of_agent(effect.agent) : nullptr;
    if (leg == nullptr) return;
    leg->talks = false;
    parts_.media.park(effect.call, leg->tag, [](Expected<void>) {});
    parts_.media.park(effect.call, kCallerTag, [](Expected<void>) {});
    play_music(effect.call);
    remember(*call);
}

void ExchangeCore::carry_out(const routing::Resume &effect) {
    LiveCall *call = find(effect.call);
    LiveLeg *leg = call != nullptr ? call->of_agent(effect.agent) : nullptr;
    if (leg != nullptr) connect_caller(*call, *leg);
}

void ExchangeCore::carry_out(const routing::AgentStateChanged &effect) {
    changed(effect.agent);
    changed_situation();
}

void ExchangeCore::carry_out(const routing::WrapUpDone &effect) {
    changed(effect.agent);
}

void ExchangeCore::carry_out(const routing::Refused &) {}

// --- transfer -----------------------------------------------------------------------------------

void ExchangeCore::carry_out(const routing::Transfer &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    drop_agent(*call, effect.agent, false);
    play_music(effect.call);
    const CallId id = effect.call;
    const PhoneNumber target{std::exchange(call->transfer_target, {}).reveal()};
    const std::string uri = target.e164.empty() ? "" : parts_.outside_uri(target);
    if (uri.empty()) {
        submit(routing::TransferFailed{id, routing::DeclineCause::rejected});
        return;
    }
    const Media::Tag tag = new_tag(*call, 'T');
    call->legs.push_back({.tag = tag, .role = LegRole::target});
    parts_.media.leg_out(id, tag, LegKind::plain, [this, id, tag, uri](Expected<std::string> sdp) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->find(tag) : nullptr;
        if (leg == nullptr) return;
        if (!sdp) {
            submit(routing::TransferFailed{id, routing::DeclineCause::unreachable});
            return;
        }
        leg->offer = std::move(*sdp);
        ring_phone(id, tag, uri, "");
    });
}

void ExchangeCore::carry_out(const routing::ConnectTransfer &effect) {
    LiveCall *call = find(effect.call);
    LiveLeg *target = call != nullptr ? call->of_role(LegRole::target) : nullptr;
    if (target != nullptr) connect_caller(*call, *target);
}

// --- legs ---------------------------------------------------------------------------------------

void ExchangeCore::drop_leg(LiveCall &call, const Media::Tag &tag, bool answered_elsewhere) {
    const auto found = std::find_if(call.legs.begin(), call.legs.end(),
                                    [&](const LiveLeg &leg) { return leg.tag == tag; });
    if (found == call.legs.end()) return;
    const LiveLeg leg = *found;
    call.legs.erase(found);
    journal_.remove_leg(call.id, tag);
    if (leg.sip) {
        places_.erase(leg.sip);
        parts_.legs.hang_up(leg.sip, answered_elsewhere);
    }
    if (leg.talks) parts_.media.park(call.id, kCallerTag, [](Expected<void>) {});
    parts_.media.drop(call.id, tag);
    remember(call);
}

void ExchangeCore::drop_agent(LiveCall &call, AgentId agent, bool answered_elsewhere) {
    while (const LiveLeg *leg = call.of_agent(agent)) {
        const Media::Tag tag = leg->tag;
        drop_leg(call, tag, answered_elsewhere);
    }
}

void ExchangeCore::remember(LiveCall &call) {
    journal_.put_media(call.id, parts_.media.record(call.id));
}

void ExchangeCore::on_ringing(LegId) {}

void ExchangeCore::on_answered(LegId sip, const std::string &sdp) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) {
        parts_.legs.hang_up(sip); // answered while we were giving it up
        return;
    }
    const CallId id = call->id;
    const Media::Tag tag = leg->tag;
    parts_.media.leg_out_answered(id, tag, sdp, [this, id, tag](Expected<void> result) {
        LiveCall *live = find(id);
        LiveLeg *answered = live != nullptr ? live->find(tag) : nullptr;
        if (answered == nullptr) return;
        answered->media_up = static_cast<bool>(result);
        remember(*live);
        if (answered->role == LegRole::caller) { // late offer: their SDP came with the ACK
            if (!result) submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
            return;
        }
        if (answered->role == LegRole::target) {
            submit(result ? routing::Event{routing::TransferAnswered{id}}
                          : routing::TransferFailed{id, routing::DeclineCause::unreachable});
            return;
        }
        submit(result ? routing::Event{routing::AgentAnswered{answered->agent, id}}
                      : routing::AgentDeclined{answered->agent, id,
                                               routing::DeclineCause::unreachable});
    });
}

void ExchangeCore::on_failed(LegId sip, int sip_status) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    places_.erase(sip);
    leg->sip = {};
    const CallId id = call->id;
    switch (leg->role) {
    case LegRole::caller:
        submit(routing::CallerHungUp{id, routing::HangUpCause::signalling});
        break;
    case LegRole::agent:
        submit(routing::AgentDeclined{leg->agent, id, cause_of(sip_status)});
        break;
    case LegRole::target:
        submit(routing::TransferFailed{id, cause_of(sip_status)});
        break;
    }
}

void ExchangeCore::on_ended(LegId sip, routing::HangUpCause cause) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    places_.erase(sip);
    leg->sip = {};
    const CallId id = call->id;
    switch (leg->role) {
    case LegRole::caller:
        submit(routing::CallerHungUp{id, cause});
        break;
    case LegRole::agent:
        submit(routing::AgentHungUp{leg->agent, id, cause});
        break;
    case LegRole::target:
        submit(routing::TransferTargetHungUp{id});
        break;
    }
}

// A new offer within the dialog: same ports of ours, new address of theirs. An agent's phone that
// offers hold asks for hold: the caller hears music, the desk shows it.
void ExchangeCore::on_offer(LegId sip, const std::string &sdp) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    const CallId id = call->id;
    const bool hold = is_hold(sdp);
    const bool agent_side = leg->role == LegRole::agent;
    const AgentId agent = leg->agent;
    parts_.media.leg_updated(
        id, leg->tag, sdp, [this, sip, id, agent_side, agent, hold](Expected<std::string> answer) {
            const auto [live, answered] = find(sip);
            if (answered == nullptr) return;
            if (!answer) {
                parts_.legs.answer_offer(sip, "");
                return;
            }
            parts_.legs.answer_offer(sip, *answer);
            remember(*live);
            if (!agent_side) return;
            submit(hold ? routing::Event{routing::HoldRequested{agent, id}}
                        : routing::ResumeRequested{agent, id});
        });
}

void ExchangeCore::on_refer(LegId sip, const std::string &target) {
    const auto [call, leg] = find(sip);
    const auto number = parse_phone_number(user_part(target));
    const bool allowed = leg != nullptr && leg->role == LegRole::agent && number &&
                         !parts_.outside_uri(*number).empty();
    parts_.legs.answer_refer(sip, allowed);
    if (allowed) submit_transfer(leg->agent, call->id, *number, {});
}

void ExchangeCore::on_dialog(LegId sip, const std::string &dialog_record) {
    const auto [call, leg] = find(sip);
    if (leg == nullptr) return;
    const char *role = leg->role == LegRole::caller  ? "caller"
                       : leg->role == LegRole::agent ? "agent"
                                                     : "target";
    journal_.put_leg(call->id, {leg->tag, role, false, leg->agent, dialog_record});
}

} // namespace fernamt::telephony
