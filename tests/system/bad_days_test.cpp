// SPDX-License-Identifier: EUPL-1.2
// Bad input and bad days, against the running service.
#include "office.h"
#include "people/municipalities.h"
#include "sipp.h"
#include "storage/database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

namespace fernamt::testing {
namespace {

TEST(BadDays, UnknownConfigurationKeyIsRefusedWithLineAndSuggestion) {
    const std::string directory = make_directory();
    std::ofstream(directory + "/wrong.toml") << "[web]\nprot = 8115\n";
    Program program({"serve", "--config", directory + "/wrong.toml"});
    EXPECT_EQ(program.wait(20), 78);
    EXPECT_NE(program.errors().find("line: 2"), std::string::npos) << program.errors();
    EXPECT_NE(program.errors().find("did you mean web.port?"), std::string::npos);
}

TEST(BadDays, EveryMistakeOfTheConfigurationIsNamedAtOnce) {
    const std::string directory = make_directory();
    std::ofstream(directory + "/wrong.toml")
        << "[web]\nfoo = 1\nbar = 2\n[log]\nlevel = \"loud\"\n";
    Program program({"config", "check", "--config", directory + "/wrong.toml"});
    EXPECT_EQ(program.wait(20), 78);
    const std::string said = program.errors();
    const auto first = said.find("line: 2\n  key: web.foo");
    const auto second = said.find("line: 3\n  key: web.bar");
    const auto third = said.find("line: 5\n  key: log.level");
    EXPECT_NE(third, std::string::npos) << said;
    EXPECT_LT(first, second) << said;
    EXPECT_LT(second, third) << said;
    EXPECT_EQ(program.output().find("in order"), std::string::npos);
}

// The one check that needs the database: whose telephone it is that has a number.
TEST(BadDays, APhoneThatIsNoTownHallsIsAMistakeAndNoReasonNotToStart) {
    Office office(1, {.sip = "[[sip.phone]]\nnumber = \"+498999998500\"\nuser = \"office77\"\n"});
    const std::string file = office.directory() + "/fernamt.toml";
    Program check({"config", "check", "--config", file});
    EXPECT_EQ(check.wait(60), 78);
    EXPECT_NE(
        check.errors().find("key: sip.phone.user\n  remedy: office77 is no town hall's phone"),
        std::string::npos)
        << check.errors();
    office.start();
    EXPECT_NE(office.program().errors().find("office77 is no town hall's phone"), std::string::npos)
        << office.program().errors();

    Program elsewhere({"config", "check", "--config", file, "--database",
                       "sqlite://" + office.directory() + "/not-there.db"});
    EXPECT_EQ(elsewhere.wait(60), 0);
    EXPECT_NE(elsewhere.errors().find("nobody has looked whose phones"), std::string::npos)
        << elsewhere.errors();
    EXPECT_FALSE(std::filesystem::exists(office.directory() + "/not-there.db"));
}

TEST(BadDays, WithoutAMediaServerItSaysWhatToInstall) {
    const Office office(1);
    const std::string path = std::getenv("PATH");
    ASSERT_EQ(::setenv("PATH", office.directory().c_str(), 1), 0);
    Program program({"serve", "--config", office.directory() + "/fernamt.toml"});
    ::setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(program.wait(60), 69);
    EXPECT_NE(program.errors().find("media.no_rtpengine\n  The media server (rtpengine) is not"),
              std::string::npos)
        << program.errors();
    EXPECT_NE(program.errors().find("rtpengine-daemon"), std::string::npos);
}

// "Free the port" helps where the port is taken only.
TEST(BadDays, AnAddressThatIsNotOursIsAnotherMatterThanATakenPort) {
    const Office office(1);
    const std::string file = office.directory() + "/elsewhere.toml";
    std::ofstream(file) << fmt::format("[state]\ndirectory = \"{}\"\n[web]\nport = 0\n[sip]\n"
                                       "listen = [\"sip:192.0.2.77:5060;transport=udp\"]\n",
                                       office.directory());
    Program program({"serve", "--config", file});
    EXPECT_EQ(program.wait(60), 69);
    const std::string said = program.errors();
    EXPECT_NE(said.find("sip.cannot_listen"), std::string::npos) << said;
    EXPECT_NE(said.find("an address of this machine"), std::string::npos) << said;
    EXPECT_EQ(said.find("free the port"), std::string::npos) << said;
}

// Another Fernamt with a state of its own, on a port that the first one has.
void expect_refused(Office &first, const Office &second, int port, const std::string &key,
                    const std::string &option) {
    Program program({"serve", "--config", second.directory() + "/fernamt.toml"});
    EXPECT_EQ(program.wait(60), 69); // EX_UNAVAILABLE
    const std::string said = program.errors();
    EXPECT_NE(said.find("cannot_listen"), std::string::npos) << said;
    EXPECT_NE(said.find(":" + std::to_string(port)), std::string::npos) << said;
    EXPECT_NE(said.find("in use"), std::string::npos) << said;
    EXPECT_NE(said.find(key), std::string::npos) << said;
    EXPECT_NE(said.find(option), std::string::npos) << said;
    EXPECT_TRUE(first.program().running());
    const int rtpengine = rtpengine_pid(second.directory());
    EXPECT_TRUE(eventually([&] { return rtpengine == 0 || ::kill(rtpengine, 0) != 0; }))
        << "it left its media process behind";
}

TEST(BadDays, WebPortInUseIsNamedWithReasonAndRemedy) {
    Office first(1);
    first.start();
    const Office second(1, {.http_port = first.http_port()});
    expect_refused(first, second, first.http_port(), "web.port", "--http-port");
}

TEST(BadDays, SipPortInUseIsNamedWithReasonAndRemedy) {
    Office first(1);
    first.start();
    const Office second(1, {.sip_port = first.sip_port()});
    expect_refused(first, second, first.sip_port(), "sip.listen", "--sip-port");
}

// As somebody at `address` would, whose browser reaches us through a proxy that we trust.
Expected<net::Response> sign_in(net::Client &browser, const people::DemoAccount &account,
                                const std::string &password, const std::string &address = {}) {
    net::Headers headers{{"Content-Type", "application/json"}, {"X-Fernamt", "1"}};
    if (!address.empty()) headers.emplace_back("X-Forwarded-For", address);
    return browser.send(
        "POST", "/api/v1/session", headers,
        fmt::format(R"({{"login":"{}","password":"{}"}})", account.login, password));
}

bool has_secure_cookie(const net::Response &answer) {
    return std::any_of(answer.headers.begin(), answer.headers.end(), [](const auto &header) {
        return header.second.find("HttpOnly") != std::string::npos &&
               header.second.find("; Secure") != std::string::npos;
    });
}

TEST(BadDays, BehindATlsProxyTheSessionCookieIsSecure) {
    for (const bool behind : {false, true}) {
        Office office(
            1, {.web = behind ? "behind_tls = true\ntrusted_proxies = [\"127.0.0.0/8\"]" : ""});
        office.start();
        net::Client browser("127.0.0.1", static_cast<unsigned short>(office.http_port()));
        const people::DemoAccount &account = office.region().accounts.front();
        const auto answer = sign_in(browser, account, account.password);
        ASSERT_TRUE(answer && answer->status == 200);
        EXPECT_EQ(has_secure_cookie(*answer), behind);
    }
}

TEST(BadDays, WrongPasswordsManyTimesAreSlowedAndLockNobodyOut) {
    Office office(1, {.web = "trusted_proxies = [\"127.0.0.0/8\"]"});
    office.start();
    net::Client browser("127.0.0.1", static_cast<unsigned short>(office.http_port()));
    const auto &accounts = office.region().accounts;
    const people::DemoAccount &attacked = accounts.front();
    const people::DemoAccount &colleague = accounts.back();
    ASSERT_NE(attacked.login, colleague.login);
    const auto guess = [&] {
        const auto answer = sign_in(browser, attacked, "guess", "192.0.2.1");
        return answer ? answer->status : 0;
    };
    EXPECT_EQ(guess(), 401);
    ASSERT_TRUE(eventually([&] { return guess() == 429; }, 60));
    const auto elsewhere = sign_in(browser, attacked, attacked.password, "192.0.2.2");
    EXPECT_TRUE(elsewhere && elsewhere->status == 200) << "the right person was locked out";
    const auto beside = sign_in(browser, colleague, colleague.password, "192.0.2.1");
    EXPECT_TRUE(beside && beside->status == 200) << "a colleague at the same place was locked out";
}

TEST(BadDays, ServesHttpsByACertificateOfItsOwn) {
    const std::string place = make_directory();
    const std::string command =
        fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                    "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 "
                    "-keyout {0}/key.pem -out {0}/certificate.pem 2>/dev/null",
                    place);
    ASSERT_EQ(std::system(command.c_str()), 0);
    const Office office(1, {.web = fmt::format("certificate_file = \"{0}/certificate.pem\"\n"
                                               "key_file = \"{0}/key.pem\"",
                                               place)});
    Program program({"serve", "--config", office.directory() + "/fernamt.toml"});
    const auto port = static_cast<unsigned short>(office.http_port());
    net::Client browser("127.0.0.1", port, {.tls = true, .ca_file = place + "/certificate.pem"});
    EXPECT_TRUE(eventually(
        [&] {
            const auto answer = browser.get("/readyz");
            return (answer && answer->status == 200) || !program.running();
        },
        60));
    const people::DemoAccount &account = office.region().accounts.front();
    const auto signed_in = sign_in(browser, account, account.password);
    EXPECT_TRUE(signed_in && signed_in->status == 200) << program.errors();
    EXPECT_TRUE(signed_in && has_secure_cookie(*signed_in));
    net::Client stranger("127.0.0.1", port, {.tls = true}); // trusts the system's certificates only
    EXPECT_FALSE(stranger.get("/healthz"));
    net::Client plain("127.0.0.1", port);
    EXPECT_FALSE(plain.get("/healthz"));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(30), 0);
    std::filesystem::remove_all(place);
}

