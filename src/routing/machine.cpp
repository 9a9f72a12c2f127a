// SPDX-License-Identifier: EUPL-1.2
#include "routing/machine.h"

#include "routing/arrival.h"
#include "routing/distribution.h"
#include "routing/index.h"
#include "routing/refusal.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fernamt::routing {

namespace {

// A handler returns the reason why it refuses, before it has changed anything; or this.
using Outcome = std::string_view;
constexpr Outcome kDone{};

bool in_conversation(const Agent &agent) {
    return agent.state == AgentState::talking || agent.state == AgentState::held;
}

EndReason reason_of(Announcement announcement) {
    switch (announcement) {
    case Announcement::unknown_number:
        return EndReason::unknown_number;
    case Announcement::nobody_available:
        return EndReason::nobody_available;
    case Announcement::closed:
    case Announcement::greeting:
    case Announcement::waiting_music:
        break;
    }
    return EndReason::closed;
}

Rule rule_of(HangUpCause cause, Rule normal) {
    return cause == HangUpCause::restart ? Rule::recovery : normal;
}

// How a call ends for its caller. A call that an agent has answered is never "abandoned".
EndReason reason_after_caller(const Call &call, HangUpCause cause) {
    if (call.state == CallState::announcing) return reason_of(call.announcement);
    if (cause != HangUpCause::normal) return EndReason::failed;
    if (call.state == CallState::transferred) return EndReason::transferred;
    return call.answered_at ? EndReason::completed : EndReason::abandoned;
}

} // namespace

struct Machine::Impl {
    State state;
    Index index;
    Instant now;   // of the event at hand
    Decisions out; // of the event at hand

    explicit Impl(State initial) : state(std::move(initial)), index(Index::of(state)) {}

    Decisions step(const Event &event, Instant at) {
        now = std::max(state.now, at);
        out = {};
        out.reserve(4);
        const Outcome refusal = std::visit([this](const auto &e) { return on(e); }, event);
        if (!refusal.empty()) return {Decision{Refused{refusal}}};
        state.now = now;
        send_away_if_nobody_signed_in();
        distribute();
        return std::move(out);
    }

    // -------------------------------------------------------------------------- after every event

    // The last agent has gone: whoever waits is told so.
    void send_away_if_nobody_signed_in() {
        while (index.signed_in == 0 && !index.waiting.empty()) {
            Call &call = state.calls.at(index.waiting.begin()->call);
            announce(call, Announcement::nobody_available, Rule::nobody_signed_in);
        }
    }

    void distribute() {
        while (const auto pairing = next_pairing(index))
            ring(*pairing);
    }

    void ring(const Pairing &pairing) {
        Call &call = state.calls.at(pairing.call);
        Agent &agent = state.agents.at(pairing.agent);
        update(call, [&](Call &c) {
            c.state = CallState::ringing;
            c.state_since = now;
            c.agent = agent.id;
        });
        decide(Ring{call.id, agent.id, agent.device}, pairing.why_agent);
        enter(agent, AgentState::ringing, pairing.why_call, [&](Agent &a) {
            a.call = call.id;
            a.municipality = call.municipality;
            a.until = now + state.rules.ring_timeout;
        });
    }

    // ------------------------------------------------------------------------------------- callers

    Outcome on(const CallOffered &e) {
        if (!e.call) return refusal::kCallUnknown;
        if (state.calls.contains(e.call)) return refusal::kCallExists;
        const Arrival arrival = describe_arrival(state.rules, e.dialled, now, index.signed_in > 0);
        Call call;
        call.id = e.call;
        call.offered_at = now;
        call.state_since = now;
        if (e.dialled) call.number = e.dialled->number;
        if (arrival.municipality) call.municipality = arrival.municipality->id;
        Call &kept = state.calls.emplace_hint(state.calls.end(), e.call, std::move(call))->second;
        index.add(kept);
        const Verdict verdict = judge(arrival);
        if (verdict.announcement) {
            announce(kept, *verdict.announcement, verdict.rule);
        } else {
            decide(Queue{kept.id, *kept.municipality}, verdict.rule);
        }
        return kDone;
    }

    Outcome on(const CallerHungUp &e) {
        Call *call = find_call(e.call);
        if (!call) return refusal::kCallUnknown;
        if (e.cause == HangUpCause::replaced) return kDone; // the caller is on a new leg
        const Rule rule = rule_of(e.cause, Rule::caller_hung_up);
        const EndReason reason = reason_after_caller(*call, e.cause);
        if (call->state == CallState::ringing) take_back(*call, rule);
        Agent *partner = partner_of(*call);
        end(*call, reason, rule);
        if (partner) begin_wrap_up(*partner);
        return kDone;
    }

