// SPDX-License-Identifier: EUPL-1.2
// An rtpengine that the operator runs: calls go through it, while it is away callers are told so,
// and when it is back everything works again.
#include "sipp.h"
#include "telephony/rtpengine_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace fernamt::testing {
namespace {

constexpr const char *kCaller = "+498999998444"; // reserved for films

// As an operator's service unit would start it: one interface, nothing of ours.
class ExternalRtpengine {
  public:
    ExternalRtpengine() : port_(telephony::free_udp_port()) { start(); }
    ~ExternalRtpengine() { kill(); }
    ExternalRtpengine(const ExternalRtpengine &) = delete;
    ExternalRtpengine &operator=(const ExternalRtpengine &) = delete;

    void start() {
        const std::string listen = "--listen-ng=127.0.0.1:" + std::to_string(port_);
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::execlp("rtpengine", "rtpengine", "--config-file=none", "--table=-1",
                 "--interface=127.0.0.1", listen.c_str(), "--port-min=40100", "--port-max=40999",
                 "--foreground", "--log-stderr", "--log-level=2", nullptr);
        ::_exit(127);
    }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  private:
    int port_ = 0;
    pid_t pid_ = 0;
};

TEST(ExternalMedia, CallsGoThroughItAndItsAbsenceIsSaidOnce) {
    ExternalRtpengine rtpengine;
    Office office(1, {.rtpengine = rtpengine.address()});
    office.start();
    EXPECT_EQ(rtpengine_pid(office.directory()), 0) << "it started one of its own";
    office.people(0, 2s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
    EXPECT_EQ(office.seen().understood, 1); // sound came through, not only signalling

    rtpengine.kill();
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 503; }, 60));
    for (int i = 0; i < 2; ++i) {
        const auto caller = sipp(office, "refused_caller", kCaller); // 503 with Reason
        EXPECT_EQ(caller.code, 0) << caller.output;
    }
    EXPECT_EQ(times(office.program().errors(), "\"media.gone\""), 1) << office.program().errors();

    rtpengine.start();
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 200; }, 60));
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().completed == 2; }, 60))
        << office.program().errors();
}

TEST(ExternalMedia, WithoutItTheStartSaysWhatToDo) {
    const std::string nobody = "127.0.0.1:" + std::to_string(telephony::free_udp_port());
    Office office(1, {.rtpengine = nobody});
    office.start_unready();
    const std::string log = office.program().errors();
    EXPECT_EQ(times(log, "\"media.no_answer\""), 1) << log;
    EXPECT_NE(log.find(nobody), std::string::npos);
    EXPECT_NE(log.find("media.rtpengine"), std::string::npos) << "the remedy";
}

} // namespace
} // namespace fernamt::testing
