// SPDX-License-Identifier: EUPL-1.2
#include "telephony/digit_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fernamt::telephony {

Expected<std::unique_ptr<DigitListener>> DigitListener::open(Loop &loop, const std::string &address,
                                                             int port, Report report) {
    const auto problem = [&](const char *reason) {
        return fail(ProblemKind::unavailable, "media.digits",
                    {{"address", address + ":" + std::to_string(port)}, {"reason", reason}});
    };
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, address.c_str(), &local.sin_addr) != 1) return problem("no address");
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return problem(std::strerror(errno));
    if (::bind(fd, reinterpret_cast<sockaddr *>(&local), sizeof local) != 0) {
        const int error = errno;
        ::close(fd);
        return problem(std::strerror(error));
    }
    return std::unique_ptr<DigitListener>(new DigitListener(loop, fd, std::move(report)));
}

DigitListener::DigitListener(Loop &loop, int fd, Report report)
    : loop_(loop), fd_(fd), report_(std::move(report)) {
    loop_.watch(fd_, [this] { receive(); });
}

DigitListener::~DigitListener() {
    loop_.unwatch(fd_);
    ::close(fd_);
}

void DigitListener::receive() {
    std::array<char, 4096> datagram;
    for (;;) {
        const auto size = ::recv(fd_, datagram.data(), datagram.size(), 0);
        if (size < 0) return;
        report_({datagram.data(), static_cast<std::size_t>(size)});
    }
}

} // namespace fernamt::telephony
