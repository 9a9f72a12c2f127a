// SPDX-License-Identifier: EUPL-1.2
#include "routing/arrival.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

using Step = std::optional<Verdict>; // empty: go on to the next rule

Step unknown_number(const Arrival &arrival) {
    if (arrival.municipality || (arrival.known_number && !arrival.number)) return {};
    return Verdict{Rule::unknown_number, Announcement::unknown_number};
}

Step number_not_valid(const Arrival &arrival) {
    if (!arrival.known_number || arrival.number) return {};
    Verdict verdict{Rule::number_not_valid, Announcement::unknown_number};
    verdict.figures.from = arrival.known_number->valid_from;
    verdict.figures.until = arrival.known_number->valid_until;
    return verdict;
}

Step municipality_not_served(const Arrival &arrival) {
    if (is_served(*arrival.municipality, arrival.now)) return {};
    Verdict verdict{Rule::municipality_not_served, Announcement::unknown_number};
    verdict.figures.from = arrival.municipality->joins;
    verdict.figures.until = arrival.municipality->leaves;
    return verdict;
}

bool is_open(const Arrival &arrival) {
    return is_open(arrival.openness) || arrival.open_in_crisis;
}

// The crisis has taken this call over: it is answered here, with the crisis's wording and by its
// helpers, not at the town hall and not by a partner who knows neither. Outside the usual
// hours and the crisis's own, everything is as without it.
bool belongs_to_crisis(const Arrival &arrival) {
    return arrival.crisis && is_open(arrival);
}

Step office_first(const Arrival &arrival) {
    if (!arrival.number || !arrival.number->office) return {};
    if (arrival.office_tried || arrival.office_absent || belongs_to_crisis(arrival)) return {};
    return Verdict{Rule::office_first, {}, &*arrival.number->office};
}

// None if it is not in the rules, or has been asked for this call.
const Partner *partner_of(const Overflow &overflow, const Rules &rules,
                          const std::vector<PartnerId> &asked) {
    const bool again = std::find(asked.begin(), asked.end(), overflow.partner) != asked.end();
    return again ? nullptr : find_partner(rules, overflow.partner);
}

bool applies(const Overflow &overflow, const Arrival &arrival) {
    if (overflow.queue && (!arrival.queue || arrival.queue->id != overflow.queue)) return false;
    switch (overflow.when) {
    case OverflowWhen::planned:
        return (!overflow.from || *overflow.from <= arrival.now) &&
               (!overflow.until || arrival.now < *overflow.until);
    case OverflowWhen::queue_length:
        return arrival.waiting >= overflow.waiting;
    case OverflowWhen::closed:
        return !is_open(arrival);
    case OverflowWhen::longest_wait: // nobody who has just arrived
        break;
    }
    return false;
}

// When somebody can be reached again: by the number's hours or by the crisis's own.
std::optional<Instant> opens(const Arrival &arrival) {
    const auto usual = next_opening(*arrival.municipality, arrival.number, arrival.now);
    if (!arrival.crisis_plan || arrival.crisis_plan->hours.empty()) return usual;
    const auto in_crisis = next_opening(arrival.crisis_plan->hours, {}, false,
                                        arrival.municipality->land, arrival.now);
    return usual && in_crisis ? std::min(usual, in_crisis) : usual ? usual : in_crisis;
}

Figures figures_of(const Overflow &overflow, const Arrival &arrival) {
    Figures figures;
    switch (overflow.when) {
    case OverflowWhen::planned:
        figures.from = overflow.from;
        figures.until = overflow.until;
        break;
    case OverflowWhen::queue_length:
        figures.waiting = arrival.waiting;
        figures.most_waiting = overflow.waiting;
        break;
    case OverflowWhen::closed:
        figures.opens = opens(arrival);
        break;
    case OverflowWhen::longest_wait:
        break;
    }
    return figures;
}

Step to_partner(const Arrival &arrival, OverflowWhen when, Rule rule) {
    if (!arrival.may_go_to_partner) return {};
    for (const Overflow &overflow : arrival.rules->overflows) {
        if (overflow.when != when || !applies(overflow, arrival)) continue;
        const Partner *partner = partner_of(overflow, *arrival.rules, arrival.asked);
        if (partner) return Verdict{rule, {}, nullptr, partner, figures_of(overflow, arrival)};
    }
    return {};
}

Step overflow_closed(const Arrival &arrival) {
    return to_partner(arrival, OverflowWhen::closed, Rule::overflow_closed);
}

Step closed(const Arrival &arrival) {
    if (is_open(arrival)) return {};
    Rule why = Rule::closed_hours;
    if (arrival.openness == Openness::closed_public_holiday) why = Rule::closed_public_holiday;
    if (arrival.openness == Openness::closed_locally) why = Rule::closed_locally;
    Verdict verdict{why, Announcement::closed};
    verdict.figures.opens = opens(arrival);
    return verdict;
}

// In a crisis only if nobody of ours is there: a stranger's ear is better than none.
Step overflow_planned(const Arrival &arrival) {
    if (belongs_to_crisis(arrival) && arrival.anyone_signed_in) return {};
    return to_partner(arrival, OverflowWhen::planned, Rule::overflow_planned);
}

