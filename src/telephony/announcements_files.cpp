// SPDX-License-Identifier: EUPL-1.2
#include "telephony/announcements_files.h"

#include "base/log.h"
#include "telephony/announcements_music.h"
#include "telephony/wav.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace fernamt::telephony {
namespace {

namespace fs = std::filesystem;

constexpr std::array kAll = {routing::Announcement::greeting, routing::Announcement::waiting_music,
                             routing::Announcement::closed, routing::Announcement::unknown_number,
                             routing::Announcement::nobody_available};

constexpr std::array<std::string_view, 3> kSwitchWords = {"office_absent", "office_there",
                                                          "office_timetable"};

fs::path absolute(const std::string &path) {
    std::error_code error;
    auto result = fs::absolute(path, error); // rtpengine works in another directory
    return error ? fs::path(path) : result;
}

std::string file_name(routing::Announcement announcement) {
    return std::string(routing::to_string(announcement)) + ".wav";
}

// As a whole or not at all: rtpengine may be opening the file right now.
bool write_whole(const fs::path &path, std::string_view bytes) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const auto temporary = fs::path(path).concat(".new");
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) {
            fs::remove(temporary, error);
            return false;
        }
    }
    fs::rename(temporary, path, error);
    return !error;
}

} // namespace

FileAnnouncements::FileAnnouncements(const std::string &directory,
                                     const std::string &state_directory)
    : directory_(absolute(directory)), replaced_(absolute(state_directory) / "announcements") {
    for (const auto announcement : kAll) {
        const auto path = replaced_ / "generated" / file_name(announcement);
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for(announcement)))))
            log::error("announcement.not_stored", {{"kind", routing::to_string(announcement)}});
    }
    for (const std::string_view word : kSwitchWords) {
        const auto path = replaced_ / "generated" / (std::string(word) + ".wav");
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for_switch(word)))))
            log::error("announcement.not_stored", {{"kind", word}});
    }
}

fs::path FileAnnouncements::replacement(MunicipalityId municipality,
                                        routing::Announcement announcement) const {
    return replaced_ / to_ars(municipality) / file_name(announcement);
}

std::optional<std::string> FileAnnouncements::there(std::optional<MunicipalityId> municipality,
                                                    const std::string &file) const {
    std::vector<fs::path> candidates;
    if (municipality) {
        candidates.push_back(replaced_ / to_ars(*municipality) / file);
        candidates.push_back(directory_ / to_ars(*municipality) / file);
    }
    candidates.push_back(directory_ / "general" / file);
    for (const auto &candidate : candidates) {
        std::error_code error;
        if (fs::is_regular_file(candidate, error)) return candidate.string();
    }
    return std::nullopt;
}

std::string FileAnnouncements::path(std::optional<MunicipalityId> municipality,
                                    routing::Announcement announcement) const {
    const auto name = file_name(announcement);
    const auto found = there(municipality, name);
    return found ? *found : (replaced_ / "generated" / name).string();
}

std::string FileAnnouncements::words(std::optional<MunicipalityId> municipality,
                                     std::string_view name) const {
    const std::string file = std::string(name) + ".wav";
    if (const auto spoken = there(municipality, file)) return *spoken;
    const bool tones = std::find(kSwitchWords.begin(), kSwitchWords.end(), name) !=
                       kSwitchWords.end(); // an operator must hear that it is done
    return tones ? (replaced_ / "generated" / file).string() : "";
}

fs::path FileAnnouncements::crisis_file(CrisisId id) const {
    return replaced_ / "crisis" / (std::to_string(id.value) + ".wav");
}

std::string FileAnnouncements::crisis(CrisisId id,
                                      std::optional<MunicipalityId> municipality) const {
    std::error_code error;
    const auto own = crisis_file(id);
    return fs::is_regular_file(own, error) ? own.string() : words(municipality, "crisis");
}

FileAnnouncements::Info FileAnnouncements::info(MunicipalityId municipality,
                                                routing::Announcement announcement) const {
    Info result;
    result.announcement = announcement;
    std::error_code error;
    result.replaced = fs::is_regular_file(replacement(municipality, announcement), error);
    const auto bytes = read(municipality, announcement);
    if (!bytes) return result;
    if (const auto wav = read_announcement(*bytes)) result.length = wav->length();
    return result;
}

Expected<std::string> FileAnnouncements::read(MunicipalityId municipality,
                                              routing::Announcement announcement) const {
    return read_file(path(municipality, announcement), kMaxAnnouncement);
}

Expected<void> FileAnnouncements::replace(MunicipalityId municipality,
                                          routing::Announcement announcement,
                                          std::string_view bytes) {
    const auto wav = read_announcement(bytes);
    if (!wav) return tl::unexpected(wav.error());
    // Written anew from its samples: what else an uploaded file holds is nobody's business.
    const auto clean = write_wav(to_alaw(wav->samples));
    if (!write_whole(replacement(municipality, announcement), clean))
        return fail(ProblemKind::unavailable, "announcement.not_stored");
    return {};
}

Expected<void> FileAnnouncements::remove(MunicipalityId municipality,
                                         routing::Announcement announcement) {
    std::error_code error;
    fs::remove(replacement(municipality, announcement), error);
    if (error) return fail(ProblemKind::unavailable, "announcement.not_stored");
    return {};
}

} // namespace fernamt::telephony
