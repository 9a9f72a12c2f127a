// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtp_audio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace fernamt::telephony {
namespace {

// ITU-T G.711, table 1: sign, three bits of segment, four bits within it; even bits inverted.
std::int16_t decode(std::uint8_t code) {
    const int value = code ^ 0x55;
    const int segment = (value & 0x70) >> 4;
    int magnitude = ((value & 0x0f) << 4) + 8;
    if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
    return static_cast<std::int16_t>((value & 0x80) != 0 ? magnitude : -magnitude);
}

std::uint8_t encode(std::int16_t sample) {
    const int sign = sample >= 0 ? 0x80 : 0;
    int magnitude = sample >= 0 ? sample : -static_cast<int>(sample) - 1;
    magnitude = std::min(magnitude, 32767) >> 4; // 11 bits
    int code = magnitude;                        // segment 0 is linear
    if (magnitude >= 16) {
        int segment = 1;
        while ((magnitude >> (segment - 1)) > 31)
            ++segment;
        code = (segment << 4) | ((magnitude >> (segment - 1)) & 0x0f);
    }
    return static_cast<std::uint8_t>((code | sign) ^ 0x55);
}

} // namespace

std::int16_t from_alaw(std::uint8_t code) {
    static const auto table = [] {
        std::array<std::int16_t, 256> result{};
        for (int i = 0; i < 256; ++i)
            result[static_cast<std::size_t>(i)] = decode(static_cast<std::uint8_t>(i));
        return result;
    }();
    return table[code];
}

std::uint8_t to_alaw(std::int16_t sample) {
    return encode(sample);
}

// ITU-T G.711, table 2: sign, three bits of segment, four bits within it, all inverted; 14 bits
// with a bias of 33.
std::int16_t from_ulaw(std::uint8_t code) {
    const int value = ~code & 0xff;
    const int segment = (value & 0x70) >> 4;
    const int magnitude = ((((value & 0x0f) << 1) + 33) << segment) - 33;
    return static_cast<std::int16_t>(((value & 0x80) != 0 ? -magnitude : magnitude) * 4);
}

std::uint8_t to_ulaw(std::int16_t sample) {
    constexpr int kMost = 8158; // of 14 bits
    const int sign = sample < 0 ? 0x80 : 0;
    const int magnitude = std::min(std::abs(static_cast<int>(sample)) >> 2, kMost) + 33;
    int segment = 0;
    while (segment < 7 && (magnitude >> (segment + 6)) != 0)
        ++segment;
    const int code = sign | (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f);
    return static_cast<std::uint8_t>(~code);
}

ALaw to_alaw(std::span<const std::int16_t> samples) {
    ALaw result(samples.size());
    std::transform(samples.begin(), samples.end(), result.begin(),
                   [](std::int16_t sample) { return encode(sample); });
    return result;
}

Samples from_alaw(std::span<const std::uint8_t> codes) {
    Samples result(codes.size());
    std::transform(codes.begin(), codes.end(), result.begin(),
                   [](std::uint8_t code) { return from_alaw(code); });
    return result;
}

Duration length_of(std::size_t samples) {
    return Duration{static_cast<std::int64_t>(samples) * 1'000'000 / kSampleRate};
}

Samples tone(double hertz, Duration length, double amplitude) {
    const auto count = static_cast<std::size_t>(length.count() * kSampleRate / 1'000'000);
    const double fade = 0.005 * kSampleRate;
    Samples result(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = static_cast<double>(i);
        const double edge = std::min(at, static_cast<double>(count - i));
        const double gain = amplitude * std::min(1.0, edge / fade);
        const double phase = 2 * std::numbers::pi * hertz * at / kSampleRate;
        result[i] = static_cast<std::int16_t>(std::lround(32767 * gain * std::sin(phase)));
    }
    return result;
}

double level_at(std::span<const std::int16_t> samples, double hertz) {
    if (samples.empty()) return 0;
    const double factor = 2 * std::cos(2 * std::numbers::pi * hertz / kSampleRate);
    double last = 0, before = 0;
    for (const auto sample : samples) {
        const double now = sample / 32768.0 + factor * last - before;
        before = last;
        last = now;
    }
    const double power = last * last + before * before - factor * last * before;
    return 2 * std::sqrt(std::max(0.0, power)) / static_cast<double>(samples.size());
}

double loudness(std::span<const std::int16_t> samples) {
    if (samples.empty()) return 0;
    double sum = 0;
    for (const auto sample : samples)
        sum += sample / 32768.0 * (sample / 32768.0);
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

} // namespace fernamt::telephony
