// SPDX-License-Identifier: EUPL-1.2
// Who gets a call next: one chain of rules narrows the waiting callers and the idle agents down to
// one pair. To see or change the order, read kPairingRules in distribution.cpp.
#pragma once

#include "routing/index.h"

#include <optional>

namespace fernamt::routing {

struct Pairing {
    CallId call;
    Rule why_call = Rule::oldest_caller_first;
    AgentId agent;
    Rule why_agent = Rule::longest_idle_agent_first;
    int kind = 0;        // of the call
    int suitability = 0; // at least this many of its preferred skills
};

// Empty if nobody waits whom somebody idle may serve.
[[nodiscard]] std::optional<Pairing> next_pairing(Index &index);

} // namespace fernamt::routing
