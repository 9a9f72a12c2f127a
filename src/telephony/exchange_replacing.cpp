// SPDX-License-Identifier: EUPL-1.2
// A phone takes the place of one of its user's own lines (INVITE with Replaces, RFC 3891): it has
// been restarted, or its user goes on at another one. Whose line it is CallLegs has checked. The
// other side's leg is not touched, and nobody else notices: who talks to whom has not changed, so
// routing and ledger learn of it only if the line still rang (it is answered then) or if the phone
// that goes has held the call and the one that comes does not.
#include "telephony/exchange_core.h"
#include "telephony/sdp.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr int kNotAcceptable = 488, kDecline = 603;

} // namespace

void ExchangeCore::replace(const IncomingCall &incoming) {
    const auto refuse = [&](int status, const char *why) {
        parts_.legs.reject(incoming.leg, status, reason_header(status, why));
    };
    const auto [call, old] = find(incoming.replaces);
    if (old == nullptr || old->left || old->replaced) return refuse(kDecline, "Call is over");
    const bool somebody_comes =
        std::any_of(call->legs.begin(), call->legs.end(),
                    [&](const LiveLeg &other) { return other.takes_place_of == old->tag; });
    const bool waits_for_sound = old->role == LegRole::caller && !old->media_up;
    if (somebody_comes || waits_for_sound) return refuse(kDecline, "Not now");
    if (incoming.offer.empty()) return refuse(kNotAcceptable, "No offer");

    const CallId id = call->id;
    const Media::Tag tag = new_tag(*call, old->tag.front());
    call->legs.push_back({.tag = tag,
                          .role = old->role,
                          .agent = old->agent,
                          .dialled = old->dialled,
                          .holds = sdp::is_hold(incoming.offer),
                          .takes_place_of = old->tag});
    attach(*call, call->legs.back(), incoming.leg);
    parts_.legs.listen(incoming.leg, this);
    parts_.media.leg_in(
        id, tag, LegKind::plain, incoming.offer,
        [this, id, tag](const Expected<std::string> &answer) { take_place(id, tag, answer); });
}

void ExchangeCore::take_place(CallId id, const Media::Tag &tag,
                              const Expected<std::string> &answer) {
    LiveCall *call = find(id);
    LiveLeg *fresh = call != nullptr ? call->find(tag) : nullptr;
    if (fresh == nullptr) return; // cancelled, or the call has ended
    const Media::Tag place = std::exchange(fresh->takes_place_of, {});
    LiveLeg *old = call->find(place);
    if (!answer || old == nullptr || old->left) {
        const int status = answer ? kDecline : kNotAcceptable;
        parts_.legs.reject(fresh->sip, status, reason_header(status, "Not now"));
        return drop_leg(*call, tag, false);
    }
    const bool rang = !old->media_up;
    const bool hold_changes = old->holds != fresh->holds;
    old->replaced = true;
    fresh->media_up = true;
    parts_.legs.answer(fresh->sip, *answer);
    const bool to_music = call->coupling == Coupling::none || call->coupling == Coupling::consult;
    if (fresh->role == LegRole::caller && to_music) hear_music(*call, tag);
    settle_sound(*call);
    const bool in_talk = fresh->role == LegRole::agent && !fresh->dialled;
    const AgentId agent = fresh->agent;
    const bool holds = fresh->holds;
    drop_leg(*call, place, rang);
    if (rang) return submit(event_answered(*call, *call->find(tag)));
    if (!in_talk || !hold_changes) return;
    submit(holds ? routing::Event{routing::HoldRequested{agent, id}}
                 : routing::ResumeRequested{agent, id});
}

bool ExchangeCore::gave_up_place(LiveCall &call, const LiveLeg &leg) {
    if (leg.takes_place_of.empty()) return false;
    const Media::Tag tag = leg.tag;
    drop_leg(call, tag, false);
    return true;
}

} // namespace fernamt::telephony
