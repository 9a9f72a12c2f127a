// SPDX-License-Identifier: EUPL-1.2
// A process that stood still finds its sockets full of old sound, and may never read them again:
// rtpengine reads 50 datagrams and then waits for the next to arrive, but Linux gives back the room
// of those read only from a quarter of the buffer on (udp_rmem_release), 64 of 256. Until then it
// drops what comes, and nothing arrives any more. Throws the old sound away in its place; what is
// late is of no use to anybody. Does nothing to sockets that are empty.
#pragma once

#include <cstdint>
#include <optional>

namespace fernamt::telephony {

// Of the UDP sockets of that process with local ports from `first` to `last`: how many datagrams
// were thrown away. Nothing if the system does not let us (ptrace(2): its parent or root may).
[[nodiscard]] std::optional<std::int64_t> discard_stale_datagrams(int pid, int pid_fd, int first,
                                                                  int last);

} // namespace fernamt::telephony
