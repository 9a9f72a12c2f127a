// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_loop.h"

#include <pthread.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_time.h>
#include <sofia-sip/su_wait.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdarg>
#include <ctime>
#include <stdexcept>
#include <system_error>
#include <utility>

// The library's hook: su_time() hands every reading of the clock to it. Exported, in no header.
extern "C" void (*_su_time)(su_time_t *now); // NOLINT(bugprone-reserved-identifier)

namespace fernamt::telephony {

namespace {

std::int64_t monotonic_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

// The library's own log may name callers: it goes nowhere.
void discard_log(void *, char const *, va_list) {}

// The library waits for its timers in whole milliseconds, rounded down: what is left of the last
// one it would spend asking the kernel again and again, a hundred times and more for each timer. On
// a clock of whole milliseconds nothing is left.
void whole_milliseconds(su_time_t *now) {
    if (now != nullptr) now->tv_usec -= now->tv_usec % 1000;
}

void initialise_library() {
    static const int done = [] {
        su_init();
        _su_time = whole_milliseconds;
        su_log_redirect(nullptr, discard_log, nullptr);
        return 1;
    }();
    static_cast<void>(done);
}

[[noreturn]] void throw_errno(const char *what) {
    throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

struct SofiaLoop::Watched {
    Work on_readable;
    su_wait_t wait{};
    int index = -1;
    bool running = false;

    static int wakeup(su_root_magic_t *, su_wait_t *, su_wakeup_arg_t *arg) {
        auto *self = reinterpret_cast<Watched *>(arg);
        if (!self->on_readable) return 0;
        self->running = true;
        self->on_readable();
        self->running = false;
        return 0;
    }
};

SofiaLoop::SofiaLoop() {
    initialise_library();
    owner_ = std::this_thread::get_id();
    root_ = su_root_create(nullptr);
    if (root_ == nullptr) throw std::runtime_error("su_root_create failed");
    su_root_threading(root_, 0);
    event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event_fd_ < 0) throw_errno("eventfd");
    timer_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer_fd_ < 0) throw_errno("timerfd_create");
    add_watch(event_fd_, [this] { carry_out_posted(); });
    add_watch(timer_fd_, [this] { fire_due(); });
}

SofiaLoop::~SofiaLoop() {
    stop();
    while (!watched_.empty())
        unwatch(watched_.begin()->first);
    su_root_destroy(root_);
    close(event_fd_);
    close(timer_fd_);
}

void SofiaLoop::start() {
    if (thread_.joinable()) return;
    stopping_ = false;
    su_root_release(root_);
    owner_ = std::thread::id(); // no longer ours: what is posted below has to wake the thread
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "telephony"); // as ps and top show it
        run();
    });
    std::mutex mutex;
    std::condition_variable running;
    bool is_running = false;
    post([&] {
        const std::lock_guard lock(mutex);
        is_running = true;
        running.notify_one();
    });
    std::unique_lock lock(mutex);
    running.wait(lock, [&] { return is_running; });
}

void SofiaLoop::run() {
    su_root_obtain(root_);
    owner_ = std::this_thread::get_id();
    running_ = true;
    posted_here_ = true; // what was posted while nobody ran
    // Not su_root_step(): it asks the kernel twice in each turn.
    const auto before = [](su_root_magic_t *self, su_root_t *) {
        reinterpret_cast<SofiaLoop *>(self)->before_waiting();
    };
    su_root_add_prepoll(root_, before, reinterpret_cast<su_root_magic_t *>(this));
    while (!stopping_)
        su_root_run(root_);
    before_waiting();
    su_root_remove_prepoll(root_);
    running_ = false;
    su_root_release(root_);
}

// What the turn has posted, and what that posts in its turn; somebody who always posts more gets a
// wake-up, so that others have their turn as well.
void SofiaLoop::before_waiting() {
    constexpr int kMostRounds = 16;
    for (int round = 0; round < kMostRounds; ++round) {
        if (!std::exchange(posted_here_, false)) return;
        work_off();
    }
    if (posted_here_) wake();
}

