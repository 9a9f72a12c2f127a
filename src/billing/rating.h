// SPDX-License-Identifier: EUPL-1.2
// From calls and agreements to an invoice, as a pure function: exact integers, one named rounding
// per amount, no clock, no locale, no time zone but Europe/Berlin, no order of the input.
//  - A call belongs to the day and month in which it was offered (local time); its after-call work
//    follows it, however late it ends, and also if several agents did some.
//  - Only calls that an agent took are billed. Time with a transfer target is not in `talk`.
//  - A call of more than kLongestBilled is not billed unseen: it is excluded and counted.
#pragma once

#include "agreements/calls.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/problem.h"
#include "base/time.h"
#include "billing/agreement.h"
#include "billing/month.h"
#include "routing/decision.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

using agreements::kLongestBilled; // talk + after-call work

struct CallFact { // one ended call of one municipality
    CallId call;
    Instant offered_at;
    bool taken = false; // an agent answered it
    routing::EndReason reason = routing::EndReason::completed;
    Duration talk{};
    Duration after_call_work{};
    // If it was taken: which price it has. The standard model has one for all.
    agreements::CallKind kind = agreements::CallKind::own_number;
    friend bool operator==(const CallFact &, const CallFact &) = default;
};

struct InvoiceLine { // one day
    LocalDate date;
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    // Whole seconds after rounding to the unit; at Level::on_sum nothing is rounded per day and
    // both are empty: see Period.
    std::optional<std::int64_t> billed_seconds;
    std::optional<Money> amount;
    friend bool operator==(const InvoiceLine &, const InvoiceLine &) = default;
};

struct Period { // the part of the month under one agreement
    Agreement agreement;
    LocalDate from; // within the month
    LocalDate to;   // included
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t billed_seconds = 0;
    Money amount;
    friend bool operator==(const Period &, const Period &) = default;
};

struct Excluded {       // calls that are not billed, by the rule that excludes them
    std::string reason; // "abandoned", "closed", ..., "implausible_duration", "ended_too_late"
    std::int64_t calls = 0;
    friend bool operator==(const Excluded &, const Excluded &) = default;
};

struct LedgerRange {        // the entries that the invoice stands on
    std::int64_t first = 0; // 0: none
    std::int64_t last = 0;
    std::string root; // hash of entry `last`, 64 hex digits; it seals all entries before it
    friend bool operator==(const LedgerRange &, const LedgerRange &) = default;
};

struct Invoice {
    MunicipalityId municipality;
    Month month;
    std::vector<Period> periods;    // by date; agreements of the month, two after a price change
    std::vector<InvoiceLine> lines; // by date; days with at least one billed call
    std::vector<Excluded> excluded; // by reason
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t billed_seconds = 0;
    Money total;
    LedgerRange ledger;
    friend bool operator==(const Invoice &, const Invoice &) = default;
};

struct RatedCall { // the evidence of a line: no person, no caller
    CallId call;
    Instant offered_at;
    Duration talk{};
    Duration after_call_work{};
    std::optional<std::int64_t> billed_seconds; // empty at Level::on_sum
    std::optional<Money> amount;
    friend bool operator==(const RatedCall &, const RatedCall &) = default;
};

// Each call stands once in `calls` (invoice_source.h sees to that); those offered outside the month
// are ignored, as are agreements of other municipalities or months. Problems:
//  agreement.price_gap      from, to: days with taken calls that no agreement covers
//  agreement.price_overlap  from, to
//  agreement.invalid        field
//  billing.negative_duration  call: the ledger contradicts itself
[[nodiscard]] Expected<Invoice> rate(MunicipalityId municipality, const Month &month,
                                     std::span<const CallFact> calls,
                                     std::span<const Agreement> agreements);

// The billed calls of one day, by offered_at, then id.
[[nodiscard]] Expected<std::vector<RatedCall>> rate_day(const LocalDate &date,
                                                        std::span<const CallFact> calls,
                                                        std::span<const Agreement> agreements);

} // namespace fernamt::billing
