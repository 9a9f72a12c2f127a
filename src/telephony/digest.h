// SPDX-License-Identifier: EUPL-1.2
// Digest authentication for SIP (RFC 3261 22, RFC 7616, RFC 8760): MD5 and SHA-256, qop=auth, both
// sides. Nonces are random, expire, are signed with a key of this process, and each nonce count is
// accepted once. Knows no message format but the digest header's value.
#pragma once

#include "base/time.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {

enum class DigestAlgorithm { md5, sha256 };

// H(user:realm:password) in lower-case hex: what is stored instead of a password.
struct PhoneSecret {
    std::string ha1_md5;
    std::string ha1_sha256; // empty: only MD5 is offered (baresip 1.0.0 fails on SHA-256)
};
[[nodiscard]] PhoneSecret make_phone_secret(std::string_view user, std::string_view realm,
                                            std::string_view password);

// The parameters of "Digest a=b, c=\"d\"", names in lower case. Empty if it is no Digest.
[[nodiscard]] std::map<std::string, std::string> parse_digest(std::string_view header_value);

struct DigestInput {
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    std::string ha1;
    std::string nonce;
    std::string method;
    std::string uri;
    std::string qop; // "auth" or empty (RFC 2069)
    std::string nc;
    std::string cnonce;
};
[[nodiscard]] std::string digest_response(const DigestInput &input);

// ---- as server

enum class DigestCheck { accepted, wrong, stale, missing };

class DigestServer {
  public:
    explicit DigestServer(std::string realm, Duration nonce_life = std::chrono::minutes(5));

    // Values for WWW-Authenticate, strongest first; with_sha256 only for phones that know it.
    [[nodiscard]] std::vector<std::string> challenges(bool with_sha256, bool stale, Instant now);
    // secret is empty for an unknown user: takes the same steps and says "wrong".
    [[nodiscard]] DigestCheck check(std::string_view header_value, std::string_view method,
                                    const std::optional<PhoneSecret> &secret, Instant now);
    [[nodiscard]] const std::string &realm() const { return realm_; }
    [[nodiscard]] std::size_t open_nonces() const { return counts_.size(); }

  private:
    [[nodiscard]] std::string make_nonce(Instant now);
    [[nodiscard]] bool genuine(std::string_view nonce, Instant &made) const;
    [[nodiscard]] bool first_use(const std::string &nonce, std::uint32_t count, Instant made,
                                 Instant now);

    std::string realm_;
    Duration nonce_life_;
    std::array<unsigned char, 32> key_{};
    struct Count {
        Instant made;
        std::uint32_t highest = 0;
    };
    std::map<std::string, Count> counts_;
    Instant swept_;
};

// ---- as client

struct Credentials {
    std::string user;
    std::string password;
};
// The value for Authorization or Proxy-Authorization; empty if no challenge can be answered.
// Takes the strongest challenge it knows. cnonce: any random text.
[[nodiscard]] std::optional<std::string>
answer_challenge(const std::vector<std::string> &challenges, const Credentials &credentials,
                 std::string_view method, std::string_view uri, std::string_view cnonce);

[[nodiscard]] std::string random_hex(std::size_t bytes); // cryptographically random

} // namespace fernamt::telephony
