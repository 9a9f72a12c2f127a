// SPDX-License-Identifier: EUPL-1.2
#include "billing/call_block.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

namespace fernamt::billing {

namespace {

using agreements::CallKind;
using Bytes = std::vector<std::byte>;

// Bytes of a block that are stored somewhere: another order of the kinds is another version.
constexpr std::byte kVersion{1};
static_assert(static_cast<int>(CallKind::ended_too_late) == 15 && agreements::kCallKinds == 16);

constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kFewestBytesOfACall = 7; // one in each column

// FNV-1a in words of 64 bits: against what a disk does, not against people.
std::uint64_t checksum_of(std::span<const std::byte> bytes) {
    constexpr std::uint64_t kPrime = 0x100000001b3;
    std::uint64_t sum = 0xcbf29ce484222325 ^ bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
        sum = (sum ^ word) * kPrime;
        sum ^= sum >> 29; // else the high bits of a word never reach the low ones of the sum
    }
    return sum;
}
static_assert(std::endian::native == std::endian::little);

std::uint64_t folded(std::int64_t value) { // near zero is short, whatever its sign
    return (std::bit_cast<std::uint64_t>(value) << 1) ^ std::bit_cast<std::uint64_t>(value >> 63);
}
std::int64_t unfolded(std::uint64_t value) {
    return std::bit_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}
std::int64_t difference(std::int64_t value, std::int64_t before) { // wraps, and sum() wraps back
    return std::bit_cast<std::int64_t>(std::bit_cast<std::uint64_t>(value) -
                                       std::bit_cast<std::uint64_t>(before));
}
std::int64_t sum(std::int64_t before, std::int64_t step) {
    return std::bit_cast<std::int64_t>(std::bit_cast<std::uint64_t>(before) +
                                       std::bit_cast<std::uint64_t>(step));
}

class Writer {
  public:
    void byte(std::byte value) { bytes_.push_back(value); }
    void number(std::uint64_t value) { // seven bits a byte, the lowest first
        for (; value >= 0x80; value >>= 7)
            bytes_.push_back(static_cast<std::byte>(value | 0x80));
        bytes_.push_back(static_cast<std::byte>(value));
    }
    Bytes finish() {
        const std::uint64_t checksum = checksum_of(bytes_);
        bytes_.resize(bytes_.size() + kChecksumBytes);
        std::memcpy(bytes_.data() + bytes_.size() - kChecksumBytes, &checksum, kChecksumBytes);
        return std::move(bytes_);
    }

  private:
    Bytes bytes_;
};

// After the first byte that is not there, everything reads as zero and good() says so.
class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
    std::byte byte() {
        if (at_ < bytes_.size()) return bytes_[at_++];
        good_ = false;
        return {};
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto next = std::to_integer<std::uint64_t>(byte());
            value |= (next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        good_ = false;
        return 0;
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  private:
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

bool read_kind(Reader &reader, CallKind &kind) {
    const auto value = std::to_integer<int>(reader.byte());
    if (value >= agreements::kCallKinds) return false;
    kind = static_cast<CallKind>(value);
    return true;
}

bool read_columns(Reader &reader, std::vector<KnownCall> &calls) {
    std::int64_t before = 0;
    for (KnownCall &each : calls)
        each.call.value = before = sum(before, unfolded(reader.number()));
    before = 0;
    for (KnownCall &each : calls)
        each.offered_at.us = before = sum(before, unfolded(reader.number()));
    for (KnownCall &each : calls)
        if (!read_kind(reader, each.kind)) return false;
    for (KnownCall &each : calls)
        if (!read_kind(reader, each.own_kind)) return false;
    for (KnownCall &each : calls)
        each.talk = Duration{unfolded(reader.number())};
    for (KnownCall &each : calls)
        each.work = Duration{unfolded(reader.number())};
    for (KnownCall &each : calls)
        each.price_class = unfolded(reader.number());
    return reader.good() && reader.at_end();
}

tl::unexpected<Problem> damaged() {
    return fail(ProblemKind::internal, "billing.call_block_damaged");
}

} // namespace

Bytes pack(std::vector<KnownCall> calls) {
    std::ranges::sort(calls, {}, &KnownCall::call);
    Writer writer;
    writer.byte(kVersion);
    writer.number(calls.size());
    std::int64_t before = 0;
    for (const KnownCall &each : calls) {
        writer.number(folded(difference(each.call.value, before)));
        before = each.call.value;
    }
    before = 0;
    for (const KnownCall &each : calls) {
        writer.number(folded(difference(each.offered_at.us, before)));
        before = each.offered_at.us;
    }
    for (const KnownCall &each : calls)
        writer.byte(static_cast<std::byte>(each.kind));
    for (const KnownCall &each : calls)
        writer.byte(static_cast<std::byte>(each.own_kind));
    for (const KnownCall &each : calls)
        writer.number(folded(each.talk.count()));
    for (const KnownCall &each : calls)
        writer.number(folded(each.work.count()));
    for (const KnownCall &each : calls)
        writer.number(folded(each.price_class));
    return writer.finish();
}

Expected<std::vector<KnownCall>> unpack(const Bytes &bytes) {
    if (bytes.size() < kChecksumBytes) return damaged();
    const std::span<const std::byte> content{bytes.data(), bytes.size() - kChecksumBytes};
    std::uint64_t checksum = 0;
    std::memcpy(&checksum, bytes.data() + content.size(), kChecksumBytes);
    if (checksum != checksum_of(content)) return damaged();
    Reader reader{content};
    if (reader.byte() != kVersion) return damaged();
    const std::uint64_t count = reader.number();
    if (count > reader.left() / kFewestBytesOfACall) return damaged();
    std::vector<KnownCall> calls(count);
    if (!read_columns(reader, calls)) return damaged();
    return calls;
}

} // namespace fernamt::billing
