// SPDX-License-Identifier: EUPL-1.2
// The recipes of docs/how-to/telephone-systems.md as they stand there: each block is read from the
// page, put on this machine's addresses and given to the real program; a far end registers it,
// calls in, forwards.
#include "office.h"
#include "telephony/sofia_call_legs.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
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

namespace json = boost::json;

constexpr const char *kFarHost = "127.0.0.9";
constexpr const char *kOtherHost = "127.0.0.11"; // of the recipes that have two
constexpr const char *kFilmNumber = "+498999998500";
constexpr const char *kCitizen = "+498999998444"; // reserved for films, too
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

// The carrier, telephone system or partner: a registrar, one who calls, and one who answers.
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
            config.trunks = {
                {.name = "service", .proxy = "", .sources = {"127.0.0.1"}, .options_interval = 0s}};
            config.phone_secret = [](const std::string &user) -> std::optional<PhoneSecret> {
                if (user != kAccount) return std::nullopt;
                return make_phone_secret(user, "fernamt", kPassword);
            };
            auto created = SofiaCallLegs::create(loop_, std::move(config));
            if (!created) throw std::runtime_error(describe(created.error()));
            legs_ = std::move(*created);
            legs_->on_incoming([this](IncomingCall call) {
                legs_->listen(call.leg, this);
                legs_->answer(call.leg, offer_from(40'002));
                received_.push_back(std::move(call));
            });
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
        return talk(target, std::move(headers)) && hang_up();
    }
    bool talk(const std::string &target,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
        answered = failed = ended = 0;
        loop_.run_on_loop([&] {
            OutgoingCall call;
            call.target = target;
            call.from_user = kCitizen;
            call.offer = offer_from(40'000);
            call.headers = std::move(headers);
            talks_ = legs_->invite(call, this);
        });
        return eventually([&] { return answered != 0 || failed != 0; }, 40) && answered != 0;
    }
    bool hang_up() {
        loop_.run_on_loop([&] { legs_->hang_up(talks_, false); });
        return eventually([&] { return ended != 0; });
    }
    std::vector<IncomingCall> received() {
        std::vector<IncomingCall> calls;
        loop_.run_on_loop([&] { calls = received_; });
        return calls;
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
    LegId talks_;
    std::vector<IncomingCall> received_;
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
    void start(const std::string &name, int far_port, int other_port = 0) {
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
        replace_all(block, "203.0.113.20:5060", fmt::format("{}:{}", kOtherHost, other_port));
        replace_all(block, "203.0.113.20", kOtherHost);
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
    // What an administrator or a lead saves on the pages.
    json::value save(const std::string &login, const std::string &method, const std::string &path,
                     const json::value &body, const std::string &version = "") {
        const auto client = office_->sign_in(login);
        net::Headers headers{{"Content-Type", "application/json"}, {"X-Fernamt", "1"}};
        if (!version.empty()) headers.emplace_back("If-Match", version);
        const auto answer = client->send(method, "/api/v1" + path, headers, json::serialize(body));
        if (!answer || answer->status / 100 != 2) {
            ADD_FAILURE() << path << ": " << (answer ? answer->body : "no answer");
            return {};
        }
        return json::parse(answer->body);
    }
    void ring_in_the_town_hall_first(const std::string &office) {
        const std::string path =
            "/municipalities/" + to_ars(office_->region().municipalities.back().id) + "/lines";
        json::value line = json::parse(office_->get("admin", "/api/v1" + path)).at("items").at(0);
        line.as_object()["office"] = office;
        save("admin", "PUT", path + "/" + std::to_string(line.at("id").as_int64()), line,
             std::to_string(line.at("version").as_int64()));
    }
    std::int64_t give_all_to_partner(const std::string &number) {
        const auto partner = save("lead", "POST", "/partners",
                                  json::object{{"name", "Nachbarn"}, {"number", number}})
                                 .at("id")
                                 .as_int64();
        save("lead", "POST", "/overflows",
             json::object{{"position", 1},
                          {"reason", "planned"},
                          {"partner", partner},
                          {"queue", nullptr},
                          {"waiting", 0},
                          {"wait_seconds", 0},
                          {"from", "2020-01-01T00:00:00Z"},
                          {"until", "2100-01-01T00:00:00Z"}});
        return partner;
    }
    bool ledger_has(const std::string &text) {
        return eventually([&] { return office_->ledger().find(text) != std::string::npos; });
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

// What goes on leaves by the trunk whose it is, not by the carrier's.
TEST_F(Trunks, TheTownHallRingsFirstOverItsOwnTelephoneSystem) {
    FarEnd carrier("sip:{}:0;transport=udp");
    FarEnd pbx("sip:{}:0;transport=udp", "", kOtherHost);
    start("town-first", carrier.port(), pbx.port());
    ring_in_the_town_hall_first(kFilmNumber);
    EXPECT_TRUE(carrier.call(to(office_->number()), {})) << office_->program().errors();
    EXPECT_TRUE(ledger_has("\"reason\":\"taken_by_office\""));
    ASSERT_EQ(pbx.received().size(), 1U);
    EXPECT_EQ(pbx.received().front().dialled.front().user, kFilmNumber);
    EXPECT_EQ(pbx.received().front().caller.reveal(), kCitizen);
    EXPECT_TRUE(carrier.received().empty());
}

// As the page says it: the configuration is changed, the service killed, and nobody is cut off.
TEST_F(Trunks, ATrunkIsAddedWhileSomebodyTalks) {
    FarEnd carrier("sip:{}:0;transport=udp");
    FarEnd another("sip:{}:0;transport=udp", "", kOtherHost);
    start("addresses", carrier.port());
    office_->people(0, std::chrono::minutes(20)); // nobody hangs up before we say so
    ASSERT_TRUE(carrier.talk(to(office_->number()))) << office_->program().errors();
    ASSERT_TRUE(ledger_has("decision.connect"));
    EXPECT_FALSE(another.call(to(office_->number()), {})) << "a stranger";

    std::ofstream(office_->directory() + "/fernamt.toml", std::ios::app)
        << fmt::format("[[sip.trunk]]\nname = \"another\"\nuri = \"sip:{0}:{1}\"\n"
                       "sources = [\"{0}\"]\n",
                       kOtherHost, another.port());
    EXPECT_NE(office_->ask({"config", "check"}).find("in order"), std::string::npos);
    office_->kill();
    office_->start();
    EXPECT_TRUE(another.call(to(office_->number()), {})) << office_->program().errors();
    EXPECT_EQ(carrier.ended, 0);
    EXPECT_TRUE(carrier.hang_up());
    EXPECT_TRUE(ledger_has("\"reason\":\"completed\""));
}

TEST_F(Trunks, APartnerIsCalledOverItsOwnTrunkWithTheCallsHistory) {
    FarEnd carrier("sip:{}:0;transport=udp");
    FarEnd partner("sip:{}:0;transport=udp", "", kOtherHost);
    start("partner", carrier.port(), partner.port());
    const auto id = give_all_to_partner(kFilmNumber);
    EXPECT_TRUE(carrier.call(to(office_->number()), {})) << office_->program().errors();
    EXPECT_TRUE(ledger_has("\"reason\":\"taken_by_partner\""));
    ASSERT_EQ(partner.received().size(), 1U);
    const IncomingCall call = partner.received().front();
    EXPECT_EQ(call.dialled.front().user, kFilmNumber);
    ASSERT_EQ(call.way.history_info.size(), 2U);
    EXPECT_NE(call.way.history_info[0].find(office_->number()), std::string::npos);
    EXPECT_NE(call.way.history_info[1].find("cause=302"), std::string::npos)
        << call.way.history_info[1];
    ASSERT_EQ(call.way.diversion.size(), 1U);
    EXPECT_NE(call.way.diversion[0].find(office_->number()), std::string::npos);
    EXPECT_TRUE(carrier.received().empty());
    // And what comes back by that trunk is booked as the partner's.
    EXPECT_TRUE(partner.call(to(office_->number()), {}));
    const std::string ledger = office_->ledger();
    const std::string last = ledger.substr(ledger.rfind("call.offered"));
    EXPECT_NE(last.find(fmt::format("\"from\":{}}}", id)), std::string::npos) << last;
}

} // namespace
} // namespace fernamt::testing
