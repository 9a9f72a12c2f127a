// SPDX-License-Identifier: EUPL-1.2
#include "telephony/conference_mixer.h"

#include "telephony/rtp_audio.h"
#include "telephony/rtp_gaps.h"
#include "telephony/sdp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace fernamt::telephony {

namespace {

constexpr std::size_t kHeader = 12;          // RTP without extensions, RFC 3550
constexpr std::size_t kPrimed = 2 * kFrame;  // played out from here on
constexpr std::size_t kLongest = 6 * kFrame; // more is thrown away: delay helps nobody
constexpr std::chrono::milliseconds kTick{20};
constexpr int kPcma = sdp::payload_type(sdp::Codec::pcma);
constexpr int kPcmu = sdp::payload_type(sdp::Codec::pcmu);

using Frame = std::array<std::int16_t, kFrame>;

int open_socket(const std::string &address, int &port) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    if (inet_pton(AF_INET, address.c_str(), &local.sin_addr) != 1) return -1;
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    auto *raw = reinterpret_cast<sockaddr *>(&local);
    socklen_t size = sizeof local;
    if (::bind(fd, raw, size) != 0 || ::getsockname(fd, raw, &size) != 0) {
        ::close(fd);
        return -1;
    }
    port = ntohs(local.sin_port);
    return fd;
}

} // namespace

class ConferenceMixer::Port {
  public:
    Port(int fd, std::uint32_t ssrc, int telephone_event)
        : fd_(fd), ssrc_(ssrc), telephone_event_(telephone_event) {}
    ~Port() { ::close(fd_); }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;

    bool send_to(const sdp::Audio &far) {
        to_ = {};
        to_.sin_family = AF_INET;
        to_.sin_port = htons(static_cast<std::uint16_t>(far.port));
        codec_ = sdp::preferred(far);
        sends_ = inet_pton(AF_INET, far.address.c_str(), &to_.sin_addr) == 1;
        return sends_;
    }

    void receive() {
        std::array<std::uint8_t, 2048> packet;
        for (;;) {
            const auto size = ::recv(fd_, packet.data(), packet.size(), 0);
            if (size < 0) break;
            take(packet.data(), static_cast<std::size_t>(size));
        }
        while (waiting_.size() > kLongest)
            waiting_.pop_front();
    }

    // What this participant says in this tick; silence until enough has come.
    Frame next() {
        Frame frame{};
        primed_ = primed_ || waiting_.size() >= kPrimed;
        if (!primed_) return frame;
        if (waiting_.size() < kFrame) {
            primed_ = false;
            return frame;
        }
        std::copy_n(waiting_.begin(), kFrame, frame.begin());
        waiting_.erase(waiting_.begin(), waiting_.begin() + kFrame);
        return frame;
    }

    // The keys that this participant has pressed since the last time.
    [[nodiscard]] std::vector<std::uint8_t> pressed() { return std::exchange(pressed_, {}); }
    void press(std::uint8_t key) { to_press_.push_back(key); }

    // In this tick: the sound, or a piece of a key instead of it.
    void send(const Frame &frame) {
        if (!sends_) return;
        if (to_press_.empty()) {
            send_sound(frame);
        } else {
            send_key();
        }
        timestamp_ += kFrame;
    }

  private:
    void send_sound(const Frame &frame) {
        std::array<std::uint8_t, kFrame> sound;
        const bool alaw = codec_ == sdp::Codec::pcma;
        std::transform(frame.begin(), frame.end(), sound.begin(),
                       [alaw](std::int16_t s) { return alaw ? to_alaw(s) : to_ulaw(s); });
        send(alaw ? kPcma : kPcmu, timestamp_, sequence_ == 0, sound);
    }

