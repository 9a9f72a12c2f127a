// SPDX-License-Identifier: EUPL-1.2
#include "routing/distribution.h"

namespace fernamt::routing {

namespace {

enum class Step { go_on, no_pair };

// One order over all queues: of all callers whom somebody idle may serve, the one with the longest
// effective wait. Nobody waits longer because of where they live.
Step longest_effective_wait_first(Index &index, Pairing &pairing) {
    const auto next = index.longest_waiting_servable();
    if (!next) return Step::no_pair;
    pairing.call = next->call.call;
    pairing.kind = next->kind;
    pairing.why_call = Rule::oldest_caller_first;
    return Step::go_on;
}

// Of the idle ones who may, only those with most of the preferred skills stay.
Step best_skills_first(Index &index, Pairing &pairing) {
    pairing.suitability = index.best_suitability(pairing.kind);
    return pairing.suitability == Index::kUnable ? Step::no_pair : Step::go_on;
}

Step longest_idle_agent_first(Index &index, Pairing &pairing) {
    const auto best = index.longest_idle(pairing.kind, pairing.suitability);
    if (!best) return Step::no_pair;
    pairing.agent = best->agent;
    const bool idlest = pairing.suitability == 0 || index.longest_idle(pairing.kind, 0) == best;
    pairing.why_agent = idlest ? Rule::longest_idle_agent_first : Rule::best_skills_first;
    return Step::go_on;
}

// The order in which a pair is found.
constexpr Step (*kPairingRules[])(Index &, Pairing &) = {
    longest_effective_wait_first,
    best_skills_first,
    longest_idle_agent_first,
};

} // namespace

std::optional<Pairing> next_pairing(Index &index) {
    Pairing pairing;
    for (const auto rule : kPairingRules) {
        if (rule(index, pairing) == Step::no_pair) return std::nullopt;
    }
    return pairing;
}

} // namespace fernamt::routing
