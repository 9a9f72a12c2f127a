// SPDX-License-Identifier: EUPL-1.2
#include "routing/switchboard.h"

#include <algorithm>

namespace fernamt::routing {

Decisions Switchboard::step(const Event &event, Instant at) {
    now = std::max(state.now, at);
    out = {};
    out.reserve(4);
    const Outcome refusal = std::visit([this](const auto &e) { return on(e); }, event);
    if (!refusal.empty()) return {Decision{Refused{refusal}}};
    state.now = now;
    settle();
    return std::move(out);
}

// After every event, in this order.
void Switchboard::settle() {
    send_away_whom_nobody_serves();
    distribute();
}

// The last agent who could ever serve a caller has gone: a partner helps who helps after a wait, or
// the caller is told so. Callbacks wait on.
void Switchboard::send_away_whom_nobody_serves() {
    if (index.take_staff_left()) {
        newly_waiting.clear();
        for (const WaitingCall &waiting : index.waiting())
            newly_waiting.push_back(waiting.call);
    }
    for (const CallId id : newly_waiting) {
        Call *call = find_call(id);
        if (!call || call->state != CallState::waiting || !is_on_line(*call)) continue;
        if (index.someone_signed_in_for(call->queue, call->waits_in)) continue;
        Figures figures;
        figures.signed_in = 0;
        figures.waited = now - waits_since(*call);
        if (const Overflow *overflow = overflow_by_wait(*call)) {
            figures.most_wait = overflow->wait;
            help_by_partner(*call, *overflow, figures);
            continue;
        }
        announce(*call, Announcement::nobody_available, Rule::nobody_signed_in, figures);
    }
    newly_waiting.clear();
}

void Switchboard::distribute() {
    while (const auto pairing = next_pairing(index)) {
        if (put_to_sleep_out_of_hours(state.calls.at(pairing->call))) continue;
        ring(*pairing);
    }
}

void Switchboard::ring(const Pairing &pairing) {
    Call &call = state.calls.at(pairing.call);
    Agent &agent = state.agents.at(pairing.agent);
    update(call, [&](Call &c) {
        c.state = CallState::ringing;
        c.state_since = now;
        c.agent = agent.id;
        c.until.reset();
    });
    decide(Ring{call.id, agent.id, agent.device, now - call.offered_at, now - agent.idle_since,
                call.relaxations, !is_on_line(call)},
           pairing.why_agent);
    enter(agent, AgentState::ringing, pairing.why_call, [&](Agent &a) {
        a.call = call.id;
        a.municipality = call.municipality;
        a.crisis = call.crisis;
        a.until = now + state.rules.ring_timeout;
    });
}

} // namespace fernamt::routing
