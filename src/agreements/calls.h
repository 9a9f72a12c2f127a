// SPDX-License-Identifier: EUPL-1.2
// The calls of one municipality and a span of days as columns: the working set of rating. A column
// holds one fact of all calls, so that ten million are read at the memory's speed. No person, no
// number. What is not billed is in it too, with the rule that excludes it, so that it is counted.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

// Every call is of exactly one kind. The first five may cost something (price.h says what); the
// others are never billed and counted by their name.
enum class CallKind : std::uint8_t {
    own_number,   // a number of the municipality
    number_115,   // separately counted and priced
    crisis,       // under a declared crisis
    from_partner, // taken here for a partner centre
    to_partner,   // taken by a partner centre for us
    abandoned,
    closed,
    unknown_number,
    nobody_available,
    failed,
    not_taken,
    test_call,
    it_fault, // from the staff, not for the citizens' account
    internal_call,
    implausible_duration, // longer than kLongestBilled: never billed unseen
    ended_too_late,
};
inline constexpr int kCallKinds = 16;
inline constexpr int kBilledKinds = 5;
[[nodiscard]] std::string_view to_string(CallKind kind); // "number_115"
[[nodiscard]] std::optional<CallKind> parse_call_kind(std::string_view text);
[[nodiscard]] constexpr bool is_billed(CallKind kind) {
    return static_cast<int>(kind) < kBilledKinds;
}

// What a municipality owes unless its agreement says otherwise: what a partner sent stands in that
// partner's account, and a municipality pays it only if a clause names it.
[[nodiscard]] constexpr bool is_owed(CallKind kind) {
    return is_billed(kind) && kind != CallKind::from_partner;
}

inline constexpr Duration kLongestBilled = std::chrono::hours{24}; // talk + after-call work

class Calls {
  public:
    // first <= last, at most 100 years apart. Local days in Europe/Berlin: 23, 24 or 25 hours.
    Calls(const LocalDate &first, const LocalDate &last);

    void reserve(std::size_t count);
    // A call outside the span is not added (false). "billing.negative_duration" (call): the source
    // contradicts itself. Longer than kLongestBilled: kept as implausible_duration. The price class
    // is that of the line; 0: none of its own.
    [[nodiscard]] Expected<bool> add(CallId id, Instant offered_at, CallKind kind, Duration talk,
                                     Duration after_call_work, std::int64_t price_class = 0);

    [[nodiscard]] std::size_t size() const { return ids_.size(); }
    [[nodiscard]] LocalDate first() const { return first_; }
    [[nodiscard]] LocalDate last() const { return last_; }
    [[nodiscard]] int days() const { return static_cast<int>(begins_.size()) - 1; }
    [[nodiscard]] LocalDate date(int day) const { return add_days(first_, day); }
    [[nodiscard]] int day_of(Instant at) const; // -1 outside

    // Columns, all of the same length; day 0 is first().
    [[nodiscard]] std::span<const CallId> ids() const { return ids_; }
    [[nodiscard]] std::span<const std::uint16_t> day() const { return day_; }
    [[nodiscard]] std::span<const CallKind> kind() const { return kind_; }
    [[nodiscard]] std::span<const std::int64_t> talk_us() const { return talk_us_; }
    [[nodiscard]] std::span<const std::int64_t> work_us() const { return work_us_; }
    // Where each call's price class stands in classes(); empty while all calls have class 0.
    [[nodiscard]] std::span<const std::uint16_t> class_at() const { return class_at_; }
    [[nodiscard]] std::span<const std::int64_t> classes() const { return classes_; }

  private:
    void add_class(std::int64_t price_class);

    LocalDate first_;
    LocalDate last_;
    std::vector<Instant> begins_; // of each day, and the end of the last
    std::vector<CallId> ids_;
    std::vector<std::uint16_t> day_;
    std::vector<CallKind> kind_;
    std::vector<std::int64_t> talk_us_;
    std::vector<std::int64_t> work_us_;
    std::vector<std::uint16_t> class_at_;
    std::vector<std::int64_t> classes_{0}; // in the order in which they came
};

} // namespace fernamt::agreements
