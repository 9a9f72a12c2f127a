// SPDX-License-Identifier: EUPL-1.2
// New rules while calls run: what runs goes on to its end, also of an agent who is gone; what waits
// obeys the new rules from now on, and keeps its place.
#include "routing/switchboard.h"

namespace fernamt::routing {

Switchboard::Outcome Switchboard::on(const RulesChanged &e) {
    state.rules = sorted(e.rules);
    std::vector<AgentId> gone;
    for (const auto &[id, agent] : state.agents) {
        if (!agent.helps && !is_agent(state.rules, id)) gone.push_back(id);
    }
    for (const AgentId id : state.rules.agents) {
        const auto [at, added] = state.agents.try_emplace(id);
        if (!added) continue;
        at->second.id = id;
        at->second.state_since = now;
        at->second.idle_since = now;
    }
    for (auto &[id, call] : state.calls) {
        if (call.state == CallState::waiting && call.place) {
            call.relaxations = relaxations_due(call);
            call.until = next_change(call);
            newly_waiting.push_back(id);
        }
        if (call.state == CallState::transferring && call.outside != Outside::office) {
            call.until = call.state_since + state.rules.transfer_timeout;
        }
    }
    index = Index(state);
    for (const AgentId id : gone)
        dismiss(state.agents.at(id), Rule::rules_changed);
    return kDone;
}

} // namespace fernamt::routing
