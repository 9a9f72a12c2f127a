// SPDX-License-Identifier: EUPL-1.2
#include "agreements/clause.h"

#include "agreements/names.h"

namespace fernamt::agreements {

namespace {

constexpr Names<Unit, 3> kUnits{{{Unit::second, "second"},
                                 {Unit::started_six_seconds, "started_six_seconds"},
                                 {Unit::started_minute, "started_minute"}}};
constexpr Names<Level, 2> kLevels{{{Level::per_call, "per_call"}, {Level::on_sum, "on_sum"}}};
constexpr Names<Rounding, 4> kRoundings{{{Rounding::half_up, "half_up"},
                                         {Rounding::half_even, "half_even"},
                                         {Rounding::up, "up"},
                                         {Rounding::down, "down"}}};

} // namespace

std::string_view to_string(Unit unit) {
    return name_in(kUnits, unit);
}
std::string_view to_string(Level level) {
    return name_in(kLevels, level);
}
std::string_view to_string(Rounding rounding) {
    return name_in(kRoundings, rounding);
}
std::optional<Unit> parse_unit(std::string_view text) {
    return value_in(kUnits, text);
}
std::optional<Level> parse_level(std::string_view text) {
    return value_in(kLevels, text);
}
std::optional<Rounding> parse_rounding(std::string_view text) {
    return value_in(kRoundings, text);
}

std::int64_t seconds_in(Unit unit) {
    switch (unit) {
    case Unit::second:
        return 1;
    case Unit::started_six_seconds:
        return 6;
    case Unit::started_minute:
        return 60;
    }
    return 1;
}

std::int64_t round_up_to(Unit unit, Duration duration) {
    const std::int64_t step = seconds_in(unit);
    const std::int64_t us = step * 1'000'000;
    const std::int64_t whole = duration.count() / us;
    return (whole + (duration.count() % us > 0 ? 1 : 0)) * step;
}

} // namespace fernamt::agreements
