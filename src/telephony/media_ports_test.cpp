// SPDX-License-Identifier: EUPL-1.2
#include "telephony/media_ports.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fernamt::telephony {
namespace {

// Far from what tests of sound take.
constexpr int kFirst = 61000, kCount = 100;

TEST(MediaPorts, ARangeIsOneOwnersAndFreeWhenItIsGone) {
    auto mine = MediaPorts::take(kFirst, kCount, 2);
    ASSERT_TRUE(mine);
    EXPECT_EQ(mine->first(), kFirst);
    EXPECT_EQ(mine->last(), kFirst + kCount - 1);
    {
        const auto next = MediaPorts::take(kFirst, kCount, 2);
        ASSERT_TRUE(next);
        EXPECT_EQ(next->first(), kFirst + kCount);
        EXPECT_FALSE(MediaPorts::take(kFirst, kCount, 2)) << "both are taken";
    }
    const MediaPorts moved = std::move(*mine);
    mine.reset();
    EXPECT_FALSE(MediaPorts::take(kFirst, kCount, 1)) << "it has moved, not gone";
    EXPECT_TRUE(MediaPorts::take(kFirst, kCount, 2)) << "the second is free again";
}

TEST(MediaPorts, AnotherProcessCannotHaveIt) {
    const auto mine = MediaPorts::take(kFirst + 1000, kCount, 1);
    ASSERT_TRUE(mine);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(MediaPorts::take(kFirst + 1000, kCount, 1) ? 1 : 0);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace fernamt::telephony
