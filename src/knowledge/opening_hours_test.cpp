// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/opening_hours.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fernamt::knowledge {
namespace {

std::string read(std::string_view text) {
    constexpr std::string_view kDays[] = {"Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"};
    const OpeningHours hours = parse_opening_hours(text);
    std::string result;
    for (const OpeningInterval &each : hours.intervals) {
        result += fmt::format("{}{:02}{:02}-{:02}{:02} ", kDays[static_cast<int>(each.weekday)],
                              each.from_minute / 60, each.from_minute % 60, each.to_minute / 60,
                              each.to_minute % 60);
    }
    if (!result.empty()) result.pop_back();
    if (hours.complete()) return result;
    result += "?";
    if (hours.unclear.all()) return result;
    for (std::size_t day = 0; day < 7; ++day) {
        if (hours.unclear.test(day)) result += kDays[day];
    }
    return result;
}

TEST(OpeningHoursTest, ReadsWhatOfficesWrite) {
    EXPECT_EQ(read("Montag 8 bis 16 Uhr"), "Mo0800-1600");
    EXPECT_EQ(read("Dienstag 7.30 bis 12 Uhr und 14 bis 16 Uhr"), "Di0730-1200 Di1400-1600");
    EXPECT_EQ(read("Mo-Mi 08:00-12:00"), "Mo0800-1200 Di0800-1200 Mi0800-1200");
    EXPECT_EQ(read("Mo., Di. und Do.: 9.00 – 12.00 Uhr, 13.30 – 17.00 Uhr"),
              "Mo0900-1200 Mo1330-1700 Di0900-1200 Di1330-1700 Do0900-1200 Do1330-1700");
    EXPECT_EQ(read("Mittwoch geschlossen\nFreitags von 8 bis 12 Uhr"), "Fr0800-1200");
    EXPECT_EQ(read("Montag 8-12 Uhr, Dienstag 14-18 Uhr"), "Mo0800-1200 Di1400-1800");
    EXPECT_EQ(read("Montag\xC2\xA0"
                   "8 bis 24 Uhr"),
              "Mo0800-2400");
    EXPECT_EQ(read("Mo 8-12\nMo 8-12"), "Mo0800-1200"); // told twice
    EXPECT_EQ(read(""), "");
}

TEST(OpeningHoursTest, KeepsAwayFromWhatItDoesNotUnderstand) {
    EXPECT_EQ(read("nach Vereinbarung"), "?");
    EXPECT_EQ(read("Montag 8 bis 12 Uhr\njeden ersten Samstag im Monat"), "Mo0800-1200?Sa");
    EXPECT_EQ(read("Montag 16 bis 8 Uhr"), "?Mo");
    EXPECT_EQ(read("Montag 8 bis 12 Uhr nur mit Termin"), "?Mo");
    EXPECT_EQ(read("Fr-Mo 8-12"), "?MoFrSaSo");
    EXPECT_EQ(read("Montag 8 bis 25 Uhr"), "?Mo");
    EXPECT_EQ(read("Montag 8:77 bis 9 Uhr"), "?Mo");
    EXPECT_EQ(read("8 bis 12 Uhr"), "?");
    EXPECT_EQ(read(std::string(100'000, '-')), "?");
    EXPECT_EQ(read("\xff\xfe 99999999999999"), "?");
}

TEST(OpeningHoursTest, ALineThatIsNotUnderstoodConcernsTheDaysItNames) {
    EXPECT_EQ(read("Mo, Di 8-12\nMittwoch nach Vereinbarung"), "Mo0800-1200 Di0800-1200?Mi");
    EXPECT_EQ(read("Mo 8-12\nDienstag bis Donnerstag nur mit Termin"), "Mo0800-1200?DiMiDo");
    EXPECT_EQ(read("Mo 8-12\nnach Vereinbarung"), "Mo0800-1200?") << "any day";
    EXPECT_EQ(read("Mo 8-12\ntäglich außer Mittwoch nach Vereinbarung"), "Mo0800-1200?");
    EXPECT_EQ(read("Mo 8-12\nSa, So nach Vereinbarung"), "Mo0800-1200?SaSo");
    EXPECT_EQ(read("Mo 8-12\nSamstag, Sonn- und Feiertage nach Vereinbarung"), "Mo0800-1200?");
    EXPECT_EQ(read("Mo 8-12\nSo erreichen Sie uns besser"), "Mo0800-1200?") << "no Sunday";
}

} // namespace
} // namespace fernamt::knowledge
