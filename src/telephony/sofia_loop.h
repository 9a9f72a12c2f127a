// SPDX-License-Identifier: EUPL-1.2
// SofiaLoop: the telephony loop over sofia-sip's su_root, in a thread of its own. Before start()
// and after stop() the loop belongs to the thread that constructed it (so parts can be built and
// torn down without a running thread); between the two it belongs to its thread alone. Timers run
// on the monotonic clock (a step of the wall clock moves none of them) and never fire early. It
// does not catch exceptions: Work that throws ends the process.
#pragma once

#include "telephony/loop.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <vector>

struct su_root_s;

namespace fernamt::telephony {

class SofiaLoop final : public Loop {
  public:
    SofiaLoop();
    ~SofiaLoop() override; // stops; timers and posted work that are left are forgotten
    SofiaLoop(const SofiaLoop &) = delete;
    SofiaLoop &operator=(const SofiaLoop &) = delete;

    void start(); // returns when the loop runs
    void stop();  // finishes work posted before, then ends the thread. Not from the loop itself.
    // Runs work on the loop and waits for it; at once if this thread owns the loop.
    void run_on_loop(const Work &work);

    void post(Work work) override;
    TimerId after(Duration delay, Work work) override;
    void cancel(TimerId timer) override;
    void watch(int fd, Work on_readable) override; // may be called without input: read non-blocking
    void unwatch(int fd) override;
    [[nodiscard]] bool on_loop() const override;

    [[nodiscard]] su_root_s *root() const { return root_; }
    [[nodiscard]] std::size_t open_timers() const { return due_.size(); }

  private:
    struct Watched;
    struct Timer {
        std::int64_t due_us = 0;
        Work work;
    };
    using DueKey = std::pair<std::int64_t, std::int64_t>; // when, timer id

    void run();
    void add_watch(int fd, Work on_readable);
    void carry_out_posted();
    void before_waiting();
    void wake() const;
    void work_off();
    void fire_due();
    void arm();

    su_root_s *root_ = nullptr;
    int event_fd_ = -1;
    int timer_fd_ = -1;
    std::thread thread_;
    std::atomic<std::thread::id> owner_;
    std::atomic<bool> stopping_ = false;

    // Work that the loop posts to itself needs no wake-up: it is looked for before it sleeps.
    bool running_ = false; // only the loop's thread touches these two
    bool posted_here_ = false;

    std::mutex mutex_; // guards posted_
    std::vector<Work> posted_;

    std::int64_t last_timer_ = 0;
    std::int64_t armed_for_us_ = 0; // 0: not armed
    std::set<DueKey> due_;
    std::unordered_map<std::int64_t, Timer> timers_;
    std::map<int, std::unique_ptr<Watched>> watched_;
    std::vector<std::unique_ptr<Watched>> unwatched_; // freed outside their own callback
};

} // namespace fernamt::telephony
