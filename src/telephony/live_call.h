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

// target: whoever was dialled for this call: transfer, consultation, office, partner.
enum class LegRole { caller, agent, target };

// Who is to hear whom; the legs' sound may come up later than this is decided.
enum class Coupling {
    none,       // the caller hears announcements or music, everybody else nothing
    agent,      // caller and agent
    target,     // caller and target
    consult,    // agent and target; the caller hears music
    conference, // all three
};

struct LiveLeg {
    Media::Tag tag;
    LegRole role = LegRole::caller;
    LegKind kind = LegKind::plain;
    LegId sip;         // 0 for a browser leg and before the INVITE is out
    AgentId agent;     // role agent
    std::string offer; // browser: our offer until the desk has answered
    bool media_up = false;
    bool replaced = false; // a newer leg of the same agent carries the voice: about to go
    bool dialled = false;  // the agent's phone dialled this leg itself: its second line
    bool holds = false;    // its far end's last offer was a hold
    bool referred = false; // its phone has asked us to transfer (REFER) and was told 202
    bool rang = false;     // its far end has said so (18x)
    // Comes up to take this one's place: the same phone user's, see exchange_replacing.cpp.
    Media::Tag takes_place_of;
    bool left = false; // its agent has left the call; the phone waits to be told how it went
    // Whoever was dialled is decided to be let go, which waits until it is written down: what it
    // does until then is not what the next one does.
    bool given_up = false;
    // Browser: whom it has heard, oldest first. Going back to an earlier one needs a fresh leg
    // (docs/decisions/0007).
    std::vector<Media::Tag> heard;

    [[nodiscard]] bool in_use() const { return !replaced && !dialled && !left; }
};

struct LiveCall {
    CallId id;
    std::vector<LiveLeg> legs;
    std::string caller_offer;     // until the caller's sound has been set up
    std::string caller_answer;    // our SDP, until the caller is answered
    Redacted<std::string> caller; // empty if withheld
    std::int64_t caller_key = 0;  // its pseudonym, see caller_key.h
    WayHere way;
    Redacted<std::string> target; // E.164, from the request until it is dialled
    bool target_is_consulted = false;
    std::optional<MunicipalityId> municipality;
    Coupling coupling = Coupling::none;
    int conferences = 0;
    Loop::TimerId announcement_end = Loop::TimerId::none;
    Instant ring_decided_at;                // for the dispatch figure
    std::optional<Instant> place_due;       // while it waits: when it is told its place again,
    std::optional<Instant> information_due; // and the municipality's next information
    int informations = 0;                   // how many of them it has heard
    int next_tag = 1;
    bool prepared = false;       // the caller's sound is set up
    bool answered = false;       // 200 has been sent to the caller
    bool wants_callback = false; // pressed the key while a phone rang for it
    bool whispering = false;     // the agent hears the municipality's name, then the caller

    [[nodiscard]] LiveLeg *find(const Media::Tag &tag) {
        return first([&](const LiveLeg &leg) { return leg.tag == tag; });
    }
    // The one in use; a browser's replacement, not answered yet, comes after it.
    [[nodiscard]] LiveLeg *of_agent(AgentId agent) {
        return first([&](const LiveLeg &leg) {
            return leg.role == LegRole::agent && leg.agent == agent && leg.in_use();
        });
    }
    [[nodiscard]] LiveLeg *of_role(LegRole role) {
        return first([&](const LiveLeg &leg) { return leg.role == role && leg.in_use(); });
    }
    // The line of a phone that waits to be told how the transfer it asked for goes.
    [[nodiscard]] LiveLeg *referrer() {
        return first([](const LiveLeg &leg) { return leg.left; });
    }
    // The agent's second line, which the phone itself has dialled for a consultation.
    [[nodiscard]] LiveLeg *second_line() {
        return first([](const LiveLeg &leg) { return leg.dialled && !leg.left && !leg.replaced; });
    }

  private:
    template <class F>
    [[nodiscard]] LiveLeg *first(F fits) {
        const auto found = std::find_if(legs.begin(), legs.end(), fits);
        return found == legs.end() ? nullptr : &*found;
    }
};

inline constexpr const char *kCallerTag = "C";
inline constexpr char kSecondLine = 'P'; // first letter of its tag

} // namespace fernamt::telephony
