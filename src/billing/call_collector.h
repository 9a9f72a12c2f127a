// SPDX-License-Identifier: EUPL-1.2
// Turns ledger entries of one municipality into the calls of one month, in whatever order and
// however often the entries come: an entry counts once by its seq. It knows which entries the
// result stands on, so that the invoice can name them. Does no I/O.
#pragma once

#include "agreements/calls.h"
#include "base/id.h"
#include "base/problem.h"
#include "billing/call_fact.h"
#include "billing/month.h"
#include "ledger/ledger.h"
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

// The kind that decides about a call's price (agreements/calls.h), from how it came and ended.
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

    // Entries other than decision.end and decision.wrap_up_done are ignored, as are those of other
    // municipalities. Problems: those of ledger::to_decision; "billing.call_twice" (call) if two
    // entries end one call.
    [[nodiscard]] Expected<void> add(const ledger::Entry &entry);
    [[nodiscard]] MonthCalls finish() const;

  private:
    struct Ended {
        std::int64_t seq = 0;
        Instant at;
        ledger::Hash hash{};
        CallFact fact;
    };
    struct Work {
        CallId call;
        Duration duration{};
        ledger::Hash hash{};
    };
    [[nodiscard]] Expected<void> add_end(const ledger::Entry &entry);
    [[nodiscard]] Expected<void> add_work(const ledger::Entry &entry);

    MunicipalityId municipality_;
    Instant begin_;
    Instant end_;
    std::map<CallId, Ended> ended_;
    std::map<std::int64_t, Work> work_; // by seq
};

} // namespace fernamt::billing
