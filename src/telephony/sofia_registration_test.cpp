// SPDX-License-Identifier: EUPL-1.2
// Desk phones and trunks with digest: one endpoint as the phone (a trunk of its own that
// registers), the other as the exchange; and baresip as a phone that is not ours.
#include "telephony/real_phones.h"
#include "telephony/sip_peers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace fernamt::telephony {
namespace {

using namespace sip_test;

constexpr const char *kPassword = "correct horse";

class SofiaPhones : public testing::TestWithParam<std::string> {
  protected:
    SipConfig exchange_config(bool sha256) {
        SipConfig config;
        config.listen = {"sip:127.0.0.1:0;transport=udp", "sip:127.0.0.1:0;transport=tcp"};
        config.min_register_expires = 1;
        config.phone_secret = [sha256](const std::string &user) -> std::optional<PhoneSecret> {
            if (user != "agent7" && user != "agent8") return std::nullopt;
            auto secret = make_phone_secret(user, "fernamt", kPassword);
            if (!sha256) secret.ha1_sha256.clear();
            return secret;
        };
        config.save_binding = [this](const Binding &b) { stored[b.user] = b; };
        config.forget_binding = [this](const std::string &user) { stored.erase(user); };
        config.load_bindings = [this] {
            std::vector<Binding> all;
            for (const auto &[user, binding] : stored)
                all.push_back(binding);
            return all;
        };
        return config;
    }
    static SipConfig phone_config(const std::string &proxy, const std::string &user = "agent7",
                                  const std::string &password = kPassword) {
        SipConfig config;
        config.listen = {"sip:127.0.0.1:0;transport=udp", "sip:127.0.0.1:0;transport=tcp"};
        TrunkConfig trunk;
        trunk.name = "office";
        trunk.proxy = proxy;
        trunk.user = user;
        trunk.password = password;
        trunk.register_there = true;
        trunk.expires = 60;
        trunk.options_interval = 100ms;
        config.trunks = {trunk};
        return config;
    }
    static bool wait_for_trunk(Endpoint &phone, bool up) {
        for (int i = 0; i < 2000; ++i) {
            bool is_up = false;
            phone.on_loop([&] { is_up = phone.legs->trunk_up("office"); });
            if (is_up == up) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }
    std::map<std::string, Binding> stored; // outlives the endpoints
};

OutgoingCall call_to(const std::string &target) {
    OutgoingCall call;
    call.target = target;
    call.from_user = "+493023125321";
    call.display_name = "Wedemark";
    call.offer = sdp(4000);
    return call;
}

void answer_and_hang_up(Endpoint &caller, LegId leg, Endpoint &called) {
    const LegId there = called.last_incoming().leg;
    called.on_loop([&] { called.legs->answer(there, sdp(5000)); });
    EXPECT_EQ(caller.expect("answered"), "answered 5000");
    caller.on_loop([&] { caller.legs->hang_up(leg, false); });
    EXPECT_EQ(called.expect("ended"), "ended normal");
    EXPECT_EQ(caller.expect("ended"), "ended normal");
}

// A phone without any stack, as agent7 or agent8.
struct RawPhone {
    std::string user = "agent7";
    RawPeer peer = {};
    int requests = 0;