void SofiaLoop::wake() const {
    const std::uint64_t one = 1;
    while (write(event_fd_, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void SofiaLoop::stop() {
    if (!thread_.joinable()) return;
    post([this] {
        stopping_ = true;
        su_root_break(root_);
    });
    thread_.join();
    su_root_obtain(root_);
    owner_ = std::this_thread::get_id();
}

void SofiaLoop::run_on_loop(const Work &work) {
    if (on_loop()) return work();
    std::mutex mutex;
    std::condition_variable done;
    bool is_done = false;
    post([&] {
        work();
        const std::lock_guard lock(mutex);
        is_done = true;
        done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return is_done; });
}

bool SofiaLoop::on_loop() const {
    return owner_.load() == std::this_thread::get_id();
}

void SofiaLoop::post(Work work) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = posted_.empty();
        posted_.push_back(std::move(work));
    }
    if (!was_empty) return; // the wake-up of the first one is still on its way
    if (on_loop() && running_) {
        posted_here_ = true;
        return;
    }
    wake();
}

void SofiaLoop::carry_out_posted() {
    std::uint64_t count = 0;
    while (read(event_fd_, &count, sizeof count) < 0 && errno == EINTR) {
    }
    work_off();
}

void SofiaLoop::work_off() {
    std::vector<Work> batch;
    {
        const std::lock_guard lock(mutex_);
        batch.swap(posted_);
    }
    for (auto &work : batch)
        work();
}

Loop::TimerId SofiaLoop::after(Duration delay, Work work) {
    const std::int64_t id = ++last_timer_;
    const std::int64_t due = monotonic_us() + std::max<std::int64_t>(delay.count(), 0);
    due_.emplace(due, id);
    timers_.emplace(id, Timer{due, std::move(work)});
    arm();
    return TimerId{id};
}

void SofiaLoop::cancel(TimerId timer) {
    const auto found = timers_.find(static_cast<std::int64_t>(timer));
    if (found == timers_.end()) return;
    due_.erase({found->second.due_us, found->first});
    timers_.erase(found);
    // Not armed anew: one wake-up too many is cheaper than a system call per cancelled timer.
}

void SofiaLoop::arm() {
    if (due_.empty()) return;
    const std::int64_t due = due_.begin()->first;
    if (armed_for_us_ != 0 && armed_for_us_ <= due) return;
    armed_for_us_ = due;
    itimerspec at{};
    at.it_value.tv_sec = due / 1'000'000;
    at.it_value.tv_nsec = (due % 1'000'000) * 1000;
    if (timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &at, nullptr) < 0) throw_errno("timerfd");
}

void SofiaLoop::fire_due() {
    std::uint64_t count = 0;
    if (read(timer_fd_, &count, sizeof count) < 0) return;
    armed_for_us_ = 0;
    // Only what was due when we came: a timer of zero length set by a timer waits for the next
    // turn.
    const DueKey until{monotonic_us(), last_timer_};
    while (!due_.empty() && *due_.begin() <= until) {
        const std::int64_t id = due_.begin()->second;
        due_.erase(due_.begin());
        auto node = timers_.extract(id);
        node.mapped().work();
    }
    arm();
}

void SofiaLoop::watch(int fd, Work on_readable) {
    unwatch(fd);
    add_watch(fd, std::move(on_readable));
}

void SofiaLoop::add_watch(int fd, Work on_readable) {
    std::erase_if(unwatched_, [](const auto &old) { return !old->running; });
    auto watched = std::make_unique<Watched>();
    watched->on_readable = std::move(on_readable);
    if (su_wait_create(&watched->wait, fd, SU_WAIT_IN) < 0) throw_errno("su_wait_create");
    watched->index = su_root_register(root_, &watched->wait, Watched::wakeup,
                                      reinterpret_cast<su_wakeup_arg_t *>(watched.get()), 0);
    if (watched->index < 0) throw_errno("su_root_register");
    watched_[fd] = std::move(watched);
}

void SofiaLoop::unwatch(int fd) {
    const auto found = watched_.find(fd);
    if (found == watched_.end()) return;
    su_root_deregister(root_, found->second->index);
    unwatched_.push_back(std::move(found->second));
    watched_.erase(found);
}

} // namespace fernamt::telephony
