// SPDX-License-Identifier: EUPL-1.2
// What a clause about counting says: the cadence ("Takt"), the level at which is rounded, and how.
// No real contract that we could read names them (F-36), so Fernamt's agreements always do. Names
// are stored for years: never change one.
#pragma once

#include "base/money.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fernamt::agreements {

// Every started unit counts whole. 1/1, 6/6 and 60/60.
enum class Unit { second, started_six_seconds, started_minute };
// What is rounded to the unit and then to cents: each call, or once the sum of the period.
enum class Level { per_call, on_sum };

[[nodiscard]] std::string_view to_string(Unit unit);         // "started_minute"
[[nodiscard]] std::string_view to_string(Level level);       // "on_sum"
[[nodiscard]] std::string_view to_string(Rounding rounding); // "half_up"
[[nodiscard]] std::optional<Unit> parse_unit(std::string_view text);
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);
[[nodiscard]] std::optional<Rounding> parse_rounding(std::string_view text);
[[nodiscard]] std::int64_t seconds_in(Unit unit); // 1, 6, 60

// `duration` in started units of the cadence, in seconds.
[[nodiscard]] std::int64_t round_up_to(Unit unit, Duration duration);

} // namespace fernamt::agreements
