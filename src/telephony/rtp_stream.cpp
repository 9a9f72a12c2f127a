// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtp_stream.h"

#include "telephony/sdp.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

namespace fernamt::telephony {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint8_t kPayloadType = 8;
constexpr std::int64_t kTickUs = 20'000;

std::int64_t monotonic_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// The clock of SO_TIMESTAMPNS.
std::int64_t real_us(const timespec &time) {
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

std::int64_t real_us() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return real_us(now);
}

// When the kernel took the datagram; now, if it does not say.
std::int64_t arrived_us(msghdr &message) {
    for (auto *part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec time{};
        std::memcpy(&time, CMSG_DATA(part), sizeof time);
        return real_us(time);
    }
    return real_us();
}

void put16(std::uint8_t *at, std::uint16_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}

void put32(std::uint8_t *at, std::uint32_t value) {
    put16(at, static_cast<std::uint16_t>(value >> 16));
    put16(at + 2, static_cast<std::uint16_t>(value));
}

std::uint16_t get16(const std::uint8_t *at) {
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

std::uint32_t get32(const std::uint8_t *at) {
    return static_cast<std::uint32_t>(get16(at)) << 16 | get16(at + 2);
}

} // namespace

Expected<std::unique_ptr<RtpStream>> RtpStream::open(const std::string &address,
                                                     std::uint32_t ssrc) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    if (inet_pton(AF_INET, address.c_str(), &local.sin_addr) != 1)
        return fail(ProblemKind::invalid_input, "rtp.socket");
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(ProblemKind::unavailable, "rtp.socket");
    const int on = 1;
    (void)::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    auto *raw = reinterpret_cast<sockaddr *>(&local);
    socklen_t size = sizeof local;
    if (::bind(fd, raw, size) != 0 || ::getsockname(fd, raw, &size) != 0) {
        ::close(fd);
        return fail(ProblemKind::unavailable, "rtp.socket");
    }
    return std::unique_ptr<RtpStream>(new RtpStream(fd, address, ntohs(local.sin_port), ssrc));
}

RtpStream::RtpStream(int fd, std::string address, int port, std::uint32_t ssrc)
    : fd_(fd), address_(std::move(address)), port_(port), ssrc_(ssrc),
      timestamp_(ssrc * 2654435761u), sequence_(static_cast<std::uint16_t>(ssrc * 40503u)) {}

RtpStream::~RtpStream() {
    ::close(fd_);
}

std::string RtpStream::sdp() const {
    sdp::Audio audio;
    audio.address = address_;
    audio.port = port_;
    audio.pcma = true;
    audio.telephone_event = sdp::kTelephoneEvent;
    audio.ptime = 20;
    return sdp::write(audio);
}

bool RtpStream::send_to(const std::string &far_sdp) {
    const auto audio = sdp::parse(far_sdp);
    if (!audio || !audio->pcma) return false;
    if (audio->telephone_event >= 0) key_payload_type_ = audio->telephone_event;
    send_to(audio->address, audio->port);
    return sending_;
}

void RtpStream::send_to(const std::string &address, int port) {
    to_ = {};
    to_.sin_family = AF_INET;
    to_.sin_port = htons(static_cast<std::uint16_t>(port));
    sending_ = inet_pton(AF_INET, address.c_str(), &to_.sin_addr) == 1;
}

void RtpStream::play(std::shared_ptr<const ALaw> sound, bool repeat) {
    sound_ = sound != nullptr && !sound->empty() ? std::move(sound) : nullptr;
    position_ = 0;
    repeat_ = repeat;
}

void RtpStream::tick() {
    if (sending_) send_frame();
    receive();
}

void RtpStream::press(char key) {
    constexpr std::string_view kKeys = "0123456789*#";
    const auto at = kKeys.find(key);
    if (at == std::string_view::npos) return;
    key_ = static_cast<int>(at);
    key_frame_ = 0;
}

// RFC 4733: five packets while the key is down, three times the end; all with the time it began.
std::size_t RtpStream::write_key(std::uint8_t *packet) {
    constexpr int kDown = 5, kEnds = 3;
    const bool end = key_frame_ >= kDown;
    const int frames = std::min(key_frame_ + 1, kDown);
    packet[1] = static_cast<std::uint8_t>(key_payload_type_ | (key_frame_ == 0 ? 0x80 : 0));
    put32(packet + 4, timestamp_ - static_cast<std::uint32_t>(key_frame_) * kFrame);
    packet[kHeader] = static_cast<std::uint8_t>(key_);
    packet[kHeader + 1] = static_cast<std::uint8_t>(10 | (end ? 0x80 : 0)); // volume, end
    put16(packet + kHeader + 2, static_cast<std::uint16_t>(frames * static_cast<int>(kFrame)));
    if (++key_frame_ == kDown + kEnds) key_ = -1;
    return kHeader + 4;
}

void RtpStream::send_frame() {
    std::array<std::uint8_t, kHeader + kFrame> packet{};
    packet[0] = 0x80; // version 2
    packet[1] = static_cast<std::uint8_t>(kPayloadType | (first_ ? 0x80 : 0));
    put16(&packet[2], sequence_++);
    put32(&packet[4], timestamp_);
    put32(&packet[8], ssrc_);
    if (key_ >= 0) {
        const auto size = write_key(packet.data());
        timestamp_ += kFrame;
        return send(packet.data(), size);
    }
    timestamp_ += kFrame;
    first_ = false;

    auto *to = packet.data() + kHeader;
    std::fill_n(to, kFrame, kALawSilence);
    if (sound_) {
        const auto count = std::min(kFrame, sound_->size() - position_);
        std::copy_n(sound_->begin() + static_cast<std::ptrdiff_t>(position_), count, to);
        position_ += count;
        if (position_ == sound_->size()) {
            position_ = 0;
            if (!repeat_) sound_ = nullptr;
        }
    }
    send(packet.data(), packet.size());
}

