// SPDX-License-Identifier: EUPL-1.2
// Opening hours: several periods a day with validity dates, the Land's public holidays, local
// closures and exceptional openings. Why somebody is open or closed at an instant, and when it
// opens next. Local time is Europe/Berlin; a period [from, to) means the clock on the wall.
#pragma once

#include "base/calendar.h"
#include "base/time.h"

#include <optional>
#include <vector>

namespace fernamt::routing {

struct OpeningPeriod { // local time in Europe/Berlin, [from, to)
    Weekday weekday = Weekday::monday;
    int from_second = 0;
    int to_second = 0;                   // up to 86'400
    std::optional<LocalDate> valid_from; // both days included
    std::optional<LocalDate> valid_until;
    friend bool operator==(const OpeningPeriod &, const OpeningPeriod &) = default;
};

// On these days (both included), from second to second of each: closed although open by the week
// (a local closure), or open although closed (an exceptional opening; it also beats a holiday and a
// local closure).
struct HoursException {
    LocalDate first;
    LocalDate last;
    bool open = false;
    int from_second = 0;
    int to_second = 86'400;
    friend bool operator==(const HoursException &, const HoursException &) = default;
};

struct OpeningHours {
    std::vector<OpeningPeriod> periods; // empty: closed, but for exceptional openings
    bool closed_on_public_holidays = true;
    std::vector<HoursException> exceptions;
    // The municipality's holidays, closures and exceptional openings hold here, too; an exception
    // of its own goes before them.
    bool towns_days = false;
    friend bool operator==(const OpeningHours &, const OpeningHours &) = default;
};

// closed_public_holiday means: its hours would be open now, but the Land keeps a holiday.
enum class Openness {
    open,
    closed_hours,
    closed_public_holiday,
    closed_no_hours,
    open_exceptionally,
    closed_locally,
};
[[nodiscard]] constexpr bool is_open(Openness openness) {
    return openness == Openness::open || openness == Openness::open_exceptionally;
}

[[nodiscard]] bool is_within(const std::vector<OpeningPeriod> &periods, const LocalTime &local);

// What opening is judged by; a view, for as long as what it looks at.
struct HoursView {
    const std::vector<OpeningPeriod> &periods;
    const std::vector<HoursException> &exceptions;
    const std::vector<HoursException> &behind; // where none of the exceptions holds
    bool closed_on_public_holidays = true;
    Land land = Land::NI;
};
[[nodiscard]] Openness openness(const HoursView &hours, Instant at);
// The next instant after this one at which it opens, within 400 days.
[[nodiscard]] std::optional<Instant> next_opening(const HoursView &hours, Instant after);

// Without exceptions behind.
[[nodiscard]] Openness openness(const std::vector<OpeningPeriod> &periods,
                                const std::vector<HoursException> &exceptions,
                                bool closed_on_public_holidays, Land land, Instant at);
[[nodiscard]] std::optional<Instant> next_opening(const std::vector<OpeningPeriod> &periods,
                                                  const std::vector<HoursException> &exceptions,
                                                  bool closed_on_public_holidays, Land land,
                                                  Instant after);

} // namespace fernamt::routing
