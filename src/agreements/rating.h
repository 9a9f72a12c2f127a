// SPDX-License-Identifier: EUPL-1.2
// From calls and a price list to what each month costs: a pure function, exact integers, every
// rounding named by its clause, no clock, no locale, no order of the input.
//  - A call belongs to the day on which it was offered (local time), whole, however late it ends:
//    also when the agreement or a price ends in mid-call.
//  - Calls of the kinds that are never billed are counted by their name.
//  - Packages, caps and minimums are computed cumulatively over the contract year, so the calls
//    must begin with rating_begins(); a month costs what the year costs up to it, less what it cost
//    before.
#pragma once

#include "agreements/month.h"
#include "agreements/price.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::agreements {

enum class ChargePart { use, base, overage, reduction, shortfall, credit };
[[nodiscard]] std::string_view to_string(ChargePart part);

// One clause in one month (and contract year: a month in which one begins has two).
struct Charge {
    std::size_t clause = 0; // index into PriceList::clauses
    ChargePart part = ChargePart::use;
    Payer payer = Payer::municipality;
    LocalDate from; // within the month
    LocalDate to;   // included
    int contract_year = 1;
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t billed_seconds = 0; // minutes and packages: after the cadence; overage: beyond it
    std::int64_t quantity = 0;       // base per inhabitant and cap: inhabitants
    Price price;                     // of one minute, call or inhabitant
    Money amount;
    friend bool operator==(const Charge &, const Charge &) = default;
};

struct ExcludedCalls {
    CallKind kind = CallKind::abandoned;
    std::int64_t calls = 0;
    friend bool operator==(const ExcludedCalls &, const ExcludedCalls &) = default;
};

struct MonthStatement {
    Month month;
    std::vector<Charge> charges;         // in the order of the clauses
    std::vector<ExcludedCalls> excluded; // in the order of the kinds
    std::int64_t calls = 0;              // billed ones, each once
    Money total;                         // what the municipality pays
    Money third_party;
    Money levy; // carried by the levy, paid with it
    friend bool operator==(const MonthStatement &, const MonthStatement &) = default;
};

// The day with which the calls must begin to rate this month: the first of its contract year, or
// its own first where nothing counts over the year.
[[nodiscard]] LocalDate rating_begins(const PriceList &prices, const Month &month);

// One statement per month of the calls' span, by date. Problems: the first of check(); and
//  agreement.price_gap  kind, from, to, remedy: calls on days without a price for their kind
[[nodiscard]] Expected<std::vector<MonthStatement>> rate(const PriceList &prices,
                                                         const Calls &calls);

// The evidence of the billed calls: what each counted, per use clause. By call id, then clause.
struct CallAmount {
    CallId call;
    LocalDate date;
    CallKind kind = CallKind::own_number;
    Duration talk{};
    Duration after_call_work{};
    std::size_t clause = 0;
    std::optional<std::int64_t> billed_seconds; // empty where only the sum is rounded
    std::optional<Money> amount;
    friend bool operator==(const CallAmount &, const CallAmount &) = default;
};
[[nodiscard]] Expected<std::vector<CallAmount>>
call_amounts(const PriceList &prices, const Calls &calls, const Month &month);

// What a yearly amount has accrued to from the year's begin to the end of `day`: by twelfths.
[[nodiscard]] Money accrued(Money per_year, const LocalDate &day);

} // namespace fernamt::agreements
