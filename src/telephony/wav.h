// SPDX-License-Identifier: EUPL-1.2
// WAV files (RIFF): read with limits, checked for what rtpengine plays without converting (8 kHz,
// mono, 16 bit or A-law), converted and written. Errors are values. No other sound format.
#pragma once

#include "base/problem.h"
#include "telephony/rtp_audio.h"

#include <string>
#include <string_view>

namespace fernamt::telephony {

inline constexpr std::size_t kMaxAnnouncement = 2 * 1024 * 1024; // about 4 minutes of A-law

enum class WavCoding { pcm16, alaw };

struct Wav {
    WavCoding coding = WavCoding::pcm16;
    int rate = kSampleRate;
    int channels = 1;
    Samples samples; // decoded, channels interleaved

    [[nodiscard]] Duration length() const;
};

// Problems: wav.too_large, wav.malformed, wav.format (argument is), wav.empty.
[[nodiscard]] Expected<Wav> read_wav(std::string_view bytes, std::size_t limit);
// Only what can be played as it is: 8 kHz mono. Problem: wav.format as above.
[[nodiscard]] Expected<Wav> read_announcement(std::string_view bytes,
                                              std::size_t limit = kMaxAnnouncement);
[[nodiscard]] std::string write_wav(const ALaw &sound);

[[nodiscard]] Expected<std::string> read_file(const std::string &path, std::size_t limit);

} // namespace fernamt::telephony
