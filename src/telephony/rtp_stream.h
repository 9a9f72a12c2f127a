// SPDX-License-Identifier: EUPL-1.2
// RtpStream is one end of a conversation: a UDP socket that sends A-law frames of 20 ms (RFC 3550,
// RFC 3551, payload type 8) and counts and listens to what comes back. RtpTicker drives any number
// of them by one timer. For simulated callers and tests; real sound runs through rtpengine. Not
// thread-safe: one thread ticks and asks.
#pragma once

#include "base/problem.h"
#include "telephony/loop.h"
#include "telephony/rtp_audio.h"

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fernamt::telephony {

struct RtpCounters {
    std::int64_t sent = 0;
    std::int64_t received = 0;
    std::int64_t lost = 0;   // holes in the sequence numbers of one source
    std::int64_t loud = 0;   // frames received that were not silence
    std::int64_t broken = 0; // not RTP, or not A-law
};

struct RtpGapTimes { // the longest times without a packet
    Duration heard{};
    Duration sent{};
};

class RtpStream {
  public:
    // Problem: rtp.socket.
    [[nodiscard]] static Expected<std::unique_ptr<RtpStream>> open(const std::string &address,
                                                                   std::uint32_t ssrc);
    ~RtpStream();
    RtpStream(const RtpStream &) = delete;
    RtpStream &operator=(const RtpStream &) = delete;

    [[nodiscard]] const std::string &address() const { return address_; }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string sdp() const; // offer or answer for this socket

    // Where the far end's SDP says; false if it cannot be used. Sends from the next tick on.
    bool send_to(const std::string &far_sdp);
    void send_to(const std::string &address, int port);

    // What is sent: the sound once or again and again, then (and without any) silence.
    void play(std::shared_ptr<const ALaw> sound, bool repeat = false);
    [[nodiscard]] bool playing() const { return sound_ != nullptr; }
    // Presses a key ('0' to '9', '*', '#') for 100 ms (RFC 4733); the sound goes on afterwards.
    void press(char key);
    [[nodiscard]] bool pressing() const { return key_ >= 0; }

    void tick(); // one frame out, everything that has arrived in

    [[nodiscard]] const RtpCounters &counters() const { return counters_; }
    // Since the last question, or the first packet; also the time that has passed since the last
    // one. By when the kernel took them: how late we read does not count.
    [[nodiscard]] RtpGapTimes take_gaps();
    // The last second heard, oldest first; shorter if less has come since forget().
    [[nodiscard]] Samples heard() const;
    void forget();
    // Who speaks (SSRC); 0: nobody yet. rtpengine passes a party's on and has one of its own for
    // all that it plays, so a change of it tells a person from the music.
    [[nodiscard]] std::uint32_t source() const { return heard_ssrc_; }
    [[nodiscard]] const std::string &keys() const { return keys_; } // heard pressed, each once
    [[nodiscard]] const std::set<int> &source_ports() const { return source_ports_; }

  private:
    RtpStream(int fd, std::string address, int port, std::uint32_t ssrc);
    void send_frame();
    [[nodiscard]] std::size_t write_key(std::uint8_t *packet);
    void send(const std::uint8_t *packet, std::size_t size);
    void receive();
    void take(const std::uint8_t *packet, std::size_t size);
    void take_key(const std::uint8_t *packet, std::size_t size);
    void count(std::uint32_t ssrc, std::uint16_t sequence);

    int fd_;
    std::string address_;
    int port_;
    bool sending_ = false;
    sockaddr_in to_{};
    int key_ = -1; // pressed now
    int key_frame_ = 0;
    int key_payload_type_ = 101;
    std::shared_ptr<const ALaw> sound_;
    std::size_t position_ = 0;
    bool repeat_ = false;
    std::uint32_t ssrc_;
    std::uint32_t timestamp_ = 0;
    std::uint16_t sequence_ = 0;
    bool first_ = true;

    struct Rhythm {
        std::int64_t last_us = 0; // 0: none yet
        std::int64_t longest_us = 0;
        void packet(std::int64_t at_us);
        [[nodiscard]] Duration take(std::int64_t now_us);
    };
    Rhythm heard_rhythm_, sent_rhythm_;
    RtpCounters counters_;
    std::set<int> source_ports_;
    std::string keys_;
    std::uint32_t key_timestamp_ = 0; // of the last one heard: repetitions have the same
    std::uint32_t heard_ssrc_ = 0;
    std::uint16_t heard_sequence_ = 0;
    bool heard_any_ = false;
    std::array<std::uint8_t, kSampleRate> ring_{};
    std::size_t ring_end_ = 0;
    std::size_t ring_size_ = 0;
};

class RtpTicker {
  public:
    explicit RtpTicker(Loop &loop) : loop_(loop) {}
    ~RtpTicker();
    RtpTicker(const RtpTicker &) = delete;
    RtpTicker &operator=(const RtpTicker &) = delete;

    void add(RtpStream *stream); // ticks until removed
    void remove(RtpStream *stream);
    [[nodiscard]] const std::vector<RtpStream *> &streams() const { return streams_; }
    // Called once per tick, after the streams.
    void on_tick(std::function<void()> handler) { on_tick_ = std::move(handler); }

  private:
    void schedule();
    void tick();

    Loop &loop_;
    std::vector<RtpStream *> streams_;
    std::function<void()> on_tick_;
    std::int64_t next_us_ = 0; // on the monotonic clock: the rhythm does not drift
    Loop::TimerId timer_ = Loop::TimerId::none;
};

} // namespace fernamt::telephony
