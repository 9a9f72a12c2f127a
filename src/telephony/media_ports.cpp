// SPDX-License-Identifier: EUPL-1.2
#include "telephony/media_ports.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>

namespace fernamt::telephony {

namespace {

// A descriptor that holds the range which begins with this port; -1 if somebody has it.
int lock_of(int first) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = fmt::format("fernamt-media-{}", first);
    name.copy(address.sun_path + 1, name.size()); // abstract (unix(7)): no file, gone with us
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0) return fd;
    ::close(fd);
    return -1;
}

} // namespace

std::optional<MediaPorts> MediaPorts::take(int first, int count, int ranges) {
    for (int range = 0; range < ranges; ++range) {
        const int begin = first + range * count;
        if (const int lock = lock_of(begin); lock >= 0)
            return MediaPorts{begin, begin + count - 1, lock};
    }
    return std::nullopt;
}

MediaPorts::MediaPorts(MediaPorts &&other) noexcept
    : first_(other.first_), last_(other.last_), lock_(std::exchange(other.lock_, -1)) {}

MediaPorts::~MediaPorts() {
    if (lock_ >= 0) ::close(lock_);
}

} // namespace fernamt::telephony
