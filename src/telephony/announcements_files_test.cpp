// SPDX-License-Identifier: EUPL-1.2
#include "telephony/announcements_files.h"
#include "telephony/announcements_music.h"
#include "telephony/wav.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace fernamt::telephony {
namespace {

using routing::Announcement;
namespace fs = std::filesystem;

class AnnouncementFiles : public testing::Test {
  protected:
    AnnouncementFiles() {
        auto pattern = (fs::temp_directory_path() / "fernamt-announcements-XXXXXX").string();
        root = ::mkdtemp(pattern.data());
        made = root / "made";
        state = root / "state";
    }
    ~AnnouncementFiles() override { fs::remove_all(root); }
    void put(const fs::path &path, double hertz) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << write_wav(to_alaw(tone(hertz, 100ms)));
    }
    [[nodiscard]] static double level(const std::string &path, double hertz) {
        return level_at(read_announcement(*read_file(path, kMaxAnnouncement))->samples, hertz);
    }

    fs::path root, made, state;
    MunicipalityId wedemark = *parse_ars("032410019019");
    MunicipalityId other = *parse_ars("032410001001");
};

TEST_F(AnnouncementFiles, WithoutAnyFileAToneIsThereForEveryKind) {
    const FileAnnouncements files(made.string(), state.string());
    for (const auto kind :
         {Announcement::greeting, Announcement::waiting_music, Announcement::closed,
          Announcement::unknown_number, Announcement::nobody_available}) {
        const auto wav =
            read_announcement(*read_file(files.path(wedemark, kind), kMaxAnnouncement));
        ASSERT_TRUE(wav) << routing::to_string(kind);
        EXPECT_GT(wav->length(), 500ms);
        EXPECT_GT(loudness(wav->samples), 0.01);
    }
}

TEST_F(AnnouncementFiles, TheMunicipalitysOwnComesBeforeTheGeneralOne) {
    put(made / "general" / "greeting.wav", 500);
    put(made / "032410019019" / "greeting.wav", 900);
    const FileAnnouncements files(made.string(), state.string());
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 900), 0.1);
    EXPECT_GT(level(files.path(other, Announcement::greeting), 500), 0.1);
    EXPECT_GT(level(files.path(std::nullopt, Announcement::greeting), 500), 0.1);
    EXPECT_TRUE(fs::path(files.path(other, Announcement::greeting)).is_absolute());
}

TEST_F(AnnouncementFiles, AReplacementIsHeardUntilItIsRemoved) {
    put(made / "032410019019" / "greeting.wav", 900);
    FileAnnouncements files(made.string(), state.string());
    EXPECT_FALSE(files.info({wedemark, "greeting"}).replaced);
    const auto upload = write_wav(to_alaw(tone(1500, 250ms)));
    ASSERT_TRUE(files.replace({wedemark, "greeting"}, upload));
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 1500), 0.1);
    EXPECT_EQ(files.info({wedemark, "greeting"}).length, 250ms);
    EXPECT_TRUE(files.info({wedemark, "greeting"}).replaced);
    EXPECT_FALSE(files.info({other, "greeting"}).replaced);
    // A later process finds it.
    EXPECT_GT(
        level(
            FileAnnouncements(made.string(), state.string()).path(wedemark, Announcement::greeting),
            1500),
        0.1);
    ASSERT_TRUE(files.remove({wedemark, "greeting"}));
    ASSERT_TRUE(files.remove({wedemark, "greeting"}));
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 900), 0.1);
}

TEST_F(AnnouncementFiles, InformationOfAMunicipalityIsThereWhenSomebodyPutsItThere) {
    FileAnnouncements files(made.string(), state.string());
    EXPECT_EQ(files.words(wedemark, "info_1"), "");
    EXPECT_EQ(files.info({wedemark, "info_1"}).length, 0ms);
    EXPECT_EQ(files.read({wedemark, "info_1"}).error().code, "wav.no_file");
    ASSERT_TRUE(files.remove({wedemark, "info_1"}));
    ASSERT_TRUE(files.replace({wedemark, "info_1"}, write_wav(to_alaw(tone(1500, 250ms)))));
    EXPECT_GT(level(files.words(wedemark, "info_1"), 1500), 0.1);
    EXPECT_EQ(files.info({wedemark, "info_1"}).length, 250ms);
    EXPECT_EQ(files.words(other, "info_1"), "") << "nobody else's";
    ASSERT_TRUE(files.remove({wedemark, "info_1"}));
    EXPECT_EQ(files.words(wedemark, "info_1"), "");
}

