// SPDX-License-Identifier: EUPL-1.2
#include "net/event_hub.h"

#include <gtest/gtest.h>

namespace fernamt::net {
namespace {

constexpr Instant kEpoch{1'000'000};

TEST(EventHub, GivesWhatCameAfterTheCursorToItsAudience) {
    EventHub hub(10, kEpoch);
    auto &inside = hub.impl();
    const auto start = inside.newest();
    EXPECT_EQ(start, kEpoch.us);
    hub.publish({"situation", "{}", {}});
    hub.publish({"desk", "{\"a\":1}", [](const std::string &who) { return who == "user:7"; }});
    EXPECT_EQ(inside.after(start, "user:7").text, "id: 1000001\nevent: situation\ndata: {}\n\n"
                                                  "id: 1000002\nevent: desk\ndata: {\"a\":1}\n\n");
    const auto other = inside.after(start, "user:8");
    EXPECT_EQ(other.text, "id: 1000001\nevent: situation\ndata: {}\n\n");
    EXPECT_EQ(other.cursor, 1'000'002);
    EXPECT_FALSE(other.gap);
    EXPECT_EQ(inside.after(other.cursor, "user:8").text, "");
}

TEST(EventHub, SaysWhenSomethingWasMissed) {
    EventHub hub(3, kEpoch);
    auto &inside = hub.impl();
    for (int i = 0; i < 5; ++i)
        hub.publish({"x", "{}", {}});
    EXPECT_FALSE(inside.after(1'000'002, "a").gap); // 3, 4 and 5 are still there
    EXPECT_TRUE(inside.after(1'000'001, "a").gap);
    EXPECT_TRUE(inside.after(999'999, "a").gap);   // of an earlier process
    EXPECT_TRUE(inside.after(1'000'006, "a").gap); // never given out
    EXPECT_TRUE(inside.after(-1, "a").gap);
    EXPECT_EQ(inside.after(1'000'001, "a").cursor, 1'000'005);
}

TEST(EventHub, KeepsAnEventOneEvent) {
    EventHub hub(3, kEpoch);
    hub.publish({"a\nid: 9", "one\r\ntwo\n\nevent: evil", {}});
    EXPECT_EQ(hub.impl().after(kEpoch.us, "").text,
              "id: 1000001\nevent: aid: 9\ndata: one\ndata: two\ndata: \ndata: event: evil\n\n");
}

TEST(EventHub, WakesUntilUnsubscribed) {
    EventHub hub(3, kEpoch);
    int woken = 0;
    const int subscription = hub.impl().subscribe([&] { ++woken; });
    hub.publish({"x", "{}", {}});
    hub.impl().unsubscribe(subscription);
    hub.publish({"x", "{}", {}});
    EXPECT_EQ(woken, 1);
}

} // namespace
} // namespace fernamt::net