    // After the challenge.
    void ask(int port, const std::string &method, const std::string &to, const std::string &extra,
             const std::string &body) {
        const std::string call_id = fmt::format("phone-{}-{}", peer.port(), ++requests);
        const auto send = [&](int cseq, const std::string &headers) {
            std::string text = peer.request(method, port, call_id, headers, body, cseq, to);
            const std::string from = "From: <sip:+493023125099@";
            text.replace(text.find(from), from.size(), "From: <sip:" + user + "@");
            peer.send_to(port, text);
        };
        send(1, extra);
        const auto challenge = peer.receive("401 " + method);
        ASSERT_FALSE(challenge.text.empty());
        const auto authorization =
            answer_challenge(challenge.headers("WWW-Authenticate"), {user, kPassword}, method,
                             fmt::format("sip:{}@127.0.0.1:{}", to, port), "cnonce");
        ASSERT_TRUE(authorization);
        send(2, extra + "Authorization: " + *authorization + "\r\n");
    }
    void come_for(int port, const std::string &replaces) {
        ask(port, "INVITE", "+493023125999", "Require: replaces\r\nReplaces: " + replaces + "\r\n",
            sdp(5000));
    }
    [[nodiscard]] bool is_answered(int status) {
        return !peer.receive(std::to_string(status) + " INVITE").text.empty();
    }
};

// RFC 3891 3: whose dialog, in which state, and what is answered.
TEST_P(SofiaPhones, a_phone_takes_the_place_of_its_users_own_dialog) {
    auto exchange = std::make_unique<Endpoint>(exchange_config(false));
    const int port = exchange->port("udp");
    RawPhone old_phone;
    RawPhone new_phone;
    RawPhone stranger{"agent8"};
    old_phone.ask(port, "REGISTER", "agent7", "", "");
    EXPECT_EQ(exchange->expect("registered"), "registered agent7");
    const LegId leg = exchange->invite(call_to("agent7"));
    const auto invite = old_phone.peer.receive("INVITE");
    EXPECT_NE(invite.header("Supported").find("replaces"), std::string::npos);
    const std::string from = invite.header("From");
    const auto named = [&](const std::string &their_tag) {
        return fmt::format("{};to-tag={};from-tag={}", invite.header("Call-ID"),
                           from.substr(from.find("tag=") + 4), their_tag);
    };
    const auto comes = [&](const std::string &replaces, LegId replaced) {
        new_phone.come_for(port, replaces);
        EXPECT_EQ(exchange->expect("incoming"), "incoming phone:agent7");
        EXPECT_EQ(exchange->last_incoming().replaces, replaced);
        return exchange->last_incoming().leg;
    };
    const auto is_refused = [&](RawPhone &phone, const std::string &replaces, int status) {
        phone.come_for(port, replaces);
        EXPECT_TRUE(phone.is_answered(status)) << replaces;
    };

    old_phone.peer.reply(invite, 180, "tag1"); // it rings
    EXPECT_EQ(exchange->expect("ringing"), "ringing");
    is_refused(new_phone, named("tag2"), 481);
    is_refused(stranger, named("tag1"), 403);
    const LegId early = comes(named("tag1") + ";early-only", leg);
    exchange->on_loop([&] { exchange->legs->reject(early, 480, {}, 0s); });
    EXPECT_TRUE(new_phone.is_answered(480));

    old_phone.peer.reply(invite, 200, "tag1", {}, sdp(5000));
    EXPECT_EQ(exchange->expect("answered"), "answered 5000");
    EXPECT_FALSE(old_phone.peer.receive("ACK").text.empty());
    is_refused(new_phone, named("tag1") + ";early-only", 486);
    is_refused(new_phone, named("tag2"), 481);
    is_refused(stranger, named("tag1"), 403);

    const std::string record = exchange->dialog(leg);
    exchange.reset(); // no BYE
    auto config = exchange_config(false);
    config.listen = {fmt::format("sip:127.0.0.1:{};transport=udp", port)};
    exchange = std::make_unique<Endpoint>(config);
    std::optional<LegId> restored;
    exchange->on_loop([&] { restored = exchange->legs->restore(record, exchange.get()); });
    ASSERT_TRUE(restored);
    exchange->on_loop([&] { exchange->legs->set_accepting(false); }); // for new calls
    const LegId fresh = comes(named("tag1"), *restored);
    exchange->on_loop([&] {
        exchange->legs->answer(fresh, sdp(4000));
        exchange->legs->hang_up(*restored, false);
    });
    EXPECT_TRUE(new_phone.is_answered(200));
    EXPECT_FALSE(old_phone.peer.receive("BYE").text.empty());
    is_refused(new_phone, named("tag1"), 603); // while its BYE is not answered
}

TEST_P(SofiaPhones, registers_is_called_and_calls_with_digest) {
    for (const bool sha256 : {false, true}) {
        Endpoint exchange(exchange_config(sha256));
        const std::string proxy =
            fmt::format("sip:127.0.0.1:{};transport={}", exchange.port(GetParam()), GetParam());
        {
            Endpoint phone(phone_config(proxy));
            EXPECT_EQ(exchange.expect("registered"), "registered agent7");
            EXPECT_TRUE(wait_for_trunk(phone, true));
            exchange.on_loop([&] { EXPECT_TRUE(exchange.legs->is_registered("agent7")); });

            const LegId out = exchange.invite(call_to("agent7"));
            EXPECT_EQ(phone.expect("incoming"), "incoming trunk:office");
            EXPECT_EQ(phone.last_incoming().dialled.at(0).user, "agent7");
            answer_and_hang_up(exchange, out, phone);

            auto call = call_to("sip:+493023125999@127.0.0.1");
            call.from_user = "agent7";
            const LegId in = phone.invite(call);
            EXPECT_EQ(exchange.expect("incoming"), "incoming phone:agent7");
            EXPECT_EQ(exchange.last_incoming().dialled.at(0).user, "+493023125999");
            answer_and_hang_up(phone, in, exchange);
            exchange.wait_until_no_legs_but_registrations();
        }
        stored.clear();
    }
}

TEST_P(SofiaPhones, a_restarted_exchange_reaches_the_phone_at_once) {
    auto exchange = std::make_unique<Endpoint>(exchange_config(false));
    const int port = exchange->port(GetParam());
    const std::string proxy = fmt::format("sip:127.0.0.1:{};transport={}", port, GetParam());
    Endpoint phone(phone_config(proxy));
    EXPECT_EQ(exchange->expect("registered"), "registered agent7");
    exchange.reset();
    auto config = exchange_config(false);
    config.listen = {fmt::format("sip:127.0.0.1:{};transport={}", port, GetParam())};
    exchange = std::make_unique<Endpoint>(config);
    // By TCP the connection is gone until the phone comes back: nobody pretends to reach it.
    const bool reached = GetParam() == "udp";
    exchange->on_loop([&] { EXPECT_EQ(exchange->legs->is_registered("agent7"), reached); });
    if (!reached) {
        EXPECT_TRUE(stored.empty());
        return;
    }
    const LegId out = exchange->invite(call_to("agent7"));
    EXPECT_EQ(phone.expect("incoming"), "incoming trunk:office");
    answer_and_hang_up(*exchange, out, phone);
}

INSTANTIATE_TEST_SUITE_P(Sofia, SofiaPhones, testing::Values("udp", "tcp"),
                         [](const auto &p) { return p.param; });

class SofiaStrangers : public SofiaPhones {};

TEST_F(SofiaStrangers, wrong_passwords_and_unknown_users_get_the_same_answer) {
    Endpoint exchange(exchange_config(true));
    const int port = exchange.port("udp");
    RawPeer peer;
    std::vector<std::string> shapes;
    for (const char *user : {"agent7", "nobody"}) {
        std::string extra;
        for (int round = 0; round < 2; ++round) {
            peer.send_to(port, peer.request("REGISTER", port, fmt::format("{}{}", user, round),
                                            extra, {}, round + 1, user));
            const auto reply = peer.receive("401 REGISTER");
            ASSERT_FALSE(reply.text.empty());
            const std::string challenge = reply.header("WWW-Authenticate");
            const auto params = parse_digest(challenge);
            EXPECT_EQ(params.at("algorithm"), "SHA-256");
            EXPECT_FALSE(params.contains("stale"));
            extra = "Authorization: " +
                    *answer_challenge({challenge}, {user, "guess"}, "REGISTER",
                                      fmt::format("sip:{}@127.0.0.1:{}", user, port), "c") +
                    "\r\n";
        }
    }
    // And a call of a stranger is challenged, not put through.
    peer.send_to(port, peer.request("INVITE", port, "stranger", {}, sdp(5000)));
    EXPECT_FALSE(peer.receive("401 INVITE").text.empty());
    peer.send_to(port, peer.request("REGISTER", port, "other",
                                    "Authorization: Digest username=\"else\", realm=\"fernamt\", "
                                    "nonce=\"x\", uri=\"x\", response=\"x\"\r\n"));
    EXPECT_FALSE(peer.receive("403 REGISTER").text.empty());
    EXPECT_EQ(exchange.open_legs(), 0U);
    EXPECT_TRUE(exchange.all().empty());
}

bool has_ipv6() {
    const int fd = ::socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0) return false;
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr *>(&loopback), sizeof loopback) == 0;
    ::close(fd);
    return bound;
}

