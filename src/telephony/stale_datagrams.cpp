// SPDX-License-Identifier: EUPL-1.2
#include "telephony/stale_datagrams.h"

extern "C" { // glibc 2.36 forgets to say so itself
#include <sys/pidfd.h>
}

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>

namespace fernamt::telephony {
namespace {

namespace fs = std::filesystem;

constexpr int kMostOfOne = 10'000; // datagrams: more than any buffer holds

int local_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return ntohs(v4.sin_port);
    }
    if (address.ss_family != AF_INET6) return 0;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return ntohs(v6.sin6_port);
}

bool carries_datagrams(int socket) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

std::int64_t empty(int socket) {
    std::array<char, 1> nothing{}; // the rest of each datagram goes with it
    std::int64_t count = 0;
    while (count < kMostOfOne &&
           ::recv(socket, nothing.data(), nothing.size(), MSG_DONTWAIT | MSG_TRUNC) >= 0)
        ++count;
    return count;
}

} // namespace

std::optional<std::int64_t> discard_stale_datagrams(int pid, int pid_fd, int first, int last) {
    std::int64_t count = 0;
    std::error_code gone;
    for (const auto &entry : fs::directory_iterator(fmt::format("/proc/{}/fd", pid), gone)) {
        std::error_code closed;
        if (!fs::read_symlink(entry.path(), closed).string().starts_with("socket:")) continue;
        const std::string name = entry.path().filename().string();
        int number = 0;
        std::from_chars(name.data(), name.data() + name.size(), number);
        const int socket = ::pidfd_getfd(pid_fd, number, 0);
        if (socket < 0 && errno == EPERM) return std::nullopt;
        if (socket < 0) continue; // closed meanwhile
        const int port = carries_datagrams(socket) ? local_port(socket) : 0;
        if (port >= first && port <= last) count += empty(socket);
        ::close(socket);
    }
    if (gone) return std::nullopt;
    return count;
}

} // namespace fernamt::telephony
