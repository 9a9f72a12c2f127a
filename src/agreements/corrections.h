// SPDX-License-Identifier: EUPL-1.2
// What late and corrected facts change in a month that has been invoiced: correction lines, never
// silent changes. Compares the month as it was known (the ledger up to the invoice's last entry)
// with the month as it is known now. Pure; a line per call, and one per clause for what packages,
// caps and sums make of them.
#pragma once

#include "agreements/rating.h"

#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class CorrectionReason {
    call_added,    // became known late, or was assigned to this municipality
    call_removed,  // assigned to another municipality, or excluded now
    time_changed,  // late after-call work
    kind_changed,  // 115, crisis, overflow
    price_changed, // the same facts cost something else: an agreement was dated back
    clause_total,  // the clause's sum, package or cap, beyond the calls' own differences
};
[[nodiscard]] std::string_view to_string(CorrectionReason reason);

struct Correction {
    CorrectionReason reason = CorrectionReason::clause_total;
    std::string clause; // PriceClause::name
    CallId call;        // none for clause_total
    LocalDate date;
    std::int64_t seconds_before = 0;
    std::int64_t seconds_after = 0;
    Money difference;
    friend bool operator==(const Correction &, const Correction &) = default;
};

struct MonthKnown {                   // a month at one state of knowledge
    std::vector<std::string> clauses; // names, by the indices of the charges
    MonthStatement statement;
    std::vector<CallAmount> calls;
};
[[nodiscard]] Expected<MonthKnown> know(const PriceList &prices, const Calls &calls,
                                        const Month &month);

// The municipality's part: the differences add up to after.statement.total less before's. Empty if
// nothing changed. By call, then clause; the clauses' totals last.
[[nodiscard]] std::vector<Correction> corrections(const MonthKnown &before,
                                                  const MonthKnown &after);

} // namespace fernamt::agreements
