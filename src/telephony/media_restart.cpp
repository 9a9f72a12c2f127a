// SPDX-License-Identifier: EUPL-1.2
// Media after a restart of ours: what is written down of a call, and how it is commanded again.
#include "base/log.h"
#include "telephony/media_rtpengine.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {
namespace {

constexpr Duration kTryAgainAfter = 1s, kLongestPause = 10s; // twice as long each time

const char *name_of(LegKind kind) {
    if (kind == LegKind::browser) return "browser";
    return kind == LegKind::inside ? "inside" : "plain";
}

LegKind kind_named(const std::string &name) {
    if (name == "browser") return LegKind::browser;
    return name == "inside" ? LegKind::inside : LegKind::plain;
}

} // namespace

std::string RtpengineMedia::record(CallId id) const {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second->ended) return {};
    const auto &call = *found->second;
    ng::DictText legs;
    for (const auto &[tag, leg] : call.legs) {
        ng::DictText one;
        one.put("kind", name_of(leg.kind)).put("number", leg.number);
        one.put("far", leg.complete ? sdp::write(leg.far) : "");
        one.put("held", leg.held ? 1 : 0).put("local", leg.local);
        one.put("version", leg.version).put("partner", leg.partner);
        legs.put(tag, one);
    }
    ng::DictText all;
    all.put("codec", call.codec == sdp::Codec::pcma ? "pcma" : "pcmu");
    all.put("codec_known", call.codec_known ? 1 : 0);
    all.put("telephone_event", call.telephone_event).put("next_leg", call.next_leg);
    return all.put("legs", legs).text();
}

// Who speaks after a restart may be unheard then: somebody has to know, and as long as the call
// lives it is tried again. What rtpengine itself has lost stays lost.
void RtpengineMedia::try_again(CallId id, const Expected<void> &result, Duration after,
                               const std::function<void(Duration next)> &work) {
    if (result || result.error().code == "media.ended" || result.error().code == "media.lost")
        return;
    log::error("media.not_restored", {{"problem", describe(result.error())}});
    loop_.after(after, [this, alive = std::weak_ptr(alive_), id, after, work] {
        if (!alive.expired() && find(id) != nullptr) work(std::min(2 * after, kLongestPause));
    });
}

void RtpengineMedia::settle_restored(CallId id, const Tag &tag, Duration again_after) {
    if (find(id, tag) == nullptr) return;
    add(*find(id), {[this, tag](Call &now) { return settle(now, tag); },
                    [this, id, tag, again_after](Expected<void> result) {
                        try_again(id, result, again_after,
                                  [=, this](Duration next) { settle_restored(id, tag, next); });
                    }});
}

// After a restart the old mixer is gone: the participants meet again in a new one.
void RtpengineMedia::rebuild_conference(CallId id) {
    std::vector<Tag> participants;
    for (const auto &[tag, leg] : find(id)->legs) {
        const auto *partner = find(id, leg.partner);
        if (leg.kind != LegKind::inside && partner != nullptr && partner->kind == LegKind::inside)
            participants.push_back(tag);
    }
    if (participants.empty()) return;
    for (const Tag &tag : participants)
        park(id, tag, [](Expected<void>) {}); // the old port goes with it
    meet_again(id, participants, kTryAgainAfter);
}

void RtpengineMedia::meet_again(CallId id, const std::vector<Tag> &participants,
                                Duration again_after) {
    conference(id, participants, [this, id, participants, again_after](Expected<void> result) {
        try_again(id, result, again_after,
                  [=, this](Duration next) { meet_again(id, participants, next); });
    });
}

bool RtpengineMedia::restore(CallId id, const std::string &record) {
    const auto dict = ng::decode(record);
    const auto *legs = dict ? ng::dictionary(*dict, "legs") : nullptr;
    const auto *codec = dict ? ng::text(*dict, "codec") : nullptr;
    if (legs == nullptr || codec == nullptr || calls_.contains(id)) return false;
    auto call = std::make_unique<Call>();
    call->id = id;
    call->generation = ng_->generation();
    call->codec = *codec == "pcma" ? sdp::Codec::pcma : sdp::Codec::pcmu;
    call->codec_known = ng::number(*dict, "codec_known").value_or(0) != 0;
    call->telephone_event =
        static_cast<int>(ng::number(*dict, "telephone_event").value_or(sdp::kTelephoneEvent));
    call->next_leg = static_cast<int>(ng::number(*dict, "next_leg").value_or(1));
    for (const auto &[tag, value] : *legs) {
        const auto *fields = std::get_if<ng::Dict>(&value.is);
        const auto *kind = fields == nullptr ? nullptr : ng::text(*fields, "kind");
        const auto *far = fields == nullptr ? nullptr : ng::text(*fields, "far");
        const auto *local = fields == nullptr ? nullptr : ng::text(*fields, "local");
        const auto *partner = fields == nullptr ? nullptr : ng::text(*fields, "partner");
        if (kind == nullptr || far == nullptr || local == nullptr || partner == nullptr)
            return false;
        Leg leg;
        leg.kind = kind_named(*kind);
        if (!far->empty()) {
            auto audio = sdp::parse(*far);
            if (!audio) return false;
            leg.far = std::move(*audio);
            leg.complete = true;
        }
        leg.number = static_cast<int>(ng::number(*fields, "number").value_or(0));
        leg.version = static_cast<int>(ng::number(*fields, "version").value_or(1));
        leg.held = ng::number(*fields, "held").value_or(0) != 0;
        leg.local = *local;
        leg.partner = leg.coupled = *partner;
        leg.doubt = true;
        call->legs.emplace(tag, std::move(leg));
    }
    auto &restored = *(calls_[id] = std::move(call));
    for (const auto &[tag, leg] : restored.legs) {
        if (leg.partner < tag) continue; // once for each pair
        settle_restored(id, tag, kTryAgainAfter);
    }
    rebuild_conference(id);
    return true;
}

} // namespace fernamt::telephony