// One REGISTER with a password, as far as its final answer.
struct Registering {
    RawPeer peer;
    int port = 0;
    int sent = 0;

    RawPeer::Message answer() {
        const auto until = std::chrono::steady_clock::now() + kSoon;
        while (std::chrono::steady_clock::now() < until) {
            for (const char *what : {"200 REGISTER", "401 REGISTER", "503 REGISTER"}) {
                auto one = peer.receive(what, std::chrono::milliseconds(5));
                if (!one.text.empty()) return one;
            }
        }
        return {};
    }
    RawPeer::Message with(const std::string &user, const std::string &password) {
        const auto request = [&](const std::string &extra) {
            const int number = ++sent;
            peer.send_to(port, peer.request("REGISTER", port, fmt::format("guess{}", number), extra,
                                            {}, number, user));
            return answer();
        };
        const std::string challenge = request("").header("WWW-Authenticate");
        const auto proof = answer_challenge({challenge}, {user, password}, "REGISTER",
                                            fmt::format("sip:{}@127.0.0.1:{}", user, port), "c");
        if (!proof) return {};
        return request("Authorization: " + *proof + "\r\n");
    }
    RawPeer::Message guess_until_slowed(const std::string &user) {
        for (int i = 0; i < 30; ++i) {
            auto reply = with(user, "guess");
            if (reply.status() != 401) return reply;
        }
        return {};
    }
};

