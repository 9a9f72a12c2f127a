// SPDX-License-Identifier: EUPL-1.2
#include "base/slowing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace fernamt {
namespace {

constexpr Instant kStart{1'800'000'000'000'000};

TEST(Slowing, DoublesTheDelayOfOneLoginFromOneAddress) {
    Slowing slowing;
    Instant now = kStart;
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", now));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", now));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", now));
    for (const Duration wait : {Duration{1s}, Duration{2s}, Duration{4s}, Duration{8s}}) {
        EXPECT_EQ(slowing.attempt("anna", "192.0.2.1", now), wait);
        EXPECT_EQ(slowing.attempt("anna", "192.0.2.1", now + wait - 1us), Duration{1us});
        now = now + wait;
        EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", now));
    }
    for (int i = 0; i < 30; ++i) {
        const auto wait = slowing.attempt("anna", "192.0.2.1", now);
        EXPECT_LE(wait.value_or(0s), Duration{15min});
        if (wait) now = now + *wait;
    }
}

TEST(Slowing, KeepsNobodyElseOut) {
    Slowing slowing;
    for (int i = 0; i < 20; ++i)
        static_cast<void>(slowing.attempt("anna", "192.0.2.1", kStart));
    EXPECT_TRUE(slowing.attempt("anna", "192.0.2.1", kStart));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.2", kStart)); // the right person elsewhere
    EXPECT_FALSE(slowing.attempt("bert", "192.0.2.1", kStart)); // a colleague at the same place
}

TEST(Slowing, SlowsAnAddressThatTriesManyLogins) {
    Slowing slowing;
    for (int i = 0; i < 30; ++i)
        EXPECT_FALSE(slowing.attempt(fmt::format("user{}", i), "192.0.2.1", kStart)) << i;
    EXPECT_TRUE(slowing.attempt("user99", "192.0.2.1", kStart));
    EXPECT_FALSE(slowing.attempt("user99", "192.0.2.2", kStart));
}

TEST(Slowing, OneThatTriesForEverDoesNotSlowThoseBesideIt) {
    Slowing slowing({.longest_delay = 1min, .free_per_address = 10});
    for (Instant now = kStart; now < kStart + 48h; now = now + 1min) {
        static_cast<void>(slowing.attempt("wrongly set up", "192.0.2.1", now));
        ASSERT_FALSE(slowing.attempt("beside it", "192.0.2.1", now + 20s)) << to_iso8601(now);
        slowing.succeeded("beside it", "192.0.2.1");
    }
}

TEST(Slowing, ALoginUnderAttackFromEverywhereStillLetsItsOwnerIn) {
    Slowing slowing;
    for (int i = 0; i < 60; ++i)
        EXPECT_FALSE(slowing.attempt("anna", fmt::format("198.51.100.{}", i), kStart));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart)); // first attempt of this address
    EXPECT_EQ(slowing.attempt("anna", "192.0.2.1", kStart), Duration{30s}); // but not a second
    slowing.succeeded("anna", "192.0.2.1");
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart));
}

TEST(Slowing, SuccessAndTimeForgive) {
    Slowing slowing;
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart));
    slowing.succeeded("anna", "192.0.2.1");
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart));
    EXPECT_TRUE(slowing.attempt("anna", "192.0.2.1", kStart));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart + 61min));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart + 61min));
}

TEST(Slowing, OwnSuccessesDoNotBuyGuesses) {
    // Somebody with an account of their own cannot reset the count of the address with it.
    Slowing slowing;
    Instant now = kStart;
    int let_through = 0;
    for (int i = 0; i < 200; ++i) {
        if (!slowing.attempt(fmt::format("user{}", i), "192.0.2.1", now)) ++let_through;
        if (!slowing.attempt("mallory", "192.0.2.1", now))
            slowing.succeeded("mallory", "192.0.2.1");
    }
    EXPECT_LE(let_through, 31);
}

TEST(Slowing, CountsAnIpv6NetworkAsOneAddress) {
    Slowing slowing;
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(slowing.attempt("anna", fmt::format("2001:db8:1:2::{}", i), kStart));
    EXPECT_TRUE(slowing.attempt("anna", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", kStart));
    EXPECT_FALSE(slowing.attempt("anna", "2001:db8:1:3::1", kStart));
}

TEST(Slowing, ForgetsTheOldestRatherThanGrow) {
    Slowing::Limits limits;
    limits.most_entries = 100;
    Slowing slowing(limits);
    for (int i = 0; i < 3; ++i)
        static_cast<void>(slowing.attempt("anna", "192.0.2.1", kStart));
    EXPECT_TRUE(slowing.attempt("anna", "192.0.2.1", kStart));
    for (int i = 0; i < 1000; ++i)
        static_cast<void>(slowing.attempt("x", fmt::format("10.0.{}.{}", i / 250, i % 250),
                                          kStart + Duration{i + 1}));
    EXPECT_FALSE(slowing.attempt("anna", "192.0.2.1", kStart + 2000us)); // long forgotten
}

} // namespace
} // namespace fernamt
