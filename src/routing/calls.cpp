// SPDX-License-Identifier: EUPL-1.2
// A caller's way: arrival, the chain's verdict, the queue, the end.
#include "routing/switchboard.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

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

EndReason reason_outside(Outside outside) {
    switch (outside) {
    case Outside::office:
        return EndReason::taken_by_office;
    case Outside::partner:
        return EndReason::taken_by_partner;
    case Outside::transfer:
        break;
    }
    return EndReason::transferred;
}

// How a call ends for its caller. A call that an agent has answered is never "abandoned".
EndReason reason_after_caller(const Call &call, HangUpCause cause) {
    if (call.state == CallState::announcing) return reason_of(call.announcement);
    if (cause != HangUpCause::normal) return EndReason::failed;
    if (call.state == CallState::transferred) return reason_outside(call.outside);
    return call.answered_at ? EndReason::completed : EndReason::abandoned;
}

} // namespace

Switchboard::Outcome Switchboard::on(const CallOffered &e) {
    if (!e.call) return refusal::kCallUnknown;
    if (state.calls.contains(e.call)) return refusal::kCallExists;
    Call call;
    call.id = e.call;
    call.state = CallState::announcing; // not in line yet
    call.offered_at = now;
    call.state_since = now;
    call.caller = e.caller;
    call.from = e.from;
    call.hops = e.hops;
    if (e.dialled) {
        call.number = e.dialled->number;
        call.municipality = e.dialled->municipality;
    }
    Call &kept = state.calls.emplace_hint(state.calls.end(), e.call, std::move(call))->second;
    if (const auto *number = kept.number ? find_number(state.rules, *kept.number, now) : nullptr) {
        kept.municipality = number->municipality; // whose it is at this second
        kept.scope = number->scope;
        kept.price_class = number->price_class;
        kept.queue = find_queue(state.rules, number->queue) ? number->queue : QueueId{};
    }
    if (!kept.municipality || !find_municipality(state.rules, *kept.municipality)) {
        kept.municipality.reset();
    }
    route(kept, false);
    return kDone;
}

Arrival Switchboard::describe(const Call &call, bool office_tried) const {
    Arrival arrival;
    arrival.rules = &state.rules;
    arrival.now = now;
    arrival.office_tried = office_tried;
    if (call.number) {
        arrival.number = find_number(state.rules, *call.number, now);
        arrival.known_number =
            arrival.number ? arrival.number : find_number(state.rules, *call.number);
    }
    if (!call.municipality) return arrival;
    arrival.municipality = find_municipality(state.rules, *call.municipality);
    if (!arrival.municipality) return arrival;
    arrival.openness = openness(*arrival.municipality, arrival.number, now);
    arrival.queue = call.queue ? find_queue(state.rules, call.queue) : nullptr;
    if (const Crisis *crisis = crisis_for(call)) {
        arrival.crisis = crisis->id;
        arrival.crisis_plan = &crisis->plan;
        arrival.open_in_crisis = is_open_by(*crisis);
    }
    arrival.anyone_signed_in = index.someone_signed_in_for(call.queue, arrival.crisis);
    arrival.waiting = index.waiting_in(call.queue);
    // Whoever has a callback in line takes its place: no more people wait than before.
    const Call *earlier = callback_before(call);
    if (earlier && !earlier->callback->sleeps_until) --arrival.waiting;
    if (arrival.number && arrival.number->office) {
        arrival.office_absent = is_office_absent(*arrival.number);
    }
    arrival.may_go_to_partner = may_go_to_partner(call);
    arrival.asked = call.asked;
    return arrival;
}

void Switchboard::route(Call &call, bool office_tried) {
    const Arrival arrival = describe(call, office_tried);
    if (arrival.crisis && call.crisis != arrival.crisis) {
        call.crisis = arrival.crisis;
        ++facts_of(call.crisis)->offered;
    }
    carry_out(call, judge(arrival));
}

void Switchboard::carry_out(Call &call, const Verdict &verdict) {
    if (verdict.announcement)
        return announce(call, *verdict.announcement, verdict.rule, verdict.figures);
    if (verdict.office) {
        return forward(call, verdict.office->office, Outside::office, nullptr,
                       verdict.office->ring_for, verdict.rule, verdict.figures);
    }
    if (verdict.partner) {
        return forward(call, verdict.partner->number, Outside::partner, verdict.partner,
                       state.rules.transfer_timeout, verdict.rule, verdict.figures);
    }
    join_queue(call, verdict);
}

void Switchboard::announce(Call &call, Announcement announcement, Rule rule,
                           const Figures &figures) {
    update(call, [&](Call &c) {
        c.state = CallState::announcing;
        c.state_since = now;
        c.announcement = announcement;
        c.until.reset();
    });
    decide(Announce{call.id, announcement, figures}, rule);
}