TEST(BadDays, NobodySignedInIsSaidAndEnded) {
    Office office(1);
    office.start();
    office.people(0, 2s);
    ASSERT_EQ(office.press(office.region().phones.front().login, "sign_out"), 204);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 40));
    EXPECT_EQ(office.seen().heard_greeting, 1) << "loud sound came: the announcement";
    EXPECT_EQ(office.seen().rung, 0);
    const std::string ledger = office.ledger();
    EXPECT_NE(ledger.find("\"announcement\":\"nobody_available\""), std::string::npos) << ledger;
    EXPECT_NE(ledger.find("\"rule\":\"nobody_signed_in\""), std::string::npos);
}

TEST(BadDays, UnknownNumberHearsAnAnnouncementAndNoNumberIsLogged) {
    Office office(1);
    office.start();
    office.people(0, 2s);
    office.simulator().call("+493023125999");
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 40));
    EXPECT_EQ(office.seen().heard_greeting, 1) << "loud sound came: the announcement";
    EXPECT_NE(office.ledger().find("\"announcement\":\"unknown_number\""), std::string::npos);
    EXPECT_NE(office.program().errors().find("call.unknown_number"), std::string::npos);
    EXPECT_EQ(office.program().errors().find("+49"), std::string::npos)
        << office.program().errors();
}

