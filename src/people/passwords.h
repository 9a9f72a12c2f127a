// SPDX-License-Identifier: EUPL-1.2
// Passwords and secrets, on libsodium: argon2id at libsodium's INTERACTIVE strength (64 MiB), at
// most two at a time in the whole process, so that a flood of sign-ins takes neither the memory nor
// the cores. Random tokens, their hashes, and the digests that SIP phones need (RFC 8760).
#pragma once

#include "base/problem.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

inline constexpr std::size_t kShortestPassword = 12; // bytes
inline constexpr std::size_t kLongestPassword = 1000;

// too_many "session.slowed" {retry_after_seconds} when too many others wait for their turn.
[[nodiscard]] Expected<std::string> hash_password(std::string_view password);
[[nodiscard]] Expected<bool> verify_password(const std::string &hash, std::string_view password);
// Takes as long as verify_password and says no: for a login that does not exist.
[[nodiscard]] Expected<bool> verify_nobody(std::string_view password);
[[nodiscard]] bool needs_rehash(const std::string &hash);

[[nodiscard]] std::string random_token();           // 32 bytes, base64url without padding
[[nodiscard]] std::string random_readable_secret(); // 100 bits in groups of four, for typing
[[nodiscard]] std::vector<std::byte> sha256(std::string_view text);

inline constexpr std::string_view kSipRealm = "fernamt";
struct SipHashes { // lower-case hex of H(user:realm:password)
    std::string md5;
    std::string sha256;
};
[[nodiscard]] SipHashes sip_hashes(std::string_view user, std::string_view password);

} // namespace fernamt::people
