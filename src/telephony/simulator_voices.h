// SPDX-License-Identifier: EUPL-1.2
// What simulated people say: WAV files made by script/announcements (DIR/simulation), or tones of
// different pitch where there are none.
#pragma once

#include "telephony/rtp_audio.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace fernamt::telephony {

using Sound = std::shared_ptr<const ALaw>;

struct SimulatorVoices {
    std::vector<Sound> questions, answers;
    std::vector<Sound> offices; // of those to whom callers are passed on
    Sound citizen_goodbye, colleague_goodbye;
    bool spoken = false; // not tones
};

// Tones: citizens 440 Hz and neighbours, colleagues 1,000 Hz, offices 700 Hz.
[[nodiscard]] SimulatorVoices load_voices(const std::string &directory);

} // namespace fernamt::telephony
