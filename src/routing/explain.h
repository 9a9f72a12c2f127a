// SPDX-License-Identifier: EUPL-1.2
// Why did this happen to this call? From what the ledger holds about one call: the rules that were
// asked and passed, the one that decided, and the numbers it saw. Pure; words and languages are
// made at the edge.
#pragma once

#include "routing/decision.h"
#include "routing/event.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fernamt::routing {

// One entry of a call, in the ledger's order: an event or a decision.
struct Recorded {
    Instant at;
    std::optional<Event> event;
    std::optional<Decision> decision;
};

// A number that a rule saw. Durations are whole seconds, and their names end in _seconds; instants
// are microseconds since 1970 in UTC, and their names end in _at.
struct Seen {
    std::string_view name;
    std::int64_t value = 0;
    friend bool operator==(const Seen &, const Seen &) = default;
};

struct WhyStep {
    Instant at;
    std::string_view what;       // "offered", "queue", "ring" ...: the decision in one stable word
    std::vector<Rule> passed;    // asked before, in this order; they did not apply
    std::optional<Rule> decided; // none: a fact from outside
    std::optional<Rule> also;    // ring: why this call; `decided` says why this agent
    std::vector<Seen> saw;
    std::optional<AgentId> agent; // who may see this is decided at the edge
    std::optional<MunicipalityId> municipality;
    std::optional<PhoneNumber> number;
    friend bool operator==(const WhyStep &, const WhyStep &) = default;
};

[[nodiscard]] std::vector<WhyStep> explain(std::span<const Recorded> call);

} // namespace fernamt::routing
