// SPDX-License-Identifier: EUPL-1.2
// What happens to a call that arrives: one chain of rules, asked in order; the first that decides
// names itself in the ledger. To see or change the order, read kArrivalRules in arrival.cpp.
#pragma once

#include "routing/decision.h"
#include "routing/rules.h"

#include <optional>

namespace fernamt::routing {

struct Arrival {
    const Municipality *municipality = nullptr; // whose number was dialled; none: nobody's
    Openness openness = Openness::closed_no_hours;
    bool anyone_signed_in = false;
};

struct Verdict {
    Rule rule = Rule::unknown_number;
    std::optional<Announcement> announcement; // none: the call joins its municipality's queue
};

[[nodiscard]] Arrival describe_arrival(const Rules &rules,
                                       const std::optional<DialledNumber> &dialled, Instant at,
                                       bool anyone_signed_in);
[[nodiscard]] Verdict judge(const Arrival &arrival);

} // namespace fernamt::routing
