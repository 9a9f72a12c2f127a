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
    std::optional<Duration> talk;    // it was answered; none: the mean of the others
    std::optional<Duration> gave_up; // it hung up after so long
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

struct Fate { // of one call
    routing::EndReason reason = routing::EndReason::failed;
    routing::QueueId queue;
    std::optional<MunicipalityId> municipality;
    std::optional<Duration> waited; // until answered
    friend bool operator==(const Fate &, const Fate &) = default;
};
using Fates = std::map<CallId, Fate>;
[[nodiscard]] Fates play(const Past &past, const routing::Rules &rules);

struct Outcome {
    std::map<routing::EndReason, std::int64_t> calls;
    std::optional<std::int64_t> average_wait_seconds; // of those answered here
    std::int64_t longest_wait_seconds = 0;
    friend bool operator==(const Outcome &, const Outcome &) = default;
};
[[nodiscard]] Outcome sum_up(const Fates &fates);
// Calls that would have ended, queued or been assigned otherwise; another wait alone does not
// count.
[[nodiscard]] std::int64_t count_changed(const Fates &before, const Fates &after);

} // namespace fernamt::reporting
