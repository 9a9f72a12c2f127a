// SPDX-License-Identifier: EUPL-1.2
#include "base/calendar.h"
#include "telephony/announcements_files.h"
#include "telephony/announcements_music.h"
#include "telephony/wav.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>

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
    // Heard from now on.
    static void replace(FileAnnouncements &files, const FileAnnouncements::Recording &of,
                        double hertz) {
        const auto kept = files.keep(write_wav(to_alaw(tone(hertz, 250ms))));
        ASSERT_TRUE(kept);
        files.follow({{of, Instant{}, kept->file}});
    }
    [[nodiscard]] static double level(const std::string &path, double hertz) {
        return level_at(read_announcement(*read_file(path, kMaxAnnouncement))->samples, hertz);
    }

    ManualClock clock{to_instant({2026, 11, 23}, 9 * 3600)};
    fs::path root, made, state;
    MunicipalityId wedemark = *parse_ars("032410019019");
    MunicipalityId other = *parse_ars("032410001001");
};

TEST_F(AnnouncementFiles, WithoutAnyFileAToneIsThereForEveryKind) {
    const FileAnnouncements files(made.string(), state.string(), clock);
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
    const FileAnnouncements files(made.string(), state.string(), clock);
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 900), 0.1);
    EXPECT_GT(level(files.path(other, Announcement::greeting), 500), 0.1);
    EXPECT_GT(level(files.path(std::nullopt, Announcement::greeting), 500), 0.1);
    EXPECT_TRUE(fs::path(files.path(other, Announcement::greeting)).is_absolute());
}

TEST_F(AnnouncementFiles, AReplacementIsHeardUntilItIsRemoved) {
    put(made / "032410019019" / "greeting.wav", 900);
    FileAnnouncements files(made.string(), state.string(), clock);
    EXPECT_FALSE(files.info({wedemark, "greeting"}).replaced);
    replace(files, {wedemark, "greeting"}, 1500);
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 1500), 0.1);
    EXPECT_EQ(files.info({wedemark, "greeting"}).length, 250ms);
    EXPECT_TRUE(files.info({wedemark, "greeting"}).replaced);
    EXPECT_FALSE(files.info({other, "greeting"}).replaced);
    EXPECT_FALSE(files.info({wedemark, "closed"}).replaced);
    files.follow({});
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 900), 0.1);
}

// A new one begins at its instant, by itself; who hears the old one at that instant keeps its file.
TEST_F(AnnouncementFiles, EachVersionIsHeardFromItsInstantUntilTheNextOnes) {
    put(made / "032410019019" / "greeting.wav", 900);
    FileAnnouncements files(made.string(), state.string(), clock);
    const auto first = files.keep(write_wav(to_alaw(tone(1500, 250ms))));
    const auto second = files.keep(write_wav(to_alaw(tone(2500, 300ms))));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->length, 250ms);
    EXPECT_EQ(first->bytes, files.kept_bytes(first->file));
    EXPECT_NE(first->file, second->file);
    const FileAnnouncements::Recording greeting{wedemark, "greeting"};
    const Instant now = clock.now();
    files.follow({{greeting, now + 1h, first->file},
                  {greeting, now + 2h, second->file},
                  {greeting, now + 3h, ""}});
    const auto heard = [&](double hertz) {
        return level(files.path(wedemark, Announcement::greeting), hertz);
    };
    EXPECT_GT(heard(900), 0.1) << "not yet";
    clock.advance(1h - 1us);
    EXPECT_GT(heard(900), 0.1) << "a moment before";
    clock.advance(1us);
    EXPECT_GT(heard(1500), 0.1);
    const std::string playing = files.path(wedemark, Announcement::greeting);
    std::ifstream player(playing, std::ios::binary); // as rtpengine holds it
    clock.advance(1h);
    EXPECT_GT(heard(2500), 0.1);
    EXPECT_GT(level(playing, 1500), 0.1) << "and the old one is still whole";
    files.forget_all_but({second->file});
    EXPECT_FALSE(fs::exists(playing));
    const std::string rest{std::istreambuf_iterator<char>(player), {}};
    EXPECT_EQ(static_cast<std::int64_t>(rest.size()), first->bytes) << "to its very end";
    clock.advance(1h);
    EXPECT_GT(heard(900), 0.1) << "what came with the program again";
    EXPECT_EQ(files.read_kept(first->file).error().code, "wav.no_file");
    EXPECT_EQ(files.kept_bytes(first->file), 0);
    EXPECT_TRUE(files.read_kept(second->file));
}

