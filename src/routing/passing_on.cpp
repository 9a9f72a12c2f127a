// SPDX-License-Identifier: EUPL-1.2
// Passing a call on: blind transfer, consultation, conference, warm transfer; and forwarding
// without an agent to the town hall's own operator or to a partner centre. Whatever does not answer
// gives the call back to the centre, at its old place: a caller never lands in a void.
#include "routing/switchboard.h"

namespace fernamt::routing {

namespace {

bool is_asked(const Call &call) { // somebody else is on the agent's second line
    return call.consult && call.consult->state == Consultation::State::talking;
}

} // namespace

// ---------------------------------------------------------------------------------- blind transfer

Switchboard::Outcome Switchboard::on(const TransferRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (e.target.empty()) return refusal::kTargetMissing;
    Call &call = state.calls.at(e.call);
    if (call.consult) return refusal::kInConsultation;
    if (!is_on_line(call)) return refusal::kCallerNotOnLine;
    leave_for_target(call);
    decide(Transfer{e.call, e.agent, e.target}, Rule::agent_request);
    begin_wrap_up(*agent);
    return kDone;
}

void Switchboard::leave_for_target(Call &call) {
    update(call, [this](Call &c) {
        c.talk += now - c.state_since;
        c.state = CallState::transferring;
        c.state_since = now;
        c.until = now + state.rules.transfer_timeout;
        c.outside = Outside::transfer;
        c.consult.reset();
        ++c.transfers;
    });
}

Switchboard::Outcome Switchboard::on(const TransferAnswered &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state != CallState::transferring) return refusal::kNotTransferring;
    update(*call, [this](Call &c) {
        c.state = CallState::transferred;
        c.state_since = now;
        c.until.reset();
    });
    Rule rule = Rule::transfer_answered;
    if (call->outside == Outside::office) rule = Rule::office_answered;
    if (call->outside == Outside::partner) rule = Rule::partner_answered;
    decide(ConnectTransfer{call->id}, rule);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const TransferFailed &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state != CallState::transferring) return refusal::kNotTransferring;
    const bool busy = e.cause == DeclineCause::busy && call->outside == Outside::office;
    come_back(*call, busy ? Rule::office_busy : Rule::transfer_gave_back);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const TransferTargetHungUp &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state != CallState::transferred) return refusal::kNotTransferred;
    EndReason reason = EndReason::transferred;
    if (call->outside == Outside::office) reason = EndReason::taken_by_office;
    if (call->outside == Outside::partner) reason = EndReason::taken_by_partner;
    end(*call, reason, Rule::transfer_target_hung_up);
    return kDone;
}

// ------------------------------------------------------------------------------------ consultation

Switchboard::Outcome Switchboard::on(const ConsultRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (e.target.empty()) return refusal::kTargetMissing;
    Call &call = state.calls.at(e.call);
    if (call.consult) return refusal::kInConsultation;
    if (!is_on_line(call)) return refusal::kCallerNotOnLine;
    update(call, [this](Call &c) {
        c.consult = Consultation{};
        c.until = now + state.rules.transfer_timeout;
    });
    decide(Consult{e.call, e.agent, e.target}, Rule::agent_request);
    go_on_talking_as(*agent, CallState::held, AgentState::held, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const ConsultAnswered &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state == CallState::transferring) return on(TransferAnswered{e.call}); // agent left
    if (!call->consult || call->consult->state != Consultation::State::ringing) {
        return refusal::kNotInConsultation;
    }
    update(*call, [](Call &c) {
        c.consult->state = Consultation::State::talking;
        c.until.reset();
    });
    decide(ConnectConsult{call->id, *call->agent}, Rule::consult_answered);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const ConsultFailed &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state == CallState::transferring) return on(TransferFailed{e.call, e.cause});
    if (!call->consult || call->consult->state != Consultation::State::ringing) {
        return refusal::kNotInConsultation;
    }
    end_consult(*call, Rule::consult_over);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const ConsultTargetHungUp &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state == CallState::transferred) return on(TransferTargetHungUp{e.call});
    if (!call->consult || call->consult->state == Consultation::State::ringing) {
        return refusal::kNotInConsultation;
    }
    end_consult(*call, Rule::consult_over);
    return kDone;
}