TEST(BadDays, OutsideItsHoursATownSaysSo) {
    Office office(1);
    {
        auto database = storage::Database::open(office.database_url());
        ASSERT_TRUE(database);
        const SystemClock clock;
        people::Municipalities municipalities(**database, clock);
        auto town = municipalities.find(office.region().municipalities.back().id);
        ASSERT_TRUE(town);
        const int today = static_cast<int>(weekday_of(to_local(clock.now()).date));
        town->hours = {{static_cast<Weekday>((today + 3) % 7), 8 * 3600, 18 * 3600}};
        ASSERT_TRUE(municipalities.change(*town, {}));
    }
    office.start();
    office.people(0, 60s); // a colleague is there, and must not be disturbed
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 60));
    EXPECT_EQ(office.seen().connected, 1);
    EXPECT_EQ(office.seen().heard_greeting, 1); // loud sound came: the closing announcement
    EXPECT_GT(office.seen().rtp_received, 50);
    EXPECT_EQ(office.seen().rung, 0);
    const std::string ledger = office.ledger();
    EXPECT_NE(ledger.find("\"announcement\":\"closed\""), std::string::npos) << ledger;
    EXPECT_NE(ledger.find("\"rule\":\"closed_hours\""), std::string::npos);
    EXPECT_NE(ledger.find("\"reason\":\"closed\""), std::string::npos);
}

