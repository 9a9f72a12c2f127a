// SPDX-License-Identifier: EUPL-1.2
// Loaded into the rtpengine that we start (rtpengine_preload.h), before its own libraries: gives
// each media socket a receive buffer that it can never be deafened by.
//
// rtpengine 10.5 reads 50 datagrams at a time and then waits until another one arrives. Linux gives
// back the room of those read only from a quarter of the buffer on (udp_rmem_release), which is 64
// datagrams of the usual 208 KiB. So a buffer that has filled up while rtpengine stood still drops
// whatever comes, nothing arrives any more, and the talkers are deaf for good. A quarter of this
// one is fewer than 50 datagrams. (rtpengine 12 has an option instead, max-recv-iters.)
//
// Needs no library but libc (hence -fno-threadsafe-statics): rtpengine is no program of C++. Two
// threads that are first at once find the same.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

namespace {

// The kernel doubles it for its own use: 96 KiB hold about 120 datagrams of sound, 2.4 seconds.
constexpr int kReceiveBuffer = 48 * 1024; // bytes

int port_of(const sockaddr *address, socklen_t size) {
    if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in))
        return ntohs(reinterpret_cast<const sockaddr_in *>(address)->sin_port);
    if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6))
        return ntohs(reinterpret_cast<const sockaddr_in6 *>(address)->sin6_port);
    return 0;
}

bool is_media_port(int port) {
    static const char *const range = getenv("FERNAMT_MEDIA_PORTS"); // "30000-39999"
    if (range == nullptr) return false;
    char *dash = nullptr;
    const long first = strtol(range, &dash, 10);
    return *dash == '-' && port >= first && port <= strtol(dash + 1, nullptr, 10);
}

bool carries_datagrams(int socket) {
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

} // namespace

extern "C" __attribute__((visibility("default"))) int bind(int socket, const sockaddr *address,
                                                           socklen_t size) noexcept {
    using Bind = int (*)(int, const sockaddr *, socklen_t);
    static const Bind real = reinterpret_cast<Bind>(dlsym(RTLD_NEXT, "bind"));
    if (is_media_port(port_of(address, size)) && carries_datagrams(socket))
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    return real(socket, address, size);
}
