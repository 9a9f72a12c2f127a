// SPDX-License-Identifier: EUPL-1.2
// RtpengineProcess keeps one rtpengine running on this host. It lives in a session of its own and
// outlives a crash of ours, so that conversations go on; the next process of ours finds it through
// a file in the state directory and takes it up. stop() ends it. When it dies it is started again,
// with growing pauses. Its output goes nowhere: it would carry addresses and call-ids.
// A service manager must not kill the whole group after a crash (systemd: KillMode=process).
#pragma once

#include "base/problem.h"
#include "telephony/loop.h"
#include "telephony/rtpengine_preload.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace fernamt::telephony {

class RtpengineProcess {
  public:
    struct Options {
        std::string binary = "rtpengine"; // looked up in PATH
        std::filesystem::path state_directory;
        std::string address = "127.0.0.1"; // far ends are reached at and from
        std::string advertised;            // if behind NAT: the address they know
        int ng_port = 0;                   // 0: chosen, and kept for the life of this object
        int digit_port = 0; // on 127.0.0.1: keys that far ends press are reported there; 0: chosen
        int port_min = 30000, port_max = 39999; // RTP; four per plain leg, two of them inside
        Duration first_pause = 100ms;
        Duration longest_pause = 10s;
    };
    // Interfaces as Media should name them.
    static constexpr const char *kOutside = "out";
    static constexpr const char *kInside = "in";

    // Takes up the running one or starts it. Problems: media.no_rtpengine (not installed),
    // media.state_directory, media.no_port.
    [[nodiscard]] static Expected<std::unique_ptr<RtpengineProcess>> start(Loop &loop,
                                                                           Options options);
    // Lets it run on: call stop() for a clean end.
    ~RtpengineProcess();
    RtpengineProcess(const RtpengineProcess &) = delete;
    RtpengineProcess &operator=(const RtpengineProcess &) = delete;

    [[nodiscard]] int ng_port() const { return options_.ng_port; }
    // Where keys are reported: of the running one, also after it was taken up.
    [[nodiscard]] int digit_port() const { return options_.digit_port; }
    [[nodiscard]] int pid() const { return pid_; } // 0 while it is down
    [[nodiscard]] bool taken_up() const { return taken_up_; }
    // False: it runs without what rtpengine_preload.h gives it (an older program started it).
    [[nodiscard]] bool guarded() const { return guarded_; }
    // It has died; it will be started again. Tell RtpengineMedia::rtpengine_died().
    void on_exit(std::function<void()> handler) { on_exit_ = std::move(handler); }
    void stop(); // waits for its end (two seconds at most, then it is killed)

  private:
    RtpengineProcess(Loop &loop, Options options);
    [[nodiscard]] bool take_up();
    [[nodiscard]] Expected<void> launch();
    void watch();
    void unwatch();
    void died();
    void launch_after(Duration pause);
    [[nodiscard]] std::filesystem::path state_file() const;

    Loop &loop_;
    Options options_;
    RtpenginePreload preload_;
    int pid_ = 0;
    int pid_fd_ = -1; // readable when the process has ended, whoever its parent is
    bool child_ = false;
    bool taken_up_ = false;
    bool guarded_ = true;
    Duration pause_{};
    std::chrono::steady_clock::time_point started_at_;
    Loop::TimerId restart_ = Loop::TimerId::none;
    std::function<void()> on_exit_;
};

// A UDP port on 127.0.0.1 that was free a moment ago; 0 if there is none.
[[nodiscard]] int free_udp_port();

} // namespace fernamt::telephony
