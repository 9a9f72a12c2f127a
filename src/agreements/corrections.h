// SPDX-License-Identifier: EUPL-1.2
// What late and corrected facts, and prices agreed for days that have been invoiced, change in a
// month: correction lines, never silent changes. Compares the month as it was billed (the ledger
// and the agreement of then) with the month as it is known now. Pure; a line per call with what it
// counted before and now, and one per clause for what packages, caps and sums make of them.
#pragma once

#include "agreements/rating.h"

#include <optional>
#include <string>
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

struct Counted {        // one call under one clause
    std::string clause; // PriceClause::name
    CallKind kind = CallKind::own_number;
    Duration talk{};
    Duration after_call_work{};
    std::optional<std::int64_t> billed_seconds; // empty where only the sum is rounded
    Money amount;                               // that the municipality pays
    friend bool operator==(const Counted &, const Counted &) = default;
};

struct Correction {
    CorrectionReason reason = CorrectionReason::clause_total;
    std::string clause; // the one that counts it now, or did
    CallId call;        // none for clause_total
    LocalDate date;
    std::optional<Counted> before; // empty: not counted; both empty for clause_total
    std::optional<Counted> after;
    Money difference;
    friend bool operator==(const Correction &, const Correction &) = default;
};

struct MonthKnown { // a month at one state of knowledge
    struct Clause {
        std::string name;
        bool paid_here = true; // by the municipality
    };
    std::vector<Clause> clauses; // by the indices of charges and calls
    MonthStatement statement;
    std::vector<CallAmount> calls;
};
[[nodiscard]] Expected<MonthKnown> know(const PriceList &prices, const Calls &calls,
                                        const Month &month);
// A month under several price lists, one after the other: each call stands in one of them.
void add(MonthKnown &known, const MonthKnown &other);

// The municipality's part: the differences add up to after.statement.total less before's. Empty if
// nothing changed. By call, then clause; the clauses' totals last. A month that was not billed at
// all is an empty MonthKnown.
[[nodiscard]] std::vector<Correction> corrections(const Month &month, const MonthKnown &before,
                                                  const MonthKnown &after);

} // namespace fernamt::agreements
