// SPDX-License-Identifier: EUPL-1.2
// For tests only: a range of UDP ports for one rtpengine that no other test has at the same time.
// rtpengine binds with SO_REUSEADDR, so two of them on one range take each other's packets without
// an error. Held until the process ends; leaves no file behind.
#pragma once

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace fernamt::telephony {

struct MediaTestPorts {
    int first = 0, last = 0;
};

inline MediaTestPorts reserve_media_ports() {
    constexpr int kFirst = 10'000, kCount = 400, kRanges = 25; // below what free_port() gives
    for (int range = 0; range < kRanges; ++range) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = fmt::format("fernamt-test-media-{}", range);
        name.copy(address.sun_path + 1, name.size()); // abstract: gone with the process
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::bind(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0)
            return {kFirst + range * kCount, kFirst + range * kCount + kCount - 1};
        ::close(fd);
    }
    throw std::runtime_error("no free range of media ports");
}

} // namespace fernamt::telephony
