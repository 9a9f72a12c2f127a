// SPDX-License-Identifier: EUPL-1.2
// What a start makes of recordings: those of a program without versions, those that a killed
// program did not bring as far as the ledger, and sounds that nobody names.
#include "telephony/rtp_audio.h"
#include "telephony/wav.h"
#include "web/recordings.h"
#include "web/testing/api_test_base.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace fernamt::web::testing {
namespace {

namespace fs = std::filesystem;
using telephony::FileAnnouncements;

std::string tones(double hertz) {
    return telephony::write_wav(telephony::to_alaw(telephony::tone(hertz, 200ms)));
}

class RecordingsAtStart : public ApiTest {
  protected:
    void left(const std::string &place, const std::string &bytes) {
        const fs::path path = fs::path(directory_.path()) / "announcements" / place;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
    }
    // As a new process does it.
    void start() {
        announcements_ =
            std::make_unique<FileAnnouncements>(directory_.path(), directory_.path(), clock_);
        Recordings recordings(db(), *ledger_, *announcements_, clock_);
        const auto done = recordings.take_up();
        ASSERT_TRUE(done) << describe(done.error());
    }
    std::string heard(const FileAnnouncements::Recording &of) {
        return announcements_->read(of).value_or("nothing");
    }
    int in_ledger() {
        int entries = 0;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "announcement.changed") ++entries;
            return true;
        }));
        return entries;
    }
    std::size_t sounds() {
        const fs::path folder = fs::path(directory_.path()) / "announcements" / "recordings";
        std::size_t files = 0;
        for (const auto &entry : fs::directory_iterator(folder))
            files += entry.path().extension() == ".wav" ? 1 : 0;
        return files;
    }
    people::Principal chief() const { return {admin_, {people::Role::admin}, {}}; }
};

TEST_P(RecordingsAtStart, WhatAProgramWithoutVersionsHasLeftBecomesTheFirstVersion) {
    clock_.set(SystemClock{}.now() + 1h); // the files are of now
    left(to_ars(kWedemark) + "/info_1.wav", tones(500));
    left("crisis/7.wav", tones(900));
    left("055540048048/info_1.wav", tones(500)); // a town that is not ours
    left(to_ars(kLangenhagen) + "/closed.wav", "no sound");
    start();
    EXPECT_EQ(heard({kWedemark, "info_1"}), tones(500));
    EXPECT_EQ(heard(FileAnnouncements::of_crisis(routing::CrisisId{7}, {})), tones(900));
    EXPECT_EQ(in_ledger(), 2);
    EXPECT_EQ(announcements_->of_older_programs().size(), 2U) << "what could not be taken over";
    EXPECT_EQ(sounds(), 2U);
    start();
    EXPECT_EQ(in_ledger(), 2) << "once";

    // Killed before the old file was removed.
    const Recordings recordings(db(), *ledger_, *announcements_, clock_);
    const people::RecordingOf of{kWedemark, {}, "info_1"};
    const auto versions = recordings.versions(of);
    ASSERT_TRUE(versions);
    ASSERT_EQ(versions->size(), 1U);
    EXPECT_FALSE(versions->front().by);
    EXPECT_FALSE(versions->front().office);
    left(to_ars(kWedemark) + "/info_1.wav", tones(500));
    const fs::path again =
        fs::path(directory_.path()) / "announcements" / to_ars(kWedemark) / "info_1.wav";
    const timespec when{versions->front().from.us / 1'000'000,
                        versions->front().from.us % 1'000'000 * 1'000};
    const timespec both[2] = {when, when};
    ASSERT_EQ(::utimensat(AT_FDCWD, again.c_str(), both, 0), 0);
    start();
    EXPECT_FALSE(fs::exists(again));
    EXPECT_EQ(recordings.versions(of)->size(), 1U);
    EXPECT_EQ(in_ledger(), 2);
}

TEST_P(RecordingsAtStart, WhatAKilledProgramDidNotFinishIsFinished) {
    // The sound was written, its version never stored: nobody heard it, nobody will.
    ASSERT_TRUE(announcements_->keep(tones(500)));
    // The version was stored, the ledger never told.
    const auto kept = announcements_->keep(tones(900));
    ASSERT_TRUE(kept);
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        people::Recording one;
        one.of = {kWedemark, {}, "greeting"};
        one.file = kept->file;
        one.from = clock_.now();
        const auto added = people::add({connection, clock_.now(), admin_}, one);
        if (!added) return tl::unexpected(added.error());
        return {};
    }));
    EXPECT_EQ(sounds(), 2U);
    start();
    EXPECT_EQ(sounds(), 1U);
    EXPECT_EQ(heard({kWedemark, "greeting"}), tones(900));
    EXPECT_EQ(in_ledger(), 1);
}

