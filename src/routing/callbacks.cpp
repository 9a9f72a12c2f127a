// SPDX-License-Identifier: EUPL-1.2
// Callbacks: the caller hangs up and keeps the place. When it is this call's turn an agent rings
// first, then the citizen. Never before anyone who has waited longer, one per number, in the hours
// of the number only, retried by rule, and rebuilt by replay like everything else.
#include "routing/switchboard.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

constexpr std::int64_t kMostNotDialled = 10; // times the attempts, in a row

} // namespace

Switchboard::Outcome Switchboard::on(const CallbackRequested &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state != CallState::waiting || !is_on_line(*call)) return refusal::kNotWaiting;
    const CallQueue *queue = call->queue ? find_queue(state.rules, call->queue) : nullptr;
    if (!queue || !queue->offers_callback) return refusal::kNoCallbackHere;
    if (!e.caller) return refusal::kCallerWithheld;
    if (index.callback_of(e.caller)) return refusal::kCallbackExists;
    update(*call, [&](Call &c) {
        c.callback = Callback{};
        c.callback->caller = e.caller;
        c.callback->requested_at = now;
        c.until = next_change(c);
    });
    decide(CallbackNoted{call->id, index.ahead_of({*call->place, call->id})},
           Rule::callback_requested);
    return kDone;
}

// An agent has taken it: now the citizen's phone rings.
void Switchboard::dial_citizen(Call &call, Agent &agent) {
    update(call, [this](Call &c) {
        c.state = CallState::talking;
        c.state_since = now;
        c.until = now + state.rules.callbacks.ring_for;
        c.callback->dialling = true;
        ++c.callback->attempts;
    });
    decide(CallBack{call.id, agent.id}, Rule::agent_answered);
    enter(agent, AgentState::talking, Rule::agent_answered, [](Agent &a) { a.until.reset(); });
}

Switchboard::Outcome Switchboard::on(const CallbackAnswered &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (!call->callback || !call->callback->dialling) return refusal::kNotACallback;
    update(*call, [this](Call &c) {
        c.state_since = now;
        c.until.reset();
        c.callback->dialling = false;
        c.callback->reached = true;
    });
    count_answer(*call);
    Agent &agent = state.agents.at(*call->agent);
    agent.working_since = now;
    decide(Connect{call->id, agent.id, *call->answered_at - call->offered_at},
           Rule::callback_answered);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const CallbackFailed &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (!call->callback || !call->callback->dialling) return refusal::kNotACallback;
    if (e.ours) {
        not_dialled(*call, Rule::callback_not_dialled);
        return kDone;
    }
    const CallbackRules &rules = state.rules.callbacks;
    const bool busy = e.cause == DeclineCause::busy;
    attempt_failed(*call, busy ? rules.retry_when_busy : rules.retry_after, Rule::callback_failed);
    return kDone;
}

// Busy, not answered, refused by the citizen's side: that is an attempt.
void Switchboard::attempt_failed(Call &call, Duration retry_after, Rule rule) {
    call.callback->not_dialled = 0;
    const bool waits_on = call.callback->attempts < state.rules.callbacks.attempts;
    stop_dialling(call, retry_after, waits_on, rule);
}

// Our own fault: what we could not do is not the citizen's attempt. A trunk that is dead all day
// rings for nobody's sake at short notice, so the pause grows. A number that no trunk takes looks
// the same from here: it would keep the oldest place for ever, and ends after so many times the
// attempts in a row, some two days of opening hours with the usual pauses.
void Switchboard::not_dialled(Call &call, Rule rule) {
    const CallbackRules &rules = state.rules.callbacks;
    const Duration soon = rules.retry_when_not_dialled;
    if (soon == Duration{}) return attempt_failed(call, rules.retry_when_busy, rule);
    --call.callback->attempts;
    const std::int64_t in_a_row = ++call.callback->not_dialled;
    const bool long_since = in_a_row > rules.attempts;
    const bool waits_on = in_a_row <= kMostNotDialled * rules.attempts;
    stop_dialling(call, long_since ? std::max(soon, rules.retry_after) : soon, waits_on, rule);
}

