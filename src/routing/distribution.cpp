// SPDX-License-Identifier: EUPL-1.2
#include "routing/distribution.h"

namespace fernamt::routing {

namespace {

enum class Step { go_on, no_pair };

// One order over all municipalities' queues: nobody waits longer because of where they live.
Step oldest_caller_first(const Index &index, Pairing &pairing) {
    if (index.waiting.empty()) return Step::no_pair;
    pairing.call = index.waiting.begin()->call;
    pairing.why_call = Rule::oldest_caller_first;
    return Step::go_on;
}

Step longest_idle_agent_first(const Index &index, Pairing &pairing) {
    if (index.idle.empty()) return Step::no_pair;
    pairing.agent = index.idle.begin()->agent;
    pairing.why_agent = Rule::longest_idle_agent_first;
    return Step::go_on;
}

// The order in which a pair is found.
constexpr Step (*kPairingRules[])(const Index &, Pairing &) = {
    oldest_caller_first,
    longest_idle_agent_first,
};

} // namespace

std::optional<Pairing> next_pairing(const Index &index) {
    Pairing pairing;
    for (const auto rule : kPairingRules) {
        if (rule(index, pairing) == Step::no_pair) return std::nullopt;
    }
    return pairing;
}

} // namespace fernamt::routing