// With nobody there the wait has no end: longer than any at which a partner helps.
Step overflow_endless_wait(const Arrival &arrival) {
    if (arrival.anyone_signed_in || !arrival.may_go_to_partner || belongs_to_crisis(arrival))
        return {};
    const Overflow *overflow = longest_wait_overflow(
        *arrival.rules, arrival.queue ? arrival.queue->id : QueueId{}, arrival.asked);
    if (!overflow) return {};
    Verdict verdict{Rule::overflow_longest_wait,
                    {},
                    nullptr,
                    find_partner(*arrival.rules, overflow->partner),
                    {}};
    verdict.figures.signed_in = 0;
    verdict.figures.most_wait = overflow->wait;
    return verdict;
}

Step nobody_signed_in(const Arrival &arrival) {
    if (arrival.anyone_signed_in) return {};
    Verdict verdict{Rule::nobody_signed_in, Announcement::nobody_available};
    verdict.figures.signed_in = 0;
    return verdict;
}

Step overflow_queue_length(const Arrival &arrival) {
    if (belongs_to_crisis(arrival)) return {};
    return to_partner(arrival, OverflowWhen::queue_length, Rule::overflow_queue_length);
}

Step queue_full(const Arrival &arrival) {
    const std::int64_t most = arrival.queue ? arrival.queue->max_waiting : 0;
    if (most <= 0 || arrival.waiting < most || arrival.crisis) return {};
    Verdict verdict{Rule::queue_full, Announcement::nobody_available};
    verdict.figures.waiting = arrival.waiting;
    verdict.figures.most_waiting = most;
    return verdict;
}

// From how many waiting calls on the next one would not have joined; none: there is no limit.
std::optional<std::int64_t> room_in_queue(const Arrival &arrival) {
    std::optional<std::int64_t> room;
    if (arrival.crisis) return room;
    if (arrival.queue && arrival.queue->max_waiting > 0) room = arrival.queue->max_waiting;
    if (!arrival.may_go_to_partner) return room;
    for (const Overflow &overflow : arrival.rules->overflows) {
        if (overflow.when != OverflowWhen::queue_length ||
            !partner_of(overflow, *arrival.rules, arrival.asked))
            continue;
        const bool here = !overflow.queue || (arrival.queue && arrival.queue->id == overflow.queue);
        if (here && (!room || overflow.waiting < *room)) room = overflow.waiting;
    }
    return room;
}

Step join_queue(const Arrival &arrival) {
    Rule rule = arrival.queue ? Rule::queue_of_number : Rule::queue_of_municipality;
    Duration head_start = arrival.queue ? arrival.queue->head_start : Duration{};
    if (arrival.crisis) rule = Rule::queue_of_crisis;
    if (arrival.crisis_plan) head_start = std::max(head_start, arrival.crisis_plan->head_start);
    Verdict verdict{rule};
    if (const auto room = room_in_queue(arrival)) {
        verdict.figures.waiting = arrival.waiting;
        verdict.figures.most_waiting = room;
    }
    if (head_start > Duration{}) verdict.figures.head_start = head_start;
    return verdict;
}

struct ArrivalRule {
    Step (*ask)(const Arrival &);
    std::vector<Rule> names;
};

// The order in which an arriving call is judged.
const std::vector<ArrivalRule> &arrival_rules() {
    static const std::vector<ArrivalRule> kArrivalRules = {
        {unknown_number, {Rule::unknown_number}},
        {number_not_valid, {Rule::number_not_valid}},
        {municipality_not_served, {Rule::municipality_not_served}},
        {office_first, {Rule::office_first}},
        {overflow_closed, {Rule::overflow_closed}},
        {closed, {Rule::closed_hours, Rule::closed_public_holiday, Rule::closed_locally}},
        {overflow_planned, {Rule::overflow_planned}},
        {overflow_endless_wait, {Rule::overflow_longest_wait}},
        {nobody_signed_in, {Rule::nobody_signed_in}},
        {overflow_queue_length, {Rule::overflow_queue_length}},
        {queue_full, {Rule::queue_full}},
        {join_queue, {Rule::queue_of_municipality, Rule::queue_of_number, Rule::queue_of_crisis}},
    };
    return kArrivalRules;
}

} // namespace

Verdict judge(const Arrival &arrival) {
    for (const ArrivalRule &rule : arrival_rules()) {
        if (const Step decided = rule.ask(arrival)) return *decided;
    }
    return Verdict{Rule::queue_of_municipality}; // never: join_queue always decides
}

const Overflow *longest_wait_overflow(const Rules &rules, QueueId queue,
                                      const std::vector<PartnerId> &asked) {
    const auto found =
        std::find_if(rules.overflows.begin(), rules.overflows.end(), [&](const Overflow &overflow) {
            return overflow.when == OverflowWhen::longest_wait &&
                   (!overflow.queue || overflow.queue == queue) &&
                   partner_of(overflow, rules, asked);
        });
    return found == rules.overflows.end() ? nullptr : &*found;
}

std::vector<std::vector<Rule>> arrival_order() {
    std::vector<std::vector<Rule>> order;
    for (const ArrivalRule &rule : arrival_rules())
        order.push_back(rule.names);
    return order;
}

} // namespace fernamt::routing
