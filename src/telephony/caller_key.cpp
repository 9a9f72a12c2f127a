// SPDX-License-Identifier: EUPL-1.2
#include "telephony/caller_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fernamt::telephony {

namespace {

auto no_key(const char *reason) {
    return fail(ProblemKind::unavailable, "telephony.caller_key",
                {{"file", "caller.key"}, {"reason", reason}});
}

bool read_whole(const std::string &path, unsigned char *key, std::size_t size) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool whole = ::read(fd, key, size) == static_cast<ssize_t>(size);
    ::close(fd);
    return whole;
}

} // namespace

Expected<CallerKeys> CallerKeys::open(const std::string &state_directory) {
    CallerKeys keys;
    const std::string path = state_directory + "/caller.key";
    if (read_whole(path, keys.key_.data(), keys.key_.size())) return keys;
    if (RAND_priv_bytes(keys.key_.data(), static_cast<int>(keys.key_.size())) != 1) {
        return no_key("no random numbers");
    }
    // By rename: a kill in between leaves no half key.
    const std::string fresh = path + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return no_key(std::strerror(errno));
    const bool written =
        ::write(fd, keys.key_.data(), keys.key_.size()) == static_cast<ssize_t>(keys.key_.size()) &&
        ::fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
        return no_key(std::strerror(written ? errno : error));
    }
    return keys;
}

routing::CallerKey CallerKeys::of(const PhoneNumber &number) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char *>(number.e164.data()), number.e164.size(),
         digest.data(), &size);
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 7; ++i)
        value = value * 256 + digest.at(i);
    value &= (std::int64_t{1} << 53) - 1;
    return routing::CallerKey{value == 0 ? 1 : value};
}

} // namespace fernamt::telephony
