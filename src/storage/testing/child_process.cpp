// SPDX-License-Identifier: EUPL-1.2
#include "storage/testing/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace fernamt::storage::testing {

namespace {

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

[[noreturn]] void fail_with(const std::string &what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

void write_file(const std::string &path, const std::string &text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) fail_with(path);
    write_all(file, text);
    ::close(file);
}

// Without root's rights: inside a user namespace where this user is root.
void unshare_mounts() {
    if (::unshare(CLONE_NEWNS) == 0) return;
    const auto uid = ::getuid();
    const auto gid = ::getgid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) fail_with("unshare");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", fmt::format("0 {} 1", uid));
    write_file("/proc/self/gid_map", fmt::format("0 {} 1", gid));
}

} // namespace

ChildProcess::ChildProcess(const std::function<void(int report)> &code) {
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) fail_with("pipe");
    pid_ = ::fork();
    if (pid_ < 0) fail_with("fork");
    if (pid_ == 0) {
        ::close(ends[0]);
        try {
            code(ends[1]);
        } catch (const std::exception &error) {
            write_all(ends[1], error.what());
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    report_ = ends[0];
}

ChildProcess::~ChildProcess() {
    if (pid_ != 0) (void)wait();
    ::close(report_);
}

void ChildProcess::wait_for_report() const {
    pollfd waiting{report_, POLLIN, 0};
    while (::poll(&waiting, 1, -1) < 0 && errno == EINTR) {
    }
}

void ChildProcess::kill() {
    ::kill(pid_, SIGKILL);
}

std::string ChildProcess::wait() {
    std::string text;
    char buffer[65'536];
    for (;;) {
        const ssize_t got = ::read(report_, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        text += fmt::format("child ended by signal {}", WTERMSIG(status));
    }
    return text;
}

std::string in_child(const std::function<std::string()> &code) {
    return ChildProcess([&](int report) { write_all(report, code()); }).wait();
}

void mount_private_tmpfs(const std::string &directory, const std::string &options) {
    unshare_mounts();
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail_with("private /");
    if (::mount("none", directory.c_str(), "tmpfs", 0, options.c_str()) != 0) fail_with("tmpfs");
}

void remount_private_tmpfs(const std::string &directory, bool read_only,
                           const std::string &options) {
    const unsigned long flags =
        MS_REMOUNT | (read_only ? static_cast<unsigned long>(MS_RDONLY) : 0UL);
    if (::mount("none", directory.c_str(), "tmpfs", flags, options.c_str()) != 0)
        fail_with("remount");
}

} // namespace fernamt::storage::testing
