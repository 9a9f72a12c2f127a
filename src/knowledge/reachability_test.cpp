// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/reachability.h"

#include <gtest/gtest.h>

namespace fernamt::knowledge {
namespace {

constexpr const char *kWeek = "Mo-Do 8-12 Uhr und 12-16 Uhr\nFr 8-12 Uhr";

Instant at(const LocalDate &date, int hour, int minute = 0) {
    return to_instant(date, (hour * 60 + minute) * 60);
}
Reachability on(const char *hours, Instant now, std::optional<Land> land = Land::NI) {
    return reachability(parse_opening_hours(hours), land, {}, now);
}
Reachability open_until(Instant until) {
    return {Reach::open, until, std::nullopt};
}
Reachability closed_until(std::optional<Instant> opens) {
    return {Reach::closed, std::nullopt, opens};
}

constexpr LocalDate kMonday{2026, 11, 23};
constexpr LocalDate kFriday{2026, 11, 27};
constexpr LocalDate kNextMonday{2026, 11, 30};

TEST(Reachability, WithinHoursUntilTheirEndAndHoursThatTouchAreOne) {
    EXPECT_EQ(on(kWeek, at(kMonday, 8)), open_until(at(kMonday, 16)));
    EXPECT_EQ(on(kWeek, at(kMonday, 15, 59)), open_until(at(kMonday, 16)));
    EXPECT_EQ(on(kWeek, at(kMonday, 16)), closed_until(at({2026, 11, 24}, 8)));
    EXPECT_EQ(on(kWeek, at(kMonday, 7, 59)), closed_until(at(kMonday, 8)));
    EXPECT_EQ(on("Mo 8-12 Uhr und 14-16 Uhr", at(kMonday, 12, 30)), closed_until(at(kMonday, 14)));
    EXPECT_EQ(on("Mo 8-24 Uhr", at(kMonday, 23)), open_until(at({2026, 11, 24}, 0)));
}

TEST(Reachability, OneDayThatIsNotUnderstoodLeavesTheOthers) {
    const char *hours = "Mo, Di, Do 8-16 Uhr\nMittwoch nach Vereinbarung";
    EXPECT_EQ(on(hours, at(kMonday, 18, 5)), closed_until(at({2026, 11, 24}, 8)));
    EXPECT_EQ(on(hours, at({2026, 11, 24}, 18)), closed_until(std::nullopt))
        << "Wednesday, perhaps";
    EXPECT_EQ(on(hours, at({2026, 11, 25}, 9)), Reachability{});
    EXPECT_EQ(on("Mo 8-16 Uhr\njeden ersten Samstag", at(kMonday, 18, 5)),
              closed_until(std::nullopt));
    EXPECT_EQ(on("Mo 8-16 Uhr\nnach Vereinbarung", at(kMonday, 18, 5)), Reachability{});
}

TEST(Reachability, OverTheWeekendAndOverHolidaysOfTheLand) {
    EXPECT_EQ(on(kWeek, at(kFriday, 12)), closed_until(at(kNextMonday, 8)));
    // Reformationstag is one in Lower Saxony, not in Hesse: 31 October 2025 was a Friday.
    const LocalDate reformation{2025, 10, 31};
    EXPECT_EQ(on(kWeek, at(reformation, 9)), closed_until(at({2025, 11, 3}, 8)));
    EXPECT_EQ(on(kWeek, at(reformation, 9), Land::HE), open_until(at(reformation, 12)));
    EXPECT_EQ(on(kWeek, at(reformation, 9), std::nullopt), open_until(at(reformation, 12)));
    // The evening before Good Friday: Easter Monday is skipped, too.
    EXPECT_EQ(on(kWeek, at({2026, 4, 2}, 18)), closed_until(at({2026, 4, 7}, 8)));
}

TEST(Reachability, OverTheChangeOfTheClockByTheClockOnTheWall) {
    EXPECT_EQ(on("So 1-6 Uhr", at({2026, 3, 29}, 1)), open_until(at({2026, 3, 29}, 6)));
    EXPECT_EQ(on("So 1-6 Uhr", at({2026, 10, 25}, 1)), open_until(at({2026, 10, 25}, 6)));
}

TEST(Reachability, HeedsTheTownsClosures) {
    const auto with = [](const std::vector<routing::HoursException> &closures, Instant now) {
        return reachability(parse_opening_hours(kWeek), Land::NI, closures, now);
    };
    const LocalDate tuesday{2026, 11, 24};
    const routing::HoursException outing{.first = kMonday, .last = kMonday};
    EXPECT_EQ(with({outing}, at(kMonday, 9)), closed_until(at(tuesday, 8)));
    EXPECT_EQ(with({outing}, at(tuesday, 9)), open_until(at(tuesday, 16)));
    EXPECT_EQ(with({{.first = kMonday, .last = kFriday}}, at(kMonday, 9)),
              closed_until(at(kNextMonday, 8)));
    // A staff meeting from eleven to one.
    const routing::HoursException meeting{
        .first = kMonday, .last = kMonday, .from_second = 11 * 3600, .to_second = 13 * 3600};
    EXPECT_EQ(with({meeting}, at(kMonday, 9)), open_until(at(kMonday, 11)));
    EXPECT_EQ(with({meeting}, at(kMonday, 12)), closed_until(at(kMonday, 13)));
    // The switchboard is open on a Sunday: the offices are not.
    const LocalDate sunday{2026, 11, 29};
    EXPECT_EQ(with({{.first = sunday, .last = sunday, .open = true}}, at(sunday, 10)),
              closed_until(at(kNextMonday, 8)));
    EXPECT_EQ(with({{.first = kMonday, .last = {2026, 12, 31}}}, at(kMonday, 9)),
              closed_until(std::nullopt))
        << "not within two weeks";
}

TEST(Reachability, SaysNothingThatIsNotSure) {
    EXPECT_EQ(on("", at(kMonday, 9)), Reachability{});
    EXPECT_EQ(on("nach Vereinbarung", at(kMonday, 9)), Reachability{});
    const char *partly = "Montag 8-12 Uhr\nMittwoch nach Vereinbarung";
    EXPECT_EQ(on(partly, at(kMonday, 9)), open_until(at(kMonday, 12)));
    EXPECT_EQ(on(partly, at({2026, 11, 25}, 13)), Reachability{});
}

} // namespace
} // namespace fernamt::knowledge
