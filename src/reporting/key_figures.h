// SPDX-License-Identifier: EUPL-1.2
// The key figures, each with its written definition in German and English: what is counted,
// over which calls, and which of the competing definitions is meant. Pure: records in, figures out.
// Adding a figure means adding its definition; a test holds both lists together.
#pragma once

#include "base/time.h"
#include "reporting/call_record.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fernamt::reporting {

inline constexpr Duration kServiceLevelThreshold = 30s; // F-01: the promise of 115

struct KeyFigures {
    std::int64_t offered = 0;
    std::int64_t answered = 0;
    std::int64_t abandoned = 0;
    std::int64_t closed = 0;
    std::int64_t answered_within_30s = 0;
    std::optional<double> service_level_percent; // one decimal, half up
    std::optional<std::int64_t> average_wait_seconds;
    std::optional<std::int64_t> average_talk_seconds;
    friend bool operator==(const KeyFigures &, const KeyFigures &) = default;
};

class KeyFigureSum {
  public:
    void add(const CallRecord &record);
    [[nodiscard]] KeyFigures figures() const;

  private:
    KeyFigures counts_;
    std::int64_t waited_us_ = 0; // of answered calls
    std::int64_t talked_us_ = 0; // of answered calls that have ended
    std::int64_t talked_calls_ = 0;
};

struct Definition {
    std::string_view key;
    std::string_view german;
    std::string_view english;
};
[[nodiscard]] std::span<const Definition> definitions();

} // namespace fernamt::reporting
