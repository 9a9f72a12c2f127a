// SPDX-License-Identifier: EUPL-1.2
// rtpengine stands still for some seconds (a stopped process, a machine that swaps) and goes on:
// whoever was talking talks on.
#include "telephony/exchange_real_bench.h"

#include <csignal>

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

TEST_F(RealExchange, AConversationIsHeardAgainAfterRtpengineStoodStill) {
    talk();
    const auto available = [&] {
        bool is = false;
        loop_->run_on_loop([&] { is = media_->available(); });
        return is;
    };
    int rtpengine = 0;
    loop_->run_on_loop([&] { rtpengine = process_->pid(); });
    ASSERT_GT(rtpengine, 1);
    ::kill(rtpengine, SIGSTOP);
    const bool noticed = eventually([&] { return !available(); });
    ::kill(rtpengine, SIGCONT);
    ASSERT_TRUE(noticed);
    ASSERT_TRUE(eventually(available));
    world_.forget(); // what was heard before
    EXPECT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_FALSE(world_.is("caller", &World::Party::ended));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
