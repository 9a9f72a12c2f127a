// SPDX-License-Identifier: EUPL-1.2
// Conferences in RtpengineMedia: each participant is coupled with a port of our mixer (tag
// "m<tag>", on the inside interface). A participant that is connected, parked or dropped leaves;
// its mixer leg goes with it.
#include "telephony/media_rtpengine.h"
#include "telephony/media_steps.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

void RtpengineMedia::conference(CallId id, const std::vector<Tag> &tags, Done done) {
    const auto *call = find(id);
    const bool known =
        call != nullptr && std::all_of(tags.begin(), tags.end(), [&](const Tag &tag) {
            const auto *leg = find(id, tag);
            return leg != nullptr && leg->complete;
        });
    if (!known) return later([done] { done(no_leg()); });
    struct Progress {
        std::size_t open = 0;
        Expected<void> result;
    };
    auto progress = std::make_shared<Progress>();
    progress->open = tags.size();
    const auto one_done = [progress, done](Expected<void> result) {
        if (!result) progress->result = std::move(result);
        if (--progress->open == 0) done(progress->result);
    };
    for (const Tag &tag : tags)
        join_mixer(id, tag, one_done);
}

void RtpengineMedia::join_mixer(CallId id, const Tag &tag, const Done &done) {
    const auto *present = find(id, find(id, tag)->partner);
    if (present != nullptr && present->kind == LegKind::inside) {
        return later([done] { done({}); }); // is in it already
    }
    const Tag port = "m" + std::to_string(find(id)->next_leg); // never one of before
    auto offer = mixer_.open(id.value, port, find(id)->telephone_event);
    if (!offer) return later([done, offer] { done(tl::unexpected(offer.error())); });
    leg_in(id, port, LegKind::inside, *offer, [this, id, port](Expected<std::string> answer) {
        if (answer) (void)mixer_.answer(id.value, port, *answer);
    });
    connect(id, tag, port, done);
}

// Called when a leg's partner is no longer wished.
void RtpengineMedia::leave_mixer(CallId id, const Tag &port) {
    mixer_.close(id.value, port);
    drop(id, port);
}

} // namespace fernamt::telephony
