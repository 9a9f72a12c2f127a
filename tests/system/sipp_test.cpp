// SPDX-License-Identifier: EUPL-1.2
// A foreign caller (sipp) against the running service: the plain call, the one that is given up,
// the late offer, the offer that nobody can read, and the refusal while there is no sound.
#include "sipp.h"

#include <gtest/gtest.h>

#include <csignal>

namespace fernamt::testing {
namespace {

constexpr const char *kCaller = "+498999998444"; // reserved for films

TEST(Sipp, BasicCallerIsAnsweredAndTheCallIsComplete) {
    Office office(1);
    office.start();
    office.people(0, 60s);
    const auto caller = sipp(office, "basic_caller", kCaller);
    EXPECT_EQ(caller.code, 0) << caller.output;
    ASSERT_TRUE(eventually([&] {
        return office.ledger().find("\"reason\":\"completed\"") != std::string::npos;
    })) << office.ledger();
    EXPECT_EQ(office.seen().answered, 1);
}

// No sound comes before the 200, so the media process is made to take its time.
TEST(Sipp, CallerWhoCancelsLeavesNothingBehind) {
    Office office(1);
    office.start();
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    office.people(0, 60s);
    ::kill(rtpengine, SIGSTOP);
    const auto caller = sipp(office, "cancel", kCaller);
    ::kill(rtpengine, SIGCONT);
    EXPECT_EQ(caller.code, 0) << caller.output;
    ASSERT_TRUE(eventually([&] {
        return office.ledger().find("\"reason\":\"abandoned\"") != std::string::npos;
    })) << office.ledger();
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 200; }));
    const auto next = sipp(office, "basic_caller", kCaller); // and the next one is served
    EXPECT_EQ(next.code, 0) << next.output;
}

TEST(Sipp, LateOfferIsAnsweredInTheAck) {
    Office office(1);
    office.start();
    office.people(0, 60s);
    const auto caller = sipp(office, "late_offer", kCaller);
    EXPECT_EQ(caller.code, 0) << caller.output;
    ASSERT_TRUE(eventually([&] {
        return office.ledger().find("\"reason\":\"completed\"") != std::string::npos;
    })) << office.ledger();
}

TEST(Sipp, AnOfferThatCannotBeReadIsRefusedAndNobodyRings) {
    Office office(1);
    office.start();
    office.people(0, 60s);
    const auto caller = sipp(office, "malformed_offer", kCaller);
    EXPECT_EQ(caller.code, 0) << caller.output;
    EXPECT_EQ(office.seen().answered, 0);
    EXPECT_TRUE(office.program().running());
    const auto next = sipp(office, "basic_caller", kCaller);
    EXPECT_EQ(next.code, 0) << next.output;
}

TEST(Sipp, WithoutSoundACallerGets503WithItsReason) {
    const auto nobody = std::to_string(free_port());
    Office office(1, {.rtpengine = "127.0.0.1:" + nobody});
    office.start_unready();
    EXPECT_EQ(office.status_of("/readyz"), 503);
    for (int i = 0; i < 3; ++i) {
        const auto caller = sipp(office, "refused_caller", kCaller);
        EXPECT_EQ(caller.code, 0) << caller.output;
    }
    const std::string log = office.program().errors();
    EXPECT_NE(log.find("media.gone"), std::string::npos) << log;
    EXPECT_EQ(log.find("media.gone"), log.rfind("media.gone")) << "said more than once";
    EXPECT_EQ(office.ledger().find("call.offered"), std::string::npos) << "no call was taken";
}

} // namespace
} // namespace fernamt::testing
