// SPDX-License-Identifier: EUPL-1.2
// What would have happened to real calls under other rules: takes arrivals, patience, talk times
// and the presence of the team out of the ledger and plays them through the routing machine itself,
// not through a formula. Both sides of a comparison are played, so what was not recorded (how fast
// a phone is picked up) is the same on both. Pure but for collect(); sums only, no person.
#pragma once

#include "ledger/ledger.h"
#include "reporting/reports.h"
#include "routing/event.h"

#include <map>
#include <optional>
#include <vector>

namespace fernamt::reporting {

struct PastCall {
    routing::CallOffered offered; // with the number that was dialled
    Instant at;
    std::optional<Duration> talk;                // it was answered; none: the mean of the others
    std::optional<Duration> gave_up;             // it hung up after so long
    std::optional<Duration> chose_callback = {}; // after so long
    routing::CallerKey callback_to = {};
};

struct Past {
    Period period;
    std::vector<PastCall> calls;
    // Who signed in and out, paused, was moved between skills; switches of offices; crises.
    std::vector<std::pair<Instant, routing::Event>> others;
    Duration mean_talk = 180s;
    Duration mean_work = 30s; // after the call
};

// The 24 hours before `now`, or before the latest call of ours if that is longer ago; empty without
// any call. Reads the ledger from half a day earlier on, to know who was signed in.
[[nodiscard]] Expected<Past> collect(ledger::Ledger &ledger, Reports &reports, Instant now);

struct Fate {                                 // of one call
    std::optional<routing::EndReason> reason; // none: not ended when the play was over
    routing::QueueId queue;
    std::optional<MunicipalityId> municipality;
    std::optional<Duration> waited; // on the line until answered; not for a callback
    friend bool operator==(const Fate &, const Fate &) = default;
};
using Fates = std::map<CallId, Fate>;
// `crisis`: runs all the time, without helpers.
[[nodiscard]] Fates play(const Past &past, const routing::Rules &rules,
                         const std::optional<routing::CrisisPlan> &crisis = std::nullopt);

// What begins only later (a closure, a staff outing, a town that joins) changes nothing on a day
// that has passed. Then both sides are played as if these calls came later: on the first day on
// which it holds, or, if it holds for longer than a week, on the same day of the week. So many
// days; 0 if nothing in which the rules differ begins later, or something of it began earlier.
[[nodiscard]] int days_until_it_holds(const Past &past, const routing::Rules &before,
                                      const routing::Rules &after);
[[nodiscard]] Past moved(Past past, int days);

struct Outcome {
    std::map<routing::EndReason, std::int64_t> calls;
    std::int64_t unfinished = 0; // a callback that the team's day was too short for
    std::optional<std::int64_t> average_wait_seconds; // of those answered here
    std::int64_t longest_wait_seconds = 0;
    friend bool operator==(const Outcome &, const Outcome &) = default;
};
[[nodiscard]] Outcome sum_up(const Fates &fates);
// Calls that would have ended, queued or been assigned otherwise; another wait alone does not
// count.
[[nodiscard]] std::int64_t count_changed(const Fates &before, const Fates &after);

} // namespace fernamt::reporting
