// SPDX-License-Identifier: EUPL-1.2
// Points in time and durations. An Instant is UTC, microseconds since 1970; it is what the database
// and the ledger store. A Clock is passed in wherever time is needed: pure code never reads one.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt {

using Duration = std::chrono::microseconds;
using namespace std::chrono_literals;

struct Instant {
    std::int64_t us = 0; // microseconds since 1970-01-01T00:00:00Z

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant a, Duration d) { return {a.us + d.count()}; }
    friend constexpr Instant operator-(Instant a, Duration d) { return {a.us - d.count()}; }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration{a.us - b.us}; }
};

// "2026-11-22T08:15:30.123456Z"
[[nodiscard]] std::string to_iso8601(Instant at);
// Accepts what to_iso8601 writes, with 0 to 6 digits of a second's fraction, Z or +hh:mm.
[[nodiscard]] std::optional<Instant> parse_iso8601(std::string_view text);

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    // How far now() is ahead of the wall clock that it follows, if that has stepped back.
    [[nodiscard]] virtual Duration ahead() const { return {}; }
};

// Follows a wall clock that may step, and never runs backwards (durations in the ledger are never
// negative). A step forward is followed at once. After a step back it runs at half speed until the
// wall clock has caught up: work after calls ends and demands relax, if later; standing still they
// never would. What is measured meanwhile is half as long as it was, never longer.
class NeverBackwards {
  public:
    // uptime: of a clock that never steps, at the same instant.
    [[nodiscard]] Instant read(Instant wall, Duration uptime);
    void not_before(Instant at, Duration uptime); // as if this had been read already
  private:
    struct Slowed {
        Instant from;
        Duration since; // uptime
    };
    Instant latest_{};
    Duration uptime_{}; // then
    std::optional<Slowed> slowed_;
};

// The machine's clock, NeverBackwards over all threads of this process.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] Duration ahead() const override;
    // What the process before us wrote last: its clock may have been ahead.
    static void not_before(Instant at);
};

// For tests: one thread moves it, any number may read.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Instant at = {}) : now_(at) {}
    [[nodiscard]] Instant now() const override { return now_; }
    [[nodiscard]] Duration ahead() const override { return ahead_; }
    void set(Instant at) { now_ = at; }
    void set_ahead(Duration by) { ahead_ = by; }
    void advance(Duration by) { now_ = now() + by; }

  private:
    std::atomic<Instant> now_;
    std::atomic<Duration> ahead_{};
};

} // namespace fernamt
