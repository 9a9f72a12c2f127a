// SPDX-License-Identifier: EUPL-1.2
#include "storage/file_lock.h"

#include "storage/file_owner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace fernamt::storage {

namespace {

// statfs(2): NFS, SMB, CIFS, SMB2, AFS, CODA, 9P.
constexpr std::array<unsigned long, 7> kNetworkFileSystems = {
    0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x5346414F, 0x73757245, 0x01021997};

} // namespace

Expected<std::unique_ptr<FileLock>> FileLock::take(const std::string &path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return file_problem(errno, path);
    std::unique_ptr<FileLock> lock(new FileLock(descriptor));
    if (const auto given = give_to_owner(path); !given) return tl::unexpected(given.error());
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return file_problem(errno, path);
    return fail(
        ProblemKind::conflict, "storage.in_use",
        {{"path", path}, {"remedy", "another Fernamt writes this database: stop it first"}});
}

FileLock::~FileLock() {
    ::close(descriptor_);
}

Expected<void> prepare_file(const std::string &path) {
    const std::string folder = folder_of(path);
    struct statfs info{};
    if (::statfs(folder.c_str(), &info) != 0) return file_problem(errno, folder);
    const auto type = static_cast<unsigned long>(info.f_type) & 0xFFFFFFFF;
    if (std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), type) !=
        kNetworkFileSystems.end()) {
        return fail(ProblemKind::unavailable, "storage.network_file_system",
                    {{"path", path}, {"remedy", "use a local disk, or PostgreSQL"}});
    }
    if (::access(path.c_str(), F_OK) == 0) return {};
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return file_problem(errno, path);
    ::close(file);
    if (auto given = give_to_owner(path); !given) return given;
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return file_problem(errno, folder);
    const int synced = ::fsync(directory);
    const int error = errno;
    ::close(directory);
    return synced == 0 ? Expected<void>{} : file_problem(error, folder);
}

} // namespace fernamt::storage
