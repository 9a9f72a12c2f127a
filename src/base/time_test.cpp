// SPDX-License-Identifier: EUPL-1.2
#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace fernamt {
namespace {

static_assert(!std::is_convertible_v<std::int64_t, Instant>);
static_assert(Instant{5} - Instant{2} == Duration{3});
static_assert(Instant{5} + 1s == Instant{1'000'005});
static_assert(Instant{5} < Instant{6});

TEST(Instant, is_written_in_utc_with_microseconds) {
    EXPECT_EQ(to_iso8601({0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_iso8601({-1}), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(to_iso8601({1'795'335'330'123'456}), "2026-11-22T08:15:30.123456Z");
    EXPECT_EQ(to_iso8601({951'782'400'000'000}), "2000-02-29T00:00:00.000000Z");
}

TEST(Instant, is_read_with_any_offset_and_fraction) {
    const Instant at{1'795'335'330'000'000};
    for (const char *text :
         {"2026-11-22T08:15:30Z", "2026-11-22T08:15:30.0Z", "2026-11-22T08:15:30.000000Z",
          "2026-11-22T09:15:30+01:00", "2026-11-22T02:45:30-05:30", "2026-11-21T18:15:30-14:00"}) {
        EXPECT_EQ(parse_iso8601(text), at) << text;
    }
    EXPECT_EQ(parse_iso8601("2026-11-22T08:15:30.5Z"), at + 500ms);
    EXPECT_EQ(parse_iso8601("2026-11-22T08:15:30.123456+00:00"), at + 123'456us);
}

TEST(Instant, refuses_everything_else) {
    const std::vector<std::string> wrong = {"",
                                            "Z",
                                            "2026-11-22",
                                            "2026-11-22T08:15Z",
                                            "2026-11-22T08:15:30",
                                            "2026-11-22 08:15:30Z",
                                            "2026-11-22T24:00:00Z",
                                            "2026-11-22T08:60:00Z",
                                            "2026-11-22T08:15:60Z",
                                            "2026-02-29T00:00:00Z",
                                            "2026-13-01T00:00:00Z",
                                            "2026-00-01T00:00:00Z",
                                            "2026-11-31T00:00:00Z",
                                            "2026-11-22T08:15:30.1234567Z",
                                            "2026-11-22T08:15:30z",
                                            "2026-11-22T08:15:30+0100",
                                            "2026-11-22T08:15:30+15:00",
                                            "2026-11-22T08:15:30+01:60",
                                            "2026-11-22T08:15:30ZZ",
                                            "2026-11-22T08:15:30Z ",
                                            " 2026-11-22T08:15:30Z",
                                            "+026-11-22T08:15:30Z",
                                            "2026-11-22T08:15:30+",
                                            "2026-11-22T-8:15:30Z",
                                            "2026-11-22T08:15:30.",
                                            std::string(10'000, '0')};
    for (const std::string &text : wrong)
        EXPECT_FALSE(parse_iso8601(text)) << text.substr(0, 40);
}

RC_GTEST_PROP(Instant, reads_what_it_writes, ()) {
    // years 0 to 9999, as four digits can say
    const Instant at{
        *rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'799'999'999)};
    RC_ASSERT(parse_iso8601(to_iso8601(at)) == at);
}

RC_GTEST_PROP(Instant, takes_any_bytes, (const std::string &text)) {
    const auto at = parse_iso8601(text);
    if (at) RC_ASSERT(parse_iso8601(to_iso8601(*at)) == at);
}

TEST(ManualClock, goes_only_where_it_is_sent) {
    ManualClock clock(Instant{100});
    const Clock &read = clock;
    EXPECT_EQ(read.now(), Instant{100});
    clock.advance(1ms);
    EXPECT_EQ(read.now(), Instant{1'100});
    clock.set(Instant{5});
    EXPECT_EQ(read.now(), Instant{5});
}

constexpr Instant kNoon{1'000'000'000'000};

TEST(NeverBackwards, follows_the_wall_clock_and_its_steps_forward) {
    NeverBackwards clock;
    EXPECT_EQ(clock.read(kNoon, 0s), kNoon);
    EXPECT_EQ(clock.read(kNoon + 1s, 1s), kNoon + 1s);
    EXPECT_EQ(clock.read(kNoon + 2h, 2s), kNoon + 2h);
}

TEST(NeverBackwards, goes_on_at_half_speed_after_a_step_back_until_the_wall_clock_is_there) {
    NeverBackwards clock;
    EXPECT_EQ(clock.read(kNoon, 0s), kNoon);
    EXPECT_EQ(clock.read(kNoon - 1h, 0s), kNoon);
    EXPECT_EQ(clock.read(kNoon - 1h + 40s, 40s), kNoon + 20s) << "a phone still stops ringing";
    EXPECT_EQ(clock.read(kNoon + 59min, 119min), kNoon + 59min + 30s);
    EXPECT_EQ(clock.read(kNoon + 1h, 2h), kNoon + 1h);
    EXPECT_EQ(clock.read(kNoon + 1h + 1s, 2h + 1s), kNoon + 1h + 1s) << "as fast as ever";
}

TEST(NeverBackwards, is_not_held_up_by_being_read_often) {
    NeverBackwards clock;
    (void)clock.read(kNoon, 0s);
    Instant last;
    for (Duration uptime{}; uptime <= 10ms; uptime += 1us)
        last = clock.read(kNoon - 1h + uptime, uptime);
    EXPECT_EQ(last, kNoon + 5ms);
}

TEST(NeverBackwards, may_be_stepped_back_twice) {
    NeverBackwards clock;
    (void)clock.read(kNoon, 0s);
    EXPECT_EQ(clock.read(kNoon - 1h + 10s, 10s), kNoon + 5s);
    EXPECT_EQ(clock.read(kNoon - 2h + 20s, 20s), kNoon + 10s);
    EXPECT_EQ(clock.read(kNoon + 3h, 21s), kNoon + 3h);
}

TEST(NeverBackwards, begins_where_the_process_before_it_has_been) {
    NeverBackwards clock;
    clock.not_before(kNoon + 1h, 100s);
    EXPECT_EQ(clock.read(kNoon, 100s), kNoon + 1h);
    EXPECT_EQ(clock.read(kNoon + 10s, 110s), kNoon + 1h + 5s);
    clock.not_before(kNoon, 110s);
    EXPECT_EQ(clock.read(kNoon + 12s, 112s), kNoon + 1h + 6s) << "what is past says nothing";
}

TEST(SystemClock, never_runs_backwards_in_any_thread) {
    const SystemClock clock;
    EXPECT_GT(clock.now(), parse_iso8601("2026-01-01T00:00:00Z").value());
    std::vector<std::thread> threads;
    std::vector<int> steps_back(4);
    for (int &back : steps_back) {
        threads.emplace_back([&clock, &back] {
            Instant last = clock.now();
            for (int i = 0; i < 20'000; ++i) {
                const Instant now = clock.now();
                if (now < last) ++back;
                last = now;
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    EXPECT_EQ(steps_back, std::vector<int>(4));
}

} // namespace
} // namespace fernamt
