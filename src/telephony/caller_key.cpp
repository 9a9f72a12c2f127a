// SPDX-License-Identifier: EUPL-1.2
#include "telephony/caller_key.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

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
    if (read_whole(path, keys.key_.data(), keys.key_.size())) {
        keys.prepare();
        return keys;
    }
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
    keys.prepare();
    return keys;
}

void CallerKeys::prepare() {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
    mac_ = {hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr, EVP_MAC_CTX_free};
    char sha256[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", sha256, 0),
                                     OSSL_PARAM_construct_end()};
    if (!mac_ || EVP_MAC_init(mac_.get(), key_.data(), key_.size(), parameters) != 1)
        throw std::runtime_error("HMAC-SHA-256 is not available");
}

routing::CallerKey CallerKeys::of(const PhoneNumber &number) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    const auto *text = reinterpret_cast<const unsigned char *>(number.e164.data());
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 || // again, with the key it has
        EVP_MAC_update(mac_.get(), text, number.e164.size()) != 1 ||
        EVP_MAC_final(mac_.get(), digest.data(), &size, digest.size()) != 1)
        throw std::runtime_error("HMAC-SHA-256 is not available");
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 7; ++i)
        value = value * 256 + digest.at(i);
    value &= (std::int64_t{1} << 53) - 1;
    return routing::CallerKey{value == 0 ? 1 : value};
}

} // namespace fernamt::telephony