    // RFC 4733 2.5: 100 ms, told every 20 ms with the timestamp of its start, the end three times.
    void send_key() {
        constexpr unsigned kDown = 5, kEnds = 3;
        const bool end = key_frame_ >= kDown;
        const auto duration = static_cast<std::uint16_t>(std::min(key_frame_ + 1, kDown) * kFrame);
        constexpr std::uint8_t kVolume = 10, kEnd = 0x80;
        const std::array<std::uint8_t, 4> key{
            to_press_.front(), static_cast<std::uint8_t>(kVolume | (end ? kEnd : 0)),
            static_cast<std::uint8_t>(duration >> 8), static_cast<std::uint8_t>(duration)};
        const auto start = timestamp_ - key_frame_ * static_cast<std::uint32_t>(kFrame);
        send(telephone_event_, start, key_frame_ == 0, key);
        if (++key_frame_ < kDown + kEnds) return;
        key_frame_ = 0;
        to_press_.pop_front();
    }

    void send(int type, std::uint32_t timestamp, bool marker,
              std::span<const std::uint8_t> payload) {
        std::array<std::uint8_t, kHeader + kFrame> packet{};
        packet[0] = 0x80; // version 2
        packet[1] = static_cast<std::uint8_t>(type | (marker ? 0x80 : 0));
        packet[2] = static_cast<std::uint8_t>(sequence_ >> 8);
        packet[3] = static_cast<std::uint8_t>(sequence_);
        for (unsigned i = 0; i < 4; ++i) {
            packet[4 + i] = static_cast<std::uint8_t>(timestamp >> (24 - 8 * i));
            packet[8 + i] = static_cast<std::uint8_t>(ssrc_ >> (24 - 8 * i));
        }
        std::copy(payload.begin(), payload.end(), packet.begin() + kHeader);
        ++sequence_;
        // A lost packet is no reason to do anything.
        (void)::sendto(fd_, packet.data(), kHeader + payload.size(), 0,
                       reinterpret_cast<const sockaddr *>(&to_), sizeof to_);
    }

    // All packets of one key have the timestamp of its start. It takes its sound's place.
    void take_key(const std::uint8_t *packet, std::size_t size) {
        constexpr std::uint8_t kKeys = 16; // 0 to 9, *, #, A to D
        constexpr std::size_t kMostWaiting = 32;
        if (size < kHeader + 4 || packet[kHeader] >= kKeys) return;
        std::uint32_t timestamp = 0;
        for (unsigned i = 0; i < 4; ++i)
            timestamp = timestamp << 8 | packet[4 + i];
        if (key_taken_ == timestamp || pressed_.size() >= kMostWaiting) return;
        key_taken_ = timestamp;
        pressed_.push_back(packet[kHeader]);
    }

    void take(const std::uint8_t *packet, std::size_t size) {
        if (size <= kHeader || packet[0] >> 6 != 2) return;
        const int type = packet[1] & 0x7f;
        if (type == telephone_event_) return take_key(packet, size);
        if (type != kPcma && type != kPcmu) return;
        std::size_t at = kHeader + 4 * static_cast<std::size_t>(packet[0] & 0x0f);
        if ((packet[0] & 0x10) != 0) { // a header extension
            if (size < at + 4) return;
            at += 4 + 4 * static_cast<std::size_t>(packet[at + 2] << 8 | packet[at + 3]);
        }
        const auto ssrc = static_cast<std::uint32_t>(packet[8] << 24 | packet[9] << 16 |
                                                     packet[10] << 8 | packet[11]);
        const auto number = static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
        const auto missing = gaps_.before(ssrc, number);
        if (!missing) return;
        for (int i = 0; i < *missing; ++i)
            fill();
        last_.clear();
        for (; at < size; ++at)
            last_.push_back(type == kPcma ? from_alaw(packet[at]) : from_ulaw(packet[at]));
        waiting_.insert(waiting_.end(), last_.begin(), last_.end());
    }

    // A lost packet sounds like the one before it, softer: so the time of the stream goes on, and
    // playing never runs empty because of losses.
    void fill() {
        for (std::int16_t &sample : last_)
            sample = static_cast<std::int16_t>(sample / 2);
        waiting_.insert(waiting_.end(), last_.begin(), last_.end());
    }

