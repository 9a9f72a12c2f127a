// SPDX-License-Identifier: EUPL-1.2
// A line that loses one datagram in twenty, everywhere: between callers, phones, offices and the
// exchange (SIP over UDP), between exchange and rtpengine (ng), and of the sound. Random courses on
// it: exchange_courses_test.cpp.
#include "telephony/exchange_real_bench.h"
#include "telephony/lossy_test_line.h"
#include "telephony/media_test_bench.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

int count(const std::string &text, const std::string &what) {
    int times = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++times;
    return times;
}

class LossyLine : public RealExchange {
  protected:
    void SetUp() override {
        if (!lossy_line::is_here()) return;
        ASSERT_NO_FATAL_FAILURE(lossy_line::expect_it());
        RealExchange::SetUp();
    }
    void TearDown() override {
        if (lossy_line::is_here()) RealExchange::TearDown();
    }
};

TEST_F(LossyLine, EveryCallEndsTruthfullyAndNothingIsLeftOver) {
    if (!lossy_line::is_here()) return lossy_line::pass_there("LossyLine.Every*");
    constexpr int kCalls = 9;
    using Kind = AgentCommand::Kind;
    lossy_line::expect_it_at(process_->pid());
    obey(rules());
    ASSERT_TRUE(press(Kind::sign_in));
    for (int i = 0; i < kCalls; ++i) {
        SCOPED_TRACE("call " + std::to_string(i));
        (void)world_.dial(sip_port_);
        ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
        ASSERT_TRUE(press(Kind::hold));
        ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
        ASSERT_TRUE(press(Kind::resume));
        ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
        if (i % 3 == 1) {
            ASSERT_TRUE(press(Kind::transfer, kOffice));
            ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
        }
        if (i % 3 == 2) {
            ASSERT_TRUE(press(Kind::consult, kOffice));
            ASSERT_TRUE(hear({{"agent7", {kOfficeTone}}, {"caller", {kMusicTone}}}));
            ASSERT_TRUE(press(Kind::conference));
            ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}}}));
        }
        world_.hang_up(i % 2 == 0 || i % 3 == 1 ? "caller" : "agent7");
        if (i % 3 == 2 && i % 2 != 0) world_.hang_up("caller"); // the agent left, the two talked on
        ASSERT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
        ASSERT_TRUE(nothing_left_over());
        ASSERT_TRUE(eventually([&] {
            const auto state = exchange_->desk(kAgent)->state;
            if (state == routing::AgentState::after_call_work) (void)press(Kind::wrap_up_finish);
            return state == routing::AgentState::ready;
        }));
    }
    const std::string ledger = ledger_text();
    EXPECT_EQ(count(ledger, "call.offered "), kCalls);
    EXPECT_EQ(count(ledger, "decision.end "), kCalls) << ledger;
    EXPECT_EQ(count(ledger, "media_lost"), 0) << ledger;
    EXPECT_EQ(count(ledger, "signalling"), 0) << ledger;
    RecordProperty("lost", static_cast<int>(lossy_line::lost()));
    EXPECT_GT(lossy_line::lost(), 20U) << "nothing was lost";
}

// For longer than all tries nothing of what we command after a restart arrives at rtpengine, which
// has what was commanded last: the two hear each other as soon as it can be commanded again.
TEST(LossyMedia, WhatCouldNotBeRestoredIsTriedAgain) {
    if (!lossy_line::is_here()) return lossy_line::pass_there("LossyMedia.What*");
    ASSERT_NO_FATAL_FAILURE(lossy_line::expect_it());
    using Bench = MediaTestBench;
    Bench bench;
    lossy_line::expect_it_at(bench.process->pid());
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    std::string record;
    bench.on_loop([&] { record = bench.media->record(bench.call); });
    ASSERT_TRUE(bench.park("A1"));

    bench.begin_media();
    ASSERT_TRUE(bench.eventually([&] { return bench.media->available(); }));
    const auto block = lossy_line::function<void(int)>("fernamt_block_port");
    block(bench.process->ng_port());
    bench.on_loop([&] {
        bench.availability.clear();
        EXPECT_TRUE(bench.media->restore(bench.call, record));
    });
    ASSERT_TRUE(bench.eventually([&] { return !bench.availability.empty(); }));
    block(0);
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
}

} // namespace
} // namespace fernamt::telephony
