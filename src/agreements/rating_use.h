// SPDX-License-Identifier: EUPL-1.2
// What the clauses that are paid by use count: the calls summed up by clause, month and contract
// year in one pass over the columns, and the days that have calls but no price. rating.cpp makes
// charges of it. Internal to the room.
#pragma once

#include "agreements/calls.h"
#include "agreements/price.h"
#include "base/problem.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fernamt::agreements {

inline constexpr std::size_t kKindsWide = kCallKinds; // of the tables day x kind
inline constexpr std::int32_t kNoSlot = -1;

// The amount for a number of units, computed once per number: base/money.h stays the only place
// that rounds, and ten million calls need no ten million 128-bit divisions.
class AmountTable {
  public:
    AmountTable(Price price, std::int64_t seconds_per_unit, Rounding rounding)
        : price_(price), seconds_per_unit_(seconds_per_unit), rounding_(rounding) {}

    std::int64_t operator()(std::int64_t units) {
        const auto at = static_cast<std::size_t>(units);
        if (at < cents_.size() && cents_[at] != kUnknown) return cents_[at];
        return compute(at);
    }

  private:
    static constexpr std::int64_t kUnknown = -1;
    std::int64_t compute(std::size_t at) {
        if (at >= cents_.size()) cents_.resize(std::max(at + 1, cents_.size() * 2), kUnknown);
        const auto seconds = static_cast<std::int64_t>(at) * seconds_per_unit_;
        return cents_[at] = amount(price_, seconds, 60, rounding_).cents;
    }
    Price price_;
    std::int64_t seconds_per_unit_;
    Rounding rounding_;
    std::vector<std::int64_t> cents_;
};

struct Sums {
    std::int64_t calls = 0;
    std::int64_t talk = 0;
    std::int64_t work = 0;
    std::int64_t units = 0;
    std::int64_t cents = 0;
};

// One use clause in one month and contract year.
struct Slot {
    std::size_t clause = 0;
    std::size_t month = 0;
    int contract_year = 1;
    LocalDate from;
    LocalDate to;
    Price price;
    Sums sums;
};

struct UsePlan {
    std::size_t clause = 0;
    std::vector<std::int32_t> slot_of; // day x kind
    std::vector<Slot> slots;
    std::vector<AmountTable> tables; // one per slot
    std::vector<char> takes;         // by Calls::classes(); empty: all of them

    [[nodiscard]] bool takes_call(const Calls &calls, std::size_t at) const {
        return takes.empty() || takes[calls.class_at().empty() ? 0 : calls.class_at()[at]] != 0;
    }
};

// How a use clause counts the time of one call.
struct Counting {
    Unit unit = Unit::second;
    bool per_call = false; // amounts per call
    bool units = false;    // seconds per call are rounded to the unit
    bool after_call_work = true;
    Rounding rounding = Rounding::half_up;
    std::int64_t minimum_seconds = 0;
};
// Nothing in years that no step names.
[[nodiscard]] Price price_in(const std::vector<PriceStep> &steps, int contract_year);
[[nodiscard]] Counting counting_of(const PriceClause &clause);

// How many calls of each kind each day had.
using Histogram = std::vector<std::int64_t>; // day x kind

// The last day of a clause: its own, or the contract's.
[[nodiscard]] LocalDate end_of(const PriceList &prices, const PriceClause &clause);

[[nodiscard]] std::vector<LocalDate> dates_of(const Calls &calls); // by day
// One for each clause that is paid by use, with nothing summed up yet.
[[nodiscard]] std::vector<UsePlan> plans_of(const PriceList &prices, const Calls &calls,
                                            const std::vector<LocalDate> &dates);
[[nodiscard]] Histogram sum_all(std::vector<UsePlan> &plans, const PriceList &prices,
                                const Calls &calls);
// agreement.price_gap: the first kind, or class, with a call on a day that no clause prices.
[[nodiscard]] std::optional<Problem> price_gap_in(const PriceList &prices, const Calls &calls,
                                                  const Histogram &histogram,
                                                  const std::vector<UsePlan> &plans,
                                                  const std::vector<LocalDate> &dates);

} // namespace fernamt::agreements
