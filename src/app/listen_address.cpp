// SPDX-License-Identifier: EUPL-1.2
#include "app/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace fernamt::app {

namespace {

std::uint32_t ipv4(const sockaddr *address) {
    return ntohl(reinterpret_cast<const sockaddr_in *>(address)->sin_addr.s_addr);
}

std::string text(std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 255U,
                       (address >> 8U) & 255U, address & 255U);
}

struct Own {
    ListenAddress listen;
    bool loopback = false;
};

std::vector<Own> own_addresses() {
    std::vector<Own> all;
    ifaddrs *first = nullptr;
    if (getifaddrs(&first) != 0) return all;
    for (const ifaddrs *at = first; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr || at->ifa_netmask == nullptr ||
            at->ifa_addr->sa_family != AF_INET || (at->ifa_flags & IFF_UP) == 0) {
            continue;
        }
        const std::uint32_t address = ipv4(at->ifa_addr), mask = ipv4(at->ifa_netmask);
        all.push_back(
            {{text(address), fmt::format("{}/{}", text(address & mask), std::popcount(mask))},
             (at->ifa_flags & IFF_LOOPBACK) != 0});
    }
    freeifaddrs(first);
    return all;
}

} // namespace

Expected<ListenAddress> find_listen_address(const std::string &wanted) {
    const auto all = own_addresses();
    const bool any = wanted == "auto";
    const auto found = std::find_if(all.begin(), all.end(), [&](const Own &own) {
        return any ? !own.loopback : own.listen.address == wanted;
    });
    if (found != all.end()) return found->listen;
    std::string there;
    for (const Own &own : all)
        there += (there.empty() ? "" : ", ") + own.listen.address;
    return fail(ProblemKind::invalid_input, any ? "listen.no_address" : "listen.not_here",
                {{"option", "--listen " + wanted},
                 {"remedy", "name an IPv4 address of this machine; it has " + there}});
}

} // namespace fernamt::app
