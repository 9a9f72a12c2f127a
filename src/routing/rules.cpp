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

// --------------------------------------------------------------------------------- opening periods

bool within_hours(const Municipality &municipality, const LocalTime &local) {
    const Weekday weekday = weekday_of(local.date);
    return std::any_of(
        municipality.hours.begin(), municipality.hours.end(), [&](const OpeningPeriod &period) {
            return period.weekday == weekday && local.second_of_day >= period.from_second &&
                   local.second_of_day < period.to_second;
        });
}

} // namespace

Rules sorted(Rules rules) {
    std::stable_sort(rules.municipalities.begin(), rules.municipalities.end(),
                     [](const Municipality &a, const Municipality &b) { return a.id < b.id; });
    std::stable_sort(rules.numbers.begin(), rules.numbers.end(),
                     [](const Number &a, const Number &b) { return a.number < b.number; });
    std::sort(rules.agents.begin(), rules.agents.end());
    rules.agents.erase(std::unique(rules.agents.begin(), rules.agents.end()), rules.agents.end());
    return rules;
}

const Municipality *find_municipality(const Rules &rules, MunicipalityId id) {
    return find_sorted(rules.municipalities, id, [](const Municipality &m) { return m.id; });
}

const Number *find_number(const Rules &rules, const PhoneNumber &number) {
    return find_sorted(rules.numbers, number,
                       [](const Number &n) -> const PhoneNumber & { return n.number; });
}

bool is_agent(const Rules &rules, AgentId agent) {
    return std::binary_search(rules.agents.begin(), rules.agents.end(), agent);
}

Openness openness(const Municipality &municipality, Instant at) {
    if (municipality.hours.empty()) return Openness::closed_no_hours;
    const LocalTime local = to_local(at);
    if (!within_hours(municipality, local)) return Openness::closed_hours;
    if (municipality.closed_on_public_holidays && public_holiday(municipality.land, local.date)) {
        return Openness::closed_public_holiday;
    }
    return Openness::open;
}

std::optional<DialledNumber> resolve_dialled(const Rules &rules,
                                             const std::vector<DialledCandidate> &candidates) {
    for (const DialledCandidate &candidate : candidates) {
        for (const PhoneNumber &reading : readings(candidate.user)) {
            if (const Number *ours = find_number(rules, reading)) {
                return DialledNumber{ours->number, candidate.source, ours->municipality};
            }
        }
    }
    return std::nullopt;
}

} // namespace fernamt::routing