TEST_F(AnnouncementFiles, ACrisisHasItsOwnUntilItIsRemoved) {
    put(made / "032410019019" / "crisis.wav", 900);
    FileAnnouncements files(made.string(), state.string());
    const routing::CrisisId flood{7}, storm{8};
    const auto own = FileAnnouncements::of_crisis(flood, wedemark);
    EXPECT_GT(level(files.crisis(flood, wedemark), 900), 0.1) << "what was made for the town";
    EXPECT_FALSE(files.info(own).replaced);
    EXPECT_EQ(files.info(own).length, 100ms);
    ASSERT_TRUE(files.replace(own, write_wav(to_alaw(tone(1500, 250ms)))));
    EXPECT_GT(level(files.crisis(flood, wedemark), 1500), 0.1);
    EXPECT_GT(level(files.crisis(flood, other), 1500), 0.1) << "whichever town's call it is";
    EXPECT_GT(level(files.crisis(storm, wedemark), 900), 0.1) << "no other crisis's";
    EXPECT_TRUE(files.info(own).replaced);
    EXPECT_EQ(files.info(own).length, 250ms);
    EXPECT_EQ(read_announcement(*files.read(own))->length(), 250ms);
    EXPECT_EQ(files.replace(own, "RIFF....WAVE").error().code, "wav.malformed");
    ASSERT_TRUE(files.remove(own));
    EXPECT_GT(level(files.crisis(flood, wedemark), 900), 0.1);
    EXPECT_EQ(files.crisis(flood, other), "") << "none: the greeting stays";
    EXPECT_EQ(files.read(FileAnnouncements::of_crisis(flood, {})).error().code, "wav.no_file");
}

TEST_F(AnnouncementFiles, WhatCannotBePlayedIsRefusedAndChangesNothing) {
    FileAnnouncements files(made.string(), state.string());
    const auto before = files.path(wedemark, Announcement::closed);
    auto stereo = write_wav(to_alaw(tone(440, 100ms)));
    stereo[22] = 2;
    auto fast = write_wav(to_alaw(tone(440, 100ms)));
    fast[24] = 0x22; // 8000 Hz = 0x1f40 -> 7970
    const auto code = [&](std::string_view bytes) {
        const auto result = files.replace({wedemark, "closed"}, bytes);
        return result ? std::string("ok") : result.error().code;
    };
    EXPECT_EQ(code(""), "wav.malformed");
    EXPECT_EQ(code("RIFF....WAVE"), "wav.malformed");
    EXPECT_EQ(code(stereo), "wav.format");
    EXPECT_EQ(code(fast), "wav.format");
    EXPECT_EQ(code(write_wav({})), "wav.empty");
    EXPECT_EQ(code(std::string(kMaxAnnouncement + 1, 'x')), "wav.too_large");
    EXPECT_EQ(files.path(wedemark, Announcement::closed), before);
}

TEST(Wav, DamagedFilesNeverBreakTheReader) {
    const auto good = write_wav(to_alaw(tone(440, 20ms)));
    unsigned state = 1;
    for (int round = 0; round < 5000; ++round) {
        auto bytes = good;
        for (int i = 0; i < 3; ++i) {
            state = state * 1664525 + 1013904223;
            bytes[(state >> 8) % std::min<std::size_t>(bytes.size(), 60)] =
                static_cast<char>(state >> 24);
        }
        bytes.resize(bytes.size() - (state >> 16) % bytes.size());
        const auto wav = read_wav(bytes, kMaxAnnouncement);
        if (wav) {
            EXPECT_FALSE(wav->samples.empty());
            EXPECT_LE(wav->samples.size(), bytes.size());
        }
    }
}

TEST(WaitingMusic, IsQuietAndRepeatsWithoutASeam) {
    const auto music = waiting_music();
    EXPECT_GT(length_of(music.size()), 20s);
    EXPECT_GT(loudness(music), 0.02);
    EXPECT_LT(loudness(music), 0.2);
    int largest = 0;
    for (std::size_t i = 0; i < music.size(); ++i)
        largest = std::max(largest, std::abs(music[(i + 1) % music.size()] - music[i]));
    EXPECT_LE(std::abs(music.front() - music.back()), largest);
    EXPECT_LT(largest, 8000);
}

} // namespace
} // namespace fernamt::telephony
