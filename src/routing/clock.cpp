// SPDX-License-Identifier: EUPL-1.2
// What happens by itself when its time has come: phones stop ringing, work ends, demands relax,
// targets that do not answer give back, callbacks wake.
#include "routing/switchboard.h"

namespace fernamt::routing {

// Much may be due together, when the timer is late or the clock has stepped forward. Partners come
// last: whoever becomes free here in the same second, and whoever's demands relax, comes before.
Switchboard::Outcome Switchboard::on(const TimePassed &) {
    if (!index.due(now)) return refusal::kNothingDue;
    std::vector<CallId> for_partners;
    while (const auto due = index.due(now)) {
        if (due->of == Deadline::Of::agent) {
            time_is_over(state.agents.at(AgentId{due->id}));
            continue;
        }
        Call &call = state.calls.at(CallId{due->id});
        if (!is_partner_due(call)) {
            time_is_over(call);
            continue;
        }
        for_partners.push_back(call.id);
        const std::int64_t relaxed = call.relaxations;
        update(call, [this](Call &c) {
            c.relaxations = relaxations_due(c);
            c.until.reset();
        });
        if (call.relaxations != relaxed) still_waits(call);
    }
    for (const CallId id : for_partners) {
        Call *call = find_call(id);
        if (call && call->state == CallState::waiting) waited_longer(*call);
    }
    return kDone;
}

// Rules of before asked the partner in the order of the deadlines, and are replayed as they went.
bool Switchboard::is_partner_due(const Call &call) const {
    if (call.state != CallState::waiting || !state.rules.partners_last) return false;
    const Overflow *overflow = overflow_by_wait(call);
    return overflow && overflow->wait <= now - waits_since(call);
}

void Switchboard::time_is_over(Agent &agent) {
    if (agent.state == AgentState::ringing) {
        miss(agent, Rule::ring_timeout);
    } else {
        finish_work(agent, Rule::wrap_up_time_over);
    }
}

void Switchboard::time_is_over(Call &call) {
    if (call.state == CallState::transferring) return come_back(call, Rule::transfer_gave_back);
    if (call.consult) return end_consult(call, Rule::consult_over);
    if (call.callback && call.callback->dialling) {
        return attempt_failed(call, state.rules.callbacks.retry_after, Rule::callback_failed);
    }
    if (call.callback && call.callback->sleeps_until) return wake(call);
    waited_longer(call);
}

void Switchboard::help_by_partner(Call &call, const Overflow &overflow, const Figures &figures) {
    const Partner *partner = find_partner(state.rules, overflow.partner);
    forward(call, partner->number, Outside::partner, partner, state.rules.transfer_timeout,
            Rule::overflow_longest_wait, figures);
}

// The next relaxation is due, or the wait at which a partner helps.
void Switchboard::waited_longer(Call &call) {
    const Duration waited = now - waits_since(call);
    const Overflow *overflow = overflow_by_wait(call);
    if (overflow && overflow->wait <= waited) {
        // Who has become free here in this second comes before a partner; rules of before did not
        // say so, and their calls are replayed as they went.
        if (state.rules.partners_last || state.rules.max_partners > 1) distribute();
        if (call.state != CallState::waiting) return;
        Figures figures;
        figures.waited = waited;
        figures.most_wait = overflow->wait;
        return help_by_partner(call, *overflow, figures);
    }
    update(call, [&](Call &c) {
        c.relaxations = relaxations_due(c);
        c.until = next_change(c);
    });
    still_waits(call);
}

void Switchboard::still_waits(const Call &call) {
    Figures figures;
    figures.waited = now - waits_since(call);
    if (call.relaxations > 0) {
        const auto last = static_cast<std::size_t>(call.relaxations) - 1;
        figures.most_wait = relaxations_of(call)[last].after;
    }
    decide(StillWaits{call.id, call.relaxations, {}, figures}, Rule::demands_relaxed);
}

} // namespace fernamt::routing
