// SPDX-License-Identifier: EUPL-1.2
#include "telephony/announcements_music.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace fernamt::telephony {
namespace {

constexpr double kBeat = 0.75; // seconds: slow enough to talk over in thought
constexpr int kBeatsPerBar = 4;

// Equal temperament, A4 = 440 Hz = note 69.
double pitch(int note) {
    return 440.0 * std::exp2((note - 69) / 12.0);
}

// A struck, softly dying tone with a little of its octave, added to what is there already.
void strike(Samples &into, double at_seconds, int note, double seconds, double amplitude) {
    const auto first = static_cast<std::size_t>(at_seconds * kSampleRate);
    const auto count = static_cast<std::size_t>(seconds * kSampleRate);
    const double step = 2 * std::numbers::pi * pitch(note) / kSampleRate;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i);
        const double attack = std::min(1.0, t / (0.03 * kSampleRate));
        const double decay = std::exp(-3.2 * t / static_cast<double>(count));
        const double release = std::min(1.0, (static_cast<double>(count) - t) / 400.0);
        const double wave = std::sin(step * t) + 0.18 * std::sin(2 * step * t);
        // What sounds beyond the end goes to the beginning: the loop has no seam.
        auto &sample = into[(first + i) % into.size()];
        const double sum = sample + 32767 * amplitude * attack * decay * release * wave;
        sample = static_cast<std::int16_t>(std::clamp(sum, -32768.0, 32767.0));
    }
}

void append(Samples &to, const Samples &more) {
    to.insert(to.end(), more.begin(), more.end());
}

Samples pause(Duration length) {
    return Samples(static_cast<std::size_t>(length.count() * kSampleRate / 1'000'000));
}

Samples sequence(std::initializer_list<double> pitches, Duration each, Duration between) {
    Samples result;
    for (const double hertz : pitches) {
        append(result, tone(hertz, each, 0.2));
        append(result, pause(between));
    }
    return result;
}

} // namespace

Samples waiting_music() {
    // Eight chords, broken upwards and back, over a quiet bass: C, a, F, G, e, a, d, G.
    constexpr std::array<std::array<int, 4>, 8> kChords = {{{48, 60, 64, 67},
                                                            {45, 57, 60, 64},
                                                            {41, 57, 60, 65},
                                                            {43, 59, 62, 67},
                                                            {40, 59, 64, 67},
                                                            {45, 57, 60, 64},
                                                            {50, 57, 62, 65},
                                                            {43, 59, 62, 65}}};
    constexpr std::array<int, 8> kMelody = {76, 72, 77, 74, 79, 76, 77, 74};
    const double bar = kBeat * kBeatsPerBar;
    Samples music(
        static_cast<std::size_t>(bar * static_cast<double>(kChords.size()) * kSampleRate));
    for (std::size_t i = 0; i < kChords.size(); ++i) {
        const double start = bar * static_cast<double>(i);
        const auto &[bass, low, middle, high] = kChords[i];
        strike(music, start, bass + 12, bar, 0.05); // 250 Hz and up: telephones carry no bass
        const std::array<int, 8> broken = {low, middle, high, middle, low + 12, high, middle, high};
        for (std::size_t n = 0; n < broken.size(); ++n)
            strike(music, start + kBeat / 2 * static_cast<double>(n), broken[n], 1.4 * kBeat, 0.06);
        strike(music, start + kBeat, kMelody[i], 2.5 * kBeat, 0.07);
    }
    return music;
}

Samples signal_for(routing::Announcement announcement) {
    switch (announcement) {
    case routing::Announcement::greeting:
        return sequence({523.3, 659.3, 784.0}, 220ms, 40ms);
    case routing::Announcement::waiting_music:
        return waiting_music();
    case routing::Announcement::closed:
        return sequence({784.0, 659.3, 523.3, 392.0}, 300ms, 60ms);
    case routing::Announcement::unknown_number: // special information tone (ITU-T E.180)
        return sequence({950, 1400, 1800, 950, 1400, 1800}, 330ms, 30ms);
    case routing::Announcement::nobody_available: // Germany's busy tone
        return sequence({425, 425, 425, 425}, 480ms, 480ms);
    }
    return tone(425, 1s);
}

Samples signal_for_switch(std::string_view word) {
    if (word == "office_absent") return sequence({784.0, 523.3}, 250ms, 40ms);
    if (word == "office_there") return sequence({523.3, 784.0}, 250ms, 40ms);
    return sequence({784.0, 523.3, 784.0}, 250ms, 40ms);
}

} // namespace fernamt::telephony
