// SPDX-License-Identifier: EUPL-1.2
// The key figures, each with its written definition in German and English: what is counted,
// over which calls, and which of the competing definitions is meant. Pure: records in, figures out.
// Adding a figure means adding its definition; a test holds both lists together.
#pragma once

#include "base/time.h"
#include "reporting/call_record.h"
#include "reporting/target.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fernamt::reporting {

// Pairs of municipalities and callbacks are told from so many on: nobody shall find a single call,
// and who took it, again.
inline constexpr std::int64_t kFewestCalls = 5;

struct CallbackFigures {
    std::int64_t asked = 0;
    std::int64_t reached = 0;
    std::int64_t missed = 0;
    std::optional<std::int64_t> average_seconds;
    friend bool operator==(const CallbackFigures &, const CallbackFigures &) = default;
};

struct KeyFigures {
    std::int64_t offered = 0;
    std::int64_t answered = 0;
    std::int64_t abandoned = 0;
    std::int64_t closed = 0;
    std::int64_t taken_by_office = 0;
    std::int64_t taken_by_partner = 0;
    std::int64_t from_partner = 0;
    std::int64_t on_115 = 0;
    std::int64_t in_crisis = 0;
    std::int64_t corrected = 0;
    std::int64_t transfers = 0;
    // Empty: so few that they are not told.
    std::optional<CallbackFigures> callbacks = CallbackFigures{};
    std::int64_t answered_within_30s = 0; // whatever is promised, so that towns compare
    std::int64_t answered_in_time = 0;
    std::optional<double> service_level_percent; // one decimal, half up
    std::vector<Target> targets;                 // by which the offered calls were measured
    std::optional<bool> target_met;              // empty: nothing offered, or several shares
    std::optional<std::int64_t> average_wait_seconds;
    std::optional<std::int64_t> average_talk_seconds;
    friend bool operator==(const KeyFigures &, const KeyFigures &) = default;
};

class CallbackSum {
  public:
    void add(const CallRecord &record); // of an offered call
    void add(const CallbackSum &other);
    // Empty below kFewestCalls, unless there are none at all.
    [[nodiscard]] std::optional<CallbackFigures> told() const;

  private:
    CallbackFigures counts_;
    std::int64_t called_back_us_ = 0; // of callbacks that reached their caller
};

class KeyFigureSum {
  public:
    // `target`: what is promised on the day of the call.
    void add(const CallRecord &record, const Target &target = {});
    [[nodiscard]] KeyFigures figures() const;
    [[nodiscard]] const CallbackSum &callbacks() const { return callbacks_; }

  private:
    void count_kind(const CallRecord &record);

    KeyFigures counts_;
    std::int64_t waited_us_ = 0; // of answered calls without a callback
    std::int64_t waited_calls_ = 0;
    std::int64_t talked_us_ = 0; // of answered calls that have ended
    std::int64_t talked_calls_ = 0;
    CallbackSum callbacks_;
};

struct Definition {
    std::string_view key;
    std::string_view german;
    std::string_view english;
};
[[nodiscard]] std::span<const Definition> definitions();

} // namespace fernamt::reporting