TEST_F(AnnouncementFiles, OneWhoseFileIsGoneGivesWayToWhatWasMade) {
    put(made / "032410019019" / "greeting.wav", 900);
    FileAnnouncements files(made.string(), state.string(), clock);
    files.follow({{{wedemark, "greeting"}, Instant{}, std::string(64, 'a')}});
    EXPECT_GT(level(files.path(wedemark, Announcement::greeting), 900), 0.1);
    EXPECT_FALSE(files.info({wedemark, "greeting"}).replaced);
}

// A program that was killed while it wrote leaves a half file that nobody ever names.
TEST_F(AnnouncementFiles, HalfAndUnnamedFilesGoAndTheOthersStay) {
    FileAnnouncements files(made.string(), state.string(), clock);
    const auto kept = files.keep(write_wav(to_alaw(tone(1500, 250ms))));
    ASSERT_TRUE(kept);
    const fs::path folder = state / "announcements" / "recordings";
    std::ofstream(folder / (std::string(64, 'b') + ".wav.new")) << "RIFF";
    const std::string unnamed(64, 'c');
    put(folder / (unnamed + ".wav"), 900);
    fs::last_write_time(folder / (unnamed + ".wav"), fs::file_time_type::clock::now() - 24h * 365);
    files.forget_all_but({kept->file});
    const auto left = [&] {
        std::vector<std::string> names;
        for (const auto &entry : fs::directory_iterator(folder))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    };
    EXPECT_TRUE(fs::exists(folder / (kept->file + ".wav")));
    EXPECT_EQ(left().size(), 2U) << "the half one is gone";
    EXPECT_EQ(files.kept_bytes(unnamed), 0);
    clock.advance(24h * 30);
    files.forget_all_but({unnamed});
    EXPECT_GT(files.kept_bytes(unnamed), 0) << "and comes back when its database does";
    EXPECT_EQ(files.kept_bytes(kept->file), 0);
    clock.advance(24h * 31);
    files.forget_all_but({unnamed});
    EXPECT_EQ(left(), std::vector<std::string>{unnamed + ".wav"});
    EXPECT_TRUE(fs::exists(state / "announcements" / "generated" / "closed.wav"));
}

TEST_F(AnnouncementFiles, FindsWhatAProgramWithoutVersionsHasLeft) {
    put(state / "announcements" / "032410019019" / "info_2.wav", 900);
    put(state / "announcements" / "crisis" / "7.wav", 900);
    put(state / "announcements" / "crisis" / "seven.wav", 900);
    FileAnnouncements files(made.string(), state.string(), clock);
    EXPECT_GT(level(files.words(wedemark, "info_2"), 900), 0.1) << "heard as before";
    EXPECT_GT(level(files.crisis(routing::CrisisId{7}, other), 900), 0.1);
    EXPECT_TRUE(files.info({wedemark, "info_2"}).replaced);
    auto old = files.of_older_programs();
    ASSERT_EQ(old.size(), 2U);
    std::ranges::sort(old, {}, &FileAnnouncements::Old::crisis);
    EXPECT_EQ(old[0].municipality, wedemark);
    EXPECT_EQ(old[0].name, "info_2");
    EXPECT_GT(old[0].changed, to_instant({2020, 1, 1}, 0));
    EXPECT_LE(old[0].changed, clock.now());
    EXPECT_EQ(old[1].crisis, routing::CrisisId{7});
    EXPECT_EQ(old[1].name, "crisis");
    EXPECT_FALSE(old[1].municipality);
    const fs::path late = state / "announcements" / "032410019019" / "info_2.wav";
    fs::last_write_time(late, fs::file_time_type::clock::now() + 24h * 365 * 50);
    for (const auto &one : files.of_older_programs())
        EXPECT_LE(one.changed, clock.now());
    replace(files, {wedemark, "info_2"}, 1500);
    EXPECT_GT(level(files.words(wedemark, "info_2"), 1500), 0.1);
    files.follow({{{wedemark, "info_2"}, clock.now(), ""}});
    EXPECT_EQ(files.words(wedemark, "info_2"), "") << "a version has begun";
}

