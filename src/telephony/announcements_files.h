// SPDX-License-Identifier: EUPL-1.2
// Announcements as WAV files. For one municipality and kind the first that exists is played:
//   STATE/announcements/<ars>/<kind>.wav   put there by replace()
//   DIR/<ars>/<kind>.wav, DIR/general/<kind>.wav   made by script/announcements
//   STATE/announcements/generated/<kind>.wav       a signal of tones, always there
// The words beside them (Announcements::words) lie in the same places, without a generated one but
// for the confirmations of the operator's switch; a crisis has STATE/announcements/crisis/<id>.wav,
// put there by replace(), else the word "crisis". Safe from any thread: files are replaced as a
// whole.
#pragma once

#include "base/problem.h"
#include "telephony/exchange.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {

class FileAnnouncements final : public Announcements {
  public:
    // Makes the generated ones if they are missing. A state directory that cannot be written is no
    // error here; path() then names files that do not exist, and playing them fails.
    FileAnnouncements(const std::string &directory, const std::string &state_directory);

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
    // The file's bytes. Problem: wav.no_file.
    [[nodiscard]] Expected<std::string> read(const Recording &recording) const;
    // Problems: wav.too_large, wav.malformed, wav.format, wav.empty, announcement.not_stored.
    [[nodiscard]] Expected<void> replace(const Recording &recording, std::string_view bytes);
    // The one that was made for it again, or none. No problem if nothing was replaced.
    [[nodiscard]] Expected<void> remove(const Recording &recording);

  private:
    [[nodiscard]] std::filesystem::path crisis_file(CrisisId id) const;
    [[nodiscard]] std::optional<std::string> there(std::optional<MunicipalityId> municipality,
                                                   const std::string &file) const;
    [[nodiscard]] std::filesystem::path replacement(const Recording &recording) const;
    [[nodiscard]] std::optional<std::string> generated(std::string_view name) const;
    std::filesystem::path directory_;
    std::filesystem::path replaced_;
};

} // namespace fernamt::telephony
