// SPDX-License-Identifier: EUPL-1.2
// Mixes conferences: rtpengine 10.5 relays but does not mix, so each participant
// is coupled with a UDP port of ours, and hears the sum of all others every 20 ms. G.711 A-law and
// mu-law; a jitter buffer of two packets; a key that one presses (RFC 4733) is pressed once more
// for each of the others; one thread for all rooms, asleep while there is none.
// Nothing is written anywhere. Thread-safe.
#pragma once

#include "base/problem.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace fernamt::telephony {

class ConferenceMixer {
  public:
    using Room = std::int64_t;

    // address: of this host, as rtpengine reaches it.
    explicit ConferenceMixer(std::string address);
    ~ConferenceMixer();
    ConferenceMixer(const ConferenceMixer &) = delete;
    ConferenceMixer &operator=(const ConferenceMixer &) = delete;

    // A port for one more participant: our SDP offer for it. Problem: rtp.socket.
    [[nodiscard]] Expected<std::string> open(Room room, const std::string &participant,
                                             int telephone_event);
    // Where its sound goes; false if the SDP cannot be used or nobody has opened it.
    bool answer(Room room, const std::string &participant, const std::string &sdp);
    void close(Room room, const std::string &participant);
    void close(Room room);
    [[nodiscard]] std::size_t open_ports() const;

  private:
    class Port;
    using Ports = std::map<std::string, std::unique_ptr<Port>>;
    void run();
    static void mix(Ports &ports);

    std::string address_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::map<Room, Ports> rooms_;
    std::uint32_t last_ssrc_;
    bool closing_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace fernamt::telephony