TEST_F(AnnouncementFiles, InformationOfAMunicipalityIsThereWhenSomebodyPutsItThere) {
    FileAnnouncements files(made.string(), state.string(), clock);
    EXPECT_EQ(files.words(wedemark, "info_1"), "");
    EXPECT_EQ(files.info({wedemark, "info_1"}).length, 0ms);
    EXPECT_EQ(files.read({wedemark, "info_1"}).error().code, "wav.no_file");
    replace(files, {wedemark, "info_1"}, 1500);
    EXPECT_GT(level(files.words(wedemark, "info_1"), 1500), 0.1);
    EXPECT_EQ(files.info({wedemark, "info_1"}).length, 250ms);
    EXPECT_EQ(files.words(other, "info_1"), "") << "nobody else's";
    files.follow({});
    EXPECT_EQ(files.words(wedemark, "info_1"), "");
}

TEST_F(AnnouncementFiles, ACrisisHasItsOwnUntilItIsRemoved) {
    put(made / "032410019019" / "crisis.wav", 900);
    FileAnnouncements files(made.string(), state.string(), clock);
    const routing::CrisisId flood{7}, storm{8};
    const auto own = FileAnnouncements::of_crisis(flood, wedemark);
    EXPECT_GT(level(files.crisis(flood, wedemark), 900), 0.1) << "what was made for the town";
    EXPECT_FALSE(files.info(own).replaced);
    EXPECT_EQ(files.info(own).length, 100ms);
    replace(files, own, 1500);
    EXPECT_GT(level(files.crisis(flood, wedemark), 1500), 0.1);
    EXPECT_GT(level(files.crisis(flood, other), 1500), 0.1) << "whichever town's call it is";
    EXPECT_GT(level(files.crisis(storm, wedemark), 900), 0.1) << "no other crisis's";
    EXPECT_TRUE(files.info(own).replaced);
    EXPECT_EQ(files.info(own).length, 250ms);
    EXPECT_EQ(read_announcement(*files.read(own))->length(), 250ms);
    files.follow({});
    EXPECT_GT(level(files.crisis(flood, wedemark), 900), 0.1);
    EXPECT_EQ(files.crisis(flood, other), "") << "none: the greeting stays";
    EXPECT_EQ(files.read(FileAnnouncements::of_crisis(flood, {})).error().code, "wav.no_file");
}

TEST_F(AnnouncementFiles, WhatCannotBePlayedIsRefusedAndNothingIsKept) {
    FileAnnouncements files(made.string(), state.string(), clock);
    auto stereo = write_wav(to_alaw(tone(440, 100ms)));
    stereo[22] = 2;
    auto fast = write_wav(to_alaw(tone(440, 100ms)));
    fast[24] = 0x22; // 8000 Hz = 0x1f40 -> 7970
    const auto code = [&](std::string_view bytes) {
        const auto result = files.keep(bytes);
        return result ? std::string("ok") : result.error().code;
    };
    EXPECT_EQ(code(""), "wav.malformed");
    EXPECT_EQ(code("RIFF....WAVE"), "wav.malformed");
    EXPECT_EQ(code(stereo), "wav.format");
    EXPECT_EQ(code(fast), "wav.format");
    EXPECT_EQ(code(write_wav({})), "wav.empty");
    EXPECT_EQ(code(std::string(kMaxAnnouncement + 1, 'x')), "wav.too_large");
    EXPECT_FALSE(fs::exists(state / "announcements" / "recordings"));
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
