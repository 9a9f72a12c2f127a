// SPDX-License-Identifier: EUPL-1.2
// Announcements as WAV files. For one municipality and kind the first that exists is played:
//   STATE/announcements/recordings/<sha256>.wav   kept here, and in force now (follow())
//   DIR/<ars>/<kind>.wav, DIR/general/<kind>.wav   made by script/announcements
//   STATE/announcements/generated/<kind>.wav       a signal of tones, always there
// The words beside them (Announcements::words) lie in the same places, without a generated one but
// for the confirmations of the operator's switch; a crisis has a recording of its own, else the
// word "crisis". Which recording is in force from when is people/recordings.h's. Safe from any
// thread: a file is whole and on the disk before anything names it, and never changes; whoever
// plays one that is replaced or forgotten meanwhile plays it to its end.
#pragma once

#include "base/problem.h"
#include "telephony/exchange.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {

class FileAnnouncements final : public Announcements {
  public:
    // Makes the generated ones if they are missing. A state directory that cannot be written is no
    // error here; path() then names files that do not exist, and playing them fails. The clock says
    // what is in force, and must outlive this.
    FileAnnouncements(const std::string &directory, const std::string &state_directory,
                      const Clock &clock);

    [[nodiscard]] std::string path(std::optional<MunicipalityId> municipality,
                                   routing::Announcement announcement) const override;

    [[nodiscard]] std::string words(std::optional<MunicipalityId> municipality,
                                    std::string_view name) const override;
    [[nodiscard]] std::string crisis(CrisisId id,
                                     std::optional<MunicipalityId> municipality) const override;

    // What can be replaced: of a municipality by name, "greeting" (routing::to_string) or a word
    // ("info_1"); or a crisis plan's own announcement, and `municipality` is whom it is for.
    struct Recording {
        std::optional<MunicipalityId> municipality;
        std::string_view name;
        CrisisId crisis = {};
    };
    [[nodiscard]] static Recording of_crisis(CrisisId id,
                                             std::optional<MunicipalityId> municipality) {
        return {municipality, "crisis", id};
    }
    struct Info {
        Duration length{}; // 0: there is none, nothing is heard
        bool replaced = false;
    };
    [[nodiscard]] Info info(const Recording &recording) const;
    // The bytes of what is in force. Problem: wav.no_file.
    [[nodiscard]] Expected<std::string> read(const Recording &recording) const;

    // Written anew from its samples, and on the disk; heard only when follow() says so. Problems:
    // wav.too_large, wav.malformed, wav.format, wav.empty, announcement.not_stored.
    struct Kept {
        std::string file; // SHA-256 of the bytes, in hex
        Duration length{};
        std::int64_t bytes = 0;
    };
    [[nodiscard]] Expected<Kept> keep(std::string_view bytes);
    [[nodiscard]] Expected<std::string> read_kept(const std::string &file) const; // wav.no_file
    [[nodiscard]] std::int64_t kept_bytes(const std::string &file) const;         // 0: it is gone
    void forget_all_but(const std::set<std::string> &files);

    // What is heard from when, instead of all that was said before. Of one recording the last that
    // has begun is in force.
    struct Version {
        Recording of;
        Instant from;
        std::string file; // empty: what was made for it again, or none
    };
    void follow(const std::vector<Version> &versions); // in the order of `from`

    // Replacements that a program without versions has left, STATE/announcements/<ars>/<kind>.wav
    // and crisis/<plan>.wav: not heard any more, until somebody keeps and follows them.
    struct Old {
        std::optional<MunicipalityId> municipality;
        CrisisId crisis;
        std::string name;
        Instant changed;
        std::string path;
    };
    [[nodiscard]] std::vector<Old> of_older_programs() const;

  private:
    [[nodiscard]] std::string kept(const std::string &file) const;
    [[nodiscard]] std::optional<std::string> in_force(const Recording &recording) const;
    [[nodiscard]] std::optional<std::string> there(std::optional<MunicipalityId> municipality,
                                                   std::string_view name) const;
    [[nodiscard]] std::optional<std::string> generated(std::string_view name) const;
    std::filesystem::path directory_;
    std::filesystem::path state_;
    const Clock &clock_;
    struct Begin {
        Instant from;
        std::string file;
    };
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<Begin>, std::less<>> versions_; // by place_of(recording)
};

} // namespace fernamt::telephony
