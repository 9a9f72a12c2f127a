// SPDX-License-Identifier: EUPL-1.2
// Crisis: one action switches everything of a municipality, or of a topic's queue, to its
// own hours, priority and statistics, and lets helpers in without an account; one action switches
// back and reports. Conversations go on through both.
#include "routing/switchboard.h"

#include <algorithm>
#include <utility>

namespace fernamt::routing {

namespace {

bool concerns(const Crisis &crisis, const Call &call) {
    const CrisisPlan &plan = crisis.plan;
    return (!plan.municipality || plan.municipality == call.municipality) &&
           (!plan.queue || plan.queue == call.queue);
}

// A phone rings for it, a citizen is being called back, or a partner has not answered yet.
bool may_wait_again_unanswered(const Call &call) {
    return !call.answered_at && call.state != CallState::announcing;
}

} // namespace

const Crisis *Switchboard::crisis_for(const Call &call) const {
    for (const auto &[id, crisis] : state.crises) {
        if (concerns(crisis, call)) return &crisis;
    }
    return nullptr;
}

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
    Crisis &begun =
        state.crises.emplace(e.plan.id, Crisis{e.plan.id, e.plan, now, {}}).first->second;
    begun.plan.relaxations = sorted(std::move(begun.plan.relaxations));
    const std::int64_t moved = sort_waiting_calls_anew(Rule::crisis_begins, begun);
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
    (void)sort_waiting_calls_anew(Rule::crisis_ends, crisis);
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

// Who waits gets the demands, the helpers and the priority of the crisis that begins, or the usual
// ones when it ends; who rings or speaks when it begins gets them if it waits again, and gives the
// priority back when it ends. Whoever has not been answered is told so: that place may count again.
std::int64_t Switchboard::sort_waiting_calls_anew(Rule rule, const Crisis &changed) {
    std::int64_t moved = 0;
    const Crisis *ended = rule == Rule::crisis_ends ? &changed : nullptr;
    for (auto &[id, call] : state.calls) {
        const Crisis *crisis = crisis_for(call);
        const Crisis *left = ended && call.waits_in == ended->id ? ended : nullptr;
        if (call.state != CallState::waiting) {
            // Of several that concern it the first one is its crisis.
            if (concerns(changed, call) && (!crisis || changed.id <= crisis->id))
                call.crisis_changed_by = rule;
            if (!call.answered_at && !state.crises.contains(call.crisis)) call.crisis = {};
            if (!left) continue;
            leave_crisis(call, *left);
            if (may_wait_again_unanswered(call)) tell_sorted(call, {}, rule);
            continue;
        }
        if (call.waits_in == id_of(crisis)) continue;
        if (const auto at = state.crises.find(call.waits_in); at != state.crises.end())
            left = &at->second;
        move_to_crisis(call, crisis, left, rule);
        call.until = next_change(call);
        ++moved;
        newly_waiting.push_back(id);
    }
    index = Index(state);
    return moved;
}

// It will wait: a crisis may have begun or ended while a phone rang or while a target kept the
// caller, and the municipality may be another one. The reason told is what changed its crisis last.
void Switchboard::follow_crisis(Call &call) {
    const auto why = std::exchange(call.crisis_changed_by, std::nullopt);
    const Crisis *crisis = crisis_for(call);
    if (call.waits_in == id_of(crisis)) return;
    const auto left = state.crises.find(call.waits_in);
    const Crisis *before = left == state.crises.end() ? nullptr : &left->second;
    // Of an older program's call that was away the reason is not known.
    const Rule likely = crisis ? Rule::crisis_begins : Rule::crisis_ends;
    move_to_crisis(call, crisis, before, why.value_or(likely));
}

Duration Switchboard::head_start_of(const Call &call, const Crisis *crisis) const {
    const CallQueue *queue = call.queue ? find_queue(state.rules, call.queue) : nullptr;
    const Duration usual = queue ? queue->head_start : Duration{};
    return crisis ? std::max(usual, crisis->plan.head_start) : usual;
}

// What a crisis gives a call beside its queue's own; kept in the call, so that it gives back what
// it took, whatever the rules say by then.
Duration Switchboard::moved_up_by(const Call &call, const Crisis &crisis) const {
    return head_start_of(call, &crisis) - head_start_of(call, nullptr);
}

void Switchboard::leave_crisis(Call &call, const Crisis &left) const {
    const Duration taken = call.moved_up ? *call.moved_up : moved_up_by(call, left);
    if (call.place) *call.place = *call.place + taken;
    call.moved_up.reset();
    call.waits_in = {};
}

// Not while the call stands in the index's lines. What was answered counts as what it was answered
// in, whatever it waits in now. The steps are those of what it waits in, by its whole wait.
void Switchboard::move_to_crisis(Call &call, const Crisis *crisis, const Crisis *left, Rule rule) {
    if (left) leave_crisis(call, *left);
    enter_crisis(call, crisis);
    const bool other_steps = (left && left->plan.own_steps) || (crisis && crisis->plan.own_steps);
    if (other_steps) call.relaxations = relaxations_due(call);
    if (!call.answered_at) {
        call.crisis = call.waits_in;
        if (CrisisFacts *facts = facts_of(call.crisis)) ++facts->offered;
    }
    tell_sorted(call, crisis, rule);
}

void Switchboard::enter_crisis(Call &call, const Crisis *crisis) const {
    call.waits_in = id_of(crisis);
    call.moved_up.reset();
    if (!crisis) return;
    call.moved_up = moved_up_by(call, *crisis);
    call.place = *call.place - *call.moved_up;
}

void Switchboard::tell_sorted(const Call &call, const Crisis *crisis, Rule rule) {
    SortedAnew sorted{call.id, id_of(crisis)};
    sorted.figures.waited = now - waits_since(call);
    const Duration head_start = head_start_of(call, crisis);
    if (head_start > Duration{}) sorted.figures.head_start = head_start;
    decide(sorted, rule);
}

} // namespace fernamt::routing
