// SPDX-License-Identifier: EUPL-1.2
// For tests only: a range of UDP ports for one rtpengine that no other test has at the same time,
// until the process ends.
#pragma once

#include "telephony/media_ports.h"

#include <deque>
#include <stdexcept>

namespace fernamt::telephony {

inline const MediaPorts &reserve_media_ports() {
    static std::deque<MediaPorts> held;
    auto ports = MediaPorts::take(10'000, 400, 25); // below what free_port() gives
    if (!ports) throw std::runtime_error("no free range of media ports");
    return held.emplace_back(std::move(*ports));
}

} // namespace fernamt::telephony
