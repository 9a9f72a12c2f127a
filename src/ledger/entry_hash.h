// SPDX-License-Identifier: EUPL-1.2
// The hash that chains the ledger's entries. SHA-256 over a form that can be read in one way only:
//
//     0x00                        domain: a ledger entry (leaves 0x01 for trees, RFC 6962 2.1)
//     previous                    32 bytes, all zero before the first entry
//     seq, at                     8 bytes each, big-endian, two's complement
//     call, municipality          8 bytes each, 0 if there is none
//     length and bytes of type    length: 8 bytes, big-endian
//     length and bytes of payload
//
// A municipality can write its own verifier from these lines.
#pragma once

#include "ledger/ledger.h"

#include <memory>
#include <string>
#include <string_view>

namespace fernamt::ledger {

// Keeps OpenSSL's context between entries. Not for two threads at once.
class EntryHasher {
  public:
    EntryHasher();
    ~EntryHasher();
    EntryHasher(const EntryHasher &) = delete;
    EntryHasher &operator=(const EntryHasher &) = delete;

    [[nodiscard]] Hash operator()(const Hash &previous, std::int64_t seq, const NewEntry &entry);
    // SHA-256(0x02 || length and bytes of salt || value): the commitment to a personal value.
    [[nodiscard]] Hash commitment(const storage::Blob &salt, std::string_view value);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

[[nodiscard]] std::string to_hex(const Hash &hash);

} // namespace fernamt::ledger
