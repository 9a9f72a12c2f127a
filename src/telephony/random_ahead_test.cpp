// SPDX-License-Identifier: EUPL-1.2
#include "telephony/random_ahead.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace fernamt::telephony {
namespace {

TEST(RandomAhead, NeverGivesTheSameTwiceAlsoWhereOnePieceEnds) {
    std::set<std::array<unsigned char, 12>> seen;
    constexpr std::size_t kDraws = 2000; // several pieces; 12 does not divide them
    for (std::size_t i = 0; i < kDraws; ++i) {
        std::array<unsigned char, 12> drawn{};
        random_ahead(drawn.data(), drawn.size());
        seen.insert(drawn);
    }
    EXPECT_EQ(seen.size(), kDraws);
}

TEST(RandomAhead, FillsMoreThanOnePiece) {
    std::vector<unsigned char> drawn(10'000);
    random_ahead(drawn.data(), drawn.size());
    const std::set<unsigned char> values(drawn.end() - 1000, drawn.end());
    EXPECT_GT(values.size(), 200U); // of 256; zeros that were left out would be one value
}

} // namespace
} // namespace fernamt::telephony
