// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtp_audio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace fernamt::telephony {
namespace {

TEST(RtpAudio, ALawHasTheValuesOfTheStandard) {
    EXPECT_EQ(to_alaw(std::int16_t{0}), kALawSilence);
    EXPECT_EQ(from_alaw(std::uint8_t{0xd5}), 8);
    EXPECT_EQ(from_alaw(std::uint8_t{0x55}), -8);
    EXPECT_EQ(from_alaw(std::uint8_t{0xaa}), 32256); // largest
    EXPECT_EQ(from_alaw(std::uint8_t{0x2a}), -32256);
    EXPECT_EQ(to_alaw(std::int16_t{32767}), 0xaa);
    EXPECT_EQ(to_alaw(std::int16_t{-32768}), 0x2a);
}

TEST(RtpAudio, EveryCodeSurvivesDecodingAndEncoding) {
    for (int code = 0; code < 256; ++code)
        EXPECT_EQ(to_alaw(from_alaw(static_cast<std::uint8_t>(code))), code);
}

TEST(RtpAudio, TheErrorOfALawIsSmallEverywhere) {
    for (int sample = -32768; sample <= 32767; sample += 7) {
        const int back = from_alaw(to_alaw(static_cast<std::int16_t>(sample)));
        EXPECT_LE(std::abs(back - sample), std::max(8, std::abs(sample) / 30 + 1)) << sample;
    }
}

TEST(RtpAudio, FindsItsToneAndNoOther) {
    const auto sound = from_alaw(to_alaw(tone(1000, 1s)));
    EXPECT_NEAR(level_at(sound, 1000), 0.3, 0.02);
    EXPECT_LT(level_at(sound, 440), 0.01);
    EXPECT_LT(level_at(sound, 700), 0.01);
    EXPECT_NEAR(loudness(sound), 0.3 / std::sqrt(2.0), 0.01);
    EXPECT_EQ(length_of(sound.size()), 1s);
    EXPECT_EQ(level_at({}, 440), 0);
}

} // namespace
} // namespace fernamt::telephony
