// SPDX-License-Identifier: EUPL-1.2
#include "routing/rules.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fernamt::routing {

namespace {

template <class Range, class Key, class KeyOf>
auto *find_sorted(const Range &range, const Key &key, KeyOf key_of) {
    const auto at = std::lower_bound(
        range.begin(), range.end(), key,
        [&key_of](const auto &item, const Key &wanted) { return key_of(item) < wanted; });
    return at != range.end() && key_of(*at) == key ? &*at : nullptr;
}

// ---------------------------------------------------------------------- readings of a dialled user

// "+49511...;phone-context=..." (RFC 3966) -> number and context.
std::pair<std::string, std::string_view> split_user(std::string_view user) {
    constexpr std::string_view kContext = ";phone-context=";
    const std::size_t end = user.find(';');
    std::string number{user.substr(0, end)};
    for (const std::string_view escaped : {"%2B", "%2b"}) { // an escaped "+" (RFC 3261, 19.1.2)
        if (number.starts_with(escaped)) number = '+' + number.substr(escaped.size());
    }
    const std::size_t context = user.find(kContext);
    if (context == std::string_view::npos) return {number, {}};
    std::string_view value = user.substr(context + kContext.size());
    value = value.substr(0, value.find(';'));
    return {number, value};
}

// What a user part may mean, most likely first. Trunks write numbers with "+", with zeros, without
// either but with the country code, or local to a context; only a number of ours counts, so a
// wrong reading does no harm.
std::vector<PhoneNumber> readings(std::string_view user) {
    const auto [number, context] = split_user(user);
    std::vector<PhoneNumber> found;
    const auto add = [&found](std::optional<PhoneNumber> reading) {
        if (reading) found.push_back(std::move(*reading));
    };
    add(parse_phone_number(number));
    if (number.starts_with("49")) add(parse_phone_number("+" + number));
    if (context.starts_with('+')) add(parse_phone_number(std::string(context) + number));
    return found;
}

} // namespace

std::string_view to_string(Scope scope) {
    switch (scope) {
    case Scope::central:
        return "central";
    case Scope::authority_115:
        return "authority_115";
    case Scope::department:
        return "department";
    case Scope::it_faults:
        return "it_faults";
    case Scope::public_order:
        return "public_order";
    case Scope::test_calls:
        return "test_calls";
    case Scope::internal:
        return "internal";
    }
    return "unknown";
}

std::string_view to_string(OverflowWhen when) {
    switch (when) {
    case OverflowWhen::planned:
        return "planned";
    case OverflowWhen::closed:
        return "closed";
    case OverflowWhen::queue_length:
        return "queue_length";
    case OverflowWhen::longest_wait:
        return "longest_wait";
    }
    return "unknown";
}

std::vector<Relaxation> sorted(std::vector<Relaxation> steps) {
    std::ranges::stable_sort(steps, {}, &Relaxation::after);
    return steps;
}

Rules sorted(Rules rules) {
    const auto by_id = [](const auto &a, const auto &b) { return a.id < b.id; };
    std::stable_sort(rules.municipalities.begin(), rules.municipalities.end(), by_id);
    std::stable_sort(rules.numbers.begin(), rules.numbers.end(),
                     [](const Number &a, const Number &b) {
                         if (a.number != b.number) return a.number < b.number;
                         return a.valid_from < b.valid_from; // none: since ever
                     });
    std::sort(rules.agents.begin(), rules.agents.end());
    rules.agents.erase(std::unique(rules.agents.begin(), rules.agents.end()), rules.agents.end());
    std::stable_sort(rules.queues.begin(), rules.queues.end(), by_id);
    for (CallQueue &queue : rules.queues)
        queue.relaxations = sorted(std::move(queue.relaxations));
    std::stable_sort(rules.partners.begin(), rules.partners.end(), by_id);
    std::stable_sort(rules.skills.begin(), rules.skills.end(),
                     [](const auto &a, const auto &b) { return a.agent < b.agent; });
    for (AgentSkills &one : rules.skills)
        one.skills = sorted(std::move(one.skills));
    return rules;
}

const Municipality *find_municipality(const Rules &rules, MunicipalityId id) {
    return find_sorted(rules.municipalities, id, [](const Municipality &m) { return m.id; });
}

const Number *find_number(const Rules &rules, const PhoneNumber &number) {
    return find_sorted(rules.numbers, number,
                       [](const Number &n) -> const PhoneNumber & { return n.number; });
}

const Number *find_number(const Rules &rules, const PhoneNumber &number, Instant at) {
    const Number *one = find_number(rules, number);
    if (!one) return nullptr;
    const Number *const end = rules.numbers.data() + rules.numbers.size();
    for (; one != end && one->number == number; ++one) {
        const bool begun = !one->valid_from || *one->valid_from <= at;
        const bool over = one->valid_until && *one->valid_until <= at;
        if (begun && !over) return one;
    }
    return nullptr;
}

const CallQueue *find_queue(const Rules &rules, QueueId id) {
    return find_sorted(rules.queues, id, [](const CallQueue &q) { return q.id; });
}

const Partner *find_partner(const Rules &rules, PartnerId id) {
    return find_sorted(rules.partners, id, [](const Partner &p) { return p.id; });
}

const std::vector<SkillLevel> &skills_of(const Rules &rules, AgentId agent) {
    static const std::vector<SkillLevel> kNone;
    const auto *found =
        find_sorted(rules.skills, agent, [](const AgentSkills &one) { return one.agent; });
    return found ? found->skills : kNone;
}

bool is_agent(const Rules &rules, AgentId agent) {
    return std::binary_search(rules.agents.begin(), rules.agents.end(), agent);
}

namespace {

// Of the municipality, or of one of its numbers if that has its own.
HoursView hours_of(const Municipality &town, const Number *number) {
    static const std::vector<HoursException> kNone;
    if (!number || !number->hours) {
        return {town.hours, town.exceptions, kNone, town.closed_on_public_holidays, town.land};
    }
    const OpeningHours &own = *number->hours;
    if (!own.towns_days) {
        return {own.periods, own.exceptions, kNone, own.closed_on_public_holidays, town.land};
    }
    return {own.periods, own.exceptions, town.exceptions, town.closed_on_public_holidays,
            town.land};
}

} // namespace

Openness openness(const Municipality &municipality, Instant at) {
    return openness(hours_of(municipality, nullptr), at);
}

Openness openness(const Municipality &municipality, const Number *number, Instant at) {
    return openness(hours_of(municipality, number), at);
}

std::optional<Instant> next_opening(const Municipality &municipality, const Number *number,
                                    Instant after) {
    return next_opening(hours_of(municipality, number), after);
}

bool is_served(const Municipality &municipality, Instant at) {
    return (!municipality.joins || *municipality.joins <= at) &&
           (!municipality.leaves || at < *municipality.leaves);
}

std::optional<DialledNumber> resolve_dialled(const Rules &rules,
                                             const std::vector<DialledCandidate> &candidates,
                                             std::optional<Instant> at) {
    for (const DialledCandidate &candidate : candidates) {
        for (const PhoneNumber &reading : readings(candidate.user)) {
            const Number *ours = find_number(rules, reading);
            if (!ours) continue;
            const Number *now = at ? find_number(rules, reading, *at) : nullptr;
            return DialledNumber{ours->number, candidate.source,
                                 now ? now->municipality : ours->municipality};
        }
    }
    return std::nullopt;
}

} // namespace fernamt::routing
