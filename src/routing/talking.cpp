// SPDX-License-Identifier: EUPL-1.2
// An agent and a call: ringing, talking, hold, correction of the municipality, the work afterwards.
#include "routing/switchboard.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

// A price class is a name within one agreement: the same number means another price in the next.
// So it is that of this town's line for the same purpose when the call came, of several the
// first by number; without one the agreement's. Of the line that was dialled where it is this
// town's.
std::int64_t price_class_in(MunicipalityId town, const Call &call, const Rules &rules) {
    const auto valid = [&](const PhoneNumber &number) {
        return find_number(rules, number, call.offered_at);
    };
    const Number *dialled = call.number ? valid(*call.number) : nullptr;
    if (dialled && dialled->municipality == town) return dialled->price_class;
    const auto line = std::ranges::find_if(rules.numbers, [&](const Number &one) {
        return one.municipality == town && one.scope == call.scope && valid(one.number) == &one;
    });
    return line != rules.numbers.end() ? line->price_class : 0;
}

} // namespace

Switchboard::Outcome Switchboard::on(const AgentAnswered &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (agent->state != AgentState::ringing || agent->call != e.call) return refusal::kNotRinging;
    Call &call = state.calls.at(e.call);
    if (!is_on_line(call)) {
        dial_citizen(call, *agent);
        return kDone;
    }
    update(call, [this](Call &c) {
        c.state = CallState::talking;
        c.state_since = now;
    });
    count_answer(call);
    decide(Connect{call.id, agent->id, *call.answered_at - call.offered_at}, Rule::agent_answered);
    enter(*agent, AgentState::talking, Rule::agent_answered, [this](Agent &a) {
        a.until.reset();
        a.working_since = now;
    });
    return kDone;
}

void Switchboard::count_answer(const Call &call) {
    if (call.answered_at) return;
    state.calls.at(call.id).answered_at = now;
    CrisisFacts *facts = facts_of(call.crisis);
    if (!facts) return;
    const Duration waited = now - call.offered_at;
    ++facts->answered;
    facts->waited += waited;
    facts->longest_wait = std::max(facts->longest_wait, waited);
}

Switchboard::Outcome Switchboard::on(const AgentDeclined &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (agent->state != AgentState::ringing || agent->call != e.call) return refusal::kNotRinging;
    miss(*agent, Rule::agent_declined);
    return kDone;
}

// A caller is never cut off because the agent's line fails: in a consultation the one who was asked
// takes over, else the caller waits again at the old place.
Switchboard::Outcome Switchboard::on(const AgentHungUp &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (e.cause == HangUpCause::replaced) return kDone; // the agent is on a new leg
    const bool failed = e.cause != HangUpCause::normal;
    const Rule rule = rule_of(e.cause, failed ? Rule::agent_line_failed : Rule::agent_hung_up);
    Call &call = state.calls.at(e.call);
    if (!is_on_line(call)) {
        not_dialled(call, rule);
        return kDone;
    }
    if (call.consult) {
        hand_over(*agent, rule);
        return kDone;
    }
    if (failed) {
        call.talk += now - call.state_since;
        wait_again(call);
        decide(Requeue{call.id}, rule);
    } else {
        end(call, EndReason::completed, rule);
    }
    begin_wrap_up(*agent);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const HoldRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (agent->state == AgentState::held) return refusal::kAlreadyHeld;
    const Call &call = state.calls.at(e.call);
    if (call.consult) return refusal::kInConsultation;
    if (!is_on_line(call)) return refusal::kCallerNotOnLine;
    decide(Hold{e.call, e.agent}, Rule::agent_request);
    go_on_talking_as(*agent, CallState::held, AgentState::held, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const ResumeRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (agent->state != AgentState::held) return refusal::kNotHeld;
    if (state.calls.at(e.call).consult) return refusal::kInConsultation;
    decide(Resume{e.call, e.agent}, Rule::agent_request);
    go_on_talking_as(*agent, CallState::talking, AgentState::talking, Rule::agent_request);
    return kDone;
}

// The caller meant another municipality (misroutes by area code, F-07). Both values stay.
Switchboard::Outcome Switchboard::on(const TenantCorrected &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    const Municipality *meant = find_municipality(state.rules, e.municipality);
    if (!meant || !is_served(*meant, now)) return refusal::kMunicipalityUnknown;
    Call &call = state.calls.at(e.call);
    if (call.municipality == e.municipality) return refusal::kSameMunicipality;
    const MunicipalityId before = *call.municipality;
    const CrisisId crisis_before = id_of(crisis_for(call));
    if (!call.dialled) call.dialled = before;
    if (call.dialled == e.municipality) call.dialled.reset(); // the first one was right after all
    call.municipality = e.municipality;
    call.price_class = price_class_in(e.municipality, call, state.rules);
    if (id_of(crisis_for(call)) != crisis_before) call.crisis_changed_by = Rule::tenant_corrected;
    agent->municipality = e.municipality;
    decide(Corrected{e.call, e.agent, before, e.municipality}, Rule::tenant_corrected);
    tell(*agent, Rule::tenant_corrected);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const WrapUpExtended &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (agent->state != AgentState::after_call_work) return refusal::kNotInAfterCallWork;
    update(*agent,
           [this](Agent &a) { a.until = std::max(*a.until, now) + state.rules.wrap_up_extension; });
    tell(*agent, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const WrapUpFinished &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (agent->state != AgentState::after_call_work) return refusal::kNotInAfterCallWork;
    finish_work(*agent, Rule::agent_request);
    return kDone;
}

void Switchboard::begin_wrap_up(Agent &agent) {
    enter(agent, AgentState::after_call_work, Rule::wrap_up_begins,
          [this](Agent &a) { a.until = now + state.rules.wrap_up; });
}

// Never later than it was due, however late our timer is: this time is billed.
void Switchboard::finish_work(Agent &agent, Rule rule) {
    constexpr std::int64_t kRemembered = 32;
    const Instant at = std::min(now, *agent.until);
    const Duration work = at - agent.state_since;
    decide(WrapUpDone{agent.id, *agent.call, *agent.municipality, work}, rule);
    if (CrisisFacts *facts = facts_of(agent.crisis, agent.working_since))
        facts->after_call_work += work;
    if (agent.working_since) {
        Handling &handling = state.handling;
        ++handling.calls;
        const Duration handled = at - *agent.working_since;
        handling.mean += (handled - handling.mean) / std::min(handling.calls, kRemembered);
    }
    go_on_after_work(agent, at, rule);
}

// The agent's phone falls silent and the call waits again, at its old place.
void Switchboard::give_back(Agent &agent, Rule rule) {
    Call &call = state.calls.at(*agent.call);
    decide(StopRinging{call.id, agent.id}, rule);
    wait_again(call);
}

void Switchboard::miss(Agent &agent, Rule rule) {
    give_back(agent, rule);
    enter(agent, AgentState::missed, rule, clear_call);
}

// The caller is gone: the agent is as idle as before, and keeps the place among the idle ones.
void Switchboard::take_back(Call &call, Rule rule) {
    Agent &agent = state.agents.at(*call.agent);
    decide(StopRinging{call.id, agent.id}, rule);
    become_ready(agent, agent.idle_since, rule);
}

void Switchboard::go_on_talking_as(Agent &agent, CallState call_state, AgentState agent_state,
                                   Rule rule) {
    update(state.calls.at(*agent.call), [&](Call &c) {
        c.talk += now - c.state_since;
        c.state = call_state;
        c.state_since = now;
    });
    enter(agent, agent_state, rule, [](Agent &) {});
}

} // namespace fernamt::routing
