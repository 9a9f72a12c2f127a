// SPDX-License-Identifier: EUPL-1.2
// The German calendar: local time in Europe/Berlin and the public holidays of the 16 Laender,
// computed for any year from the rules of the Laender's holiday acts. Time zones come from the
// system's tzdata through date-tz, in calendar.cpp only.
#pragma once

#include "base/time.h"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt {

enum class Land { BW, BY, BE, BB, HB, HH, HE, MV, NI, NW, RP, SL, SN, ST, SH, TH };
[[nodiscard]] std::string_view to_string(Land land); // "NI"
[[nodiscard]] std::optional<Land> parse_land(std::string_view text);

enum class Weekday { monday, tuesday, wednesday, thursday, friday, saturday, sunday };

struct LocalDate {
    int year = 1970;
    int month = 1; // 1..12
    int day = 1;   // 1..31
    friend constexpr auto operator<=>(const LocalDate &, const LocalDate &) = default;
};
[[nodiscard]] std::string to_string(const LocalDate &date); // "2026-11-22"
[[nodiscard]] std::optional<LocalDate> parse_date(std::string_view text);
[[nodiscard]] Weekday weekday_of(const LocalDate &date);
[[nodiscard]] LocalDate add_days(const LocalDate &date, int days);

struct LocalTime { // wall clock in Europe/Berlin
    LocalDate date;
    int second_of_day = 0; // 0..86'399
};
[[nodiscard]] LocalTime to_local(Instant at);
// The earlier one where the clock shows a time twice; the first existing instant where it skips it.
[[nodiscard]] Instant to_instant(const LocalDate &date, int second_of_day);

struct Holiday {
    LocalDate date;
    std::string_view name; // "Reformationstag"
};
// Statutory holidays of the whole Land, in order of date. Exact since 1995; before, as far back as
// today's Laender and rules go (with Buss- und Bettag until 1994 and 17 June until 1990). Holidays
// that only some municipalities of a Land keep (Fronleichnam in parts of SN and TH, Mariae
// Himmelfahrt in Catholic parts of BY, Friedensfest in Augsburg) are not in it: they are local
// closures of those municipalities.
[[nodiscard]] std::vector<Holiday> public_holidays(Land land, int year);
[[nodiscard]] std::optional<std::string_view> public_holiday(Land land, const LocalDate &date);
[[nodiscard]] LocalDate easter_sunday(int year); // Gregorian computus

} // namespace fernamt
