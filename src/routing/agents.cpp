// SPDX-License-Identifier: EUPL-1.2
// Who is there: signing in and out, ready, pause, the lead's skills.
#include "routing/switchboard.h"

namespace fernamt::routing {

bool Switchboard::belongs(const Agent &agent) const {
    return agent.helps ? state.crises.contains(agent.helps) : is_agent(state.rules, agent.id);
}

Switchboard::Outcome Switchboard::on(const AgentSignedIn &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent || !belongs(*agent)) return refusal::kAgentUnknown;
    if (agent->state == AgentState::signed_out) {
        agent->device = e.device;
        if (e.paused) {
            enter(*agent, AgentState::paused, Rule::agent_request, clear_call);
        } else {
            become_ready(*agent, now, Rule::agent_request);
        }
        return kDone;
    }
    if (agent->device == e.device && !agent->sign_out_after_call) {
        return refusal::kAlreadySignedIn;
    }
    agent->device = e.device; // the next call rings there
    agent->sign_out_after_call = false;
    tell(*agent, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const AgentSignedOut &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    switch (agent->state) {
    case AgentState::signed_out:
        return refusal::kAgentSignedOut;
    case AgentState::talking:
    case AgentState::held:
        if (agent->sign_out_after_call) return refusal::kAlreadyRequested;
        agent->sign_out_after_call = true;
        tell(*agent, Rule::agent_request);
        return kDone;
    case AgentState::after_call_work:
        agent->sign_out_after_call = true;
        finish_work(*agent, Rule::agent_request);
        return kDone;
    case AgentState::ringing:
        give_back(*agent, Rule::agent_request);
        break;
    case AgentState::ready:
    case AgentState::paused:
    case AgentState::missed:
        break;
    }
    sign_out(*agent, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const AgentReady &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    switch (agent->state) {
    case AgentState::signed_out:
        return refusal::kAgentSignedOut;
    case AgentState::ready:
        return refusal::kAlreadyReady;
    case AgentState::ringing:
        return refusal::kAgentRinging;
    case AgentState::talking:
    case AgentState::held: // takes a wish for pause or sign-out back
        if (!withdraw_wishes(*agent)) return refusal::kAgentInCall;
        tell(*agent, Rule::agent_request);
        return kDone;
    case AgentState::after_call_work:
        withdraw_wishes(*agent);
        finish_work(*agent, Rule::agent_request);
        return kDone;
    case AgentState::paused:
    case AgentState::missed:
        break;
    }
    become_ready(*agent, now, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const AgentPaused &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    switch (agent->state) {
    case AgentState::signed_out:
        return refusal::kAgentSignedOut;
    case AgentState::paused:
        return refusal::kAlreadyPaused;
    case AgentState::talking:
    case AgentState::held:
    case AgentState::after_call_work:
        if (agent->pause_after_call) return refusal::kAlreadyRequested;
        agent->pause_after_call = true;
        tell(*agent, Rule::agent_request);
        return kDone;
    case AgentState::ringing:
        give_back(*agent, Rule::agent_request);
        break;
    case AgentState::ready:
    case AgentState::missed:
        break;
    }
    enter(*agent, AgentState::paused, Rule::agent_request, clear_call);
    return kDone;
}

// Takes effect at once: whoever waits for just this skill rings in the same moment. A call that
// rings or talks already stays where it is.
Switchboard::Outcome Switchboard::on(const SkillsAssigned &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent || agent->helps) return refusal::kAgentUnknown;
    index.remove(*agent);
    index.forget(agent->id);
    agent->skills = e.skills;
    if (agent->skills) agent->skills = sorted(std::move(*agent->skills));
    index.add(*agent);
    tell(*agent, Rule::lead_request);
    return kDone;
}

void Switchboard::become_ready(Agent &agent, Instant idle_since, Rule rule) {
    enter(agent, AgentState::ready, rule, [idle_since](Agent &a) {
        clear_call(a);
        a.idle_since = idle_since;
    });
}

void Switchboard::sign_out(Agent &agent, Rule rule) {
    enter(agent, AgentState::signed_out, rule, [](Agent &a) {
        clear_call(a);
        a.pause_after_call = false;
        a.sign_out_after_call = false;
    });
    if (!belongs(agent)) erase(agent.id);
}

void Switchboard::erase(AgentId agent) {
    index.forget(agent);
    state.agents.erase(agent);
}

void Switchboard::go_on_after_work(Agent &agent, Instant at, Rule rule) {
    if (agent.sign_out_after_call) return sign_out(agent, rule);
    if (!agent.pause_after_call) return become_ready(agent, at, rule);
    enter(agent, AgentState::paused, rule, [](Agent &a) {
        clear_call(a);
        a.pause_after_call = false;
    });
}

// An agent whom the rules have dismissed stays dismissed.
bool Switchboard::withdraw_wishes(Agent &agent) {
    const bool may_stay = belongs(agent);
    const bool wished = agent.pause_after_call || (agent.sign_out_after_call && may_stay);
    agent.pause_after_call = false;
    if (may_stay) agent.sign_out_after_call = false;
    return wished;
}

void Switchboard::dismiss(Agent &agent, Rule rule) {
    if (in_conversation(agent) || agent.state == AgentState::after_call_work) {
        if (agent.sign_out_after_call) return;
        agent.sign_out_after_call = true;
        return tell(agent, rule);
    }
    if (agent.state == AgentState::signed_out) return erase(agent.id);
    if (agent.state == AgentState::ringing) give_back(agent, rule);
    sign_out(agent, rule);
}

} // namespace fernamt::routing
