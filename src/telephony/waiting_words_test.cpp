// SPDX-License-Identifier: EUPL-1.2
#include "telephony/waiting_words.h"

#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

std::string said(Duration wait) {
    routing::WaitEstimate estimate;
    estimate.wait = wait;
    return wait_word(estimate);
}

TEST(WaitingWords, round_up_to_whole_minutes) {
    EXPECT_EQ(said(0s), "minutes_1");
    EXPECT_EQ(said(60s), "minutes_1");
    EXPECT_EQ(said(60s + Duration{1}), "minutes_2");
    EXPECT_EQ(said(600s), "minutes_10");
    EXPECT_EQ(said(601s), "minutes_15");
    EXPECT_EQ(said(1'200s), "minutes_20");
    EXPECT_EQ(said(1'800s), "minutes_30");
    EXPECT_EQ(said(1'801s), "minutes_more");
}

TEST(WaitingWords, say_no_time_when_nobody_is_at_work) {
    routing::WaitEstimate estimate;
    estimate.ahead = 12;
    EXPECT_EQ(place_and_wait(estimate), std::vector<std::string>{"ahead_more"});
    estimate.ahead = 9;
    estimate.wait = 200s;
    EXPECT_EQ(place_and_wait(estimate), (std::vector<std::string>{"ahead_9", "minutes_4"}));
}

} // namespace
} // namespace fernamt::telephony
