// SPDX-License-Identifier: EUPL-1.2
// An IPv4 address of this machine that telephones in the house can reach, and the network it lies
// in. Nothing is opened here.
#pragma once

#include "base/problem.h"

#include <string>

namespace fernamt::app {

struct ListenAddress {
    std::string address; // "192.168.1.20"
    std::string network; // "192.168.1.0/24", as the interface has it
};

// wanted: one of this machine's addresses, or "auto" for the first that is not a loopback one.
// Problems: listen.no_address (auto found none), listen.not_here (names those there are).
[[nodiscard]] Expected<ListenAddress> find_listen_address(const std::string &wanted);

} // namespace fernamt::app
