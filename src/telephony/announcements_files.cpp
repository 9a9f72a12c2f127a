// SPDX-License-Identifier: EUPL-1.2
#include "telephony/announcements_files.h"

#include "base/log.h"
#include "ledger/entry_hash.h"
#include "telephony/announcements_music.h"
#include "telephony/wav.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace fernamt::telephony {
namespace {

namespace fs = std::filesystem;

constexpr std::array kAll = {routing::Announcement::greeting, routing::Announcement::waiting_music,
                             routing::Announcement::closed, routing::Announcement::unknown_number,
                             routing::Announcement::nobody_available};

// A sound that no version names: one start with the wrong database, or with an older copy of it,
// must cost nobody's recordings.
constexpr std::string_view kUnnamed = ".unnamed"; // "<sha256>.wav.unnamed", changed when set aside
constexpr auto kUnnamedStays = std::chrono::days{30};

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

bool sync_folder(const fs::path &folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return synced;
}

bool write_and_sync(const fs::path &path, std::string_view bytes) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); // rtpengine reads it
    if (descriptor < 0) return false;
    bool written = true;
    while (written && !bytes.empty()) {
        const ssize_t now = ::write(descriptor, bytes.data(), bytes.size());
        if (now < 0 && errno == EINTR) continue;
        written = now > 0;
        if (written) bytes.remove_prefix(static_cast<std::size_t>(now));
    }
    written = written && ::fsync(descriptor) == 0;
    return ::close(descriptor) == 0 && written;
}

// As a whole or not at all, also when the machine loses its power: rtpengine may be opening the
// file right now, and a row of the database will name it.
bool write_whole(const fs::path &path, std::string_view bytes) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const auto temporary = fs::path(path).concat(".new");
    if (!write_and_sync(temporary, bytes)) {
        fs::remove(temporary, error);
        return false;
    }
    fs::rename(temporary, path, error);
    return !error && sync_folder(path.parent_path());
}

std::string sha256_of(std::string_view bytes) {
    ledger::Hash hash{};
    unsigned int size = 0;
    auto *out = reinterpret_cast<unsigned char *>(hash.data()); // NOLINT: OpenSSL's bytes
    if (EVP_Digest(bytes.data(), bytes.size(), out, &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return ledger::to_hex(hash);
}

// "032410019019/greeting", "crisis/7"
std::string place_of(const FileAnnouncements::Recording &recording) {
    if (recording.crisis) return "crisis/" + std::to_string(recording.crisis.value);
    const MunicipalityId town = recording.municipality.value_or(MunicipalityId{});
    return to_ars(town) + "/" + std::string(recording.name);
}

// What a program without versions has left and nobody could take over (a full disk) stays heard
// until a version begins.
std::optional<std::string> of_older_program(const fs::path &state,
                                            const FileAnnouncements::Recording &recording) {
    std::error_code error;
    const fs::path path = state / file_name(place_of(recording));
    if (!fs::is_regular_file(path, error)) return std::nullopt;
    return path.string();
}

Instant changed_at(const fs::path &path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {info.st_mtim.tv_sec * std::int64_t{1'000'000} + info.st_mtim.tv_nsec / 1'000};
}

void set_changed(const fs::path &path, Instant now) {
    const timespec when{now.us / 1'000'000, now.us % 1'000'000 * 1'000};
    const std::array both{when, when};
    (void)::utimensat(AT_FDCWD, path.c_str(), both.data(), 0);
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

} // namespace

FileAnnouncements::FileAnnouncements(const std::string &directory,
                                     const std::string &state_directory, const Clock &clock)
    : directory_(absolute(directory)), state_(absolute(state_directory) / "announcements"),
      clock_(clock) {
    for (const auto announcement : kAll) {
        const auto path = state_ / "generated" / file_name(routing::to_string(announcement));
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for(announcement)))))
            log::error("announcement.not_stored", {{"kind", routing::to_string(announcement)}});
    }
    for (const std::string_view word : kSwitchWords) {
        const auto path = state_ / "generated" / file_name(word);
        std::error_code error;
        if (fs::exists(path, error)) continue;
        if (!write_whole(path, write_wav(to_alaw(signal_for_switch(word)))))
            log::error("announcement.not_stored", {{"kind", word}});
    }
}

// Tones that say what must be heard: every announcement, and that an operator's switch is done.
std::optional<std::string> FileAnnouncements::generated(std::string_view name) const {
    const bool is_announcement = std::ranges::any_of(
        kAll, [&](routing::Announcement kind) { return routing::to_string(kind) == name; });
    const bool is_switch = std::ranges::find(kSwitchWords, name) != kSwitchWords.end();
    if (!is_announcement && !is_switch) return std::nullopt;
    return (state_ / "generated" / file_name(name)).string();
}

std::string FileAnnouncements::kept(const std::string &file) const {
    return (state_ / "recordings" / file_name(file)).string();
}

