// SPDX-License-Identifier: EUPL-1.2
// For tests: a line that loses one datagram in twenty. Preloaded into the test's program, and so
// into the rtpengine that it starts, this takes the place of the calls that send: whoever sends is
// told that it went out, as on a real line. Real sockets, no privilege, no network of its own.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr unsigned kOneOf = 20;
int blocked_port = 0; // whatever goes there is lost
unsigned long lost = 0;

bool carries_datagrams(int socket) {
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

// 0: of no network.
int port_of(int socket, const void *address, socklen_t size) {
    sockaddr_storage far{};
    socklen_t far_size = sizeof far;
    if (address == nullptr) {
        if (getpeername(socket, reinterpret_cast<sockaddr *>(&far), &far_size) != 0) return 0;
        address = &far;
        size = far_size;
    }
    const auto family = static_cast<const sockaddr *>(address)->sa_family;
    if (family == AF_INET && size >= sizeof(sockaddr_in))
        return ntohs(static_cast<const sockaddr_in *>(address)->sin_port);
    if (family == AF_INET6 && size >= sizeof(sockaddr_in6))
        return ntohs(static_cast<const sockaddr_in6 *>(address)->sin6_port);
    return 0;
}

unsigned long drawn() { // SplitMix64; two threads at once may draw the same
    static unsigned long state =
        static_cast<unsigned long>(getpid()) << 32 ^ static_cast<unsigned long>(time(nullptr));
    unsigned long z = __atomic_add_fetch(&state, 0x9e3779b97f4a7c15UL, __ATOMIC_RELAXED);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
    return z ^ (z >> 31);
}

bool is_lost(int socket, const void *address, socklen_t size) {
    if (!carries_datagrams(socket)) return false;
    const int port = port_of(socket, address, size);
    if (port == 0) return false;
    const bool blocked = port == __atomic_load_n(&blocked_port, __ATOMIC_RELAXED);
    if (!blocked && drawn() % kOneOf != 0) return false;
    __atomic_add_fetch(&lost, 1UL, __ATOMIC_RELAXED);
    return true;
}

template <class F>
F *next(const char *name) {
    return reinterpret_cast<F *>(dlsym(RTLD_NEXT, name));
}

ssize_t length_of(const msghdr &message) {
    size_t length = 0;
    for (size_t i = 0; i < message.msg_iovlen; ++i)
        length += message.msg_iov[i].iov_len;
    return static_cast<ssize_t>(length);
}

} // namespace

#define SEEN extern "C" __attribute__((visibility("default")))

// For the test, in its own process: 0 blocks none.
SEEN void fernamt_block_port(int port) {
    __atomic_store_n(&blocked_port, port, __ATOMIC_RELAXED);
}
SEEN unsigned long fernamt_lost() {
    return __atomic_load_n(&lost, __ATOMIC_RELAXED);
}

SEEN ssize_t send(int socket, const void *data, size_t size, int flags) {
    static auto *const real = next<ssize_t(int, const void *, size_t, int)>("send");
    if (is_lost(socket, nullptr, 0)) return static_cast<ssize_t>(size);
    return real(socket, data, size, flags);
}

SEEN ssize_t sendto(int socket, const void *data, size_t size, int flags, const sockaddr *to,
                    socklen_t to_size) {
    static auto *const real =
        next<ssize_t(int, const void *, size_t, int, const sockaddr *, socklen_t)>("sendto");
    if (is_lost(socket, to, to_size)) return static_cast<ssize_t>(size);
    return real(socket, data, size, flags, to, to_size);
}

SEEN ssize_t sendmsg(int socket, const msghdr *message, int flags) {
    static auto *const real = next<ssize_t(int, const msghdr *, int)>("sendmsg");
    if (is_lost(socket, message->msg_name, message->msg_namelen)) return length_of(*message);
    return real(socket, message, flags);
}
