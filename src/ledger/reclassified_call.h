// SPDX-License-Identifier: EUPL-1.2
// "call.reclassified": an ended call was another municipality's, or of another kind, than the
// switchboard took it for. A fact of its own beside the call's: nothing of the past is changed, and
// whoever reads up to an earlier entry sees the call as it was known then. No event of the
// switchboard, so a replay passes over it. It names a role, never a person, and no free text.
#pragma once

#include "ledger/ledger.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fernamt::ledger {

inline constexpr std::string_view kReclassified = "call.reclassified";

enum class ReclassifyReason {
    misrouted,  // the caller meant another municipality
    test,       // a rehearsal or a check of the line
    staff,      // from the staff: a fault of their IT, or internal
    wrong_kind, // taken for 115, a crisis or a citizen's call, and was none
    taken_back, // an earlier reclassification was the mistake
};
[[nodiscard]] std::string_view to_string(ReclassifyReason reason); // "misrouted"

struct Reclassified {
    CallId call;
    Instant offered_at;  // the call's: it decides about the month
    MunicipalityId from; // as it was known before this entry
    MunicipalityId to;   // the same if only the kind is another
    // The word of agreements::CallKind; empty: by how it came and ended.
    std::optional<std::string_view> kind;
    ReclassifyReason reason = ReclassifyReason::misrouted;
    std::string_view role;               // who decided: "finance"
    std::optional<std::int64_t> dispute; // the question that it upholds
    friend bool operator==(const Reclassified &, const Reclassified &) = default;
};

// Without a municipality of its own: it concerns two.
[[nodiscard]] NewEntry to_entry(const Reclassified &fact, Instant at);
[[nodiscard]] Expected<Reclassified> to_reclassified(const NewEntry &entry);

} // namespace fernamt::ledger
