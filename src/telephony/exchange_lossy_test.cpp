// SPDX-License-Identifier: EUPL-1.2
// A line that loses one datagram in twenty, everywhere: between callers, phones, offices and the
// exchange (SIP over UDP), between exchange and rtpengine (ng), and of the sound. Each test runs
// once more in a process with preload/lossy_line.cpp, which rtpengine inherits.
#include "telephony/exchange_real_bench.h"
#include "telephony/media_test_bench.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

int count(const std::string &text, const std::string &what) {
    int times = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++times;
    return times;
}

template <class F>
F *of_the_line(const char *name) { // nullptr: not in there
    return reinterpret_cast<F *>(::dlsym(RTLD_DEFAULT, name));
}

constexpr const char *kInThere = "FERNAMT_ON_A_LOSSY_LINE";

bool on_a_lossy_line() {
    return std::getenv(kInThere) != nullptr;
}

// The loader passes over what it cannot preload: then nothing in there would be lost.
void expect_the_line() {
    ASSERT_NE(of_the_line<unsigned long()>("fernamt_lost"), nullptr)
        << "not loaded: " << FERNAMT_LOSSY_LINE;
}

void expect_the_line_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/maps");
    const std::string maps{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(maps.find("lossy_line"), std::string::npos) << "rtpengine is not on the line";
}

// This test once more in there.
void pass_on_a_lossy_line(const std::string &test) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string filter = "--gtest_filter=" + test;
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::setenv("LD_PRELOAD", FERNAMT_LOSSY_LINE, 1);
        ::setenv(kInThere, "1", 1);
        ::execl(self.c_str(), self.c_str(), filter.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

class LossyLine : public RealExchange {
  protected:
    void SetUp() override {
        if (!on_a_lossy_line()) return;
        ASSERT_NO_FATAL_FAILURE(expect_the_line());
        RealExchange::SetUp();
    }
    void TearDown() override {
        if (on_a_lossy_line()) RealExchange::TearDown();
    }
};

TEST_F(LossyLine, EveryCallEndsTruthfullyAndNothingIsLeftOver) {
    if (!on_a_lossy_line()) return pass_on_a_lossy_line("LossyLine.Every*");
    constexpr int kCalls = 9;
    using Kind = AgentCommand::Kind;
    expect_the_line_of(process_->pid());
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
    RecordProperty("lost", static_cast<int>(of_the_line<unsigned long()>("fernamt_lost")()));
    EXPECT_GT(of_the_line<unsigned long()>("fernamt_lost")(), 20U) << "nothing was lost";
}

// For longer than all tries nothing of what we command after a restart arrives at rtpengine, which
// has what was commanded last: the two hear each other as soon as it can be commanded again.
TEST(LossyMedia, WhatCouldNotBeRestoredIsTriedAgain) {
    if (!on_a_lossy_line()) return pass_on_a_lossy_line("LossyMedia.What*");
    ASSERT_NO_FATAL_FAILURE(expect_the_line());
    using Bench = MediaTestBench;
    Bench bench;
    expect_the_line_of(bench.process->pid());
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    std::string record;
    bench.on_loop([&] { record = bench.media->record(bench.call); });
    ASSERT_TRUE(bench.park("A1"));

    bench.begin_media();
    ASSERT_TRUE(bench.eventually([&] { return bench.media->available(); }));
    const auto block = of_the_line<void(int)>("fernamt_block_port");
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
