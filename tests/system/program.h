// SPDX-License-Identifier: EUPL-1.2
// The real `fernamt` binary as a child process of a test: start, wait until it is ready, stop, kill
// -9, and its standard output. It dies with the test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace fernamt::testing {

class Program {
  public:
    explicit Program(std::vector<std::string> arguments); // without the program's name
    ~Program();                                           // kills what still runs
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    void signal(int number) const;
    // Waits; exit code, or -signal. Kills it after the time and returns -9.
    int wait(int seconds);
    [[nodiscard]] bool running();
    [[nodiscard]] std::string output(); // standard output so far
    [[nodiscard]] std::string errors(); // standard error so far (the log)
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    std::string out_file_, err_file_;
    pid_t pid_ = 0;
    int status_ = 0;
    bool ended_ = false;
};

// Repeats until done() or the time is over; returns done()'s last value.
template <class F>
bool eventually(F done, int seconds = 20);

// How often the log says something.
[[nodiscard]] int times(const std::string &text, const std::string &what);
[[nodiscard]] int free_port(); // TCP and UDP, free a moment ago, on 127.0.0.1
[[nodiscard]] std::string make_directory();
// Of the media process that a Fernamt with this state directory has started; 0 if there is none.
[[nodiscard]] int rtpengine_pid(const std::string &state_directory);

} // namespace fernamt::testing

#include <chrono>
#include <thread>

template <class F>
bool fernamt::testing::eventually(F done, int seconds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
        if (done()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return done();
}
