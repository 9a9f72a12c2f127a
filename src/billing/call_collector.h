// SPDX-License-Identifier: EUPL-1.2
// Turns ledger entries into the calls of one municipality and month, in whatever order and however
// often the entries come: an entry counts once by its seq. A call belongs where it was last
// assigned (call.reclassified), and its after-call work follows it, whoever the agent worked for
// meanwhile. It knows which entries the result stands on, so that the invoice can name them. Does
// no I/O.
#pragma once

#include "agreements/calls.h"
#include "base/id.h"
#include "base/problem.h"
#include "billing/call_fact.h"
#include "billing/month.h"
#include "ledger/ledger.h"
#include "ledger/reclassified_call.h"
#include "routing/decision.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fernamt::billing {

// A call that ends later than this after it was offered is not billed: it would change an invoice
// that has long been paid. It is counted as "ended_too_late" in the month in which it ended.
inline constexpr Duration kLatestEnd = std::chrono::hours{31 * 24};
// After-call work is looked for this much longer.
inline constexpr Duration kLatestAfterCallWork = std::chrono::hours{32 * 24};

struct MonthCalls {
    std::vector<CallFact> calls; // by offered_at, then id
    std::int64_t ended_too_late = 0;
    LedgerRange ledger;
};

// The kind that decides about a call's price (agreements/calls.h), from how it came and ended. What
// nobody pays goes first; 115 is counted apart in a crisis, too.
[[nodiscard]] agreements::CallKind kind_of(const routing::End &end);
// The columns that agreements/rating.h works on; calls outside the days are left out.
[[nodiscard]] Expected<agreements::Calls> to_columns(const std::vector<CallFact> &calls,
                                                     const LocalDate &first, const LocalDate &last);

class CallCollector {
  public:
    CallCollector(MunicipalityId municipality, const Month &month);
    // Of the calls offered in [begin, end).
    CallCollector(MunicipalityId municipality, Instant begin, Instant end)
        : municipality_(municipality), begin_(begin), end_(end) {}

    // Entries other than decision.end, decision.wrap_up_done and call.reclassified are ignored;
    // those of other municipalities' calls may come, too. Problems: those of ledger::to_decision
    // and to_reclassified; "billing.call_twice" (call) if two entries end one call;
    // "billing.kind_unknown" (kind).
    [[nodiscard]] Expected<void> add(const ledger::Entry &entry);
    [[nodiscard]] MonthCalls finish() const;

  private:
    struct Ended {
        std::int64_t seq = 0;
        Instant at;
        ledger::Hash hash{};
        std::optional<MunicipalityId> municipality;
        CallFact fact;
    };
    struct Work {
        CallId call;
        Duration duration{};
        ledger::Hash hash{};
    };
    [[nodiscard]] Expected<void> add_end(const ledger::Entry &entry);
    [[nodiscard]] Expected<void> add_work(const ledger::Entry &entry);
    [[nodiscard]] Expected<void> add_reclassified(const ledger::Entry &entry);

    struct Assigned {
        MunicipalityId municipality;
        std::optional<agreements::CallKind> kind;
        ledger::Hash hash{};
    };
    using Assignments = std::map<std::int64_t, Assigned>; // by seq: the last one holds
    struct Belongs {
        bool now = false;    // to our municipality
        bool before = false; // to ours, at least once
    };
    [[nodiscard]] Belongs belongs(const Ended &ended, const Assignments *later) const;

    MunicipalityId municipality_;
    Instant begin_;
    Instant end_;
    std::map<CallId, Ended> ended_;
    std::map<std::int64_t, Work> work_; // by seq
    std::map<CallId, Assignments> assigned_;
};

} // namespace fernamt::billing
