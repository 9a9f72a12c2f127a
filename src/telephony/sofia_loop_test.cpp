// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_loop.h"

#include <gtest/gtest.h>
#include <sofia-sip/su_time.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <vector>

namespace fernamt::telephony {
namespace {

TEST(SofiaLoop, carries_out_posted_work_in_order_from_many_threads) {
    SofiaLoop loop;
    loop.start();
    constexpr int kThreads = 4;
    constexpr int kEach = 2000;
    std::vector<std::vector<int>> seen(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&loop, &seen, t] {
            for (int i = 0; i < kEach; ++i)
                loop.post([&seen, t, i] { seen[static_cast<std::size_t>(t)].push_back(i); });
        });
    for (auto &thread : threads)
        thread.join();
    loop.stop();
    for (const auto &mine : seen) {
        ASSERT_EQ(mine.size(), static_cast<std::size_t>(kEach));
        EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    }
}

TEST(SofiaLoop, belongs_to_its_maker_before_start_and_after_stop) {
    SofiaLoop loop;
    EXPECT_TRUE(loop.on_loop());
    bool early = false;
    loop.post([&] { early = true; }); // kept until the loop runs
    EXPECT_FALSE(early);
    loop.start();
    EXPECT_FALSE(loop.on_loop());
    bool inside = false;
    loop.run_on_loop([&] { inside = loop.on_loop() && early; });
    EXPECT_TRUE(inside);
    loop.stop();
    EXPECT_TRUE(loop.on_loop());
    loop.start(); // and once more
    inside = false;
    loop.run_on_loop([&] { inside = loop.on_loop(); });
    EXPECT_TRUE(inside);
}

TEST(SofiaLoop, fires_timers_by_due_time_and_equal_ones_in_order_of_setting) {
    SofiaLoop loop;
    loop.start();
    std::vector<int> order;
    std::promise<void> done;
    loop.post([&] {
        loop.after(30ms, [&] { order.push_back(3); });
        loop.after(10ms, [&] { order.push_back(1); });
        loop.after(20ms, [&] { order.push_back(2); });
        loop.after(60ms, [&] { done.set_value(); });
    });
    done.get_future().wait();
    loop.stop();
    EXPECT_EQ(order, (std::vector{1, 2, 3}));
    EXPECT_EQ(loop.open_timers(), 0U);
}

TEST(SofiaLoop, never_fires_early_and_sets_timers_inside_timers) {
    SofiaLoop loop;
    loop.start();
    std::promise<Duration> waited;
    loop.post([&] {
        const auto began = std::chrono::steady_clock::now();
        loop.after(5ms, [&, began] {
            loop.after(7ms, [&, began] {
                waited.set_value(
                    std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began));
            });
        });
    });
    EXPECT_GE(waited.get_future().get(), 12ms);
    loop.stop();
}

TEST(SofiaLoop, cancelled_timer_does_not_fire_even_by_another_timer_of_the_same_instant) {
    SofiaLoop loop;
    loop.start();
    std::atomic<int> fired = 0;
    std::promise<void> done;
    loop.post([&] {
        auto victim = std::make_shared<Loop::TimerId>(Loop::TimerId::none);
        loop.after(5ms, [&, victim] { loop.cancel(*victim); });
        *victim = loop.after(5ms, [&] { ++fired; });
        const auto gone = loop.after(1ms, [&] { ++fired; });
        loop.cancel(gone);
        loop.cancel(gone);
        loop.cancel(Loop::TimerId::none);
        loop.after(40ms, [&] { done.set_value(); });
    });
    done.get_future().wait();
    loop.stop();
    EXPECT_EQ(fired, 0);
}

// Else it asks the kernel without waiting for the rest of the last millisecond before each of its
// own timers.
TEST(SofiaLoop, the_librarys_clock_has_whole_milliseconds) {
    const SofiaLoop loop;
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(su_now().tv_usec % 1000, 0U);
}

// Whoever posts work to the loop from the loop, again and again, does not keep others out.
TEST(SofiaLoop, work_that_posts_itself_lets_others_have_their_turn) {
    SofiaLoop loop;
    loop.start();
    bool over = false;
    std::function<void()> again = [&] {
        if (!over) loop.post(again);
    };
    loop.post(again);
    std::promise<void> done;
    loop.post([&] { loop.after(5ms, [&] { done.set_value(); }); });
    done.get_future().wait();
    loop.run_on_loop([&] { over = true; });
    loop.stop();
}

TEST(SofiaLoop, many_timers) {
    SofiaLoop loop;
    loop.start();
    constexpr int kTimers = 20'000;
    int fired = 0;
    std::promise<void> done;
    loop.post([&] {
        for (int i = 0; i < kTimers; ++i)
            loop.after(Duration{i % 50 * 1000}, [&] {
                if (++fired == kTimers) done.set_value();
            });
    });
    done.get_future().wait();
    loop.stop();
    EXPECT_EQ(fired, kTimers);
}

TEST(SofiaLoop, reports_readable_descriptors_until_unwatched) {
    SofiaLoop loop;
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    std::promise<std::string> received;
    int calls = 0;
    loop.watch(ends[0], [&] {
        char buffer[16];
        const auto n = read(ends[0], buffer, sizeof buffer);
        if (n <= 0) return;
        ++calls;
        loop.unwatch(ends[0]); // inside its own callback
        received.set_value(std::string(buffer, static_cast<std::size_t>(n)));
    });
    loop.start();
    ASSERT_EQ(write(ends[1], "hello", 5), 5);
    EXPECT_EQ(received.get_future().get(), "hello");
    ASSERT_EQ(write(ends[1], "again", 5), 5);
    loop.run_on_loop([] {});
    loop.run_on_loop([] {});
    loop.stop();
    EXPECT_EQ(calls, 1);
    close(ends[0]);
    close(ends[1]);
}

} // namespace
} // namespace fernamt::telephony
