// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtp_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

namespace fernamt::telephony {
namespace {

struct Pair {
    std::unique_ptr<RtpStream> here = std::move(*RtpStream::open("127.0.0.1", 1));
    std::unique_ptr<RtpStream> there = std::move(*RtpStream::open("127.0.0.1", 2));
    Pair() { here->send_to(there->address(), there->port()); }
    void packet() {
        here->tick();
        const auto before = there->counters().received;
        while (there->counters().received == before)
            there->tick();
    }
};

TEST(RtpStream, KnowsTheLongestTimeWithoutAPacket) {
    Pair pair;
    EXPECT_EQ(pair.there->take_gaps().heard, 0ms) << "nobody has spoken yet";
    pair.packet();
    std::this_thread::sleep_for(50ms);
    pair.packet();
    pair.packet();
    EXPECT_GE(pair.there->take_gaps().heard, 50ms);
    EXPECT_GE(pair.here->take_gaps().sent, 50ms);
    EXPECT_EQ(pair.there->take_gaps().sent, 0ms) << "sends nothing";
}

TEST(RtpStream, ASilenceThatHasNotEndedCountsToo) {
    Pair pair;
    pair.packet();
    (void)pair.there->take_gaps();
    std::this_thread::sleep_for(50ms);
    EXPECT_GE(pair.there->take_gaps().heard, 50ms);
    EXPECT_GE(pair.there->take_gaps().heard, 50ms) << "and still goes on";
}

} // namespace
} // namespace fernamt::telephony
