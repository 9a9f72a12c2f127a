// SPDX-License-Identifier: EUPL-1.2
// Reads German opening hours as offices write them ("Mo-Fr 8.00-12.00 und 14 bis 16 Uhr", "Mittwoch
// geschlossen") into intervals. Understands only what it is sure of: the text is always kept and
// shown, the intervals are for computing. Pure.
#pragma once

#include "base/calendar.h"

#include <bitset>
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
    // Of Monday to Sunday: about these a line says something that was not understood. A line that
    // names no day may mean any of them.
    std::bitset<7> unclear;
    [[nodiscard]] bool complete() const { return unclear.none(); }
};
[[nodiscard]] OpeningHours parse_opening_hours(std::string_view text);

} // namespace fernamt::knowledge