std::optional<std::string> FileAnnouncements::in_force(const Recording &recording) const {
    std::string file;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = versions_.find(place_of(recording));
        const std::vector<Begin> none;
        const std::vector<Begin> &all = found == versions_.end() ? none : found->second;
        const auto next = std::ranges::upper_bound(all, clock_.now(), {}, &Begin::from);
        if (next == all.begin()) return of_older_program(state_, recording);
        file = std::prev(next)->file;
    }
    if (file.empty()) return std::nullopt;
    std::error_code error;
    std::string path = kept(file);
    if (fs::is_regular_file(path, error)) return path;
    return std::nullopt; // the database came back from a backup without its files
}

std::optional<std::string> FileAnnouncements::there(std::optional<MunicipalityId> municipality,
                                                    std::string_view name) const {
    std::vector<fs::path> candidates;
    if (municipality) {
        if (auto own = in_force({municipality, name})) return own;
        candidates.push_back(directory_ / to_ars(*municipality) / file_name(name));
    }
    candidates.push_back(directory_ / "general" / file_name(name));
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
    if (const auto spoken = there(municipality, name)) return *spoken;
    return generated(name).value_or("");
}

std::string FileAnnouncements::crisis(CrisisId id,
                                      std::optional<MunicipalityId> municipality) const {
    if (auto own = in_force(of_crisis(id, municipality))) return *own;
    return words(municipality, "crisis");
}

FileAnnouncements::Info FileAnnouncements::info(const Recording &recording) const {
    Info result;
    result.replaced = in_force(recording).has_value();
    const auto bytes = read(recording);
    if (!bytes) return result;
    if (const auto wav = read_announcement(*bytes)) result.length = wav->length();
    return result;
}

Expected<std::string> FileAnnouncements::read(const Recording &recording) const {
    const auto &[municipality, name, id] = recording;
    return read_file(id ? crisis(id, municipality) : words(municipality, name), kMaxAnnouncement);
}

Expected<FileAnnouncements::Kept> FileAnnouncements::keep(std::string_view bytes) {
    const auto wav = read_announcement(bytes);
    if (!wav) return tl::unexpected(wav.error());
    // Written anew from its samples: what else an uploaded file holds is nobody's business.
    const auto clean = write_wav(to_alaw(wav->samples));
    Kept done{sha256_of(clean), wav->length(), static_cast<std::int64_t>(clean.size())};
    if (!write_whole(kept(done.file), clean))
        return fail(ProblemKind::unavailable, "announcement.not_stored");
    return done;
}

Expected<std::string> FileAnnouncements::read_kept(const std::string &file) const {
    return read_file(kept(file), kMaxAnnouncement);
}

std::int64_t FileAnnouncements::kept_bytes(const std::string &file) const {
    std::error_code error;
    const auto size = fs::file_size(kept(file), error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

void FileAnnouncements::forget_all_but(const std::set<std::string> &files) {
    std::error_code error;
    const Instant now = clock_.now();
    std::vector<fs::path> over, aside, back;
    for (const auto &entry : fs::directory_iterator(state_ / "recordings", error)) {
        const fs::path &path = entry.path();
        if (path.extension() == ".new") { // half of one
            over.push_back(path);
        } else if (path.extension() == ".wav") {
            if (!files.contains(path.stem().string())) aside.push_back(path);
        } else if (path.extension() == kUnnamed) {
            if (files.contains(path.stem().stem().string())) {
                back.push_back(path);
            } else if (changed_at(path) + kUnnamedStays < now) {
                over.push_back(path);
            }
        }
    }
    for (const fs::path &path : over)
        fs::remove(path, error);
    for (const fs::path &path : aside) {
        set_changed(path, now);
        fs::rename(path, fs::path(path).concat(kUnnamed), error);
    }
    for (const fs::path &path : back)
        fs::rename(path, fs::path(path).replace_extension(), error);
}

void FileAnnouncements::follow(const std::vector<Version> &versions) {
    std::map<std::string, std::vector<Begin>, std::less<>> now;
    for (const Version &version : versions)
        now[place_of(version.of)].push_back({version.from, version.file});
    const std::scoped_lock lock(mutex_);
    versions_ = std::move(now);
}

std::vector<FileAnnouncements::Old> FileAnnouncements::of_older_programs() const {
    std::vector<Old> found;
    std::error_code error;
    for (const auto &folder : fs::directory_iterator(state_, error)) {
        const std::string owner = folder.path().filename().string();
        const auto town = parse_ars(owner);
        if (!town && owner != "crisis") continue;
        for (const auto &file : fs::directory_iterator(folder.path(), error)) {
            if (file.path().extension() != ".wav") continue;
            const std::string name = file.path().stem().string();
            Old old{town,
                    {},
                    town ? name : "crisis",
                    std::min(changed_at(file.path()), clock_.now()),
                    file.path().string()};
            const auto plan = town ? std::nullopt : number_in(name);
            if (!town && !plan) continue;
            if (plan) old.crisis = CrisisId{*plan};
            found.push_back(std::move(old));
        }
    }
    return found;
}

} // namespace fernamt::telephony
