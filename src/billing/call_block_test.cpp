// SPDX-License-Identifier: EUPL-1.2
#include "billing/call_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace fernamt::billing {
namespace {

using agreements::CallKind;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::vector<KnownCall> some_calls(std::size_t count, unsigned seed) {
    std::mt19937_64 random{seed};
    std::vector<KnownCall> calls;
    for (std::size_t i = 0; i < count; ++i) {
        const auto offered = 1'790'000'000'000'000 + static_cast<std::int64_t>(i) * 5'913'772;
        const auto any = [&](std::uint64_t most) {
            return static_cast<std::int64_t>(random() % most);
        };
        calls.push_back({.call = CallId{offered / 1000},
                         .offered_at = Instant{offered},
                         .kind = static_cast<CallKind>(any(agreements::kCallKinds)),
                         .own_kind = static_cast<CallKind>(any(agreements::kCallKinds)),
                         .talk = Duration{any(600'000'000)},
                         .work = Duration{any(90'000'000)},
                         .price_class = any(3)});
    }
    return calls;
}

TEST(CallBlock, GivesBackWhatWasPackedInTheOrderOfTheIds) {
    EXPECT_EQ(unpack(pack({})).value(), std::vector<KnownCall>{});
    const auto calls = some_calls(1000, 1);
    auto shuffled = calls;
    std::ranges::shuffle(shuffled, std::mt19937{7});
    EXPECT_EQ(unpack(pack(shuffled)).value(), calls);
    EXPECT_EQ(pack(shuffled), pack(calls));
}

TEST(CallBlock, TheOutermostNumbersAreKeptToo) {
    const KnownCall least{CallId{kLeast},   Instant{kMost},   CallKind::ended_too_late,
                          CallKind::closed, Duration{kLeast}, Duration{kMost},
                          std::int64_t{-1}};
    const KnownCall most{CallId{kMost},
                         Instant{kLeast},
                         CallKind::own_number,
                         CallKind::own_number,
                         Duration{kMost},
                         Duration{kLeast},
                         kMost};
    const std::vector<KnownCall> calls{least, most};
    EXPECT_EQ(unpack(pack(calls)).value(), calls);
}

// 170 MB for ten million calls is what lets them be summed from a cold file in time.
TEST(CallBlock, IsSmall) {
    EXPECT_LT(pack(some_calls(1000, 2)).size(), 20'000u);
}

TEST(CallBlock, IsReadByLaterProgramsAsItWasWritten) {
    const KnownCall call{CallId{5},    Instant{-3}, CallKind::test_call, CallKind::crisis,
                         Duration{64}, Duration{0}, std::int64_t{70'000}};
    const auto bytes = pack({call});
    const std::vector<int> expected{1, 1, 10, 5, 11, 2, 0x80, 1, 0, 0xe0, 0xc5, 8};
    ASSERT_EQ(bytes.size(), expected.size() + 8);
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(std::to_integer<int>(bytes[i]), expected[i]) << i;
}

TEST(CallBlock, WhatADiskSpoiltIsRefusedWhereverItIs) {
    const auto bytes = pack(some_calls(20, 3));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto cut = bytes;
        cut.resize(at);
        ASSERT_FALSE(unpack(cut)) << at;
        for (int bit = 0; bit < 8; ++bit) {
            auto spoilt = bytes;
            spoilt[at] ^= static_cast<std::byte>(1 << bit);
            const auto read = unpack(spoilt);
            ASSERT_FALSE(read) << at;
            ASSERT_EQ(read.error().code, "billing.call_block_damaged");
        }
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(unpack(longer));
}

} // namespace
} // namespace fernamt::billing
