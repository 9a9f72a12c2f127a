// SPDX-License-Identifier: EUPL-1.2
// Reads German opening hours as offices write them ("Mo-Fr 8.00-12.00 und 14 bis 16 Uhr", "Mittwoch
// geschlossen") into intervals. Understands only what it is sure of: the text is always kept and
// shown, the intervals are for computing. Pure.
#pragma once

#include "base/calendar.h"

#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct OpeningInterval {
    Weekday weekday = Weekday::monday;
    int from_minute = 0; // of the day, local time
    int to_minute = 0;
    friend auto operator<=>(const OpeningInterval &, const OpeningInterval &) = default;
};

struct OpeningHours {
    std::vector<OpeningInterval> intervals; // in order of the week
    bool complete = false;                  // every line was understood
};
[[nodiscard]] OpeningHours parse_opening_hours(std::string_view text);

} // namespace fernamt::knowledge