// The caller goes on hearing music until the agent takes the call back (or talks on, if joined).
void Switchboard::end_consult(Call &call, Rule rule) {
    update(call, [](Call &c) {
        c.consult.reset();
        c.until.reset();
    });
    decide(EndConsult{call.id}, rule);
}

Switchboard::Outcome Switchboard::on(const ConsultEnded &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    Call &call = state.calls.at(e.call);
    if (!call.consult) return refusal::kNotInConsultation;
    end_consult(call, Rule::agent_request);
    if (agent->state == AgentState::talking) return kDone; // was joined: the two talk on
    decide(Resume{e.call, e.agent}, Rule::agent_request);
    go_on_talking_as(*agent, CallState::talking, AgentState::talking, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const ConferenceRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    Call &call = state.calls.at(e.call);
    if (!is_asked(call)) return refusal::kNotInConsultation;
    call.consult->state = Consultation::State::joined;
    decide(Conference{e.call, e.agent}, Rule::agent_request);
    go_on_talking_as(*agent, CallState::talking, AgentState::talking, Rule::agent_request);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const HandOverRequested &e) {
    Agent *agent = find_agent(e.agent);
    if (!agent) return refusal::kAgentUnknown;
    if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
    if (!state.calls.at(e.call).consult) return refusal::kNotInConsultation;
    hand_over(*agent, Rule::agent_request);
    return kDone;
}

// While the target still rings this is a blind transfer, with the same way back.
void Switchboard::hand_over(Agent &agent, Rule rule) {
    Call &call = state.calls.at(*agent.call);
    const bool answered = call.consult->state != Consultation::State::ringing;
    leave_for_target(call);
    if (answered) {
        update(call, [](Call &c) {
            c.state = CallState::transferred;
            c.until.reset();
        });
    }
    decide(HandOver{call.id, agent.id}, rule);
    begin_wrap_up(agent);
}

// ------------------------------------------------------------------------------- office and
// partner

void Switchboard::forward(Call &call, const PhoneNumber &target, Outside purpose,
                          const Partner *partner, Duration ring_for, Rule rule,
                          const Figures &figures) {
    update(call, [&](Call &c) {
        c.state = CallState::transferring;
        c.state_since = now;
        c.until = now + ring_for;
        c.outside = purpose;
        if (partner) c.asked.push_back(c.to = partner->id);
    });
    decide(Forward{call.id, target, purpose, partner ? partner->id : PartnerId{}, figures}, rule);
}

// The target did not answer. Who had a place in the queue takes it again (and goes from there to
// the next partner, if that one's rule applies as well and nobody here is free in this second); who
// had none is judged once more by the chain of arrival.
void Switchboard::come_back(Call &call, Rule rule) {
    const Outside outside = call.outside;
    if (outside == Outside::office && rule != Rule::office_busy) rule = Rule::office_no_answer;
    if (outside == Outside::partner) rule = Rule::partner_gave_back;
    if (call.queued) {
        wait_again(call);
        decide(Requeue{call.id}, rule);
        return;
    }
    decide(StopTarget{call.id}, rule);
    route(call, true);
}

bool Switchboard::is_office_absent(const Number &number) const {
    const auto found = state.offices.find(number.municipality);
    const bool in_force =
        found != state.offices.end() && (!found->second.until || now < *found->second.until);
    if (in_force) return found->second.absent;
    return is_within(number.office->absent, to_local(now));
}

Switchboard::Outcome Switchboard::on(const OfficeSwitched &e) {
    if (!find_municipality(state.rules, e.municipality)) return refusal::kMunicipalityUnknown;
    if (e.absent) {
        state.offices.insert_or_assign(e.municipality,
                                       OfficeSwitch{e.municipality, *e.absent, e.until});
    } else {
        state.offices.erase(e.municipality);
    }
    return kDone;
}

} // namespace fernamt::routing