    int fd_;
    std::uint32_t ssrc_;
    int telephone_event_;
    std::vector<std::uint8_t> pressed_;      // by this participant
    std::optional<std::uint32_t> key_taken_; // timestamp of the last one
    std::deque<std::uint8_t> to_press_;      // for this participant
    unsigned key_frame_ = 0;                 // of the first of them
    std::uint16_t sequence_ = 0;
    std::uint32_t timestamp_ = 0;
    sockaddr_in to_{};
    sdp::Codec codec_ = sdp::Codec::pcma;
    bool sends_ = false;
    bool primed_ = false;
    std::deque<std::int16_t> waiting_;
    RtpGaps gaps_;
    std::vector<std::int16_t> last_; // the packet before
};

ConferenceMixer::ConferenceMixer(std::string address)
    : address_(std::move(address)), last_ssrc_(std::random_device{}()), thread_([this] { run(); }) {
}

ConferenceMixer::~ConferenceMixer() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

Expected<std::string> ConferenceMixer::open(Room room, const std::string &participant,
                                            int telephone_event) {
    sdp::Audio audio;
    const int fd = open_socket(address_, audio.port);
    if (fd < 0) return fail(ProblemKind::unavailable, "rtp.socket");
    audio.address = address_;
    audio.pcma = audio.pcmu = true;
    audio.telephone_event = telephone_event; // without it rtpengine would not report keys
    audio.ptime = 20;
    const std::lock_guard lock(mutex_);
    rooms_[room][participant] = std::make_unique<Port>(fd, ++last_ssrc_, telephone_event);
    wake_.notify_one();
    return sdp::write(audio);
}

bool ConferenceMixer::answer(Room room, const std::string &participant, const std::string &text) {
    const auto audio = sdp::parse(text);
    if (!audio) return false;
    const std::lock_guard lock(mutex_);
    const auto ports = rooms_.find(room);
    if (ports == rooms_.end()) return false;
    const auto port = ports->second.find(participant);
    return port != ports->second.end() && port->second->send_to(*audio);
}

void ConferenceMixer::close(Room room, const std::string &participant) {
    const std::lock_guard lock(mutex_);
    const auto ports = rooms_.find(room);
    if (ports == rooms_.end()) return;
    ports->second.erase(participant);
    if (ports->second.empty()) rooms_.erase(ports);
}

void ConferenceMixer::close(Room room) {
    const std::lock_guard lock(mutex_);
    rooms_.erase(room);
}

std::size_t ConferenceMixer::open_ports() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto &[room, ports] : rooms_)
        count += ports.size();
    return count;
}

// The rhythm does not drift; after a long stop (a suspended machine) it begins anew.
void ConferenceMixer::run() {
    ::pthread_setname_np(::pthread_self(), "mixer"); // as ps and top show it
    auto due = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    for (;;) {
        if (rooms_.empty()) {
            wake_.wait(lock, [this] { return closing_ || !rooms_.empty(); });
            due = std::chrono::steady_clock::now();
        }
        if (closing_) return;
        for (auto &[room, ports] : rooms_)
            mix(ports);
        due += kTick;
        const auto now = std::chrono::steady_clock::now();
        if (now - due > std::chrono::seconds(1)) due = now;
        wake_.wait_until(lock, due, [this] { return closing_; });
    }
}

// Everybody hears the sum less what comes from them, and the others' keys.
void ConferenceMixer::mix(Ports &ports) {
    std::vector<std::pair<Port *, Frame>> said;
    std::array<int, kFrame> sum{};
    for (auto &[name, port] : ports) {
        port->receive();
        said.emplace_back(port.get(), port->next());
        for (std::size_t i = 0; i < kFrame; ++i)
            sum.at(i) += said.back().second.at(i);
    }
    for (auto &[presser, own] : said) {
        for (const std::uint8_t key : presser->pressed())
            for (auto &[other, frame] : said)
                if (other != presser) other->press(key);
    }
    for (auto &[port, own] : said) {
        Frame heard;
        for (std::size_t i = 0; i < kFrame; ++i)
            heard.at(i) =
                static_cast<std::int16_t>(std::clamp(sum.at(i) - own.at(i), -32768, 32767));
        port->send(heard);
    }
}

} // namespace fernamt::telephony
