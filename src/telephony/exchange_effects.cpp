// SPDX-License-Identifier: EUPL-1.2
// What decisions about the caller and the agent do to legs and sound.
#include "base/log.h"
#include "telephony/exchange_core.h"

#include <utility>

namespace fernamt::telephony {

namespace {

// routing's ring timeout comes first; this one is the safety net
constexpr Duration kPhoneGrace = 5s;
constexpr int kRequestTerminated = 487;

} // namespace

void ExchangeCore::execute(const routing::Decision &decision) {
    if (const auto *onwards = std::get_if<routing::Forward>(&decision.effect)) {
        return forward(*onwards, decision.rule);
    }
    std::visit([this](const auto &effect) { carry_out(effect); }, decision.effect);
}

// --- the caller ---------------------------------------------------------------------------------

void ExchangeCore::carry_out(const routing::Announce &effect) {
    const CallId id = effect.call;
    LiveCall *call = find(id);
    if (call == nullptr) return;
    drop_targets(*call);
    const std::string path = parts_.announcements.path(call->municipality, effect.announcement);
    answer_caller(id, [this, id, path] {
        play(id, path, 1, [this, id] { submit(routing::AnnouncementFinished{id}); });
    });
}

void ExchangeCore::carry_out(const routing::Queue &effect) {
    const CallId id = effect.call;
    LiveCall *call = find(id);
    if (call == nullptr) return;
    drop_targets(*call);
    call->municipality = effect.municipality; // whose number it is at this second
    const CrisisId crisis = effect.crisis;
    answer_caller(id, [this, id, crisis] { greet(id, crisis); });
    changed_situation();
}

void ExchangeCore::carry_out(const routing::Requeue &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    drop_targets(*call);
    drop_failed_agent(*call);
    call->coupling = Coupling::none;
    tell_place(effect.call);
    grant_wished_callback(effect.call);
    changed_situation();
}

// The line to the agent failed in the middle of a conversation: the caller hears music again.
void ExchangeCore::drop_failed_agent(LiveCall &call) {
    const auto failed = std::find_if(call.legs.begin(), call.legs.end(), [](const LiveLeg &leg) {
        return leg.role == LegRole::agent && !leg.left;
    });
    if (failed == call.legs.end()) return;
    call.whispering = false;
    drop_agent(call, failed->agent, false);
    play_music(call.id);
}

void ExchangeCore::carry_out(const routing::StillWaits &) {
    changed_situation();
}

void ExchangeCore::carry_out(const routing::Corrected &effect) {
    if (LiveCall *call = find(effect.call)) call->municipality = effect.to;
    changed(effect.agent);
    changed_situation();
}

void ExchangeCore::carry_out(const routing::End &effect) {
    callback_numbers_.erase(effect.call);
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    parts_.loop.cancel(call->announcement_end);
    tell_referrer(*call, kRequestTerminated); // the caller has not waited for the one who rings
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
    const bool callback = effect.callback;
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
    release_referrer(agent);
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
        ring_phone(id, tag, agent, callback);
    });
}

void ExchangeCore::ring_phone(CallId id, const Media::Tag &tag, AgentId agent, bool callback) {
    LiveCall *call = find(id);
    LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg == nullptr) return;
    const std::string town = call->municipality ? parts_.short_name(*call->municipality) : "";
    const OutgoingCall outgoing{.target = parts_.phone_user(agent),
                                .from_user = shown_number(id),
                                .display_name = callback ? "Rückruf " + town : town,
                                .offer = std::exchange(leg->offer, {}),
                                .ring_timeout = machine_.state().rules.ring_timeout + kPhoneGrace,
                                .headers = {},
                                .max_forwards = call->way.max_forwards - 1};
    const LegId sip = parts_.legs.invite(outgoing, this);
    if (attach_invited(id, tag, sip) != nullptr) count_dispatch(*find(id));
}

// invite() may report a failure at once and change the call's legs: looked up again.
LiveLeg *ExchangeCore::attach_invited(CallId id, const Media::Tag &tag, LegId sip) {
    LiveCall *call = find(id);
    LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg != nullptr) attach(*call, *leg, sip);
    return leg;
}

void ExchangeCore::carry_out(const routing::StopRinging &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr || call->of_agent(effect.agent) == nullptr) return;
    drop_agent(*call, effect.agent, true);
    changed(effect.agent);
    grant_wished_callback(effect.call);
}

