// SPDX-License-Identifier: EUPL-1.2
#include "telephony/simulator_voices.h"

#include "telephony/wav.h"

#include <fmt/format.h>

#include <filesystem>

namespace fernamt::telephony {
namespace {

constexpr int kMostFiles = 99;

Sound sound_of(const Samples &samples) {
    return std::make_shared<const ALaw>(to_alaw(samples));
}

Sound load(const std::filesystem::path &path) {
    const auto bytes = read_file(path.string(), kMaxAnnouncement);
    if (!bytes) return nullptr;
    const auto wav = read_announcement(*bytes);
    return wav ? sound_of(wav->samples) : nullptr;
}

std::vector<Sound> load_all(const std::filesystem::path &directory, const char *name) {
    std::vector<Sound> result;
    for (int i = 1; i <= kMostFiles; ++i) {
        auto sound = load(directory / fmt::format("{}-{:02}.wav", name, i));
        if (!sound) break;
        result.push_back(std::move(sound));
    }
    return result;
}

} // namespace

SimulatorVoices load_voices(const std::string &directory) {
    SimulatorVoices voices;
    if (!directory.empty()) {
        const auto from = std::filesystem::path(directory) / "simulation";
        voices.questions = load_all(from, "question");
        voices.answers = load_all(from, "answer");
        voices.offices = load_all(from, "office");
        voices.citizen_goodbye = load(from / "goodbye-citizen.wav");
        voices.colleague_goodbye = load(from / "goodbye-colleague.wav");
    }
    voices.spoken = !voices.questions.empty() && !voices.answers.empty();
    if (!voices.spoken) {
        voices.questions = {sound_of(tone(440, 3s)), sound_of(tone(420, 4s))};
        voices.answers = {sound_of(tone(1000, 3s)), sound_of(tone(1020, 5s))};
    }
    if (voices.offices.empty() && voices.spoken) voices.offices = voices.answers;
    if (voices.offices.empty()) voices.offices = {sound_of(tone(700, 3s))};
    if (!voices.citizen_goodbye) voices.citizen_goodbye = sound_of(tone(440, 500ms));
    if (!voices.colleague_goodbye) voices.colleague_goodbye = sound_of(tone(1000, 500ms));
    return voices;
}

} // namespace fernamt::telephony
