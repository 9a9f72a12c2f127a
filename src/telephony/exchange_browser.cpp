// SPDX-License-Identifier: EUPL-1.2
// Voice in a browser page. A page lives shorter than a call: it is reloaded, another window takes
// over, the network goes away. A browser leg belongs to one RTCPeerConnection and is never offered
// again (docs/decisions/0007), so a page that comes back gets a fresh leg in the same call; the
// old one carries the voice until the new one is answered. No event, no ledger: who talks to whom
// has not changed.
#include "routing/refusal.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace fernamt::telephony {

namespace {

auto other_call() {
    return fail(ProblemKind::conflict, "desk.other_call");
}

bool is_under_way(const LiveLeg &leg, AgentId agent) {
    return leg.role == LegRole::agent && leg.agent == agent && !leg.media_up;
}

} // namespace

void ExchangeCore::offer_to_browser(LiveCall &call, AgentId agent,
                                    const std::function<void(bool)> &then) {
    const CallId id = call.id;
    const Media::Tag tag = new_tag(call, 'A');
    call.legs.push_back(
        {.tag = tag, .role = LegRole::agent, .kind = LegKind::browser, .agent = agent});
    parts_.media.leg_out(id, tag, LegKind::browser, [=, this](Expected<std::string> offer) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->find(tag) : nullptr;
        if (leg == nullptr) return; // given up meanwhile
        if (!offer) {
            drop_leg(*live, tag, false);
            then(false);
            return;
        }
        leg->offer = std::move(*offer);
        journal_.put_leg(id, {tag, "agent", true, agent, ""});
        changed(agent);
        then(true);
    });
}

Expected<void> ExchangeCore::resume_phone(const AgentCommand &command) {
    const auto &agents = machine_.state().agents;
    const auto agent = agents.find(command.agent);
    if (agent == agents.end()) return fail(ProblemKind::forbidden, "desk.no_agent");
    if (command.call && agent->second.call != command.call) return other_call();
    LiveCall *call = agent->second.call ? find(*agent->second.call) : nullptr;
    const LiveLeg *leg = call != nullptr ? call->of_agent(command.agent) : nullptr;
    if (leg == nullptr || leg->kind != LegKind::browser) {
        return fail(ProblemKind::conflict, "desk.not_now",
                    {{"reason", std::string(routing::refusal::kAgentNotInCall)}});
    }
    const bool offered =
        std::any_of(call->legs.begin(), call->legs.end(),
                    [&](const LiveLeg &other) { return is_under_way(other, command.agent); });
    if (!offered) offer_to_browser(*call, command.agent, [](bool) {});
    return {};
}

void ExchangeCore::browser_answer(AgentId agent, const std::string &tag, const std::string &sdp,
                                  Done done) {
    parts_.loop.post([this, agent, tag, sdp, done = std::move(done)] {
        const auto found = machine_.state().agents.find(agent);
        const bool in_call = found != machine_.state().agents.end() && found->second.call;
        LiveCall *call = in_call ? find(*found->second.call) : nullptr;
        const LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
        if (leg == nullptr || leg->agent != agent || leg->offer.empty()) return done(other_call());
        const CallId id = call->id;
        parts_.media.leg_out_answered(id, tag, sdp,
                                      [this, id, tag, agent, done](const Expected<void> &result) {
                                          if (!result) return done(result);
                                          take_answer(id, tag, agent, done);
                                      });
    });
}

void ExchangeCore::take_answer(CallId id, const Media::Tag &tag, AgentId agent, const Done &done) {
    LiveCall *call = find(id);
    LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg == nullptr) return done(other_call());
    leg->media_up = true;
    leg->offer.clear();
    carry_voice(*call, tag);
    remember(*call);
    changed(agent);
    done({});
}

// What was decided for the leg in use holds for the one that was answered now; older ones go.
void ExchangeCore::carry_voice(LiveCall &call, const Media::Tag &tag) {
    const AgentId agent = call.find(tag)->agent;
    std::vector<Media::Tag> older;
    for (LiveLeg &leg : call.legs) {
        if (leg.role != LegRole::agent || leg.agent != agent || leg.tag == tag) continue;
        leg.replaced = true;
        older.push_back(leg.tag);
    }
    settle_sound(call);
    for (const Media::Tag &old : older)
        drop_leg(call, old, false);
}

} // namespace fernamt::telephony