TEST_F(SofiaStrangers, who_guesses_is_slowed_and_nobody_else) {
    Endpoint exchange(exchange_config(true));
    Registering phone{.port = exchange.port("udp")};
    const auto slowed = phone.guess_until_slowed("nobody");
    EXPECT_EQ(slowed.status(), 503);
    EXPECT_GT(std::atoi(slowed.header("Retry-After").c_str()), 0);
    // Behind the same address, as in a town hall.
    EXPECT_EQ(phone.with("agent7", kPassword).status(), 200);
    // Somebody mends the password of a phone that was set up wrongly: it comes back by itself.
    EXPECT_EQ(phone.guess_until_slowed("agent7").status(), 503);
    const auto until = std::chrono::steady_clock::now() + 3 * kSoon;
    int last = 0;
    while (last != 200 && std::chrono::steady_clock::now() < until)
        last = phone.with("agent7", kPassword).status();
    EXPECT_EQ(last, 200);
}

TEST_P(SofiaPhones, registers_is_called_and_calls_by_ipv6) {
    if (!has_ipv6()) GTEST_SKIP() << "the kernel has no ::1";
    auto config = exchange_config(false);
    config.listen = {"sip:[::1]:0;transport=" + GetParam()};
    Endpoint exchange(config);
    auto at_desk = phone_config(
        fmt::format("sip:[::1]:{};transport={}", exchange.port(GetParam()), GetParam()));
    at_desk.listen = {"sip:[::1]:0;transport=udp", "sip:[::1]:0;transport=tcp"};
    Endpoint phone(at_desk);
    EXPECT_EQ(exchange.expect("registered"), "registered agent7");
    EXPECT_TRUE(wait_for_trunk(phone, true));
    const LegId out = exchange.invite(call_to("agent7"));
    EXPECT_EQ(phone.expect("incoming"), "incoming trunk:office");
    answer_and_hang_up(exchange, out, phone);
    auto call = call_to("sip:+493023125999@[::1]");
    call.from_user = "agent7";
    const LegId in = phone.invite(call);
    EXPECT_EQ(exchange.expect("incoming"), "incoming phone:agent7");
    answer_and_hang_up(phone, in, exchange);
    exchange.wait_until_no_legs_but_registrations();
}

TEST_F(SofiaStrangers, are_asked_like_everybody) {
    Endpoint exchange(exchange_config(true));
    const int port = exchange.port("udp");
    std::vector<std::string> shapes;
    for (const std::string user : {"agent7", "nobody"}) {
        RawPeer peer;
        peer.send_to(port, peer.request("REGISTER", port, user, {}, {}, 1, user));
        std::string shape;
        for (const auto &challenge : peer.receive("401 REGISTER").headers("WWW-Authenticate"))
            for (const auto &[name, value] : parse_digest(challenge))
                shape += name + (name == "nonce" ? "" : "=" + value) + ";";
        shapes.push_back(shape);
    }
    EXPECT_FALSE(shapes[0].empty());
    EXPECT_EQ(shapes[0], shapes[1]);
}

TEST_F(SofiaStrangers, a_phone_goes_with_its_account_or_password) {
    for (const bool deleted : {true, false}) {
        auto account = std::make_shared<std::string>(kPassword);
        auto config = exchange_config(false);
        config.phone_secret = [account](const std::string &user) -> std::optional<PhoneSecret> {
            if (account->empty() || user != "agent7") return std::nullopt;
            return make_phone_secret(user, "fernamt", *account);
        };
        Endpoint exchange(config);
        Endpoint phone(
            phone_config(fmt::format("sip:127.0.0.1:{};transport=udp", exchange.port("udp"))));
        EXPECT_EQ(exchange.expect("registered"), "registered agent7");
        exchange.on_loop([&] {
            exchange.legs->recheck_phones();
            EXPECT_TRUE(exchange.legs->is_registered("agent7")) << "nothing has changed";
            *account = deleted ? "" : "another";
            exchange.legs->recheck_phones();
            EXPECT_FALSE(exchange.legs->is_registered("agent7"));
        });
        EXPECT_EQ(exchange.expect("unregistered"), "unregistered agent7");
        EXPECT_TRUE(stored.empty());
    }
}