TEST_P(RecordingsAtStart, OneStartWithTheWrongDatabaseCostsNobodysRecordings) {
    Recordings recordings(db(), *ledger_, *announcements_, clock_);
    ASSERT_TRUE(recordings.replace(chief(), {kWedemark, {}, "greeting"}, tones(500), clock_.now()));
    clock_.advance(24h * 365);
    announcements_->forget_all_but({}); // as a start with an empty one does
    start();
    EXPECT_EQ(heard({kWedemark, "greeting"}), tones(500));
}

TEST_P(RecordingsAtStart, ATownThatIsGoneStopsNoStartAndItsSoundsWaitForIt) {
    constexpr MunicipalityId kGone{55'540'048'048};
    const auto kept = announcements_->keep(tones(500));
    ASSERT_TRUE(kept);
    const auto add = [&](MunicipalityId town, const std::string &kind, const std::string &file) {
        ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
            people::Recording one;
            one.of = {town, {}, kind};
            one.file = file;
            one.from = clock_.now();
            const auto added = people::add({connection, clock_.now(), admin_}, one);
            if (!added) return tl::unexpected(added.error());
            return {};
        }));
    };
    const auto log_of_start = [&] {
        ::testing::internal::CaptureStderr();
        start();
        return ::testing::internal::GetCapturedStderr();
    };
    add(kGone, "greeting", kept->file);
    add(kGone, "closed", std::string(64, 'c')); // lost, and nobody misses it
    EXPECT_EQ(log_of_start().find("announcement.missing"), std::string::npos);
    EXPECT_EQ(sounds(), 1U);
    EXPECT_EQ(heard({kGone, "greeting"}), tones(500)) << "as soon as it comes back";
    add(kWedemark, "closed", std::string(64, 'd'));
    const std::string log = log_of_start();
    EXPECT_NE(log.find("announcement.missing"), std::string::npos) << log;
    EXPECT_NE(log.find("\"recordings\":\"1\""), std::string::npos) << log;
}

TEST_P(RecordingsAtStart, TheDiskHoldsTheSoundsOfTheVersionsAndNoMore) {
    Recordings recordings(db(), *ledger_, *announcements_, clock_);
    const people::RecordingOf of{kWedemark, {}, "greeting"};
    for (int i = 0; i < people::kKeptRecordings + 5; ++i) {
        clock_.advance(1h);
        ASSERT_TRUE(recordings.replace(chief(), of, tones(300 + 10 * i), clock_.now()));
    }
    EXPECT_EQ(sounds(), static_cast<std::size_t>(people::kKeptRecordings + 1));
    // The same sound twice takes its room once.
    clock_.advance(1h);
    const auto versions = recordings.versions(of);
    ASSERT_TRUE(versions);
    ASSERT_TRUE(recordings.restore(chief(), of, versions->back().id, clock_.now()));
    EXPECT_EQ(sounds(), static_cast<std::size_t>(people::kKeptRecordings));
    // A version whose file was lost cannot be brought back, and says so.
    announcements_->forget_all_but({});
    EXPECT_EQ(recordings.restore(chief(), of, versions->back().id, clock_.now()).error().code,
              "announcement.not_found");
}

FERNAMT_ON_EVERY_ENGINE(RecordingsAtStart);

} // namespace
} // namespace fernamt::web::testing
