// SPDX-License-Identifier: EUPL-1.2
// Sound at 8 kHz: G.711 A-law (ITU-T G.711), tones, and the recognition of tones by Goertzel's
// algorithm. For the simulated callers, the generated announcements and the tests.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fernamt::telephony {

inline constexpr int kSampleRate = 8000;
inline constexpr std::size_t kFrame = 160; // samples in 20 ms
inline constexpr std::uint8_t kALawSilence = 0xd5;

using Samples = std::vector<std::int16_t>;
using ALaw = std::vector<std::uint8_t>;

[[nodiscard]] std::uint8_t to_alaw(std::int16_t sample);
[[nodiscard]] std::int16_t from_alaw(std::uint8_t code);
[[nodiscard]] std::uint8_t to_ulaw(std::int16_t sample); // G.711 mu-law
[[nodiscard]] std::int16_t from_ulaw(std::uint8_t code);
[[nodiscard]] ALaw to_alaw(std::span<const std::int16_t> samples);
[[nodiscard]] Samples from_alaw(std::span<const std::uint8_t> codes);

[[nodiscard]] Duration length_of(std::size_t samples);
// Faded in and out over 5 ms, so that it does not click. amplitude: 0 to 1.
[[nodiscard]] Samples tone(double hertz, Duration length, double amplitude = 0.3);

// Amplitude (0 to 1) of this frequency in the samples; about 0.3 for tone(hertz, …).
[[nodiscard]] double level_at(std::span<const std::int16_t> samples, double hertz);
// Root mean square, 0 to 1.
[[nodiscard]] double loudness(std::span<const std::int16_t> samples);

} // namespace fernamt::telephony
