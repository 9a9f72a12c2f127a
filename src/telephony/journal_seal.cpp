// SPDX-License-Identifier: EUPL-1.2
#include "telephony/journal_seal.h"

#include "base/log.h"
#include "telephony/random_ahead.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

namespace fernamt::telephony {

namespace {

constexpr std::size_t kNonceBytes = 12; // GCM's own length (NIST SP 800-38D, 5.2.1.1)
constexpr std::size_t kTagBytes = 16;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

int length_of(std::size_t bytes) {
    return static_cast<int>(bytes);
}

std::string key_directory() {
    const char *systemd = std::getenv("RUNTIME_DIRECTORY");
    return systemd != nullptr && *systemd != '\0' ? systemd : "/dev/shm";
}

// One key per journal and owner; a directory is known by its device and inode.
std::string key_path(const std::string &state_directory) {
    struct stat info{};
    if (::stat(state_directory.c_str(), &info) != 0) return {};
    return fmt::format("{}/fernamt-{}-{:x}-{:x}.key", key_directory(), ::geteuid(), info.st_dev,
                       info.st_ino);
}

// Only a file that nobody else can have written or read.
bool read_key(const std::string &path, unsigned char *key, std::size_t size) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    struct stat info{};
    const bool ours = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                      info.st_uid == ::geteuid() && (info.st_mode & 077) == 0;
    const bool whole = ours && ::read(fd, key, size) == static_cast<ssize_t>(size);
    ::close(fd);
    return whole;
}

bool write_key(const std::string &path, const unsigned char *key, std::size_t size) {
    ::unlink(path.c_str()); // a half one of ours; a stranger's stays, and O_EXCL refuses
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    const bool whole = ::write(fd, key, size) == static_cast<ssize_t>(size);
    ::close(fd);
    return whole;
}

} // namespace

// Setting the key up costs several times what a line costs: once, not per line.
struct JournalSeal::Press {
    explicit Press(const unsigned char *key) : cipher(EVP_CIPHER_CTX_new()) {
        if (!cipher ||
            EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key, nullptr) != 1)
            throw std::runtime_error("cannot seal");
    }

    Cipher cipher;
    std::vector<unsigned char> bytes; // kept for its memory
};

JournalSeal::JournalSeal() = default;
JournalSeal::JournalSeal(JournalSeal &&) noexcept = default;
JournalSeal::~JournalSeal() = default;

JournalSeal JournalSeal::open(const std::string &state_directory) {
    JournalSeal seal;
    seal.path_ = key_path(state_directory);
    if (!seal.path_.empty() && read_key(seal.path_, seal.key_.data(), kKeyBytes)) return seal;
    if (RAND_priv_bytes(seal.key_.data(), length_of(kKeyBytes)) != 1) {
        throw std::runtime_error("no random numbers"); // nothing may be written in clear
    }
    if (seal.path_.empty() || !write_key(seal.path_, seal.key_.data(), kKeyBytes)) {
        log::warning("journal.key_in_process_only", {});
        seal.path_.clear();
    }
    return seal;
}

std::string JournalSeal::seal(std::string_view line) {
    if (!press_) press_ = std::make_unique<Press>(key_.data());
    std::vector<unsigned char> &bytes = press_->bytes;
    bytes.resize(kNonceBytes + line.size() + kTagBytes);
    random_ahead(bytes.data(), kNonceBytes);
    unsigned char *text = bytes.data() + kNonceBytes;
    EVP_CIPHER_CTX *cipher = press_->cipher.get();
    int written = 0;
    const bool done = EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes.data()) == 1 &&
                      EVP_EncryptUpdate(cipher, text, &written,
                                        reinterpret_cast<const unsigned char *>(line.data()),
                                        length_of(line.size())) == 1 &&
                      EVP_EncryptFinal_ex(cipher, text + written, &written) == 1 &&
                      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, length_of(kTagBytes),
                                          text + line.size()) == 1;
    if (!done) throw std::runtime_error("cannot seal"); // nothing may be written in clear
    std::string sealed(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    sealed.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char *>(sealed.data()), bytes.data(), length_of(bytes.size()))));
    return sealed;
}

std::optional<std::string> JournalSeal::unseal(std::string_view sealed) const {
    if (sealed.empty() || sealed.size() % 4 != 0) return std::nullopt;
    std::vector<unsigned char> bytes(sealed.size() / 4 * 3);
    const int decoded =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char *>(sealed.data()),
                        length_of(sealed.size()));
    const std::size_t padding = sealed.ends_with("==") ? 2 : sealed.ends_with("=") ? 1 : 0;
    if (decoded < 0 || bytes.size() - padding < kNonceBytes + kTagBytes) return std::nullopt;
    const std::size_t size = bytes.size() - padding - kNonceBytes - kTagBytes;
    const unsigned char *text = bytes.data() + kNonceBytes;
    std::vector<unsigned char> tag(text + size, text + size + kTagBytes);
    std::string line(size, '\0');
    auto *out = reinterpret_cast<unsigned char *>(line.data());
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    const bool genuine =
        cipher &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes.data()) &&
        EVP_DecryptUpdate(cipher.get(), out, &written, text, length_of(size)) &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, length_of(kTagBytes), tag.data()) &&
        EVP_DecryptFinal_ex(cipher.get(), out + written, &written) > 0;
    if (!genuine) return std::nullopt;
    return line;
}

void JournalSeal::forget() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

} // namespace fernamt::telephony
