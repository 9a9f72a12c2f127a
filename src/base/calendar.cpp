// SPDX-License-Identifier: EUPL-1.2
#include "base/calendar.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace fernamt {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

// ------------------------------------------------------------------------------------ civil dates

std::chrono::sys_days to_days(const LocalDate &date) {
    return std::chrono::year{date.year} / std::chrono::month{static_cast<unsigned>(date.month)} /
           std::chrono::day{static_cast<unsigned>(date.day)};
}

LocalDate to_date(std::chrono::sys_days days) {
    const std::chrono::year_month_day ymd{days};
    return {int{ymd.year()}, static_cast<int>(unsigned{ymd.month()}),
            static_cast<int>(unsigned{ymd.day()})};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int to_int(std::string_view digits) {
    int value = 0;
    for (const char c : digits)
        value = value * 10 + (c - '0');
    return value;
}

// -------------------------------------------------------------------------------------- time zone

// A stretch of time with one offset from UTC; all in seconds, [begin, end).
struct Span {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t offset = 0;
};

// Last Sunday of the month, 01:00 UTC: when summer time begins and ends (Directive 2000/84/EC).
std::int64_t change_of_clocks(int year, unsigned month) {
    const std::chrono::sys_days day = std::chrono::year{year} / std::chrono::month{month} /
                                      std::chrono::Sunday[std::chrono::last];
    return day.time_since_epoch().count() * kDaySeconds + 3600;
}

// The compiled tzdata lists changes up to 2037; the rule behind its last line goes on by law.
Span span_by_directive(std::int64_t second) {
    const int year =
        to_date(std::chrono::sys_days{std::chrono::days{floor_div(second, kDaySeconds)}}).year;
    const std::int64_t spring = change_of_clocks(year, 3);
    const std::int64_t autumn = change_of_clocks(year, 10);
    if (second < spring) return {change_of_clocks(year - 1, 10), spring, 3600};
    if (second < autumn) return {spring, autumn, 7200};
    return {autumn, change_of_clocks(year + 1, 3), 3600};
}

Span find_span(std::int64_t second) {
    static const date::time_zone *const berlin = date::locate_zone("Europe/Berlin");
    const date::sys_info info = berlin->get_info(date::sys_seconds{std::chrono::seconds{second}});
    const std::int64_t begin = info.begin.time_since_epoch().count();
    const std::int64_t end = info.end.time_since_epoch().count();
    constexpr std::int64_t kYear3000 = 32'503'680'000;
    if (end > kYear3000) return span_by_directive(second);
    return {begin, end, info.offset.count()};
}

// Most questions are about the same half-year; remembering the last answer cannot change any.
Span span_at(std::int64_t second) {
    thread_local Span last;
    if (second < last.begin || second >= last.end) last = find_span(second);
    return last;
}

// --------------------------------------------------------------------------------------- holidays

using Lands = std::uint32_t;

template <class... L>
constexpr Lands in(L... lands) {
    return ((Lands{1} << static_cast<unsigned>(lands)) | ...);
}

using enum Land;
constexpr Lands kAll = in(BW, BY, BE, BB, HB, HH, HE, MV, NI, NW, RP, SL, SN, ST, SH, TH);
constexpr Lands kWest = in(BW, BY, BE, HB, HH, HE, NI, NW, RP, SL, SH);

struct Day {
    enum class Kind { fixed, easter, repentance } kind = Kind::fixed;
    int month = 0;
    int day = 0; // day of the month, or days after Easter Sunday
};
constexpr Day on(int day, int month) {
    return {Day::Kind::fixed, month, day};
}
constexpr Day easter(int days_after) {
    return {Day::Kind::easter, 0, days_after};
}
// Wednesday before 23 November: eleven days before the first Sunday in Advent.
constexpr Day kRepentanceDay{Day::Kind::repentance, 0, 0};

constexpr int kFirst = std::numeric_limits<int>::min();
constexpr int kOn = std::numeric_limits<int>::max();

struct HolidayRule {
    Day day;
    std::string_view name;
    Lands lands;
    int from = kFirst; // first year
    int until = kOn;   // last year
};

// The Laender's acts on Sundays and holidays, read as one table:
//   BW FTG § 1 · BY FTG Art. 1 · BE FeiertG § 1 · BB FTG § 2 · HB SFtG § 2 · HH FeiertG § 1 ·
//   HE HFeiertagsG § 1 · MV FTG M-V § 2 · NI NFeiertagsG § 2 · NW Feiertagsgesetz § 2 ·
//   RP LFtG § 2 · SL SFG § 2 · SN SaechsSFG § 1 · ST FeiertG LSA § 2 · SH SFTG § 2 · TH ThuerFtG §
//   2
// Hesse's § 1 calls every Sunday a holiday; Sundays are not listed here, hours speak of weekdays.
// For years before 1990 the five eastern Laender show today's rule.
constexpr HolidayRule kHolidays[] = {
    // clang-format off
    {on(1, 1),       "Neujahr",                    kAll},
    {on(6, 1),       "Heilige Drei Könige",        in(BW, BY, ST)},
    // BE: FeiertG § 1 no. 2 in force 2019; MV: FTG M-V § 2, in force 2023
    {on(8, 3),       "Internationaler Frauentag",  in(BE), 2019},
    {on(8, 3),       "Internationaler Frauentag",  in(MV), 2023},
    {easter(-2),     "Karfreitag",                 kAll},
    {easter(0),      "Ostersonntag",               in(BB)},
    {easter(1),      "Ostermontag",                kAll},
    {on(1, 5),       "Tag der Arbeit",             kAll},
    // BE only, once each: GVBl. 2019 (75th) and FeiertG § 1 (2) (80th anniversary)
    {on(8, 5),       "Tag der Befreiung",          in(BE), 2020, 2020},
    {on(8, 5),       "Tag der Befreiung",          in(BE), 2025, 2025},
    {easter(39),     "Christi Himmelfahrt",        kAll},
    {easter(49),     "Pfingstsonntag",             in(BB)},
    {easter(50),     "Pfingstmontag",              kAll},
    {easter(60),     "Fronleichnam",               in(BW, BY, HE, NW, RP, SL)},
    // Federal act of 4 August 1953, repealed by the Unification Treaty, Art. 2 (2)
    {on(17, 6),      "Tag der deutschen Einheit",  kWest, 1954, 1990},
    // BE only: GVBl. 2024 p. 460
    {on(17, 6),      "75. Jahrestag des Volksaufstandes in der DDR", in(BE), 2028, 2028},
    {on(15, 8),      "Mariä Himmelfahrt",          in(SL)},
    {on(20, 9),      "Weltkindertag",              in(TH), 2019},
    // Unification Treaty, Art. 2 (2)
    {on(3, 10),      "Tag der Deutschen Einheit",  kAll, 1990},
    {on(31, 10),     "Reformationstag",            in(BB, MV, SN, ST, TH), 1990},
    // 500th anniversary, everywhere once; in the north from 2018 on for good
    {on(31, 10),     "Reformationstag",            in(NI, HB, HH, SH), 2017},
    {on(31, 10),     "Reformationstag",            in(BW, BY, BE, HE, NW, RP, SL), 2017, 2017},
    {on(1, 11),      "Allerheiligen",              in(BW, BY, NW, RP, SL)},
    // given up in 1995 to pay for the long-term care insurance (§ 58 SGB XI), but not in SN
    {kRepentanceDay, "Buß- und Bettag",            kAll, kFirst, 1994},
    {kRepentanceDay, "Buß- und Bettag",            in(SN), 1995},
    {on(25, 12),     "1. Weihnachtstag",           kAll},
    {on(26, 12),     "2. Weihnachtstag",           kAll},
    // clang-format on
};

LocalDate date_of(const Day &day, int year, const LocalDate &easter_day) {
    switch (day.kind) {
    case Day::Kind::fixed:
        return {year, day.month, day.day};
    case Day::Kind::easter:
        return add_days(easter_day, day.day);
    case Day::Kind::repentance:
        break;
    }
    const LocalDate latest{year, 11, 22};
    const int past_wednesday = (static_cast<int>(weekday_of(latest)) + 5) % 7;
    return add_days(latest, -past_wednesday);
}

bool applies(const HolidayRule &rule, Land land, int year) {
    return (rule.lands & in(land)) != 0 && year >= rule.from && year <= rule.until;
}

constexpr std::string_view kLands[] = {"BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV",
                                       "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"};

} // namespace