TEST_F(SofiaStrangers, a_phone_that_is_not_there_fails_at_once) {
    Endpoint exchange(exchange_config(false));
    static_cast<void>(exchange.invite(call_to("agent7")));
    EXPECT_EQ(exchange.expect("failed"), "failed 404");
}

TEST_F(SofiaStrangers, a_registration_expires_and_423_names_the_least) {
    auto config = exchange_config(false);
    config.min_register_expires = 2;
    Endpoint exchange(config);
    const int port = exchange.port("udp");
    RawPeer peer;
    std::string authorization;
    const auto ask = [&](int cseq, int expires) {
        peer.send_to(port, peer.request("REGISTER", port, "exp", {}, {}, cseq, "agent7"));
        const auto challenge = peer.receive("401 REGISTER").header("WWW-Authenticate");
        authorization = "Authorization: " +
                        *answer_challenge({challenge}, {"agent7", kPassword}, "REGISTER",
                                          fmt::format("sip:agent7@127.0.0.1:{}", port), "c") +
                        "\r\n";
        peer.send_to(port, peer.request("REGISTER", port, "exp",
                                        authorization + fmt::format("Expires: {}\r\n", expires), {},
                                        cseq + 1, "agent7"));
    };
    ask(1, 1);
    EXPECT_EQ(peer.receive("423 REGISTER").header("Min-Expires"), "2");
    ask(3, 2);
    const auto ok = peer.receive("200 REGISTER");
    EXPECT_NE(ok.header("Contact").find("expires=2"), std::string::npos);
    EXPECT_EQ(exchange.expect("registered"), "registered agent7");
    EXPECT_EQ(exchange.expect("unregistered"), "unregistered agent7");
    EXPECT_TRUE(stored.empty());
}

TEST_F(SofiaStrangers, a_trunk_that_says_nothing_is_down_and_comes_back) {
    RawPeer far;
    auto config = phone_config(far.uri("x"));
    config.trunks[0].register_there = false;
    Endpoint us(config);
    EXPECT_FALSE(far.receive("OPTIONS").text.empty());
    for (int i = 0; i < 3; ++i) {
        const auto options = far.receive("OPTIONS");
        far.reply(options, 503, "t");
    }
    EXPECT_TRUE(wait_for_trunk(us, false));
    for (int i = 0; i < 4; ++i)
        far.reply(far.receive("OPTIONS"), 200, "t");
    EXPECT_TRUE(wait_for_trunk(us, true));
}

// ---------------------------------------------------------------- a phone that is not ours

TEST_F(SofiaStrangers, baresip_registers_answers_and_lets_us_hang_up) {
    ASSERT_TRUE(std::filesystem::exists("/usr/bin/baresip")) << "script/test installs baresip-core";
    auto config = exchange_config(false);
    config.phone_secret = [](const std::string &user) -> std::optional<PhoneSecret> {
        return make_phone_secret(user, "fernamt", "correcthorse"); // both digests, as accounts have
    };
    config.offer_sha256 = false; // baresip 1.0.0 gives up at the sight of it
    Endpoint exchange(config);
    const Baresip phone({"agent7", "correcthorse", exchange.port("udp")}, 440, true);
    ASSERT_EQ(exchange.expect("registered"), "registered agent7");
    const LegId leg = exchange.invite(call_to("agent7"));
    const std::string answered = exchange.expect("answered");
    ASSERT_TRUE(answered.starts_with("answered ")) << answered;
    exchange.on_loop([&] { exchange.legs->offer(leg, sdp(4002)); });
    EXPECT_TRUE(exchange.expect("offer_answered").starts_with("offer_answered "));
    exchange.on_loop([&] { exchange.legs->hang_up(leg, false); });
    EXPECT_EQ(exchange.expect("ended"), "ended normal");
    exchange.wait_until_no_legs_but_registrations();
}

} // namespace
} // namespace fernamt::telephony