// The agent is free at once: there was no conversation to finish.
void Switchboard::stop_dialling(Call &call, Duration retry_after, bool waits_on, Rule rule) {
    Agent &agent = state.agents.at(*call.agent);
    decide(StopTarget{call.id}, rule);
    if (waits_on) follow_crisis(call);
    update(call, [&](Call &c) {
        c.state = CallState::waiting;
        c.state_since = now;
        c.agent.reset();
        c.callback->dialling = false;
        c.callback->sleeps_until = now + retry_after;
        c.until = c.callback->sleeps_until;
    });
    if (!waits_on) end(call, EndReason::callback_given_up, Rule::callback_given_up);
    go_on_after_work(agent, now, rule);
}

Switchboard::Outcome Switchboard::on(const CallbackWithdrawn &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (is_on_line(*call)) return refusal::kNotACallback;
    if (call->state != CallState::waiting) return refusal::kNotWaiting;
    end(*call, EndReason::callback_withdrawn, Rule::callback_withdrawn);
    return kDone;
}

void Switchboard::wake(Call &call) {
    update(call, [this](Call &c) {
        c.callback->sleeps_until.reset();
        c.relaxations = relaxations_due(c);
        c.until = next_change(c);
    });
    decide(StillWaits{call.id, call.relaxations, {}}, Rule::callback_due);
}

// Its turn has come, but nobody likes to be rung at night: it sleeps until the hours begin, and is
// then first again. A number that never opens again, or whose town has left, ends it.
bool Switchboard::put_to_sleep_out_of_hours(Call &call) {
    if (is_on_line(call) || may_ring_now(call)) return false;
    const auto opening = next_opening_for(call);
    if (!opening) {
        const Municipality *town = find_municipality(state.rules, *call.municipality);
        const bool left = !town || !is_served(*town, now);
        end(call, EndReason::callback_given_up,
            left ? Rule::municipality_not_served : Rule::callback_out_of_hours);
        return true;
    }
    update(call, [&](Call &c) {
        c.callback->sleeps_until = opening;
        c.until = opening;
    });
    decide(StillWaits{call.id, call.relaxations, opening}, Rule::callback_out_of_hours);
    return true;
}

// Who asked for it in a crisis's longer hours is called back in them.
bool Switchboard::may_ring_now(const Call &call) const {
    const Municipality *town = find_municipality(state.rules, *call.municipality);
    if (!town || !is_served(*town, now)) return false;
    const Crisis *crisis = crisis_for(call);
    if (crisis && is_open_by(*crisis)) return true;
    const Number *number = call.number ? find_number(state.rules, *call.number, now) : nullptr;
    return is_open(openness(*town, number, now));
}

std::optional<Instant> Switchboard::next_opening_for(const Call &call) const {
    const Municipality *town = find_municipality(state.rules, *call.municipality);
    if (!town || !is_served(*town, now)) return std::nullopt;
    const Number *number = call.number ? find_number(state.rules, *call.number, now) : nullptr;
    const auto usual = next_opening(*town, number, now);
    const Crisis *crisis = crisis_for(call);
    if (!crisis) return usual;
    const auto extended = next_opening(crisis->plan.hours, {}, false, town->land, now);
    return usual && extended ? std::min(usual, extended) : usual ? usual : extended;
}

// The same person's callback for the same line, if it can still be replaced.
const Call *Switchboard::callback_before(const Call &call) const {
    const auto earlier = call.caller ? index.callback_of(call.caller) : std::nullopt;
    const auto found = earlier ? state.calls.find(*earlier) : state.calls.end();
    if (found == state.calls.end() || found->first == call.id) return nullptr;
    const Call &waiting = found->second;
    const bool same_line = waiting.municipality == call.municipality && waiting.queue == call.queue;
    return same_line && waiting.state == CallState::waiting ? &waiting : nullptr;
}

// The same person calls again before we have called, and waits now: at the old place. Whoever is
// turned away (closed, nobody there, queue full) or reaches the office keeps the callback.
void Switchboard::take_place_of_callback(Call &call) {
    const Call *earlier = callback_before(call);
    if (!earlier) return;
    call.place = earlier->place;
    call.waits_in = earlier->waits_in;
    call.moved_up = earlier->moved_up;
    end(state.calls.at(earlier->id), EndReason::callback_replaced, Rule::callback_replaced);
}

} // namespace fernamt::routing
