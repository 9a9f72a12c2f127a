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

std::string file_name(std::string_view name) {
    return std::string(name) + ".wav";
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
        const auto path = replaced_ / "generated" / file_name(routing::to_string(announcement));
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for(announcement)))))
            log::error("announcement.not_stored", {{"kind", routing::to_string(announcement)}});
    }
    for (const std::string_view word : kSwitchWords) {
        const auto path = replaced_ / "generated" / file_name(word);
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for_switch(word)))))
            log::error("announcement.not_stored", {{"kind", word}});
    }
}

fs::path FileAnnouncements::replacement(const Recording &recording) const {
    if (recording.crisis) return crisis_file(recording.crisis);
    const MunicipalityId town = recording.municipality.value_or(MunicipalityId{});
    return replaced_ / to_ars(town) / file_name(recording.name);
}

// Tones that say what must be heard: every announcement, and that an operator's switch is done.
std::optional<std::string> FileAnnouncements::generated(std::string_view name) const {
    const bool is_announcement = std::ranges::any_of(
        kAll, [&](routing::Announcement kind) { return routing::to_string(kind) == name; });
    const bool is_switch = std::ranges::find(kSwitchWords, name) != kSwitchWords.end();
    if (!is_announcement && !is_switch) return std::nullopt;
    return (replaced_ / "generated" / file_name(name)).string();
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
    return words(municipality, routing::to_string(announcement));
}

std::string FileAnnouncements::words(std::optional<MunicipalityId> municipality,
                                     std::string_view name) const {
    if (const auto spoken = there(municipality, file_name(name))) return *spoken;
    return generated(name).value_or("");
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

FileAnnouncements::Info FileAnnouncements::info(const Recording &recording) const {
    Info result;
    std::error_code error;
    result.replaced = fs::is_regular_file(replacement(recording), error);
    const auto bytes = read(recording);
    if (!bytes) return result;
    if (const auto wav = read_announcement(*bytes)) result.length = wav->length();
    return result;
}

Expected<std::string> FileAnnouncements::read(const Recording &recording) const {
    const auto &[municipality, name, id] = recording;
    return read_file(id ? crisis(id, municipality) : words(municipality, name), kMaxAnnouncement);
}

Expected<void> FileAnnouncements::replace(const Recording &recording, std::string_view bytes) {
    const auto wav = read_announcement(bytes);
    if (!wav) return tl::unexpected(wav.error());
    // Written anew from its samples: what else an uploaded file holds is nobody's business.
    const auto clean = write_wav(to_alaw(wav->samples));
    if (!write_whole(replacement(recording), clean))
        return fail(ProblemKind::unavailable, "announcement.not_stored");
    return {};
}

Expected<void> FileAnnouncements::remove(const Recording &recording) {
    std::error_code error;
    fs::remove(replacement(recording), error);
    if (error) return fail(ProblemKind::unavailable, "announcement.not_stored");
    return {};
}

} // namespace fernamt::telephony
