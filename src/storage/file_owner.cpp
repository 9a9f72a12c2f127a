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
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

// Of each file what was looked at is what is given away (O_PATH), whatever its name says by then.
// False: errno says why.
bool give(int directory, const char *name, const struct stat &to) {
    const Descriptor file(::openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return errno == ENOENT;
    if (S_ISREG(info.st_mode) ? info.st_nlink > 1 : !S_ISDIR(info.st_mode)) return true;
    if (S_ISDIR(info.st_mode)) { // first what is in it: it is still root's alone
        const int opened =
            ::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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
    if (path.empty() || ::access(path.c_str(), F_OK) == 0) return {};
    const std::string folder = folder_of(path);
    if (auto made = make_directories(folder); !made) return made;
    if (::mkdir(path.c_str(), kModes) != 0) {
        return errno == EEXIST ? Expected<void>{} : file_problem(errno, path);
    }
    struct stat owner{};
    if (::stat(folder.c_str(), &owner) != 0) return file_problem(errno, folder);
    if (::geteuid() != 0 || owner.st_uid == 0) return {};
    const Descriptor made(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (made.get() < 0 || ::fchmod(made.get(), owner.st_mode & kModes) != 0)
        return file_problem(errno, path);
    return give_to_owner(path);
}

} // namespace fernamt::storage