void RtpStream::send(const std::uint8_t *packet, std::size_t size) {
    const auto sent = ::sendto(fd_, packet, size, MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr *>(&to_), sizeof to_);
    if (sent <= 0) return;
    ++counters_.sent;
    sent_rhythm_.packet(real_us());
}

void RtpStream::Rhythm::packet(std::int64_t at_us) {
    if (last_us != 0) longest_us = std::max(longest_us, at_us - last_us);
    last_us = at_us;
}

Duration RtpStream::Rhythm::take(std::int64_t now_us) {
    if (last_us == 0) return {};
    const auto until_now = now_us - last_us;
    return Duration{std::max(std::exchange(longest_us, 0), until_now)};
}

RtpGapTimes RtpStream::take_gaps() {
    const auto now = real_us();
    return {heard_rhythm_.take(now), sent_rhythm_.take(now)};
}

void RtpStream::receive() {
    std::array<std::uint8_t, 2048> packet;
    for (int i = 0; i < 100; ++i) { // a flood must not stop the others
        sockaddr_in from{};
        iovec buffer{packet.data(), packet.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
        msghdr message{};
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        message.msg_iov = &buffer;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const auto size = ::recvmsg(fd_, &message, 0);
        if (size < 0) return;
        heard_rhythm_.packet(arrived_us(message));
        if (source_ports_.size() < 16) source_ports_.insert(ntohs(from.sin_port));
        take(packet.data(), static_cast<std::size_t>(size));
    }
}

void RtpStream::take(const std::uint8_t *packet, std::size_t size) {
    const bool rtp = size >= kHeader && (packet[0] & 0xc0) == 0x80;
    const std::size_t header = rtp ? kHeader + 4u * (packet[0] & 0x0fu) : 0;
    if (rtp && (packet[1] & 0x7f) == key_payload_type_) return take_key(packet, size);
    if (!rtp || (packet[1] & 0x7f) != kPayloadType || size < header) {
        ++counters_.broken;
        return;
    }
    ++counters_.received;
    count(get32(packet + 8), get16(packet + 2));
    const auto samples = from_alaw(std::span(packet + header, size - header));
    if (loudness(samples) > 0.005) ++counters_.loud;
    for (std::size_t i = header; i < size; ++i) {
        ring_[ring_end_] = packet[i];
        ring_end_ = (ring_end_ + 1) % ring_.size();
    }
    ring_size_ = std::min(ring_.size(), ring_size_ + size - header);
}

// RFC 4733 2.3: event, end and volume, duration; all packets of one key have its first timestamp.
void RtpStream::take_key(const std::uint8_t *packet, std::size_t size) {
    constexpr std::string_view kKeys = "0123456789*#ABCD";
    if (size < kHeader + 4 || packet[kHeader] >= kKeys.size()) return;
    count(get32(packet + 8), get16(packet + 2));
    const std::uint32_t timestamp = get32(packet + 4);
    if (std::exchange(key_timestamp_, timestamp) == timestamp) return;
    keys_ += kKeys[packet[kHeader]];
}

void RtpStream::count(std::uint32_t ssrc, std::uint16_t sequence) {
    if (heard_any_ && ssrc == heard_ssrc_) {
        const auto step = static_cast<std::int16_t>(sequence - heard_sequence_);
        if (step <= 0) { // late, was counted as lost before
            if (step < 0 && counters_.lost > 0) --counters_.lost;
            return;
        }
        counters_.lost += step - 1;
    }
    heard_any_ = true;
    heard_ssrc_ = ssrc;
    heard_sequence_ = sequence;
}

Samples RtpStream::heard() const {
    Samples result;
    result.reserve(ring_size_);
    for (std::size_t i = 0; i < ring_size_; ++i)
        result.push_back(
            from_alaw(ring_[(ring_end_ + ring_.size() - ring_size_ + i) % ring_.size()]));
    return result;
}

void RtpStream::forget() {
    ring_size_ = 0;
}

RtpTicker::~RtpTicker() {
    loop_.cancel(timer_);
}

void RtpTicker::add(RtpStream *stream) {
    streams_.push_back(stream);
    if (timer_ != Loop::TimerId::none) return;
    next_us_ = monotonic_us();
    schedule();
}

void RtpTicker::remove(RtpStream *stream) {
    std::erase(streams_, stream);
}

void RtpTicker::schedule() {
    next_us_ += kTickUs;
    const auto now = monotonic_us();
    // Held up for long: start anew rather than send a second's frames in one burst.
    if (next_us_ < now - 10 * kTickUs) next_us_ = now;
    timer_ = loop_.after(Duration{std::max<std::int64_t>(0, next_us_ - now)}, [this] { tick(); });
}

void RtpTicker::tick() {
    timer_ = Loop::TimerId::none;
    for (auto *stream : streams_)
        stream->tick();
    if (!streams_.empty()) schedule();
    if (on_tick_) on_tick_();
}

} // namespace fernamt::telephony
