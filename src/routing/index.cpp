// SPDX-License-Identifier: EUPL-1.2
#include "routing/index.h"

namespace fernamt::routing {

Index Index::of(const State &state) {
    Index index;
    index.transfer_timeout = state.rules.transfer_timeout;
    for (const auto &[id, call] : state.calls)
        index.add(call);
    for (const auto &[id, agent] : state.agents)
        index.add(agent);
    return index;
}

void Index::add(const Call &call) {
    if (call.state == CallState::waiting) waiting.insert({call.offered_at, call.id});
    if (call.state == CallState::transferring) {
        deadlines.insert({call.state_since + transfer_timeout, Deadline::Of::call, call.id.value});
    }
}

void Index::remove(const Call &call) {
    if (call.state == CallState::waiting) waiting.erase({call.offered_at, call.id});
    if (call.state == CallState::transferring) {
        deadlines.erase({call.state_since + transfer_timeout, Deadline::Of::call, call.id.value});
    }
}

void Index::add(const Agent &agent) {
    if (agent.state != AgentState::signed_out) ++signed_in;
    if (agent.state == AgentState::ready) idle.insert({agent.idle_since, agent.id});
    if (agent.until) deadlines.insert({*agent.until, Deadline::Of::agent, agent.id.value});
}

void Index::remove(const Agent &agent) {
    if (agent.state != AgentState::signed_out) --signed_in;
    if (agent.state == AgentState::ready) idle.erase({agent.idle_since, agent.id});
    if (agent.until) deadlines.erase({*agent.until, Deadline::Of::agent, agent.id.value});
}

} // namespace fernamt::routing
