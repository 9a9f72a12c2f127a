// SPDX-License-Identifier: EUPL-1.2
#include "telephony/wav.h"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <optional>

namespace fernamt::telephony {
namespace {

// WAVE_FORMAT_* of RFC 2361 and Microsoft's mmreg.h
constexpr std::uint32_t kPcm = 1, kALawTag = 6, kExtensible = 0xfffe;

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i > 0; --i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
    return value;
}

void put_little(std::string &out, std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i)
        out += static_cast<char>(value >> (8 * i));
}

auto malformed() {
    return fail(ProblemKind::invalid_input, "wav.malformed");
}

auto bad_format(std::string is) {
    return fail(ProblemKind::invalid_input, "wav.format", {{"is", std::move(is)}});
}

struct Chunks {
    std::optional<std::string_view> format, data;
};

// RIFF chunks: four letters, size, content, padded to an even size.
std::optional<Chunks> chunks_of(std::string_view bytes) {
    if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE")
        return std::nullopt;
    Chunks result;
    std::size_t at = 12;
    while (at + 8 <= bytes.size()) {
        const auto name = bytes.substr(at, 4);
        const auto said = little(bytes, at + 4, 4);
        const auto content = bytes.substr(at + 8, said);
        if (name == "fmt ") result.format = content;
        if (name == "data") {
            result.data = content; // may be cut short: programs that write to a pipe say 0x7fffffff
            break;
        }
        if (content.size() < said) return std::nullopt;
        at += 8 + said + said % 2;
    }
    return result;
}

Samples decoded(std::string_view data, WavCoding coding) {
    Samples samples;
    if (coding == WavCoding::alaw) {
        samples.reserve(data.size());
        for (const char code : data)
            samples.push_back(from_alaw(static_cast<std::uint8_t>(code)));
        return samples;
    }
    samples.reserve(data.size() / 2);
    for (std::size_t i = 0; i + 1 < data.size(); i += 2)
        samples.push_back(static_cast<std::int16_t>(little(data, i, 2)));
    return samples;
}

} // namespace

Duration Wav::length() const {
    if (rate <= 0 || channels <= 0) return {};
    return Duration{static_cast<std::int64_t>(samples.size()) * 1'000'000 / channels / rate};
}

Expected<Wav> read_wav(std::string_view bytes, std::size_t limit) {
    if (bytes.size() > limit) return fail(ProblemKind::too_large, "wav.too_large");
    const auto chunks = chunks_of(bytes);
    if (!chunks || !chunks->format || !chunks->data || chunks->format->size() < 16)
        return malformed();
    const auto &format = *chunks->format;
    auto tag = little(format, 0, 2);
    if (tag == kExtensible && format.size() >= 26) tag = little(format, 24, 2);
    const auto channels = little(format, 2, 2);
    const auto rate = little(format, 4, 4);
    const auto bits = little(format, 14, 2);
    Wav wav;
    if (tag == kPcm && bits == 16) {
        wav.coding = WavCoding::pcm16;
    } else if (tag == kALawTag && bits == 8) {
        wav.coding = WavCoding::alaw;
    } else {
        return bad_format(fmt::format("coding {} with {} bits", tag, bits));
    }
    if (channels < 1 || channels > 8 || rate < 4000 || rate > 192000)
        return bad_format(fmt::format("{} Hz, {} channels", rate, channels));
    wav.channels = static_cast<int>(channels);
    wav.rate = static_cast<int>(rate);
    wav.samples = decoded(*chunks->data, wav.coding);
    if (wav.samples.size() < channels) return fail(ProblemKind::invalid_input, "wav.empty");
    return wav;
}

Expected<Wav> read_announcement(std::string_view bytes, std::size_t limit) {
    auto wav = read_wav(bytes, limit);
    if (!wav) return wav;
    if (wav->rate != kSampleRate || wav->channels != 1)
        return bad_format(fmt::format("{} Hz, {} channels", wav->rate, wav->channels));
    return wav;
}

std::string write_wav(const ALaw &sound) {
    const auto size = static_cast<std::uint32_t>(sound.size());
    std::string out = "RIFF";
    put_little(out, 4 + (8 + 18) + (8 + 4) + 8 + size + size % 2, 4);
    out += "WAVEfmt ";
    put_little(out, 18, 4); // with the size field that non-PCM formats carry
    put_little(out, kALawTag, 2);
    put_little(out, 1, 2);
    put_little(out, kSampleRate, 4);
    put_little(out, kSampleRate, 4); // bytes per second
    put_little(out, 1, 2);           // bytes per sample
    put_little(out, 8, 2);
    put_little(out, 0, 2);
    out += "fact"; // number of samples: required for everything but PCM
    put_little(out, 4, 4);
    put_little(out, size, 4);
    out += "data";
    put_little(out, size, 4);
    out.append(reinterpret_cast<const char *>(sound.data()), sound.size());
    if (size % 2 != 0) out += '\0';
    return out;
}

Expected<std::string> read_file(const std::string &path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ProblemKind::not_found, "wav.no_file");
    std::string bytes;
    char block[16384];
    while (file.read(block, sizeof block) || file.gcount() > 0) {
        bytes.append(block, static_cast<std::size_t>(file.gcount()));
        if (bytes.size() > limit) return fail(ProblemKind::too_large, "wav.too_large");
    }
    return bytes;
}

} // namespace fernamt::telephony
