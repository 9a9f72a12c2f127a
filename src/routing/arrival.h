// SPDX-License-Identifier: EUPL-1.2
// What happens to a call that arrives, or comes back from an office or a partner unanswered: one
// chain of rules, asked in order; the first that decides names itself in the ledger. To see or
// change the order, read kArrivalRules in arrival.cpp.
#pragma once

#include "routing/decision.h"
#include "routing/rules.h"

#include <optional>
#include <vector>

namespace fernamt::routing {

// Everything the rules see.
struct Arrival {
    const Rules *rules = nullptr;
    Instant now;
    const Municipality *municipality = nullptr; // whose number was dialled; none: nobody's
    const Number *number = nullptr;             // as valid now
    const Number *known_number = nullptr;       // ours, though perhaps not now
    const CallQueue *queue = nullptr;           // none: the common one
    Openness openness = Openness::closed_no_hours;
    CrisisId crisis;
    const CrisisPlan *crisis_plan = nullptr; // of that crisis
    bool open_in_crisis = false;
    bool anyone_signed_in = false; // who could ever serve it
    std::int64_t waiting = 0;      // in its queue
    bool office_absent = false;
    bool office_tried = false;
    bool may_go_to_partner = false; // not a partner's call, not diverted nor passed on too often
    std::vector<PartnerId> asked;   // who has not answered: not again
};

struct Verdict {
    Rule rule = Rule::unknown_number;
    std::optional<Announcement> announcement; // none of the three: it joins its queue
    const OfficeFirst *office = nullptr;
    const Partner *partner = nullptr;
    Figures figures = {}; // what the rule compared
};

[[nodiscard]] Verdict judge(const Arrival &arrival);

// Which overflow applies to a waiting call, by its wait alone; not to a partner who was asked.
[[nodiscard]] const Overflow *longest_wait_overflow(const Rules &rules, QueueId queue,
                                                    const std::vector<PartnerId> &asked);

// The names of the chain's rules in the order in which they are asked, down to the last one, which
// always decides. A closed municipality has several names for one place in the order.
[[nodiscard]] std::vector<std::vector<Rule>> arrival_order();

} // namespace fernamt::routing