void ExchangeCore::carry_out(const routing::Connect &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    if (!whisper(*call, effect.agent)) couple(*call, Coupling::agent);
    changed(effect.agent);
    changed_situation();
}

void ExchangeCore::carry_out(const routing::Hold &effect) {
    LiveCall *call = find(effect.call);
    const LiveLeg *leg = call != nullptr ? call->of_agent(effect.agent) : nullptr;
    if (leg == nullptr) return;
    call->coupling = Coupling::none;
    if (std::exchange(call->whispering, false)) parts_.media.stop(effect.call, leg->tag);
    parts_.media.park(effect.call, leg->tag, [](Expected<void>) {});
    play_music(effect.call);
    remember(*call);
}

void ExchangeCore::carry_out(const routing::Resume &effect) {
    if (LiveCall *call = find(effect.call)) couple(*call, Coupling::agent);
}

void ExchangeCore::carry_out(const routing::AgentStateChanged &effect) {
    changed(effect.agent);
    changed_situation();
}

void ExchangeCore::carry_out(const routing::WrapUpDone &effect) {
    changed(effect.agent);
}

void ExchangeCore::carry_out(const routing::Refused &) {}

// --- legs ---------------------------------------------------------------------------------------

void ExchangeCore::drop_leg(LiveCall &call, const Media::Tag &tag, bool answered_elsewhere) {
    const auto found = std::find_if(call.legs.begin(), call.legs.end(),
                                    [&](const LiveLeg &leg) { return leg.tag == tag; });
    if (found == call.legs.end()) return;
    const LegId sip = found->sip;
    if (found->left) referrers_.erase(found->agent);
    call.legs.erase(found);
    journal_.remove_leg(call.id, tag);
    if (sip) {
        places_.erase(sip);
        parts_.legs.hang_up(sip, answered_elsewhere);
    }
    parts_.media.drop(call.id, tag); // whoever it talked to is parked
    remember(call);
}

// Also its browser replacements and its second line.
void ExchangeCore::drop_agent(LiveCall &call, AgentId agent, bool answered_elsewhere,
                              const Media::Tag &but) {
    std::vector<Media::Tag> tags;
    for (const LiveLeg &leg : call.legs) {
        const bool theirs = leg.role == LegRole::agent && leg.agent == agent;
        if (theirs && leg.tag != but) tags.push_back(leg.tag);
    }
    for (const Media::Tag &tag : tags)
        drop_leg(call, tag, answered_elsewhere);
}

// The agent has left a call that goes on. A phone that has asked for this by REFER is told how it
// goes (RFC 3515 2.4.5) before its line ends; it neither hears nor is heard any more.
void ExchangeCore::release_agent(LiveCall &call, AgentId agent) {
    Media::Tag waits;
    for (LiveLeg &leg : call.legs) {
        if (!waits.empty() || leg.agent != agent || !leg.referred || !leg.sip) continue;
        waits = leg.tag;
        leg.left = true;
        referrers_[agent] = call.id;
        parts_.media.park(call.id, waits, [](Expected<void>) {});
    }
    drop_agent(call, agent, false, waits);
}

void ExchangeCore::release_referrer(AgentId agent) {
    const auto waits = referrers_.find(agent);
    if (waits == referrers_.end()) return;
    LiveCall *call = find(waits->second);
    const LiveLeg *leg = call != nullptr ? call->referrer() : nullptr;
    referrers_.erase(waits);
    if (leg == nullptr) return;
    const Media::Tag tag = leg->tag;
    drop_leg(*call, tag, false); // hang_up() says that we have taken the transfer over
}

// A turn of the loop changes a call's sound several times: recorded and written when it ends. A
// kill in between finds the journal as it was before the turn.
void ExchangeCore::remember(const LiveCall &call) {
    if (unremembered_.empty()) write_journal_later();
    unremembered_.insert(call.id);
}

void ExchangeCore::write_journal_later() {
    parts_.loop.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) write_journal();
    });
}

void ExchangeCore::write_journal() {
    for (const CallId id : std::exchange(unremembered_, {})) {
        if (find(id) != nullptr) journal_.put_media(id, parts_.media.record(id));
    }
    journal_.flush();
}

} // namespace fernamt::telephony
