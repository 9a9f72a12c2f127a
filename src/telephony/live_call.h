// SPDX-License-Identifier: EUPL-1.2
// The legs of one citizen call as the exchange sees them: who is at the far end, whether sound can
// flow, what is still under way. What is decided about the call stands in routing's state; here is
// only what telephony needs to carry decisions out.
#pragma once

#include "base/id.h"
#include "base/redacted.h"
#include "telephony/call_leg.h"
#include "telephony/loop.h"
#include "telephony/media.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::telephony {

enum class LegRole { caller, agent, target };

struct LiveLeg {
    Media::Tag tag;
    LegRole role = LegRole::caller;
    LegKind kind = LegKind::plain;
    LegId sip;         // 0 for a browser leg and before the INVITE is out
    AgentId agent;     // role agent
    std::string offer; // browser: our offer until the desk has answered
    bool media_up = false;
    bool talks = false; // decided to talk to the caller: coupled, or as soon as media_up
};

struct LiveCall {
    CallId id;
    std::vector<LiveLeg> legs;
    std::string caller_offer;              // until the caller is answered
    Redacted<std::string> caller;          // empty if withheld
    Redacted<std::string> transfer_target; // E.164, from the request until it is dialled
    std::optional<MunicipalityId> municipality;
    Loop::TimerId announcement_end = Loop::TimerId::none;
    Instant ring_decided_at; // for the dispatch figure
    int next_tag = 1;
    bool answered = false; // 200 has been sent to the caller

    [[nodiscard]] LiveLeg *find(const Media::Tag &tag) {
        const auto found = std::find_if(legs.begin(), legs.end(),
                                        [&](const LiveLeg &leg) { return leg.tag == tag; });
        return found == legs.end() ? nullptr : &*found;
    }
    // The one in use; a browser's replacement, not answered yet, comes after it.
    [[nodiscard]] LiveLeg *of_agent(AgentId agent) {
        const auto found = std::find_if(legs.begin(), legs.end(), [&](const LiveLeg &leg) {
            return leg.role == LegRole::agent && leg.agent == agent;
        });
        return found == legs.end() ? nullptr : &*found;
    }
    [[nodiscard]] LiveLeg *of_role(LegRole role) {
        const auto found = std::find_if(legs.begin(), legs.end(),
                                        [&](const LiveLeg &leg) { return leg.role == role; });
        return found == legs.end() ? nullptr : &*found;
    }
};

inline constexpr const char *kCallerTag = "C";

} // namespace fernamt::telephony
