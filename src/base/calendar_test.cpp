// SPDX-License-Identifier: EUPL-1.2
#include "base/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fernamt {
namespace {

using enum Land;
constexpr Land kLands[] = {BW, BY, BE, BB, HB, HH, HE, MV, NI, NW, RP, SL, SN, ST, SH, TH};

bool is_holiday(Land land, int year, int month, int day) {
    return public_holiday(land, {year, month, day}).has_value();
}

std::set<Land> lands_with(const LocalDate &date) {
    std::set<Land> found;
    for (const Land land : kLands) {
        if (public_holiday(land, date)) found.insert(land);
    }
    return found;
}

const std::set<Land> kEverywhere{std::begin(kLands), std::end(kLands)};

// ------------------------------------------------------------------------------------------ dates

TEST(Land, has_a_name_that_reads_back) {
    for (const Land land : kLands)
        EXPECT_EQ(parse_land(to_string(land)), land);
    EXPECT_EQ(to_string(NI), "NI");
    EXPECT_EQ(to_string(TH), "TH");
    for (const char *wrong : {"", "ni", "XX", "NI ", "NRW"})
        EXPECT_FALSE(parse_land(wrong));
}

TEST(LocalDate, is_written_and_read) {
    EXPECT_EQ(to_string(LocalDate{2026, 1, 9}), "2026-01-09");
    EXPECT_EQ(parse_date("2024-02-29"), (LocalDate{2024, 2, 29}));
    for (const char *wrong :
         {"", "2026-1-9", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-32", "26-01-01",
          "2026/01/01", "2026-01-0x", "-026-01-01", "2026-01-01T", " 2026-01-01", "2100-02-29"}) {
        EXPECT_FALSE(parse_date(wrong)) << wrong;
    }
}

TEST(LocalDate, knows_its_weekday) {
    EXPECT_EQ(weekday_of({2026, 11, 22}), Weekday::sunday);
    EXPECT_EQ(weekday_of({2026, 11, 23}), Weekday::monday);
    EXPECT_EQ(weekday_of({1970, 1, 1}), Weekday::thursday);
    EXPECT_EQ(weekday_of({2000, 2, 29}), Weekday::tuesday);
    EXPECT_EQ(weekday_of({1900, 1, 1}), Weekday::monday);
}

TEST(LocalDate, moves_by_days) {
    EXPECT_EQ(add_days({2024, 2, 28}, 1), (LocalDate{2024, 2, 29}));
    EXPECT_EQ(add_days({2025, 12, 31}, 1), (LocalDate{2026, 1, 1}));
    EXPECT_EQ(add_days({2026, 1, 1}, -1), (LocalDate{2025, 12, 31}));
    EXPECT_EQ(add_days({2000, 1, 1}, 36'525), (LocalDate{2100, 1, 1}));
}

RC_GTEST_PROP(LocalDate, survives_a_trip, (int day)) {
    const LocalDate date = add_days({2000, 1, 1}, day % 40'000);
    RC_ASSERT(parse_date(to_string(date)) == date);
    RC_ASSERT(add_days(add_days(date, 17), -17) == date);
    const int next = (static_cast<int>(weekday_of(date)) + 1) % 7;
    RC_ASSERT(static_cast<int>(weekday_of(add_days(date, 1))) == next);
}

// ----------------------------------------------------------------------------------------- Easter

TEST(Easter, falls_on_the_known_days) {
    const std::map<int, std::pair<int, int>> known = {
        {1900, {4, 15}}, {1913, {3, 23}}, {1943, {4, 25}}, {1954, {4, 18}}, {1961, {4, 2}},
        {1970, {3, 29}}, {1981, {4, 19}}, {1990, {4, 15}}, {1999, {4, 4}},  {2000, {4, 23}},
        {2001, {4, 15}}, {2008, {3, 23}}, {2010, {4, 4}},  {2011, {4, 24}}, {2015, {4, 5}},
        {2016, {3, 27}}, {2017, {4, 16}}, {2018, {4, 1}},  {2019, {4, 21}}, {2020, {4, 12}},
        {2021, {4, 4}},  {2022, {4, 17}}, {2023, {4, 9}},  {2024, {3, 31}}, {2025, {4, 20}},
        {2026, {4, 5}},  {2027, {3, 28}}, {2028, {4, 16}}, {2029, {4, 1}},  {2030, {4, 21}},
        {2038, {4, 25}}, {2049, {4, 18}}, {2076, {4, 19}}, {2100, {3, 28}}};
    for (const auto &[year, day] : known) {
        EXPECT_EQ(easter_sunday(year), (LocalDate{year, day.first, day.second})) << year;
    }
}

// An independent way: Gauss's formula with its two exceptions, for 1900 to 2199.
LocalDate easter_by_gauss(int year) {
    const int m = year < 2100 ? 24 : 24;
    const int n = year < 2100 ? 5 : 6;
    const int d = (19 * (year % 19) + m) % 30;
    const int e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + n) % 7;
    int march = 22 + d + e;
    if (march == 57) march = 50;                              // 26 April -> 19 April
    if (march == 56 && d == 28 && year % 19 > 10) march = 49; // 25 April -> 18 April
    return add_days({year, 3, 1}, march - 1);
}

TEST(Easter, agrees_with_gauss_for_three_centuries) {
    for (int year = 1900; year < 2200; ++year) {
        const LocalDate easter = easter_sunday(year);
        EXPECT_EQ(easter, easter_by_gauss(year)) << year;
        EXPECT_EQ(weekday_of(easter), Weekday::sunday) << year;
        EXPECT_GE(easter, (LocalDate{year, 3, 22}));
        EXPECT_LE(easter, (LocalDate{year, 4, 25}));
    }
}

// --------------------------------------------------------------------------------------- holidays

TEST(Holidays, of_lower_saxony_in_2026) {
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"2026-01-01", "Neujahr"},
        {"2026-04-03", "Karfreitag"},
        {"2026-04-06", "Ostermontag"},
        {"2026-05-01", "Tag der Arbeit"},
        {"2026-05-14", "Christi Himmelfahrt"},
        {"2026-05-25", "Pfingstmontag"},
        {"2026-10-03", "Tag der Deutschen Einheit"},
        {"2026-10-31", "Reformationstag"},
        {"2026-12-25", "1. Weihnachtstag"},
        {"2026-12-26", "2. Weihnachtstag"}};
    std::vector<std::pair<std::string, std::string>> got;
    for (const Holiday &day : public_holidays(NI, 2026)) {
        got.emplace_back(to_string(day.date), std::string(day.name));
    }
    EXPECT_EQ(got, expected);
}

// How many holidays each Land keeps in a year, by its act. 2022: before MV's Frauentag.
TEST(Holidays, are_as_many_as_each_act_lists) {
    const std::map<Land, int> in_2026 = {{BW, 12}, {BY, 12}, {BE, 10}, {BB, 12}, {HB, 10}, {HH, 10},
                                         {HE, 10}, {MV, 11}, {NI, 10}, {NW, 11}, {RP, 11}, {SL, 12},
                                         {SN, 11}, {ST, 11}, {SH, 10}, {TH, 11}};
    for (const auto &[land, count] : in_2026) {
        EXPECT_EQ(public_holidays(land, 2026).size(), static_cast<std::size_t>(count))
            << to_string(land);
    }
    EXPECT_EQ(public_holidays(MV, 2022).size(), 10U);
    EXPECT_EQ(public_holidays(BE, 2018).size(), 9U);
    EXPECT_EQ(public_holidays(BE, 2025).size(), 11U);
    EXPECT_EQ(public_holidays(TH, 2018).size(), 10U);
    EXPECT_EQ(public_holidays(NI, 2016).size(), 9U);
    EXPECT_EQ(public_holidays(NI, 1994).size(), 10U);
}

TEST(Holidays, that_all_laender_keep) {
    for (const int year : {1991, 1999, 2000, 2017, 2020, 2026, 2038, 2049, 2076, 2100}) {
        const LocalDate easter = easter_sunday(year);
        for (const LocalDate &date :
             {LocalDate{year, 1, 1}, add_days(easter, -2), add_days(easter, 1),
              LocalDate{year, 5, 1}, add_days(easter, 39), add_days(easter, 50),
              LocalDate{year, 10, 3}, LocalDate{year, 12, 25}, LocalDate{year, 12, 26}}) {
            EXPECT_EQ(lands_with(date), kEverywhere) << to_string(date);
        }
    }
}

TEST(Holidays, that_only_some_laender_keep) {
    EXPECT_EQ(lands_with({2026, 1, 6}), (std::set{BW, BY, ST}));
    EXPECT_EQ(lands_with({2026, 3, 8}), (std::set{BE, MV}));
    EXPECT_EQ(lands_with({2022, 3, 8}), (std::set{BE}));
    EXPECT_EQ(lands_with({2018, 3, 8}), std::set<Land>{});
    EXPECT_EQ(lands_with({2026, 4, 5}), (std::set{BB}));  // Easter Sunday
    EXPECT_EQ(lands_with({2026, 5, 24}), (std::set{BB})); // Whit Sunday
    EXPECT_EQ(lands_with({2026, 6, 4}), (std::set{BW, BY, HE, NW, RP, SL}));
    EXPECT_EQ(lands_with({2026, 8, 15}), (std::set{SL}));
    EXPECT_EQ(lands_with({2026, 9, 20}), (std::set{TH}));
    EXPECT_EQ(lands_with({2018, 9, 20}), std::set<Land>{});
    EXPECT_EQ(lands_with({2026, 11, 1}), (std::set{BW, BY, NW, RP, SL}));
    EXPECT_EQ(lands_with({2026, 11, 18}), (std::set{SN}));
}

TEST(Holidays, reformation_day_came_to_the_north_in_2018) {
    const std::set<Land> east{BB, MV, SN, ST, TH};
    const std::set<Land> with_north{BB, MV, SN, ST, TH, NI, HB, HH, SH};
    EXPECT_EQ(lands_with({1989, 10, 31}), std::set<Land>{});
    EXPECT_EQ(lands_with({1990, 10, 31}), east);
    EXPECT_EQ(lands_with({2016, 10, 31}), east);
    EXPECT_EQ(lands_with({2017, 10, 31}), kEverywhere);
    EXPECT_EQ(lands_with({2018, 10, 31}), with_north);
    EXPECT_EQ(lands_with({2076, 10, 31}), with_north);
}

TEST(Holidays, repentance_day_is_the_wednesday_before_23_november) {
    for (const auto &[year, day] : std::map<int, int>{{1990, 21},
                                                      {1993, 17},
                                                      {1994, 16},
                                                      {1995, 22},
                                                      {2000, 22},
                                                      {2016, 16},
                                                      {2017, 22},
                                                      {2022, 16},
                                                      {2023, 22},
                                                      {2024, 20},
                                                      {2025, 19},
                                                      {2026, 18},
                                                      {2027, 17},
                                                      {2028, 22}}) {
        const LocalDate date{year, 11, day};
        EXPECT_EQ(weekday_of(date), Weekday::wednesday);
        EXPECT_EQ(lands_with(date), year < 1995 ? kEverywhere : std::set<Land>{SN}) << year;
        EXPECT_EQ(public_holiday(SN, date), "Buß- und Bettag");
    }
    for (int year = 1995; year < 2200; ++year) {
        int found = 0;
        for (int day = 16; day <= 22; ++day)
            found += is_holiday(SN, year, 11, day) ? 1 : 0;
        EXPECT_EQ(found, 1) << year;
    }
}

TEST(Holidays, of_one_year_only) {
    EXPECT_EQ(lands_with({2020, 5, 8}), (std::set{BE}));
    EXPECT_EQ(lands_with({2025, 5, 8}), (std::set{BE}));
    EXPECT_EQ(lands_with({2028, 6, 17}), (std::set{BE}));
    for (const int year : {2019, 2021, 2024, 2026, 2028, 2030}) {
        EXPECT_EQ(lands_with({year, 5, 8}), std::set<Land>{}) << year;
    }
    EXPECT_EQ(lands_with({2027, 6, 17}), std::set<Land>{});
    EXPECT_EQ(lands_with({2029, 6, 17}), std::set<Land>{});
}

TEST(Holidays, german_unity) {
    EXPECT_EQ(lands_with({1989, 10, 3}), std::set<Land>{});
    EXPECT_EQ(lands_with({1990, 10, 3}), kEverywhere);
    EXPECT_EQ(lands_with({1953, 6, 17}), std::set<Land>{});
    EXPECT_EQ(lands_with({1954, 6, 17}), (std::set{BW, BY, BE, HB, HH, HE, NI, NW, RP, SL, SH}));
    EXPECT_TRUE(is_holiday(NI, 1990, 6, 17));
    EXPECT_FALSE(is_holiday(NI, 1991, 6, 17));
}

// Days that feel like holidays, or are local ones: ordinary days for a whole Land.
TEST(Holidays, are_not_commemorative_or_local_days) {
    EXPECT_EQ(lands_with({2026, 12, 24}), std::set<Land>{});
    EXPECT_EQ(lands_with({2026, 12, 31}), std::set<Land>{});
    EXPECT_EQ(lands_with({2026, 11, 15}), std::set<Land>{}); // Volkstrauertag
    EXPECT_EQ(lands_with({2026, 11, 11}), std::set<Land>{}); // St. Martin
    EXPECT_EQ(lands_with({2026, 2, 16}), std::set<Land>{});  // Rosenmontag
    EXPECT_FALSE(is_holiday(BY, 2026, 8, 15));               // Catholic municipalities only
    EXPECT_FALSE(is_holiday(BY, 2026, 8, 8));                // Augsburg only
    EXPECT_FALSE(is_holiday(SN, 2026, 6, 4));                // Sorbian municipalities only
    EXPECT_FALSE(is_holiday(TH, 2026, 6, 4));                // Eichsfeld only
    EXPECT_FALSE(is_holiday(HE, 2026, 4, 5));
}

TEST(Holidays, two_on_one_day_are_both_listed) { // 1 May 2008 was Ascension Day, too
    const auto days = public_holidays(NI, 2008);
    const auto on_first_of_may = std::count_if(days.begin(), days.end(), [](const Holiday &day) {
        return day.date == LocalDate{2008, 5, 1};
    });
    EXPECT_EQ(on_first_of_may, 2);
    EXPECT_TRUE(is_holiday(NI, 2008, 5, 1));
}

TEST(Holidays, listed_and_asked_are_the_same) {
    for (const Land land : kLands) {
        for (int year = 1985; year < 2105; year += 3) {
            const auto days = public_holidays(land, year);
            EXPECT_TRUE(std::is_sorted(days.begin(), days.end(), [](const auto &a, const auto &b) {
                return a.date < b.date;
            }));
            std::set<LocalDate> listed;
            for (const Holiday &day : days)
                listed.insert(day.date);
            std::set<LocalDate> asked;
            for (LocalDate date{year, 1, 1}; date.year == year; date = add_days(date, 1)) {
                if (public_holiday(land, date)) asked.insert(date);
            }
            EXPECT_EQ(listed, asked) << to_string(land) << " " << year;
        }
    }
}

// -------------------------------------------------------------------------------------- local time

Instant utc(const char *text) {
    return parse_iso8601(text).value();
}
constexpr int at(int hour, int minute = 0, int second = 0) {
    return hour * 3600 + minute * 60 + second;
}

void expect_local(const char *instant, const LocalDate &date, int second_of_day) {
    const LocalTime local = to_local(utc(instant));
    EXPECT_EQ(local.date, date) << instant;
    EXPECT_EQ(local.second_of_day, second_of_day) << instant;
}

TEST(LocalTime, is_an_hour_ahead_in_winter_and_two_in_summer) {
    expect_local("2026-01-15T12:00:00Z", {2026, 1, 15}, at(13));
    expect_local("2026-07-15T12:00:00Z", {2026, 7, 15}, at(14));
    expect_local("2025-12-31T23:00:00Z", {2026, 1, 1}, 0);
    expect_local("2026-06-30T21:59:59.999999Z", {2026, 6, 30}, at(23, 59, 59));
    EXPECT_EQ(to_instant({2026, 1, 1}, 0), utc("2025-12-31T23:00:00Z"));
    EXPECT_EQ(to_instant({2026, 7, 1}, at(8)), utc("2026-07-01T06:00:00Z"));
}

TEST(LocalTime, skips_an_hour_in_spring) {
    expect_local("2026-03-29T00:59:59Z", {2026, 3, 29}, at(1, 59, 59));
    expect_local("2026-03-29T01:00:00Z", {2026, 3, 29}, at(3));
    EXPECT_EQ(to_instant({2026, 3, 29}, at(1, 59, 59)), utc("2026-03-29T00:59:59Z"));
    for (const int skipped : {at(2), at(2, 30), at(2, 59, 59), at(3)}) {
        EXPECT_EQ(to_instant({2026, 3, 29}, skipped), utc("2026-03-29T01:00:00Z")) << skipped;
    }
    EXPECT_EQ(to_instant({2026, 3, 29}, at(3, 0, 1)), utc("2026-03-29T01:00:01Z"));
}

TEST(LocalTime, shows_an_hour_twice_in_autumn_and_means_the_first) {
    expect_local("2026-10-25T00:30:00Z", {2026, 10, 25}, at(2, 30));
    expect_local("2026-10-25T01:30:00Z", {2026, 10, 25}, at(2, 30));
    EXPECT_EQ(to_instant({2026, 10, 25}, at(2, 30)), utc("2026-10-25T00:30:00Z"));
    EXPECT_EQ(to_instant({2026, 10, 25}, at(1, 59, 59)), utc("2026-10-24T23:59:59Z"));
    EXPECT_EQ(to_instant({2026, 10, 25}, at(3)), utc("2026-10-25T02:00:00Z"));
}

// The compiled tzdata ends in 2037; Directive 2000/84/EC goes on until it is repealed.
TEST(LocalTime, goes_on_by_law_where_the_tables_end) {
    expect_local("2037-07-01T12:00:00Z", {2037, 7, 1}, at(14));
    expect_local("2037-12-01T12:00:00Z", {2037, 12, 1}, at(13));
    expect_local("2038-07-01T12:00:00Z", {2038, 7, 1}, at(14));
    expect_local("2050-03-27T00:59:59Z", {2050, 3, 27}, at(1, 59, 59));
    expect_local("2050-03-27T01:00:00Z", {2050, 3, 27}, at(3));
    expect_local("2076-10-25T00:59:59Z", {2076, 10, 25}, at(2, 59, 59));
    expect_local("2076-10-25T01:00:00Z", {2076, 10, 25}, at(2));
    EXPECT_EQ(to_instant({2050, 3, 27}, at(2, 30)), utc("2050-03-27T01:00:00Z"));
    EXPECT_EQ(to_instant({2076, 10, 25}, at(2, 30)), utc("2076-10-25T00:30:00Z"));
}

TEST(LocalTime, knows_history) {
    expect_local("1975-07-01T12:00:00Z", {1975, 7, 1}, at(13));  // no summer time yet
    expect_local("1980-04-06T01:00:00Z", {1980, 4, 6}, at(3));   // the first one since 1949
    expect_local("1947-05-20T12:00:00Z", {1947, 5, 20}, at(15)); // double summer time
    expect_local("1969-12-31T23:00:00Z", {1970, 1, 1}, 0);
    expect_local("1995-09-24T01:00:00Z", {1995, 9, 24}, at(2)); // September until 1995
}

RC_GTEST_PROP(LocalTime, goes_there_and_back, (std::uint32_t minute)) {
    // 1970 to 2090; only the second of two equal times does not come back to itself.
    const Instant instant{static_cast<std::int64_t>(minute % 63'000'000U) * 60'000'000};
    const LocalTime local = to_local(instant);
    const Instant back = to_instant(local.date, local.second_of_day);
    RC_ASSERT(back == instant || back == instant - 1h);
    const LocalTime again = to_local(back);
    RC_ASSERT(again.date == local.date);
    RC_ASSERT(again.second_of_day == local.second_of_day);
}

// Answers must not depend on what was asked before (there is a memory inside).
TEST(LocalTime, does_not_depend_on_earlier_questions) {
    const Instant summer = utc("2026-07-01T12:00:00Z");
    const Instant winter = utc("2026-01-01T12:00:00Z");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(to_local(summer).second_of_day, at(14));
        EXPECT_EQ(to_local(winter).second_of_day, at(13));
        EXPECT_EQ(to_local(utc("2060-07-01T12:00:00Z")).second_of_day, at(14));
    }
}

} // namespace
} // namespace fernamt
