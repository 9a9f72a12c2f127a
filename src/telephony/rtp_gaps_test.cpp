// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtp_gaps.h"

#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

TEST(RtpGaps, CountsWhatIsMissingAlsoOverTheEndOfTheNumbers) {
    RtpGaps gaps;
    EXPECT_EQ(gaps.before(1, 65'533), 0) << "the first";
    EXPECT_EQ(gaps.before(1, 65'534), 0);
    EXPECT_EQ(gaps.before(1, 0), 1) << "65535 is missing";
    EXPECT_EQ(gaps.before(1, 4), 3);
    EXPECT_EQ(gaps.before(1, 5), 0);
}

TEST(RtpGaps, DropsWhatComesTooLateOrTwice) {
    RtpGaps gaps;
    EXPECT_EQ(gaps.before(1, 10), 0);
    EXPECT_EQ(gaps.before(1, 12), 1);
    EXPECT_FALSE(gaps.before(1, 11));
    EXPECT_FALSE(gaps.before(1, 12));
    EXPECT_EQ(gaps.before(1, 13), 0) << "and goes on";
}

TEST(RtpGaps, APauseAJumpAndANewSourceAreNoLoss) {
    RtpGaps gaps;
    EXPECT_EQ(gaps.before(1, 10), 0);
    EXPECT_EQ(gaps.before(1, 100), 0);
    EXPECT_EQ(gaps.before(2, 103), 0);
    EXPECT_EQ(gaps.before(2, 20'000), 0);
    EXPECT_EQ(gaps.before(2, 1), 0) << "began anew";
    EXPECT_EQ(gaps.before(2, 3), 1);
}

} // namespace
} // namespace fernamt::telephony