    Outcome on(const AnnouncementFinished &e) {
        Call *call = find_call(e.call);
        if (!call) return refusal::kCallUnknown;
        if (call->state != CallState::announcing) return refusal::kNotAnnouncing;
        end(*call, reason_of(call->announcement), Rule::announcement_heard);
        return kDone;
    }

    // --------------------------------------------------------------------------- agents' presence

    Outcome on(const AgentSignedIn &e) {
        if (!is_agent(state.rules, e.agent)) return refusal::kAgentUnknown;
        Agent &agent = state.agents.at(e.agent);
        if (agent.state == AgentState::signed_out) {
            agent.device = e.device;
            become_ready(agent, now, Rule::agent_request);
            return kDone;
        }
        if (agent.device == e.device && !agent.sign_out_after_call) {
            return refusal::kAlreadySignedIn;
        }
        agent.device = e.device; // the next call rings there
        agent.sign_out_after_call = false;
        tell(agent, Rule::agent_request);
        return kDone;
    }

    Outcome on(const AgentSignedOut &e) {
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

    Outcome on(const AgentReady &e) {
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

    Outcome on(const AgentPaused &e) {
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

    // ------------------------------------------------------------------------ agents and a call

    Outcome on(const AgentAnswered &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (agent->state != AgentState::ringing || agent->call != e.call) {
            return refusal::kNotRinging;
        }
        Call &call = state.calls.at(e.call);
        update(call, [this](Call &c) {
            c.state = CallState::talking;
            c.state_since = now;
            if (!c.answered_at) c.answered_at = now;
        });
        decide(Connect{call.id, agent->id, *call.answered_at - call.offered_at},
               Rule::agent_answered);
        enter(*agent, AgentState::talking, Rule::agent_answered, [](Agent &a) { a.until.reset(); });
        return kDone;
    }

    Outcome on(const AgentDeclined &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (agent->state != AgentState::ringing || agent->call != e.call) {
            return refusal::kNotRinging;
        }
        miss(*agent, Rule::agent_declined);
        return kDone;
    }

    Outcome on(const AgentHungUp &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
        if (e.cause == HangUpCause::replaced) return kDone; // the agent is on a new leg
        const bool normal = e.cause == HangUpCause::normal;
        end(state.calls.at(e.call), normal ? EndReason::completed : EndReason::failed,
            rule_of(e.cause, Rule::agent_hung_up));
        begin_wrap_up(*agent);
        return kDone;
    }

    Outcome on(const HoldRequested &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
        if (agent->state == AgentState::held) return refusal::kAlreadyHeld;
        decide(Hold{e.call, e.agent}, Rule::agent_request);
        go_on_talking_as(*agent, CallState::held, AgentState::held);
        return kDone;
    }

    Outcome on(const ResumeRequested &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
        if (agent->state != AgentState::held) return refusal::kNotHeld;
        decide(Resume{e.call, e.agent}, Rule::agent_request);
        go_on_talking_as(*agent, CallState::talking, AgentState::talking);
        return kDone;
    }

    // ------------------------------------------------------------------------------------ transfer

    Outcome on(const TransferRequested &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (!talks(*agent, e.call)) return refusal::kAgentNotInCall;
        if (e.target.empty()) return refusal::kTargetMissing;
        update(state.calls.at(e.call), [&](Call &c) {
            c.talk += now - c.state_since;
            c.state = CallState::transferring;
            c.state_since = now;
        });
        decide(Transfer{e.call, e.agent, e.target}, Rule::agent_request);
        begin_wrap_up(*agent);
        return kDone;
    }

    Outcome on(const TransferAnswered &e) {
        Call *call = find_call(e.call);
        if (!call) return refusal::kCallUnknown;
        if (call->state != CallState::transferring) return refusal::kNotTransferring;
        update(*call, [this](Call &c) {
            c.state = CallState::transferred;
            c.state_since = now;
        });
        decide(ConnectTransfer{call->id}, Rule::transfer_answered);
        return kDone;
    }

    Outcome on(const TransferFailed &e) {
        Call *call = find_call(e.call);
        if (!call) return refusal::kCallUnknown;
        if (call->state != CallState::transferring) return refusal::kNotTransferring;
        requeue(*call);
        return kDone;
    }

    Outcome on(const TransferTargetHungUp &e) {
        Call *call = find_call(e.call);
        if (!call) return refusal::kCallUnknown;
        if (call->state != CallState::transferred) return refusal::kNotTransferred;
        end(*call, EndReason::transferred, Rule::transfer_target_hung_up);
        return kDone;
    }

    // ----------------------------------------------------------------------------- after-call work

    Outcome on(const WrapUpExtended &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (agent->state != AgentState::after_call_work) return refusal::kNotInAfterCallWork;
        update(*agent, [this](Agent &a) {
            a.until = std::max(*a.until, now) + state.rules.wrap_up_extension;
        });
        tell(*agent, Rule::agent_request);
        return kDone;
    }

    Outcome on(const WrapUpFinished &e) {
        Agent *agent = find_agent(e.agent);
        if (!agent) return refusal::kAgentUnknown;
        if (agent->state != AgentState::after_call_work) return refusal::kNotInAfterCallWork;
        finish_work(*agent, Rule::agent_request);
        return kDone;
    }

    // ------------------------------------------------------------------------------ time and rules

    Outcome on(const TimePassed &) {
        if (index.deadlines.empty() || index.deadlines.begin()->at > now) {
            return refusal::kNothingDue;
        }
        while (!index.deadlines.empty() && index.deadlines.begin()->at <= now) {
            const Deadline due = *index.deadlines.begin();
            if (due.of == Deadline::Of::call) {
                requeue(state.calls.at(CallId{due.id}));
            } else {
                time_is_over(state.agents.at(AgentId{due.id}));
            }
        }
        return kDone;
    }

    void time_is_over(Agent &agent) {
        if (agent.state == AgentState::ringing) {
            miss(agent, Rule::ring_timeout);
        } else {
            finish_work(agent, Rule::wrap_up_time_over);
        }
    }

    // Running calls and after-call work go on to their end, also of an agent who is gone.
    Outcome on(const RulesChanged &e) {
        state.rules = sorted(e.rules);
        std::vector<AgentId> gone;
        for (const auto &[id, agent] : state.agents) {
            if (!is_agent(state.rules, id)) gone.push_back(id);
        }
        for (const AgentId id : gone)
            dismiss(state.agents.at(id));
        for (const AgentId id : state.rules.agents) {
            const auto [at, added] = state.agents.try_emplace(id);
            if (!added) continue;
            at->second.id = id;
            at->second.state_since = now;
            at->second.idle_since = now;
        }
        index = Index::of(state); // with the new transfer timeout
        return kDone;
    }

    void dismiss(Agent &agent) {
        if (in_conversation(agent) || agent.state == AgentState::after_call_work) {
            if (agent.sign_out_after_call) return;
            agent.sign_out_after_call = true;
            tell(agent, Rule::rules_changed);
            return;
        }
        if (agent.state == AgentState::signed_out) {
            state.agents.erase(agent.id);
            return;
        }
        if (agent.state == AgentState::ringing) give_back(agent, Rule::rules_changed);
        sign_out(agent, Rule::rules_changed);
    }

    // -------------------------------------------------------------------------- changes of a call

    void announce(Call &call, Announcement announcement, Rule rule) {
        update(call, [&](Call &c) {
            c.state = CallState::announcing;
            c.state_since = now;
            c.announcement = announcement;
        });
        decide(Announce{call.id, announcement}, rule);
    }

    void wait_again(Call &call) {
        update(call, [this](Call &c) {
            c.state = CallState::waiting;
            c.state_since = now;
            c.agent.reset();
        });
    }

    void requeue(Call &call) {
        wait_again(call);
        decide(Requeue{call.id}, Rule::transfer_gave_back);
    }

    void end(Call &call, EndReason reason, Rule rule) {
        const Duration since = now - call.state_since;
        if (call.state == CallState::talking || call.state == CallState::held) call.talk += since;
        if (call.state == CallState::transferred) call.transferred += since;
        decide(End{call.id, reason, call.municipality, call.number, call.offered_at,
                   call.answered_at, call.talk, call.transferred},
               rule);
        index.remove(call);
        state.calls.erase(call.id);
    }

    // ------------------------------------------------------------------------- changes of an agent

    static void clear_call(Agent &agent) {
        agent.call.reset();
        agent.municipality.reset();
        agent.until.reset();
    }

    template <class Change>
    void enter(Agent &agent, AgentState next, Rule rule, Change change) {
        update(agent, [&](Agent &a) {
            a.state = next;
            a.state_since = now;
            change(a);
        });
        tell(agent, rule);
    }

    void tell(const Agent &agent, Rule rule) {
        decide(AgentStateChanged{agent.id, agent.state, agent.call, agent.until}, rule);
    }

    void become_ready(Agent &agent, Instant idle_since, Rule rule) {
        enter(agent, AgentState::ready, rule, [idle_since](Agent &a) {
            clear_call(a);
            a.idle_since = idle_since;
        });
    }

    void sign_out(Agent &agent, Rule rule) {
        enter(agent, AgentState::signed_out, rule, [](Agent &a) {
            clear_call(a);
            a.pause_after_call = false;
            a.sign_out_after_call = false;
        });
        if (!is_agent(state.rules, agent.id)) state.agents.erase(agent.id);
    }

    void begin_wrap_up(Agent &agent) {
        enter(agent, AgentState::after_call_work, Rule::wrap_up_begins,
              [this](Agent &a) { a.until = now + state.rules.wrap_up; });
    }

    // Never later than it was due, however late our timer is: this time is billed.
    void finish_work(Agent &agent, Rule rule) {
        const Instant at = std::min(now, *agent.until);
        decide(WrapUpDone{agent.id, *agent.call, *agent.municipality, at - agent.state_since},
               rule);
        if (agent.sign_out_after_call) return sign_out(agent, rule);
        if (!agent.pause_after_call) return become_ready(agent, at, rule);
        enter(agent, AgentState::paused, rule, [](Agent &a) {
            clear_call(a);
            a.pause_after_call = false;
        });
    }

    // An agent whom the rules have dismissed stays dismissed.
    bool withdraw_wishes(Agent &agent) {
        const bool may_stay = is_agent(state.rules, agent.id);
        const bool wished = agent.pause_after_call || (agent.sign_out_after_call && may_stay);
        agent.pause_after_call = false;
        if (may_stay) agent.sign_out_after_call = false;
        return wished;
    }

    // ---------------------------------------------------------------------- changes of both at
    // once

    // The agent's phone falls silent and the call waits again, at its old place.
    void give_back(Agent &agent, Rule rule) {
        Call &call = state.calls.at(*agent.call);
        decide(StopRinging{call.id, agent.id}, rule);
        wait_again(call);
    }

    void miss(Agent &agent, Rule rule) {
        give_back(agent, rule);
        enter(agent, AgentState::missed, rule, clear_call);
    }

    // The caller is gone: the agent is as idle as before, and keeps the place among the idle ones.
    void take_back(Call &call, Rule rule) {
        Agent &agent = state.agents.at(*call.agent);
        decide(StopRinging{call.id, agent.id}, rule);
        become_ready(agent, agent.idle_since, rule);
    }

    void go_on_talking_as(Agent &agent, CallState call_state, AgentState agent_state) {
        update(state.calls.at(*agent.call), [&](Call &c) {
            c.talk += now - c.state_since;
            c.state = call_state;
            c.state_since = now;
        });
        enter(agent, agent_state, Rule::agent_request, [](Agent &) {});
    }

    // ----------------------------------------------------------------------------------- look-ups

    Call *find_call(CallId id) {
        const auto found = state.calls.find(id);
        return found == state.calls.end() ? nullptr : &found->second;
    }

    Agent *find_agent(AgentId id) {
        const auto found = state.agents.find(id);
        return found == state.agents.end() ? nullptr : &found->second;
    }

    static bool talks(const Agent &agent, CallId call) {
        return in_conversation(agent) && agent.call == call;
    }

    Agent *partner_of(const Call &call) {
        const bool talking = call.state == CallState::talking || call.state == CallState::held;
        return talking ? find_agent(*call.agent) : nullptr;
    }

    // ----------------------------------------------------------------------------------- plumbing

    template <class Subject, class Change>
    void update(Subject &subject, Change change) {
        index.remove(subject);
        change(subject);
        index.add(subject);
    }

    template <class E>
    void decide(E effect, Rule rule) {
        out.push_back(Decision{std::move(effect), rule});
    }
};

std::string_view to_string(CallState state) {
    switch (state) {
    case CallState::announcing:
        return "announcing";
    case CallState::waiting:
        return "waiting";
    case CallState::ringing:
        return "ringing";
    case CallState::talking:
        return "talking";
    case CallState::held:
        return "held";
    case CallState::transferring:
        return "transferring";
    case CallState::transferred:
        return "transferred";
    }
    return "unknown";
}

Machine::Machine() : Machine(State{}) {}
Machine::Machine(State state) : impl_(std::make_unique<Impl>(std::move(state))) {}
Machine::~Machine() = default;
Machine::Machine(Machine &&) noexcept = default;
Machine &Machine::operator=(Machine &&) noexcept = default;

Decisions Machine::step(const Event &event, Instant now) {
    return impl_->step(event, now);
}

std::optional<Instant> Machine::next_deadline() const {
    if (impl_->index.deadlines.empty()) return std::nullopt;
    return impl_->index.deadlines.begin()->at;
}

const State &Machine::state() const {
    return impl_->state;
}

std::vector<CallId> Machine::waiting() const {
    std::vector<CallId> calls;
    calls.reserve(impl_->index.waiting.size());
    for (const WaitingCall &waiting : impl_->index.waiting)
        calls.push_back(waiting.call);
    return calls;
}

bool Machine::is_consistent() const {
    return impl_->index == Index::of(impl_->state);
}

} // namespace fernamt::routing
