// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivery_uploads.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

namespace fernamt::knowledge {

namespace fs = std::filesystem;

namespace {

constexpr auto kPatience = std::chrono::hours(1);

// Its last part, as far as it can be a file's name here; the reader tells kinds by content.
std::string file_name(const std::string &name) {
    const auto slash = name.find_last_of("/\\");
    std::string made = slash == std::string::npos ? name : name.substr(slash + 1);
    for (char &c : made) {
        if (static_cast<unsigned char>(c) < 0x20) c = '_';
    }
    if (made.size() > 200) made.resize(200);
    if (made.empty() || made.front() == '.') made = "delivery" + made;
    return made;
}

void remove_quietly(const fs::path &path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

} // namespace

DeliveryUploads::DeliveryUploads(fs::path directory, const Clock &clock, Limits limits)
    : directory_(std::move(directory)), clock_(clock), limits_(limits) {
    remove_quietly(directory_); // of a process that was killed
}

DeliveryUploads::~DeliveryUploads() {
    remove_quietly(directory_);
}

Expected<void> DeliveryUploads::check_disk(std::uint64_t bytes) const {
    std::error_code error;
    const fs::path place = fs::exists(directory_, error) ? directory_ : directory_.parent_path();
    const auto space = fs::space(place, error);
    // Where it cannot be asked, writing will tell.
    if (error || space.available >= limits_.keep_free_bytes + bytes) return {};
    return fail(ProblemKind::unavailable, "knowledge.delivery_disk",
                {{"free", fmt::format("{}", space.available)},
                 {"keep", fmt::format("{}", limits_.keep_free_bytes)}});
}

Expected<fs::path> DeliveryUploads::make_folder() {
    std::error_code error;
    fs::create_directories(directory_, error);
    ::chmod(directory_.c_str(), 0700);
    std::string pattern = directory_ / "upload-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        return fail(ProblemKind::unavailable, "knowledge.upload_unwritable");
    }
    return fs::path(pattern);
}

Expected<void> DeliveryUploads::write(std::ostream &file, std::string_view bytes) {
    const std::scoped_lock lock(mutex_);
    return write_alone(file, bytes);
}

Expected<void> DeliveryUploads::write_alone(std::ostream &file, std::string_view bytes) const {
    if (auto room = check_disk(bytes.size()); !room) return room;
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) return fail(ProblemKind::unavailable, "knowledge.upload_unwritable");
    return {};
}

void DeliveryUploads::forget_abandoned() {
    for (auto one = uploads_.begin(); one != uploads_.end();) {
        if (clock_.now() - one->second.touched < kPatience) {
            ++one;
            continue;
        }
        remove_quietly(one->second.folder);
        one = uploads_.erase(one);
    }
}

Expected<std::string> DeliveryUploads::begin(UserId by, const std::string &name,
                                             std::uint64_t bytes) {
    if (bytes > limits_.most_bytes) {
        return fail(ProblemKind::too_large, "knowledge.upload_too_large",
                    {{"most", fmt::format("{}", limits_.most_bytes)}});
    }
    const std::scoped_lock lock(mutex_);
    forget_abandoned();
    if (uploads_.size() >= limits_.most_uploads) {
        return fail(ProblemKind::conflict, "knowledge.upload_too_many");
    }
    // The file, its rows while they wait, and what was before, for undo.
    if (auto room = check_disk(bytes * 4); !room) return tl::unexpected(room.error());
    auto folder = make_folder();
    if (!folder) return tl::unexpected(folder.error());
    Upload upload{.by = by,
                  .folder = *folder,
                  .file = *folder / file_name(name),
                  .bytes = bytes,
                  .touched = clock_.now()};
    std::ofstream(upload.file, std::ios::binary).flush();
    std::string id = folder->filename().string();
    uploads_.emplace(id, std::move(upload));
    return id;
}

Expected<DeliveryUploads::Uploads::iterator> DeliveryUploads::find(UserId by,
                                                                   const std::string &upload) {
    const auto found = uploads_.find(upload);
    // Somebody else's is not there.
    if (found == uploads_.end() || found->second.by != by) {
        return fail(ProblemKind::not_found, "knowledge.upload_not_found");
    }
    return found;
}

Expected<std::uint64_t> DeliveryUploads::add(UserId by, const std::string &upload,
                                             std::uint64_t offset, std::string_view bytes) {
    const std::scoped_lock lock(mutex_);
    const auto found = find(by, upload);
    if (!found) return tl::unexpected(found.error());
    Upload &it = (*found)->second;
    it.touched = clock_.now();
    if (offset + bytes.size() <= it.received) return it.received; // sent again
    if (offset != it.received || offset + bytes.size() > it.bytes) {
        return fail(
            ProblemKind::conflict, "knowledge.upload_offset",
            {{"received", fmt::format("{}", it.received)}, {"of", fmt::format("{}", it.bytes)}});
    }
    std::ofstream out(it.file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    if (auto written = write_alone(out, bytes); !written) return tl::unexpected(written.error());
    it.received += bytes.size();
    return it.received;
}

Expected<void> DeliveryUploads::drop(UserId by, const std::string &upload) {
    const std::scoped_lock lock(mutex_);
    const auto found = find(by, upload);
    if (!found) return tl::unexpected(found.error());
    remove_quietly((*found)->second.folder);
    uploads_.erase(*found);
    return {};
}

Expected<DeliveryUploads::Taken> DeliveryUploads::take(UserId by, const std::string &upload) {
    const std::scoped_lock lock(mutex_);
    const auto found = find(by, upload);
    if (!found) return tl::unexpected(found.error());
    const Upload &it = (*found)->second;
    if (it.received != it.bytes) {
        return fail(
            ProblemKind::conflict, "knowledge.upload_incomplete",
            {{"received", fmt::format("{}", it.received)}, {"of", fmt::format("{}", it.bytes)}});
    }
    Taken taken{it.folder, it.file};
    uploads_.erase(*found);
    return taken;
}

} // namespace fernamt::knowledge
