// SPDX-License-Identifier: EUPL-1.2
// Two real endpoints on loopback, by UDP, TCP and TLS.
#include "telephony/sip_peers.h"
#include "telephony/sofia_call_legs.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>

namespace fernamt::telephony {
namespace {

using namespace sip_test;

class CallBy : public testing::TestWithParam<std::string> {
  protected:
    [[nodiscard]] SipConfig config() const {
        const bool tls = GetParam() == "tls";
        auto result =
            plain_config(tls ? "sips:127.0.0.1:0" : "sip:127.0.0.1:0;transport=" + GetParam());
        if (!tls) return result;
        result.certificate_dir = directory_;
        result.verify_tls_out = true; // both ends know the same self-signed certificate
        return result;
    }
    void SetUp() override {
        if (GetParam() == "tls") make_certificate();
    }
    void TearDown() override {
        if (!directory_.empty()) std::filesystem::remove_all(directory_);
    }
    void make_certificate();

    std::string directory_;
};

void CallBy::make_certificate() {
    char name[] = "/tmp/fernamt-tls-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>("127.0.0.1"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    for (const auto &[id, value] :
         {std::pair{NID_subject_alt_name, "IP:127.0.0.1,URI:sip:127.0.0.1"},
          std::pair{NID_basic_constraints, "CA:TRUE"}}) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    for (const char *file : {"/agent.pem", "/cafile.pem"}) {
        FILE *out = std::fopen((directory_ + file).c_str(), "w");
        ASSERT_NE(out, nullptr);
        if (std::string(file) == "/agent.pem")
            PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        PEM_write_X509(out, certificate);
        std::fclose(out);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

OutgoingCall call_to(const std::string &target) {
    OutgoingCall call;
    call.target = target;
    call.from_user = "+493023125321";
    call.display_name = "Wedemark";
    call.offer = sdp(4000);
    return call;
}

TEST_P(CallBy, rings_answers_changes_the_session_both_ways_and_the_caller_hangs_up) {
    Endpoint alice(config());
    Endpoint bob(config());
    const LegId a = alice.invite(call_to(bob.uri("+493023125099", GetParam())));
    EXPECT_EQ(bob.expect("incoming"), "incoming trunk:test");
    const auto incoming = bob.last_incoming();
    EXPECT_EQ(incoming.offer, sdp(4000));
    EXPECT_EQ(incoming.caller.reveal(), "+493023125321");
    ASSERT_FALSE(incoming.dialled.empty());
    EXPECT_EQ(incoming.dialled.front().user, "+493023125099");
    bob.on_loop([&] { bob.legs->ring(incoming.leg); });
    EXPECT_EQ(alice.expect("ringing"), "ringing");
    bob.on_loop([&] { bob.legs->answer(incoming.leg, sdp(5000)); });
    EXPECT_EQ(alice.expect("answered"), "answered 5000");

    alice.on_loop([&] { alice.legs->offer(a, sdp(4002)); });
    EXPECT_EQ(bob.expect("offer"), "offer 4002");
    EXPECT_EQ(alice.expect("offer_answered"), "offer_answered 4999");
    bob.on_loop([&] { bob.legs->offer(incoming.leg, sdp(5002)); });
    EXPECT_EQ(alice.expect("offer 5002"), "offer 5002");
    EXPECT_EQ(bob.expect("offer_answered"), "offer_answered 4999");

    alice.on_loop([&] { alice.legs->hang_up(a, false); });
    EXPECT_EQ(bob.expect("ended"), "ended normal");
    EXPECT_EQ(alice.expect("ended"), "ended normal");
    alice.wait_until_no_legs();
    bob.wait_until_no_legs();
}

TEST_P(CallBy, the_called_side_hangs_up) {
    Endpoint alice(config());
    Endpoint bob(config());
    static_cast<void>(alice.invite(call_to(bob.uri("1", GetParam()))));
    EXPECT_EQ(bob.expect("incoming"), "incoming trunk:test");
    const LegId b = bob.last_incoming().leg;
    bob.on_loop([&] { bob.legs->answer(b, sdp(5000)); });
    EXPECT_EQ(alice.expect("answered"), "answered 5000");
    bob.on_loop([&] { bob.legs->hang_up(b, false); });
    EXPECT_EQ(alice.expect("ended"), "ended normal");
    EXPECT_EQ(bob.expect("ended"), "ended normal");
    alice.wait_until_no_legs();
    bob.wait_until_no_legs();
}

TEST_P(CallBy, the_caller_gives_up_while_it_rings) {
    Endpoint alice(config());
    Endpoint bob(config());
    const LegId a = alice.invite(call_to(bob.uri("1", GetParam())));
    EXPECT_EQ(bob.expect("incoming"), "incoming trunk:test");
    bob.on_loop([&] { bob.legs->ring(bob.last_incoming().leg); });
    EXPECT_EQ(alice.expect("ringing"), "ringing");
    alice.on_loop([&] { alice.legs->hang_up(a, true); });
    EXPECT_EQ(alice.expect("failed"), "failed 487");
    EXPECT_EQ(bob.expect("ended"), "ended normal");
    alice.wait_until_no_legs();
    bob.wait_until_no_legs();
}

TEST_P(CallBy, the_called_side_rejects) {
    Endpoint alice(config());
    Endpoint bob(config());
    static_cast<void>(alice.invite(call_to(bob.uri("1", GetParam()))));
    EXPECT_EQ(bob.expect("incoming"), "incoming trunk:test");
    bob.on_loop([&] { bob.legs->reject(bob.last_incoming().leg, 486, "SIP;cause=486", 0s); });
    EXPECT_EQ(alice.expect("failed"), "failed 486");
    EXPECT_EQ(bob.expect("ended"), "ended normal");
    alice.wait_until_no_legs();
    bob.wait_until_no_legs();
}

TEST_P(CallBy, nobody_answers_in_time) {
    Endpoint alice(config());
    Endpoint bob(config());
    auto call = call_to(bob.uri("1", GetParam()));
    call.ring_timeout = 300ms;
    static_cast<void>(alice.invite(call));
    EXPECT_EQ(bob.expect("incoming"), "incoming trunk:test");
    EXPECT_EQ(alice.expect("failed"), "failed 408");
    EXPECT_EQ(bob.expect("ended"), "ended normal");
    alice.wait_until_no_legs();
    bob.wait_until_no_legs();
}

// As behind one session border controller: the port says which of the two it is.
TEST(CallOut, TakesTheTrunkWithThisAddressOfTwoAtOneHost) {
    RawPeer carrier;
    RawPeer partner;
    const auto at = [](const RawPeer &peer) { return "127.0.0.1:" + std::to_string(peer.port()); };
    SipConfig config = plain_config();
    config.trunks = {
        {.name = "carrier", .proxy = "sip:" + at(carrier), .sources = {}, .options_interval = 0s},
        {.name = "partner", .proxy = "sip:" + at(partner), .sources = {}, .options_interval = 0s}};
    Endpoint us(config);
    static_cast<void>(us.invite(call_to("sip:+498999998500@" + at(partner))));
    const auto invite = partner.receive("INVITE");
    ASSERT_FALSE(invite.text.empty()) << "went to the first one at this host";
    partner.reply(invite, 486, "t");
    EXPECT_EQ(us.expect("failed"), "failed 486");
    EXPECT_FALSE(partner.receive("ACK").text.empty());
    us.wait_until_no_legs();
}

INSTANTIATE_TEST_SUITE_P(SofiaCallLegs, CallBy, testing::Values("udp", "tcp", "tls"),
                         [](const auto &p) { return p.param; });

} // namespace
} // namespace fernamt::telephony
