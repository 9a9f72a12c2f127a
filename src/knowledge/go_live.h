// SPDX-License-Identifier: EUPL-1.2
// The gate before a municipality goes live (R-40: "bis zum Start der Pilotphase"): its matrix must
// be complete and fresh, and nothing else may be missing that a caller would notice (hours,
// announcements, the checklist: whoever asks knows), or a named person says why it may go
// nevertheless. The decision is kept with all that was missing at that moment, and is audited.
// Without it the administration gives it no first day and no first number (require_go_live,
// web/first_day.h); it does not switch any number on.
#pragma once

#include "knowledge/matrix.h"

namespace fernamt::knowledge {

struct GoLiveDecision {
    Instant decided_at;
    UserId decided_by;
    std::string override_reason; // empty: all was complete
    MatrixCounts counts;
    std::vector<std::string> lacks;
};

struct GoLiveGate {
    MatrixCounts counts;            // now
    std::vector<std::string> lacks; // beside the knowledge: "hours" ...
    std::optional<GoLiveDecision> decision;
    [[nodiscard]] bool ready() const { return counts.ready() && lacks.empty(); }
    [[nodiscard]] bool open() const { return ready() || decision.has_value(); }
};

inline constexpr std::size_t kLongestReason = 1'000; // bytes

// `lacks`: words without commas.
[[nodiscard]] Expected<GoLiveGate> go_live_gate(storage::Database &database, const Clock &clock,
                                                MunicipalityId municipality,
                                                std::vector<std::string> lacks = {});
// "knowledge.gate_undecided" as long as nobody has let the municipality go live. Whoever sets its
// first day or gives it its first number asks this within the same transaction.
[[nodiscard]] Expected<void> require_go_live(storage::Connection &connection,
                                             MunicipalityId municipality);
// "knowledge.gate_closed" (stale, missing, lacks) without a reason while something is missing;
// "knowledge.gate_passed" if it was decided before.
[[nodiscard]] Expected<GoLiveGate> decide_go_live(storage::Database &database, const Clock &clock,
                                                  UserId by, MunicipalityId municipality,
                                                  const std::string &override_reason,
                                                  const Audit &audit,
                                                  std::vector<std::string> lacks = {});

} // namespace fernamt::knowledge
