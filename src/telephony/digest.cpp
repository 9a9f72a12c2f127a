// SPDX-License-Identifier: EUPL-1.2
#include "telephony/digest.h"

#include "base/text.h"
#include "telephony/random_ahead.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace fernamt::telephony {

namespace {

std::string to_hex(const unsigned char *bytes, std::size_t size) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

std::string hash_hex(DigestAlgorithm algorithm, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const EVP_MD *md = algorithm == DigestAlgorithm::md5 ? EVP_md5() : EVP_sha256();
    if (EVP_Digest(text.data(), text.size(), out, &size, md, nullptr) != 1)
        throw std::runtime_error("EVP_Digest failed");
    return to_hex(out, size);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::optional<DigestAlgorithm> parse_algorithm(const std::string &text) {
    const std::string name = lower_ascii(text);
    if (name.empty() || name == "md5") return DigestAlgorithm::md5;
    if (name == "sha-256") return DigestAlgorithm::sha256;
    return std::nullopt;
}

const std::string &get(const std::map<std::string, std::string> &params, const char *name) {
    static const std::string empty;
    const auto found = params.find(name);
    return found == params.end() ? empty : found->second;
}

std::string quoted(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (c != '\r' && c != '\n') result += c;
    }
    return result;
}

} // namespace

std::string random_hex(std::size_t bytes) {
    std::vector<unsigned char> random(bytes);
    random_ahead(random.data(), bytes);
    return to_hex(random.data(), bytes);
}

PhoneSecret make_phone_secret(std::string_view user, std::string_view realm,
                              std::string_view password) {
    const std::string a1 = fmt::format("{}:{}:{}", user, realm, password);
    return {hash_hex(DigestAlgorithm::md5, a1), hash_hex(DigestAlgorithm::sha256, a1)};
}

std::map<std::string, std::string> parse_digest(std::string_view text) {
    std::map<std::string, std::string> params;
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    if (text.size() < 7 || lower_ascii(text.substr(0, 6)) != "digest" || !is_blank(text[6]))
        return {};
    text.remove_prefix(7);
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && (is_blank(text[at]) || text[at] == ','))
            ++at;
        const std::size_t equals = text.find('=', at);
        if (equals == std::string_view::npos) break;
        std::string_view name = text.substr(at, equals - at);
        while (!name.empty() && is_blank(name.back()))
            name.remove_suffix(1);
        at = equals + 1;
        while (at < text.size() && is_blank(text[at]))
            ++at;
        std::string value;
        if (at < text.size() && text[at] == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                value += text[at];
            }
            if (at >= text.size()) return {}; // no closing quote
            ++at;
        } else {
            while (at < text.size() && text[at] != ',' && !is_blank(text[at]))
                value += text[at++];
        }
        if (!params.emplace(lower_ascii(name), std::move(value)).second) return {}; // named twice
    }
    return params;
}

std::string digest_response(const DigestInput &in) {
    const std::string ha2 = hash_hex(in.algorithm, in.method + ":" + in.uri);
    if (in.qop.empty()) return hash_hex(in.algorithm, in.ha1 + ":" + in.nonce + ":" + ha2);
    return hash_hex(in.algorithm, fmt::format("{}:{}:{}:{}:{}:{}", in.ha1, in.nonce, in.nc,
                                              in.cnonce, in.qop, ha2));
}

// ---------------------------------------------------------------- server

DigestServer::DigestServer(std::string realm, Duration nonce_life)
    : realm_(std::move(realm)), nonce_life_(nonce_life) {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
        throw std::runtime_error("RAND_bytes failed");
}

namespace {
// time (16 hex digits), random (16), signature (32)
constexpr std::size_t kNonceSize = 64;

std::string sign(const std::array<unsigned char, 32> &key, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char *>(text.data()), text.size(), out, &size);
    return to_hex(out, 16);
}
} // namespace

std::string DigestServer::make_nonce(Instant now) {
    std::string nonce = fmt::format("{:016x}", now.us) + random_hex(8);
    nonce += sign(key_, nonce);
    return nonce;
}

bool DigestServer::genuine(std::string_view nonce, Instant &made) const {
    if (nonce.size() != kNonceSize) return false;
    if (!equal_in_constant_time(sign(key_, nonce.substr(0, 32)), nonce.substr(32))) return false;
    std::from_chars(nonce.data(), nonce.data() + 16, made.us, 16);
    return true;
}

std::vector<std::string> DigestServer::challenges(bool with_sha256, bool stale, Instant now) {
    std::vector<std::string> result;
    const auto add = [&](const char *algorithm) {
        result.push_back(fmt::format(R"(Digest realm="{}", nonce="{}", algorithm={}, qop="auth"{})",
                                     quoted(realm_), make_nonce(now), algorithm,
                                     stale ? ", stale=true" : ""));
    };
    if (with_sha256) add("SHA-256");
    add("MD5");
    return result;
}

