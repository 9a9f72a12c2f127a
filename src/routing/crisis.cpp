// SPDX-License-Identifier: EUPL-1.2
// Crisis: one action switches everything of a municipality, or of a topic's queue, to its
// own hours, priority and statistics, and lets helpers in without an account; one action switches
// back and reports. Conversations go on through both.
#include "routing/switchboard.h"

#include <algorithm>

namespace fernamt::routing {

CrisisFacts *Switchboard::facts_of(CrisisId crisis, std::optional<Instant> answered_at) {
    if (!crisis) return nullptr;
    const auto found = state.crises.find(crisis);
    if (found == state.crises.end()) return nullptr;
    const bool another_time = answered_at && *answered_at < found->second.began_at;
    return another_time ? nullptr : &found->second.facts;
}

bool Switchboard::is_open_by(const Crisis &crisis) const {
    return crisis.plan.always_open || is_within(crisis.plan.hours, to_local(now));
}

Switchboard::Outcome Switchboard::on(const CrisisBegan &e) {
    if (!e.plan.id) return refusal::kCrisisUnknown;
    if (state.crises.contains(e.plan.id)) return refusal::kCrisisExists;
    if (!e.plan.municipality && !e.plan.queue) return refusal::kCrisisOfNothing;
    const std::vector<CallId> asleep = callbacks_out_of_hours();
    state.crises.emplace(e.plan.id, Crisis{e.plan.id, e.plan, now, {}});
    const std::int64_t moved = sort_waiting_calls_anew(Rule::crisis_begins);
    decide(CrisisStarted{e.plan.id, moved}, Rule::crisis_begins);
    for (const CallId id : asleep)
        sleep_by_new_hours(state.calls.at(id));
    return kDone;
}

// Those that sleep until the hours begin; not those that sleep until the next attempt.
std::vector<CallId> Switchboard::callbacks_out_of_hours() const {
    std::vector<CallId> asleep;
    for (const auto &[id, call] : state.calls) {
        if (!call.callback || !call.callback->sleeps_until || may_ring_now(call)) continue;
        if (call.callback->sleeps_until == next_opening_for(call)) asleep.push_back(id);
    }
    return asleep;
}

void Switchboard::sleep_by_new_hours(Call &call) {
    if (may_ring_now(call)) return wake(call);
    if (call.callback->sleeps_until != next_opening_for(call)) {
        (void)put_to_sleep_out_of_hours(call);
    }
}

// Conversations that still run are in the report as answered; their talk is not yet, and who reads
// the report adds it (reporting/reports.h). Who waits still goes on as a usual call.
Switchboard::Outcome Switchboard::on(const CrisisEnded &e) {
    const auto found = state.crises.find(e.crisis);
    if (found == state.crises.end()) return refusal::kCrisisUnknown;
    Crisis crisis = found->second;
    crisis.facts.waiting = std::ranges::count_if(state.calls, [&](const auto &one) {
        const Call &call = one.second;
        const bool waits = call.state == CallState::waiting || call.state == CallState::ringing;
        return waits && call.crisis == e.crisis && !call.answered_at;
    });
    state.crises.erase(found);
    (void)sort_waiting_calls_anew(Rule::crisis_ends);
    std::vector<AgentId> helpers;
    for (const auto &[id, agent] : state.agents) {
        if (agent.helps == e.crisis) helpers.push_back(id);
    }
    for (const AgentId id : helpers)
        dismiss(state.agents.at(id), Rule::crisis_ends);
    decide(CrisisReport{crisis.id, crisis.began_at, crisis.facts}, Rule::crisis_ends);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const HelperJoined &e) {
    if (!e.agent) return refusal::kAgentUnknown;
    const auto crisis = state.crises.find(e.crisis);
    if (crisis == state.crises.end()) return refusal::kCrisisUnknown;
    if (state.agents.contains(e.agent)) return refusal::kAgentExists;
    Agent helper;
    helper.id = e.agent;
    helper.helps = e.crisis;
    helper.state_since = now;
    helper.idle_since = now;
    const Agent &kept = state.agents.emplace(e.agent, helper).first->second;
    index.forget(e.agent);
    index.add(kept);
    ++crisis->second.facts.helpers;
    return kDone;
}

// Who waits gets the priority of the crisis that begins, or the usual one when it ends; who has
// rung meanwhile keeps what it has.
std::int64_t Switchboard::sort_waiting_calls_anew(Rule rule) {
    std::int64_t moved = 0;
    for (auto &[id, call] : state.calls) {
        if (call.answered_at) continue; // belongs to what it was answered in
        const Crisis *crisis = crisis_for(call);
        const CrisisId now_in = crisis ? crisis->id : CrisisId{};
        if (call.crisis == now_in) continue;
        if (call.state != CallState::waiting) { // sorted when it waits again
            if (!state.crises.contains(call.crisis)) call.crisis = {};
            continue;
        }
        const CallQueue *queue = call.queue ? find_queue(state.rules, call.queue) : nullptr;
        const Duration usual = queue ? queue->head_start : Duration{};
        const Duration head_start = crisis ? std::max(usual, crisis->plan.head_start) : usual;
        call.crisis = now_in;
        call.place = call.offered_at - head_start;
        call.until = next_change(call);
        ++moved;
        SortedAnew sorted{id, now_in};
        sorted.figures.waited = now - call.offered_at;
        if (head_start > Duration{}) sorted.figures.head_start = head_start;
        decide(std::move(sorted), rule);
        if (CrisisFacts *facts = facts_of(now_in)) ++facts->offered;
        newly_waiting.push_back(id);
    }
    index = Index(state);
    return moved;
}

} // namespace fernamt::routing
