// SPDX-License-Identifier: EUPL-1.2
#include "storage/file_owner.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

namespace fernamt::storage {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kModes = 0777;

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor &operator=(Descriptor &&) = delete;
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

// Of each file what was looked at is what is read and given away (O_PATH), whatever its name says
// by then. False: errno says why.
bool give(int directory, const char *name, const struct stat &to) {
    const Descriptor file(::openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return errno == ENOENT;
    if (S_ISREG(info.st_mode) ? info.st_nlink > 1 : !S_ISDIR(info.st_mode)) return true;
    if (S_ISDIR(info.st_mode)) { // first what is in it: it is still root's alone
        const int opened = ::openat(file.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (opened < 0) return errno == ENOENT;
        const std::unique_ptr<DIR, int (*)(DIR *)> within(::fdopendir(opened), &::closedir);
        if (!within) {
            ::close(opened);
            return false;
        }
        while (const dirent *each = ::readdir(within.get())) {
            const std::string_view here(each->d_name);
            if (here == "." || here == "..") continue;
            if (!give(opened, each->d_name, to)) return false;
        }
    }
    if (info.st_uid != 0) return true;
    return ::fchownat(file.get(), "", to.st_uid, to.st_gid, AT_EMPTY_PATH) == 0 || errno == EPERM;
}

// In the directory that is open; what comes of it is open, too, so that nobody puts another in its
// place before it gets its mode and its owner.
Expected<Descriptor> made_within(const Descriptor &folder, const std::string &path) {
    const std::string name = fs::path(path).filename().string();
    const bool fresh = ::mkdirat(folder.get(), name.c_str(), kModes) == 0;
    if (!fresh && errno != EEXIST) return file_problem(errno, path);
    const int links = fresh ? O_NOFOLLOW : 0;
    Descriptor made(::openat(folder.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | links));
    struct stat owner{};
    struct stat info{};
    if (made.get() < 0 || ::fstat(folder.get(), &owner) != 0 || ::fstat(made.get(), &info) != 0)
        return file_problem(errno, path);
    if (!fresh || info.st_uid != 0 || owner.st_uid == 0) return made;
    const Descriptor opened(::openat(made.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0 || ::fchmod(opened.get(), owner.st_mode & kModes) != 0)
        return file_problem(errno, path);
    if (::fchown(opened.get(), owner.st_uid, owner.st_gid) != 0 && errno != EPERM)
        return file_problem(errno, path);
    return made;
}

Expected<Descriptor> directory_at(const std::string &path) {
    Descriptor there(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (there.get() >= 0) return there;
    if (const int error = errno; error != ENOENT || folder_of(path) == path)
        return file_problem(error, path);
    auto above = directory_at(folder_of(path));
    if (!above || !fs::path(path).has_filename()) return above;
    return made_within(*above, path);
}

} // namespace

std::string folder_of(const std::string &path) {
    const std::string folder = fs::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

tl::unexpected<Problem> file_problem(int error, const std::string &path) {
    if (error == EROFS || error == EACCES || error == EPERM) {
        return fail(ProblemKind::unavailable, "storage.read_only", {{"path", path}});
    }
    if (error == ENOSPC || error == EDQUOT) {
        return fail(ProblemKind::unavailable, "storage.full", {{"path", path}});
    }
    return fail(ProblemKind::unavailable, "storage.unavailable",
                {{"path", path}, {"reason", std::strerror(error)}});
}

Expected<void> give_to_owner(const std::string &path) {
    if (::geteuid() != 0) return {};
    const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat owner{};
    if (folder.get() < 0 || ::fstat(folder.get(), &owner) != 0) return file_problem(errno, path);
    if (owner.st_uid == 0) return {};
    const std::string name = fs::path(path).filename().string();
    if (!give(folder.get(), name.c_str(), owner)) return file_problem(errno, path);
    return {};
}

Expected<void> make_directories(const std::string &path) {
    if (path.empty()) return {};
    if (const auto there = directory_at(path); !there) return tl::unexpected(there.error());
    return {};
}

} // namespace fernamt::storage
