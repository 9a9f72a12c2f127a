// SPDX-License-Identifier: EUPL-1.2
#include "ledger/entry_hash.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace fernamt::ledger {

struct EntryHasher::Impl {
    EVP_MD *algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    std::string bytes; // the canonical form, kept for its memory

    void put(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<char>((bits >> shift) & 0xff));
        }
    }
    void put(std::string_view text) {
        put(static_cast<std::int64_t>(text.size()));
        bytes += text;
    }
    Hash digest() const {
        Hash hash{};
        unsigned size = 0;
        // The two fail only without memory or without a provider: the process cannot go on.
        if (EVP_DigestInit_ex2(context, algorithm, nullptr) != 1 ||
            EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
            EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char *>(hash.data()), &size) !=
                1 ||
            size != hash.size()) {
            throw std::runtime_error("SHA-256 is not available");
        }
        return hash;
    }
};

EntryHasher::EntryHasher() : impl_(std::make_unique<Impl>()) {
    if (impl_->algorithm == nullptr || impl_->context == nullptr) {
        throw std::runtime_error("SHA-256 is not available");
    }
}

EntryHasher::~EntryHasher() {
    EVP_MD_CTX_free(impl_->context);
    EVP_MD_free(impl_->algorithm);
}

Hash EntryHasher::operator()(const Hash &previous, std::int64_t seq, const NewEntry &entry) {
    std::string &bytes = impl_->bytes;
    bytes.assign(1, '\0');
    bytes.append(reinterpret_cast<const char *>(previous.data()), previous.size());
    impl_->put(seq);
    impl_->put(entry.at.us);
    impl_->put(entry.call.value_or(CallId{}).value);
    impl_->put(entry.municipality.value_or(MunicipalityId{}).value);
    impl_->put(entry.type);
    impl_->put(entry.payload);
    return impl_->digest();
}

Hash EntryHasher::commitment(const storage::Blob &salt, std::string_view value) {
    std::string &bytes = impl_->bytes;
    bytes.assign(1, '\2');
    impl_->put(std::string_view(reinterpret_cast<const char *>(salt.data()), salt.size()));
    bytes += value;
    return impl_->digest();
}

std::string to_hex(const Hash &hash) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(hash.size() * 2);
    for (const std::byte byte : hash) {
        text.push_back(kDigits[std::to_integer<unsigned>(byte) >> 4]);
        text.push_back(kDigits[std::to_integer<unsigned>(byte) & 0xf]);
    }
    return text;
}

} // namespace fernamt::ledger
