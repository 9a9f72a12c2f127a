// SPDX-License-Identifier: EUPL-1.2
// The recipes of docs/how-to/telephone-systems.md as they stand there: each block is read from the
// page, put on this machine's addresses and given to the real program; a far end registers it,
// calls in, forwards.
#include "office.h"
#include "telephony/sofia_call_legs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::testing {
namespace {

using namespace telephony;

constexpr const char *kFarHost = "127.0.0.9";
constexpr const char *kAccount = "townhall-account";
constexpr const char *kPassword = "a long secret";

std::string content(const std::string &file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// The block of the page that begins with "# recipe: NAME".
std::string recipe(const std::string &name) {
    const std::string page = content(FERNAMT_SOURCE_DIR "/docs/how-to/telephone-systems.md");
    const auto begin = page.find("# recipe: " + name + "\n");
    const auto end = page.find("```", begin);
    if (begin == std::string::npos || end == std::string::npos) return "no such recipe";
    return page.substr(begin, end - begin);
}

void replace_all(std::string &text, const std::string &what, const std::string &by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string offer_from(int port) {
    return fmt::format("v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\n"
                       "m=audio {1} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n",
                       kFarHost, port);
}

// The carrier or telephone system: a registrar, and one who calls.
class FarEnd final : public LegListener {
  public:
    explicit FarEnd(const std::string &listen, const std::string &certificates = {},
                    const std::string &host = kFarHost) {
        loop_.start();
        loop_.run_on_loop([&] {
            SipConfig config;
            config.listen = {fmt::format(fmt::runtime(listen), host)};
            config.certificate_dir = certificates;
            config.min_register_expires = 1;
            config.offer_sha256 = false;
            config.phone_secret = [](const std::string &user) -> std::optional<PhoneSecret> {
                if (user != kAccount) return std::nullopt;
                return make_phone_secret(user, "fernamt", kPassword);
            };
            auto created = SofiaCallLegs::create(loop_, std::move(config));
            if (!created) throw std::runtime_error(describe(created.error()));
            legs_ = std::move(*created);
        });
    }
    ~FarEnd() override {
        loop_.stop();
        legs_.reset();
    }
    int port() { return legs_->addresses().front().port; }
    bool registered() {
        bool there = false;
        loop_.run_on_loop([&] { there = legs_->is_registered(kAccount); });
        return there;
    }
    // Calls; true: answered. Then hangs up.
    bool call(const std::string &target, std::vector<std::pair<std::string, std::string>> headers) {
        answered = failed = ended = 0;
        LegId leg;
        loop_.run_on_loop([&] {
            OutgoingCall call;
            call.target = target;
            call.from_user = "+498999998444"; // reserved for films
            call.offer = offer_from(40'000);
            call.headers = std::move(headers);
            leg = legs_->invite(call, this);
        });
        const bool decided = eventually([&] { return answered != 0 || failed != 0; }, 40);
        if (!decided || answered == 0) return false;
        loop_.run_on_loop([&] { legs_->hang_up(leg, false); });
        return eventually([&] { return ended != 0; });
    }
    std::atomic<int> answered = 0, failed = 0, ended = 0; // failed: the status

  private:
    void on_ringing(LegId) override {}
    void on_answered(LegId, const std::string &) override { answered = 1; }
    void on_failed(LegId, int status) override { failed = status; }
    void on_ended(LegId, routing::HangUpCause) override { ended = 1; }
    void on_offer(LegId leg, const std::string &) override { legs_->answer_offer(leg, ""); }
    void on_refer(LegId leg, const std::string &) override { legs_->answer_refer(leg, false); }
    void on_dialog(LegId, const std::string &) override {}

    SofiaLoop loop_;
    std::unique_ptr<SofiaCallLegs> legs_;
};

class Trunks : public ::testing::Test {
  protected:
    void SetUp() override { directory_ = make_directory(); }
    void TearDown() override {
        office_.reset();
        std::filesystem::remove_all(directory_);
    }
    // One certificate that both sides present and trust.
    std::string certificates() {
        const std::string command = fmt::format(
            "cd {} && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={} "
            "-addext 'subjectAltName=IP:{},IP:127.0.0.1' -keyout key.pem -out cafile.pem "
            "2>/dev/null && cat cafile.pem key.pem > agent.pem",
            directory_, kFarHost, kFarHost);
        EXPECT_EQ(std::system(command.c_str()), 0);
        return directory_;
    }
    void start(const std::string &name, int far_port) {
        std::ofstream(directory_ + "/carrier.password") << kPassword << "\n";
        const int port = free_port();
        std::string block = recipe(name);
        ASSERT_NE(block.find("[[sip.trunk]]"), std::string::npos) << name;
        replace_all(block, "192.0.2.10:5061", "127.0.0.1:" + std::to_string(free_port()));
        replace_all(block, "192.0.2.10:5060", "127.0.0.1:" + std::to_string(port));
        for (const char *far :
             {"sip.carrier.example:5061", "sip.carrier.example:5060", "198.51.100.7:5060"})
            replace_all(block, far, fmt::format("{}:{}", kFarHost, far_port));
        replace_all(block, "198.51.100.7", kFarHost);
        replace_all(block, "/etc/fernamt/carrier.password", directory_ + "/carrier.password");
        replace_all(block, "/etc/fernamt/tls", directory_);
        Office::Setup setup;
        setup.sip_port = port;
        setup.trunks = block;
        office_ = std::make_unique<Office>(1, setup);
        office_->start();
    }
    std::string to(const std::string &user) {
        return fmt::format("sip:{}@127.0.0.1:{}", user, office_->sip_port());
    }
    // The call stands in the ledger with the municipality that was dialled.
    bool was_for(const std::string &number) {
        const std::string text = "\"number\":\"" + number + "\"";
        return eventually([&] {
            const std::string ledger = office_->ledger();
            const auto call = ledger.find("call.offered");
            return call != std::string::npos && ledger.find(text, call) != std::string::npos;
        });
    }
    std::string directory_;
    std::unique_ptr<Office> office_;
};

TEST_F(Trunks, WithRegistration) {
    FarEnd carrier("sip:{}:0;transport=udp");
    start("registration", carrier.port());
    ASSERT_TRUE(eventually([&] { return carrier.registered(); })) << office_->program().errors();
    const std::string number = office_->number();
    EXPECT_TRUE(carrier.call(kAccount, {{"P-Called-Party-ID", "<sip:" + number + "@carrier>"}}));
    EXPECT_TRUE(was_for(number)) << office_->ledger();
}

TEST_F(Trunks, ByAddresses) {
    FarEnd carrier("sip:{}:0;transport=udp");
    start("addresses", carrier.port());
    const std::string number = office_->number();
    EXPECT_TRUE(carrier.call(to(number), {}));
    EXPECT_TRUE(was_for(number)) << office_->ledger();
    FarEnd stranger("sip:{}:0;transport=udp", "", "127.0.0.10");
    EXPECT_FALSE(stranger.call(to(number), {}));
    EXPECT_EQ(stranger.failed, 401);
}

TEST_F(Trunks, ByTlsWithRegistration) {
    FarEnd carrier("sips:{}:0", certificates());
    start("tls", carrier.port());
    ASSERT_TRUE(eventually([&] { return carrier.registered(); })) << office_->program().errors();
    const std::string number = office_->number();
    EXPECT_TRUE(carrier.call(kAccount, {{"P-Called-Party-ID", "<sip:" + number + "@carrier>"}}));
    EXPECT_TRUE(was_for(number)) << office_->ledger();
}

TEST_F(Trunks, ForwardedByDiversion) {
    FarEnd pbx("sip:{}:0;transport=udp");
    start("forwarding", pbx.port());
    const std::string number = office_->number();
    EXPECT_TRUE(
        pbx.call(to("fernamt"), {{"Diversion", "<sip:" + number + "@pbx>;reason=no-answer"}}));
    EXPECT_TRUE(was_for(number)) << office_->ledger();
}

TEST_F(Trunks, ForwardedByHistoryInfo) {
    FarEnd pbx("sip:{}:0;transport=udp");
    start("forwarding", pbx.port());
    const std::string number = office_->number();
    EXPECT_TRUE(
        pbx.call(to("fernamt"), {{"History-Info", "<sip:" + number + "@pbx>;index=1"},
                                 {"History-Info", "<sip:fernamt@pbx;cause=408>;index=1.1"}}));
    EXPECT_TRUE(was_for(number)) << office_->ledger();
}

} // namespace
} // namespace fernamt::testing
