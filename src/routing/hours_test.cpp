// SPDX-License-Identifier: EUPL-1.2
#include "routing/hours.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::routing {
namespace {

constexpr int kHour = 3'600;

std::vector<OpeningPeriod> weekdays(int from, int to) {
    std::vector<OpeningPeriod> periods;
    for (int day = 0; day < 5; ++day)
        periods.push_back({static_cast<Weekday>(day), from, to, {}, {}});
    return periods;
}

Openness at(const OpeningHours &hours, Land land, const LocalDate &date, int second) {
    return openness(hours.periods, hours.exceptions, hours.closed_on_public_holidays, land,
                    to_instant(date, second));
}

std::optional<Instant> next(const OpeningHours &hours, Land land, Instant after) {
    return next_opening(hours.periods, hours.exceptions, hours.closed_on_public_holidays, land,
                        after);
}

TEST(Hours, an_exceptional_opening_beats_a_closure_and_a_closure_beats_the_week) {
    OpeningHours hours{weekdays(8 * kHour, 18 * kHour), true, {}};
    const LocalDate monday{2026, 11, 23};
    EXPECT_EQ(at(hours, Land::NI, monday, 9 * kHour), Openness::open);
    hours.exceptions = {{monday, monday, false, 12 * kHour, 86'400}};
    EXPECT_EQ(at(hours, Land::NI, monday, 12 * kHour - 1), Openness::open);
    EXPECT_EQ(at(hours, Land::NI, monday, 12 * kHour), Openness::closed_locally);
    EXPECT_EQ(at(hours, Land::NI, monday, 19 * kHour), Openness::closed_hours);
    hours.exceptions.push_back({monday, monday, true, 16 * kHour, 20 * kHour});
    EXPECT_EQ(at(hours, Land::NI, monday, 16 * kHour), Openness::open_exceptionally);
    EXPECT_EQ(at(hours, Land::NI, monday, 19 * kHour), Openness::open_exceptionally);
    EXPECT_EQ(at(hours, Land::NI, add_days(monday, 1), 13 * kHour), Openness::open);
}

TEST(Hours, a_number_without_weekly_hours_opens_only_exceptionally) {
    const LocalDate sunday{2026, 11, 22};
    OpeningHours hours{{}, true, {}};
    EXPECT_EQ(at(hours, Land::NI, sunday, 9 * kHour), Openness::closed_no_hours);
    hours.exceptions = {{sunday, sunday, true, 8 * kHour, 20 * kHour}};
    EXPECT_EQ(at(hours, Land::NI, sunday, 9 * kHour), Openness::open_exceptionally);
    EXPECT_EQ(at(hours, Land::NI, add_days(sunday, 1), 9 * kHour), Openness::closed_hours);
}

TEST(Hours, the_next_opening_skips_week_ends_and_the_holidays_of_the_land) {
    const OpeningHours hours{weekdays(8 * kHour, 18 * kHour), true, {}};
    // Friday 30 October 2026, 19:00; 1 November is a Sunday; Monday 2 November.
    EXPECT_EQ(next(hours, Land::NI, to_instant({2026, 10, 30}, 19 * kHour)),
              to_instant({2026, 11, 2}, 8 * kHour));
    // Reformationstag 2025 was a Friday in Niedersachsen, a working day in Nordrhein-Westfalen.
    EXPECT_EQ(next(hours, Land::NI, to_instant({2025, 10, 30}, 19 * kHour)),
              to_instant({2025, 11, 3}, 8 * kHour));
    EXPECT_EQ(next(hours, Land::NW, to_instant({2025, 10, 30}, 19 * kHour)),
              to_instant({2025, 10, 31}, 8 * kHour));
    // It opens again after a closure, and "next" is later than now even while it is open.
    OpeningHours closed = hours;
    closed.exceptions = {{{2026, 11, 23}, {2026, 11, 23}, false, 9 * kHour, 11 * kHour}};
    EXPECT_EQ(next(closed, Land::NI, to_instant({2026, 11, 23}, 9 * kHour + 5)),
              to_instant({2026, 11, 23}, 11 * kHour));
}

// The town is closed from one o'clock; the number opens from two to three and closes from nine to
// ten, whatever the town's exceptions say of these hours.
TEST(Hours, an_exception_of_its_own_goes_before_those_behind) {
    const LocalDate monday{2026, 11, 23};
    const auto week = weekdays(8 * kHour, 18 * kHour);
    const std::vector<HoursException> own{{monday, monday, true, 14 * kHour, 15 * kHour},
                                          {monday, monday, false, 9 * kHour, 10 * kHour}};
    const std::vector<HoursException> towns{{monday, monday, false, 13 * kHour, 86'400},
                                            {monday, monday, true, 6 * kHour, 12 * kHour}};
    const HoursView hours{week, own, towns, true, Land::NI};
    const auto judged = [&](int second) { return openness(hours, to_instant(monday, second)); };
    EXPECT_EQ(judged(6 * kHour), Openness::open_exceptionally);
    EXPECT_EQ(judged(9 * kHour), Openness::closed_locally);
    EXPECT_EQ(judged(10 * kHour), Openness::open);
    EXPECT_EQ(judged(13 * kHour), Openness::closed_locally);
    EXPECT_EQ(judged(14 * kHour), Openness::open);
    EXPECT_EQ(judged(15 * kHour), Openness::closed_locally);
    const auto opens = [&](int second) { return next_opening(hours, to_instant(monday, second)); };
    EXPECT_EQ(opens(5 * kHour), to_instant(monday, 6 * kHour));
    EXPECT_EQ(opens(9 * kHour), to_instant(monday, 10 * kHour));
    EXPECT_EQ(opens(13 * kHour), to_instant(monday, 14 * kHour));
    EXPECT_EQ(opens(15 * kHour), to_instant(add_days(monday, 1), 8 * kHour));
    EXPECT_EQ(openness({{}, {}, towns, true, Land::NI}, to_instant(monday, 7 * kHour)),
              Openness::open_exceptionally);
}

TEST(Hours, what_never_opens_has_no_next_opening) {
    EXPECT_FALSE(next({{}, true, {}}, Land::NI, to_instant({2026, 11, 23}, 0)));
    OpeningHours over{weekdays(8 * kHour, 18 * kHour), true, {}};
    for (OpeningPeriod &period : over.periods)
        period.valid_until = LocalDate{2026, 11, 20};
    EXPECT_FALSE(next(over, Land::NI, to_instant({2026, 11, 23}, 0)));
}

// Open at that instant, closed in every minute before.
RC_GTEST_PROP(Hours, the_next_opening_is_the_first, ()) {
    OpeningHours hours{{}, *rc::gen::arbitrary<bool>(), {}};
    const int periods = *rc::gen::inRange(0, 6);
    for (int i = 0; i < periods; ++i) {
        const int from = *rc::gen::inRange(0, 1'440) * 60;
        const auto weekday = static_cast<Weekday>(*rc::gen::inRange(0, 7));
        hours.periods.push_back(
            {weekday, from, std::min(86'400, from + 60 * *rc::gen::inRange(1, 600)), {}, {}});
    }
    const LocalDate first = add_days({2026, 3, 20}, *rc::gen::inRange(0, 300));
    const int exceptions = *rc::gen::inRange(0, 3);
    for (int i = 0; i < exceptions; ++i) {
        const LocalDate day = add_days(first, *rc::gen::inRange(0, 9));
        const int from = *rc::gen::inRange(0, 1'000) * 60;
        hours.exceptions.push_back({day, add_days(day, *rc::gen::inRange(0, 2)),
                                    *rc::gen::arbitrary<bool>(), from, from + 60 * 240});
    }
    const std::vector<HoursException> none;
    const bool apart = *rc::gen::arbitrary<bool>(); // the same exceptions as somebody else's
    const HoursView view{hours.periods, apart ? none : hours.exceptions,
                         apart ? hours.exceptions : none, hours.closed_on_public_holidays,
                         Land::NI};
    const Instant after = to_instant(first, *rc::gen::inRange(0, 1'440) * 60);
    const auto found = next_opening(view, after);
    const auto open = [&](Instant when) { return is_open(openness(view, when)); };
    if (open(after)) return; // then "first" has no meaning: it closes in between
    if (found) RC_ASSERT(open(*found));
    const Instant horizon = found ? *found : after + std::chrono::hours{24 * 3};
    for (Instant when = after; when < horizon && when < after + std::chrono::hours{24 * 3};
         when = when + 60s) {
        RC_ASSERT(!open(when));
    }
}

} // namespace
} // namespace fernamt::routing
