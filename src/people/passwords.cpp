// SPDX-License-Identifier: EUPL-1.2
#include "people/passwords.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <stdexcept>

namespace fernamt::people {

namespace {

constexpr int kAtATime = 2;
constexpr int kMayWait = 4; // fewer than the server's workers: others are still served
constexpr std::chrono::seconds kLongestWait{3};
constexpr auto kOperations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr auto kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

void ready() {
    static const bool started = [] {
        if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised");
        return true;
    }();
    static_cast<void>(started);
}

std::counting_semaphore<kAtATime> &slots() {
    static std::counting_semaphore<kAtATime> free(kAtATime);
    return free;
}

class Turn {
  public:
    Turn() {
        static std::atomic<int> waiting = 0;
        taken_ = slots().try_acquire();
        if (taken_) return;
        if (++waiting <= kMayWait) taken_ = slots().try_acquire_for(kLongestWait);
        --waiting;
    }
    ~Turn() {
        if (taken_) slots().release();
    }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;
    [[nodiscard]] bool taken() const { return taken_; }

  private:
    bool taken_ = false;
};

auto busy() {
    return fail(ProblemKind::too_many, "session.slowed", {{"retry_after_seconds", "1"}});
}

std::string hash_now(std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str(out.data(), password.data(), password.size(), kOperations, kMemory) != 0)
        throw std::bad_alloc();
    return out.data();
}

std::string hex_digest(const EVP_MD *kind, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr) != 1)
        throw std::runtime_error("a message digest is missing in OpenSSL");
    std::string hex;
    for (unsigned i = 0; i < size; ++i)
        hex += fmt::format("{:02x}", digest.at(i));
    return hex;
}

} // namespace

Expected<std::string> hash_password(std::string_view password) {
    ready();
    const Turn turn;
    if (!turn.taken()) return busy();
    return hash_now(password);
}

Expected<bool> verify_password(const std::string &hash, std::string_view password) {
    ready();
    const Turn turn;
    if (!turn.taken()) return busy();
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Expected<bool> verify_nobody(std::string_view password) {
    ready();
    static const std::string nobody = hash_now("nobody has this password");
    const auto verified = verify_password(nobody, password);
    if (!verified) return verified;
    return false;
}

bool needs_rehash(const std::string &hash) {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), kOperations, kMemory) != 0;
}

std::string random_token() {
    ready();
    std::array<unsigned char, 32> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
    text.pop_back(); // the terminating NUL
    return text;
}

std::string random_readable_secret() {
    ready();
    // No 0/O, 1/l/i: it is read from a screen and typed into a phone.
    static constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789"; // 31
    std::string text;
    for (int i = 0; i < 20; ++i) {
        if (i > 0 && i % 4 == 0) text += '-';
        text += letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))];
    }
    return text;
}

std::vector<std::byte> sha256(std::string_view text) {
    ready();
    std::vector<std::byte> out(crypto_hash_sha256_BYTES);
    crypto_hash_sha256(reinterpret_cast<unsigned char *>(out.data()),
                       reinterpret_cast<const unsigned char *>(text.data()), text.size());
    return out;
}

SipHashes sip_hashes(std::string_view user, std::string_view password) {
    const std::string text = fmt::format("{}:{}:{}", user, kSipRealm, password);
    return {hex_digest(EVP_md5(), text), hex_digest(EVP_sha256(), text)};
}

} // namespace fernamt::people