std::string_view to_string(Land land) {
    return kLands[static_cast<std::size_t>(land)];
}

std::optional<Land> parse_land(std::string_view text) {
    const auto found = std::find(std::begin(kLands), std::end(kLands), text);
    if (found == std::end(kLands)) return std::nullopt;
    return static_cast<Land>(found - std::begin(kLands));
}

std::string to_string(const LocalDate &date) {
    return fmt::format("{:04d}-{:02d}-{:02d}", date.year, date.month, date.day);
}

std::optional<LocalDate> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const std::string_view year = text.substr(0, 4);
    const std::string_view month = text.substr(5, 2);
    const std::string_view day = text.substr(8, 2);
    if (!all_digits(year) || !all_digits(month) || !all_digits(day)) return std::nullopt;
    const std::chrono::year_month_day ymd{std::chrono::year{to_int(year)},
                                          std::chrono::month{static_cast<unsigned>(to_int(month))},
                                          std::chrono::day{static_cast<unsigned>(to_int(day))}};
    if (!ymd.ok()) return std::nullopt;
    return LocalDate{to_int(year), to_int(month), to_int(day)};
}

Weekday weekday_of(const LocalDate &date) {
    const std::chrono::weekday day{to_days(date)};
    return static_cast<Weekday>(day.iso_encoding() - 1);
}