DigestCheck DigestServer::check(std::string_view header_value, std::string_view method,
                                const std::optional<PhoneSecret> &secret, Instant now) {
    const auto params = parse_digest(header_value);
    if (params.empty()) return DigestCheck::missing;
    const auto algorithm = parse_algorithm(get(params, "algorithm"));
    Instant made;
    const std::string &nonce = get(params, "nonce");
    if (!algorithm || get(params, "realm") != realm_ || get(params, "qop") != "auth")
        return DigestCheck::wrong;
    const bool is_genuine = genuine(nonce, made);

    // Unknown users cost the same work: a made-up secret that fits nothing.
    static const PhoneSecret nobody{std::string(32, '0'), std::string(64, '0')};
    const PhoneSecret &known = secret ? *secret : nobody;
    DigestInput input{*algorithm,
                      *algorithm == DigestAlgorithm::md5 ? known.ha1_md5 : known.ha1_sha256,
                      nonce,
                      std::string(method),
                      get(params, "uri"),
                      "auth",
                      get(params, "nc"),
                      get(params, "cnonce")};
    const bool possible = !input.ha1.empty();
    if (!possible) input.ha1 = nobody.ha1_sha256;
    const bool matches =
        equal_in_constant_time(digest_response(input), lower_ascii(get(params, "response")));
    if (!matches || !secret || !possible)
        return is_genuine ? DigestCheck::wrong : DigestCheck::stale;
    if (!is_genuine || now - made > nonce_life_ || made > now) return DigestCheck::stale;

    std::uint32_t count = 0;
    const auto parsed =
        std::from_chars(input.nc.data(), input.nc.data() + input.nc.size(), count, 16);
    if (parsed.ec != std::errc{} || input.nc.size() != 8) return DigestCheck::wrong;
    return first_use(nonce, count, made, now) ? DigestCheck::accepted : DigestCheck::stale;
}

bool DigestServer::first_use(const std::string &nonce, std::uint32_t count, Instant made,
                             Instant now) {
    if (now - swept_ > nonce_life_) {
        swept_ = now;
        std::erase_if(counts_, [&](const auto &e) { return now - e.second.made > nonce_life_; });
    }
    auto &known = counts_[nonce];
    known.made = made;
    if (count <= known.highest) return false;
    known.highest = count;
    return true;
}

// ---------------------------------------------------------------- client

std::optional<std::string> answer_challenge(const std::vector<std::string> &challenges,
                                            const Credentials &credentials, std::string_view method,
                                            std::string_view uri, std::string_view cnonce) {
    std::map<std::string, std::string> best;
    std::optional<DigestAlgorithm> best_algorithm;
    for (const auto &challenge : challenges) {
        auto params = parse_digest(challenge);
        const auto algorithm = parse_algorithm(get(params, "algorithm"));
        if (params.empty() || !algorithm || get(params, "nonce").empty()) continue;
        if (best_algorithm && *best_algorithm >= *algorithm) continue;
        best = std::move(params);
        best_algorithm = algorithm;
    }
    if (!best_algorithm) return std::nullopt;

    const std::string &realm = get(best, "realm");
    const auto secret = make_phone_secret(credentials.user, realm, credentials.password);
    DigestInput input;
    input.algorithm = *best_algorithm;
    input.ha1 = input.algorithm == DigestAlgorithm::md5 ? secret.ha1_md5 : secret.ha1_sha256;
    input.nonce = get(best, "nonce");
    input.method = std::string(method);
    input.uri = std::string(uri);
    const std::string qops = "," + get(best, "qop") + ",";
    std::string compact;
    for (const char c : qops)
        if (!is_blank(c)) compact += lower_ascii(c);
    if (compact.find(",auth,") != std::string::npos) {
        input.qop = "auth";
        input.nc = "00000001";
        input.cnonce = std::string(cnonce);
    }
    std::string answer = fmt::format(
        R"(Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{}", algorithm={})",
        quoted(credentials.user), quoted(realm), quoted(input.nonce), quoted(uri),
        digest_response(input), input.algorithm == DigestAlgorithm::md5 ? "MD5" : "SHA-256");
    if (!input.qop.empty())
        answer += fmt::format(R"(, qop=auth, nc={}, cnonce="{}")", input.nc, quoted(cnonce));
    if (best.contains("opaque"))
        answer += fmt::format(R"(, opaque="{}")", quoted(get(best, "opaque")));
    return answer;
}

} // namespace fernamt::telephony
