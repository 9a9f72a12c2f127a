// SPDX-License-Identifier: EUPL-1.2
#include "telephony/digest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

const Instant kNow{1'000'000'000'000};

TEST(Digest, the_examples_of_rfc_7616) { // section 3.9.1
    DigestInput input;
    input.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    input.method = "GET";
    input.uri = "/dir/index.html";
    input.qop = "auth";
    input.nc = "00000001";
    input.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    const auto secret = make_phone_secret("Mufasa", "http-auth@example.org", "Circle of Life");
    input.ha1 = secret.ha1_md5;
    EXPECT_EQ(digest_response(input), "8ca523f5e9506fed4657c9700eebdbec");
    input.algorithm = DigestAlgorithm::sha256;
    input.ha1 = secret.ha1_sha256;
    EXPECT_EQ(digest_response(input),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, parameters_are_read_carefully) {
    const auto params = parse_digest(R"(Digest a="x, \"y\"" , B=2,c="")");
    EXPECT_EQ(params.at("a"), "x, \"y\"");
    EXPECT_EQ(params.at("b"), "2");
    EXPECT_EQ(params.at("c"), "");
    for (const char *bad :
         {"", "Digest", "Basic abc", "Digest a=\"open", "Digest a=1, a=2", "Digest =="})
        EXPECT_TRUE(parse_digest(bad).size() <= 1 && !parse_digest(bad).contains("a")) << bad;
}

class DigestExchange : public testing::TestWithParam<bool> {
  protected:
    DigestServer server{"fernamt"};
    PhoneSecret secret = [] {
        auto made = make_phone_secret("agent7", "fernamt", "pass\"word");
        if (!GetParam()) made.ha1_sha256.clear();
        return made;
    }();
    std::string answer(Instant at, const std::string &password = "pass\"word") {
        return *answer_challenge(server.challenges(GetParam(), false, at), {"agent7", password},
                                 "REGISTER", "sip:fernamt", "cnonce");
    }
};

TEST_P(DigestExchange, the_right_password_once_per_count) {
    const auto value = answer(kNow);
    EXPECT_NE(value.find(GetParam() ? "algorithm=SHA-256" : "algorithm=MD5"), std::string::npos);
    EXPECT_EQ(server.check(value, "REGISTER", secret, kNow), DigestCheck::accepted);
    EXPECT_EQ(server.check(value, "REGISTER", secret, kNow), DigestCheck::stale) << "replayed";
    EXPECT_EQ(server.check(answer(kNow), "INVITE", secret, kNow), DigestCheck::wrong)
        << "made for another method";
}

TEST_P(DigestExchange, wrong_unknown_old_and_forged) {
    EXPECT_EQ(server.check(answer(kNow, "guess"), "REGISTER", secret, kNow), DigestCheck::wrong);
    EXPECT_EQ(server.check(answer(kNow), "REGISTER", std::nullopt, kNow), DigestCheck::wrong);
    EXPECT_EQ(server.check(answer(kNow), "REGISTER", secret, kNow + std::chrono::minutes(6)),
              DigestCheck::stale);
    DigestServer other("fernamt");
    EXPECT_EQ(other.check(answer(kNow), "REGISTER", secret, kNow), DigestCheck::stale)
        << "a nonce of another process";
    std::string forged = answer(kNow);
    forged[forged.find("nonce=\"") + 10] ^= 1;
    EXPECT_NE(server.check(forged, "REGISTER", secret, kNow), DigestCheck::accepted);
    EXPECT_EQ(server.check("", "REGISTER", secret, kNow), DigestCheck::missing);
}

TEST_P(DigestExchange, old_nonces_are_forgotten) {
    for (int i = 0; i < 100; ++i) {
        const Instant at = kNow + std::chrono::minutes(i);
        EXPECT_EQ(server.check(answer(at), "REGISTER", secret, at), DigestCheck::accepted);
    }
    EXPECT_LE(server.open_nonces(), 12U);
}

INSTANTIATE_TEST_SUITE_P(Digest, DigestExchange, testing::Bool(), [](const auto &p) {
    return p.param ? std::string("sha256") : std::string("md5");
});

TEST(Digest, the_client_takes_the_strongest_and_leaves_what_it_does_not_know) {
    const Credentials me{"u", "p"};
    const auto answer = answer_challenge({"Digest realm=\"r\", nonce=\"1\", algorithm=MD5",
                                          "Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256, "
                                          "qop=\"auth-int, auth\", opaque=\"o\"",
                                          "Digest realm=\"r\", nonce=\"3\", algorithm=SHA-512-256"},
                                         me, "INVITE", "sip:x", "c");
    ASSERT_TRUE(answer);
    const auto params = parse_digest(*answer);
    EXPECT_EQ(params.at("nonce"), "2");
    EXPECT_EQ(params.at("qop"), "auth");
    EXPECT_EQ(params.at("opaque"), "o");
    EXPECT_FALSE(
        answer_challenge({"Digest realm=\"r\", nonce=\"3\", algorithm=NEW"}, me, "A", "b", "c"));
    EXPECT_FALSE(answer_challenge({}, me, "A", "b", "c"));
    const auto old = answer_challenge({"Digest realm=\"r\", nonce=\"1\""}, me, "A", "b", "c");
    ASSERT_TRUE(old) << "RFC 2069: no qop";
    EXPECT_FALSE(parse_digest(*old).contains("nc"));
}

} // namespace
} // namespace fernamt::telephony
