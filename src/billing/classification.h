// SPDX-License-Identifier: EUPL-1.2
// Gives an ended call to another municipality, or another kind, by one more fact in the ledger
// (ledger/reclassified_call.h). Invoices that were issued stay; the difference comes as correction
// lines with the next ones, of both municipalities. No rights are checked here; web does.
#pragma once

#include "agreements/calls.h"
#include "ledger/reclassified_call.h"
#include "storage/database.h"

#include <optional>
#include <string_view>
#include <vector>

namespace fernamt::billing {

struct ClassifiedCall { // as it is known now
    CallId call;
    Instant offered_at;
    MunicipalityId municipality;
    agreements::CallKind kind = agreements::CallKind::own_number;
    bool answered = false;
    std::optional<agreements::CallKind> said;                        // the kind that somebody said
    agreements::CallKind derived = agreements::CallKind::own_number; // as the call itself tells
    std::vector<ledger::Reclassified> changes;                       // in order
};
// "call.not_found": never offered, not over yet, or of no municipality.
[[nodiscard]] Expected<ClassifiedCall> classified_call(storage::Database &database, CallId call);

// Kinds that a person may say: what partners send or take has an account of its own.
[[nodiscard]] bool may_be_said(agreements::CallKind kind);

struct Reclassification {
    CallId call;
    std::optional<MunicipalityId> municipality; // empty: stays
    std::optional<agreements::CallKind> kind;   // empty: stays
    ledger::ReclassifyReason reason = ledger::ReclassifyReason::misrouted;
    std::string_view role = "finance";
    std::optional<std::int64_t> dispute;
};
struct Classifying { // what a change comes to
    ClassifiedCall known;
    MunicipalityId to;
    agreements::CallKind kind = agreements::CallKind::own_number;
};
// Problems: those of classified_call; "call.same_classification"; "call.kind_forbidden" (kind): not
// a kind to be said, or of a call that nobody took.
[[nodiscard]] Expected<Classifying> decide(storage::Database &database,
                                           const Reclassification &change);
// Problems of decide(). Durable when it returns.
[[nodiscard]] Expected<ClassifiedCall> reclassify(storage::Database &database,
                                                  ledger::Ledger &ledger,
                                                  const Reclassification &change, Instant now);

} // namespace fernamt::billing