TEST(BadDays, MediaThatDiedIsStartedAgainAndSaidOnce) {
    Office office(2);
    office.start();
    office.people(0, 20s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 40));
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    ::kill(rtpengine, SIGKILL);
    // The conversation that lost its sound ends; afterwards calls are taken again.
    ASSERT_TRUE(eventually([&] { return office.seen().open == 0; }, 40));
    ASSERT_TRUE(eventually([&] {
        return office.get("lead", "/api/v1/situation").find("\"media_available\":true") !=
               std::string::npos;
    }));
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().reached_person == 2; }, 40))
        << office.program().errors();
    EXPECT_EQ(times(office.program().errors(), "\"media.gone\""), 1) << office.program().errors();
}

TEST(BadDays, MediaThatHangsMeans503WithAReasonUntilItAnswersAgain) {
    Office office(1);
    office.start();
    office.people(0, 2s);
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    ::kill(rtpengine, SIGSTOP);
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 503; }, 60));
    const auto caller = sipp(office, "refused_caller", "+498999998444"); // reserved for films
    EXPECT_EQ(caller.code, 0) << caller.output;
    ::kill(rtpengine, SIGCONT);
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 200; }, 60));
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
    EXPECT_EQ(times(office.program().errors(), "\"media.gone\""), 1) << office.program().errors();
}

TEST(BadDays, NoPersonalDataInLogOrMetrics) {
    Office office(2);
    office.start();
    office.people(0, 1s);
    for (int i = 0; i < 3; ++i)
        office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 3; }, 60));
    net::Client client("127.0.0.1", static_cast<unsigned short>(office.http_port()));
    const auto metrics = client.get("/metrics");
    ASSERT_TRUE(metrics);
    // Callers' numbers in whatever form, the towns' own in full, who works here by name or login.
    static const std::regex digits("(\\+|00|\\b)49[ ]?[1-9][0-9]{6}|\\b0[1-9][0-9]{6}");
    for (const std::string &text : {office.program().errors(), metrics->body}) {
        std::smatch found;
        EXPECT_FALSE(std::regex_search(text, found, digits)) << found.str() << " in\n" << text;
        EXPECT_EQ(text.find("8999998"), std::string::npos) << "a film number of a caller";
        for (const people::DemoAccount &account : office.region().accounts) {
            const std::regex login("\\b" + account.login + "\\b");
            EXPECT_FALSE(std::regex_search(text, login)) << account.login << " in\n" << text;
            EXPECT_EQ(text.find(account.display_name), std::string::npos) << account.display_name;
        }
    }
    // The patterns find what they are for.
    EXPECT_TRUE(std::regex_search(std::string("from 03023125010"), digits));
    EXPECT_TRUE(std::regex_search(std::string("from 4930231250"), digits));
}

} // namespace
} // namespace fernamt::testing