// A place once taken is kept to the end; a caller who rang at the office first has waited as well.
void Switchboard::join_queue(Call &call, const Verdict &verdict) {
    if (!call.place) take_place_of_callback(call);
    if (!call.place) {
        call.place = call.offered_at - head_start_of(call, nullptr);
        enter_crisis(call, crisis_for(call));
    }
    call.queued = true;
    decide(Queue{call.id, *call.municipality, call.queue, call.crisis,
                 index.ahead_of({*call.place, call.id}), verdict.figures},
           verdict.rule);
    wait_again(call);
}

void Switchboard::wait_again(Call &call) {
    follow_crisis(call);
    update(call, [&](Call &c) {
        c.state = CallState::waiting;
        c.state_since = now;
        c.agent.reset();
        c.outside = Outside::transfer;
        c.relaxations = relaxations_due(c);
        c.until = next_change(c);
    });
    newly_waiting.push_back(call.id);
}

// What a caller spent talking was no waiting: who comes back from an office that does not answer is
// not at once everybody's, nor a partner's. The place is the old one all the same.
Instant Switchboard::waits_since(const Call &call) {
    return call.offered_at + call.talk;
}

// The steps of whatever's demands it waits by.
const std::vector<Relaxation> &Switchboard::relaxations_of(const Call &call) const {
    static const std::vector<Relaxation> kNone;
    const auto crisis = state.crises.find(call.waits_in);
    if (crisis != state.crises.end() && crisis->second.plan.own_steps)
        return crisis->second.plan.relaxations;
    const CallQueue *queue = call.queue ? find_queue(state.rules, call.queue) : nullptr;
    return queue ? queue->relaxations : kNone;
}

std::int64_t Switchboard::relaxations_due(const Call &call) const {
    const Duration waited = now - waits_since(call);
    return std::ranges::count_if(relaxations_of(call),
                                 [waited](const Relaxation &one) { return one.after <= waited; });
}

std::optional<Instant> Switchboard::next_change(const Call &call) const {
    if (call.callback && call.callback->sleeps_until) return call.callback->sleeps_until;
    std::optional<Instant> next;
    const std::vector<Relaxation> &steps = relaxations_of(call);
    const auto step = static_cast<std::size_t>(call.relaxations);
    if (step < steps.size()) next = waits_since(call) + steps[step].after;
    const Overflow *overflow = overflow_by_wait(call);
    if (!overflow) return next;
    const Instant at = std::max(waits_since(call) + overflow->wait, now); // past: at once
    return next ? std::min(*next, at) : at;
}

bool Switchboard::may_go_to_partner(const Call &call) const {
    const auto asked = static_cast<std::int64_t>(call.asked.size());
    return !call.from && call.hops < state.rules.max_hops && asked < state.rules.max_partners;
}

// A partner has neither the crisis's wording nor its helpers: those calls wait here.
const Overflow *Switchboard::overflow_by_wait(const Call &call) const {
    const bool may_go = is_on_line(call) && !call.waits_in && may_go_to_partner(call) &&
                        !state.rules.overflows.empty();
    return may_go ? longest_wait_overflow(state.rules, call.queue, call.asked) : nullptr;
}

Switchboard::Outcome Switchboard::on(const CallerHungUp &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (!is_on_line(*call)) return refusal::kCallerNotOnLine;
    if (e.cause == HangUpCause::replaced) return kDone; // the caller is on a new leg
    const Rule rule = rule_of(e.cause, Rule::caller_hung_up);
    const EndReason reason = reason_after_caller(*call, e.cause);
    if (call->state == CallState::ringing) take_back(*call, rule);
    Agent *partner = partner_of(*call);
    end(*call, reason, rule);
    if (partner) begin_wrap_up(*partner);
    return kDone;
}

Switchboard::Outcome Switchboard::on(const AnnouncementFinished &e) {
    Call *call = find_call(e.call);
    if (!call) return refusal::kCallUnknown;
    if (call->state != CallState::announcing) return refusal::kNotAnnouncing;
    end(*call, reason_of(call->announcement), Rule::announcement_heard);
    return kDone;
}

void Switchboard::end(Call &call, EndReason reason, Rule rule) {
    const Duration since = now - call.state_since;
    const bool talking = call.state == CallState::talking || call.state == CallState::held;
    if (talking && is_on_line(call)) call.talk += since;
    if (call.state == CallState::transferred) call.transferred += since;
    if (CrisisFacts *facts = facts_of(call.crisis, call.answered_at)) {
        facts->talk += call.talk;
        facts->abandoned += reason == EndReason::abandoned ? 1 : 0;
    }
    End fact{call.id,         reason,           call.municipality, call.number,
             call.offered_at, call.answered_at, call.talk,         call.transferred};
    fact.queue = call.queue;
    fact.scope = call.scope;
    fact.price_class = call.price_class;
    fact.crisis = call.crisis;
    fact.from = call.from;
    if (reason == EndReason::taken_by_partner) fact.to = call.to;
    fact.dialled = call.dialled;
    fact.transfers = call.transfers;
    if (call.callback) {
        fact.callback_at = call.callback->requested_at;
        fact.callback_attempts = call.callback->attempts;
    }
    decide(std::move(fact), rule);
    index.remove(call);
    state.calls.erase(call.id);
}

} // namespace fernamt::routing
