// SPDX-License-Identifier: EUPL-1.2
// For tests: runs a test in a process of its own in which one datagram in twenty is lost, by
// preload/lossy_line.cpp, which the rtpengine that it starts inherits.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fernamt::telephony::lossy_line {

inline constexpr const char *kInThere = "FERNAMT_ON_A_LOSSY_LINE";

inline bool is_here() {
    return std::getenv(kInThere) != nullptr;
}

template <class F>
F *function(const char *name) { // nullptr: not in there
    return reinterpret_cast<F *>(::dlsym(RTLD_DEFAULT, name));
}

// How many datagrams of this process.
inline unsigned long lost() {
    return function<unsigned long()>("fernamt_lost")();
}

// The loader passes over what it cannot preload: then nothing in there would be lost.
inline void expect_it() {
    ASSERT_NE(function<unsigned long()>("fernamt_lost"), nullptr)
        << "not loaded: " << FERNAMT_LOSSY_LINE;
}

inline void expect_it_at(pid_t rtpengine) {
    ASSERT_NO_FATAL_FAILURE(expect_it());
    std::ifstream file("/proc/" + std::to_string(rtpengine) + "/maps");
    const std::string maps{std::istreambuf_iterator<char>(file), {}};
    ASSERT_NE(maps.find("lossy_line"), std::string::npos) << "rtpengine is not on the line";
}

// This test in there.
inline void pass_there(const std::string &test) {
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

} // namespace fernamt::telephony::lossy_line
