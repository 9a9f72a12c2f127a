// SPDX-License-Identifier: EUPL-1.2
#include "routing/arrival.h"

namespace fernamt::routing {

namespace {

using Step = std::optional<Verdict>; // empty: go on to the next rule

Step unknown_number(const Arrival &arrival) {
    if (arrival.municipality) return {};
    return Verdict{Rule::unknown_number, Announcement::unknown_number};
}

Step closed_public_holiday(const Arrival &arrival) {
    if (arrival.openness != Openness::closed_public_holiday) return {};
    return Verdict{Rule::closed_public_holiday, Announcement::closed};
}

Step closed_hours(const Arrival &arrival) {
    if (arrival.openness == Openness::open) return {};
    return Verdict{Rule::closed_hours, Announcement::closed};
}

Step nobody_signed_in(const Arrival &arrival) {
    if (arrival.anyone_signed_in) return {};
    return Verdict{Rule::nobody_signed_in, Announcement::nobody_available};
}

// The order in which an arriving call is judged.
constexpr Step (*kArrivalRules[])(const Arrival &) = {
    unknown_number,
    closed_public_holiday,
    closed_hours,
    nobody_signed_in,
};
constexpr Verdict kElse{Rule::queue_of_municipality, {}};

} // namespace

Arrival describe_arrival(const Rules &rules, const std::optional<DialledNumber> &dialled,
                         Instant at, bool anyone_signed_in) {
    Arrival arrival;
    arrival.anyone_signed_in = anyone_signed_in;
    if (!dialled) return arrival;
    arrival.municipality = find_municipality(rules, dialled->municipality);
    if (arrival.municipality) arrival.openness = openness(*arrival.municipality, at);
    return arrival;
}

Verdict judge(const Arrival &arrival) {
    for (const auto rule : kArrivalRules) {
        if (const Step decided = rule(arrival)) return *decided;
    }
    return kElse;
}

} // namespace fernamt::routing