LocalDate add_days(const LocalDate &date, int days) {
    return to_date(to_days(date) + std::chrono::days{days});
}

LocalTime to_local(Instant at) {
    const std::int64_t second = floor_div(at.us, 1'000'000);
    const std::int64_t local = second + span_at(second).offset;
    const std::int64_t day = floor_div(local, kDaySeconds);
    return {to_date(std::chrono::sys_days{std::chrono::days{day}}),
            static_cast<int>(local - day * kDaySeconds)};
}

Instant to_instant(const LocalDate &date, int second_of_day) {
    const std::int64_t local =
        to_days(date).time_since_epoch().count() * kDaySeconds + second_of_day;
    // No two changes of the clocks lie within two days, so one of these offsets holds.
    const std::int64_t before = span_at(local - kDaySeconds).offset;
    const std::int64_t after = span_at(local + kDaySeconds).offset;
    for (const std::int64_t offset : {std::max(before, after), std::min(before, after)}) {
        if (span_at(local - offset).offset == offset) return {(local - offset) * 1'000'000};
    }
    return {span_at(local - before).begin * 1'000'000}; // skipped: where the clocks went forward
}

LocalDate easter_sunday(int year) {
    // The Gregorian computus (Clavius 1582) in the integer form of 1876, as in Meeus,
    // Astronomical Algorithms, chapter 8.
    const int golden = year % 19;
    const int century = year / 100;
    const int in_century = year % 100;
    const int lunar = (8 * century + 13) / 25;
    const int epact = (19 * golden + century - century / 4 - lunar + 15) % 30;
    const int to_sunday =
        (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    const int correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    const int march = epact + to_sunday - 7 * correction + 114;
    return {year, march / 31, march % 31 + 1};
}

std::vector<Holiday> public_holidays(Land land, int year) {
    const LocalDate easter_day = easter_sunday(year);
    std::vector<Holiday> days;
    for (const HolidayRule &rule : kHolidays) {
        if (applies(rule, land, year)) {
            days.push_back({date_of(rule.day, year, easter_day), rule.name});
        }
    }
    std::stable_sort(days.begin(), days.end(),
                     [](const Holiday &a, const Holiday &b) { return a.date < b.date; });
    return days;
}

std::optional<std::string_view> public_holiday(Land land, const LocalDate &date) {
    const LocalDate easter_day = easter_sunday(date.year);
    for (const HolidayRule &rule : kHolidays) {
        if (applies(rule, land, date.year) && date_of(rule.day, date.year, easter_day) == date) {
            return rule.name;
        }
    }
    return std::nullopt;
}

} // namespace fernamt
