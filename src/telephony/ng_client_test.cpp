// SPDX-License-Identifier: EUPL-1.2
// The client against a socket that behaves as badly as the test wants.
#include "telephony/ng_client.h"
#include "telephony/ng_test_encode.h"
#include "telephony/sofia_loop.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <thread>

namespace fernamt::telephony {
namespace {

class FakeRtpengine {
  public:
    FakeRtpengine() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        EXPECT_EQ(::bind(fd_, raw(), size), 0);
        EXPECT_EQ(::getsockname(fd_, raw(), &size), 0);
    }
    ~FakeRtpengine() { close(); }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    [[nodiscard]] int port() const { return ntohs(address_.sin_port); }
    [[nodiscard]] int fd() const { return fd_; }

    // What came, answered by `answer`; without one it is silence.
    void serve(const std::function<std::optional<ng::Dict>(const std::string &command)> &answer) {
        char buffer[65536];
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto *sender = reinterpret_cast<sockaddr *>(&from);
        ssize_t got = 0;
        while ((got = ::recvfrom(fd_, buffer, sizeof buffer, 0, sender, &size)) > 0) {
            const auto datagram = *ng::split({buffer, static_cast<std::size_t>(got)});
            const auto command = *ng::text(*ng::decode(datagram.dictionary), "command");
            if (command != "statistics") cookies.emplace_back(datagram.cookie);
            const auto reply = answer(command);
            if (!reply) continue;
            const auto text = std::string(datagram.cookie) + " " + ng::encode(*reply);
            ::sendto(fd_, text.data(), text.size(), 0, sender, size);
        }
    }

    std::vector<std::string> cookies; // of everything but statistics

  private:
    sockaddr *raw() { return reinterpret_cast<sockaddr *>(&address_); }
    int fd_;
    sockaddr_in address_{};
};

ng::Dict statistics(int uptime) {
    return {{"statistics",
             ng::Dict{{"totalstatistics", ng::Dict{{"uptime", std::to_string(uptime)}}}}}};
}

class NgClientTest : public testing::Test {
  protected:
    void SetUp() override {
        NgClient::Options options;
        options.port = rtpengine.port();
        options.retry_after = 50ms;
        options.ping_every = 20ms;
        options.look_every = 20ms;
        loop.start();
        loop.run_on_loop([&] {
            loop.watch(rtpengine.fd(), [this] { rtpengine.serve(answer); });
            client = std::move(*NgClient::create(loop, options));
            client->on_availability([this](bool now) { reports.push_back(now); });
        });
    }
    void TearDown() override {
        loop.run_on_loop([&] {
            client.reset();
            if (rtpengine.fd() >= 0) loop.unwatch(rtpengine.fd());
        });
        loop.stop();
    }
    bool eventually(const std::function<bool()> &condition) {
        for (int i = 0; i < 1000; ++i) {
            bool holds = false;
            loop.run_on_loop([&] { holds = condition(); });
            if (holds) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    // The fake's uptime grows as a real one's does, or a long silence would look like a restart.
    [[nodiscard]] int elapsed() const {
        const auto since = std::chrono::steady_clock::now() - begun;
        return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(since).count());
    }
    void ask(const char *command) {
        loop.run_on_loop([&] {
            client->request(ng::Command(command),
                            [this](Expected<ng::Dict> reply) { replies.push_back(reply); });
        });
    }

    FakeRtpengine rtpengine;
    const std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    int uptime = 10;
    std::function<std::optional<ng::Dict>(const std::string &)> answer =
        [this](const std::string &command) -> std::optional<ng::Dict> {
        if (command == "statistics") return statistics(uptime + elapsed());
        return ng::Dict{{"result", "ok"}};
    };
    // Of the answers: the loop may still ask for one when a test's body is over.
    bool silent = false;
    int dropped = 0;
    std::map<std::string, int> asked;
    std::optional<int> old;
    SofiaLoop loop;
    std::unique_ptr<NgClient> client;
    std::vector<bool> reports;
    std::vector<Expected<ng::Dict>> replies;
};

// As on a bad line: each command needs up to five tries, and nothing is given up.
TEST_F(NgClientTest, ManyLossesInARowAreNoReasonToGiveUp) {
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] {
        answer = [&](const std::string &command) -> std::optional<ng::Dict> {
            if (command == "statistics") return statistics(uptime + elapsed());
            if (++asked[command] < 5) return std::nullopt;
            return ng::Dict{{"result", "ok"}};
        };
    });
    for (const char *command : {"offer", "answer", "delete"})
        ask(command);
    ASSERT_TRUE(eventually([&] { return replies.size() == 3; }));
    loop.run_on_loop([&] {
        for (const auto &reply : replies)
            EXPECT_TRUE(reply);
        EXPECT_EQ(reports, std::vector<bool>{true});
    });
}

TEST_F(NgClientTest, AMissingReplyIsAskedForAgainWithTheSameCookie) {
    loop.run_on_loop([&] {
        answer = [&](const std::string &command) -> std::optional<ng::Dict> {
            if (command == "statistics") return statistics(uptime + elapsed());
            if (++dropped < 3) return std::nullopt;
            return ng::Dict{{"result", "ok"}};
        };
    });
    ask("offer");
    ASSERT_TRUE(eventually([&] { return replies.size() == 1; }));
    loop.run_on_loop([&] {
        EXPECT_TRUE(replies[0]);
        ASSERT_EQ(rtpengine.cookies.size(), 3u);
        EXPECT_EQ(rtpengine.cookies[0], rtpengine.cookies[1]);
        EXPECT_EQ(rtpengine.cookies[0], rtpengine.cookies[2]);
    });
    ask("offer");
    ASSERT_TRUE(eventually([&] { return replies.size() == 2; }));
    loop.run_on_loop([&] { EXPECT_NE(rtpengine.cookies[3], rtpengine.cookies[2]); });
}

// Nearly every command is answered long before it would be asked again: they share one timer.
TEST_F(NgClientTest, ManyOpenCommandsWaitWithOneTimerAndEachIsAskedForAgain) {
    constexpr int kCommands = 40;
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] {
        answer = [&](const std::string &command) -> std::optional<ng::Dict> {
            if (command == "statistics") return statistics(uptime + elapsed());
            if (++dropped <= kCommands) return std::nullopt; // the first time of each
            return ng::Dict{{"result", "ok"}};
        };
        for (int i = 0; i < kCommands; ++i)
            client->request(ng::Command("offer"), [this](Expected<ng::Dict> reply) {
                replies.push_back(std::move(reply));
            });
        EXPECT_LE(loop.open_timers(), 2U) << "the next look at its health, and one for all";
    });
    ASSERT_TRUE(eventually([&] { return replies.size() == kCommands; }));
    loop.run_on_loop([&] {
        const std::set<std::string> different(rtpengine.cookies.begin(), rtpengine.cookies.end());
        EXPECT_EQ(different.size(), static_cast<std::size_t>(kCommands));
        for (const auto &reply : replies)
            EXPECT_TRUE(reply);
    });
}

TEST_F(NgClientTest, SilenceMakesItUnavailableOnceAndItsReturnIsTold) {
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] {
        silent = true;
        answer = [&](const std::string &) -> std::optional<ng::Dict> {
            if (silent) return std::nullopt;
            return statistics(uptime + elapsed());
        };
    });
    ask("offer");
    ASSERT_TRUE(eventually([&] { return replies.size() == 1; }));
    EXPECT_EQ(replies[0].error().code, "media.unavailable");
    ask("offer"); // at once, without asking
    ASSERT_TRUE(eventually([&] { return replies.size() == 2; }));
    std::uint64_t generation = 0;
    loop.run_on_loop([&] {
        EXPECT_FALSE(client->nobody_listens()); // somebody may
        generation = client->generation();
        silent = false;
    });
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] {
        EXPECT_EQ(reports, (std::vector<bool>{true, false, true}));
        EXPECT_EQ(client->generation(), generation); // it was only slow: its calls live
    });
}

TEST_F(NgClientTest, AClosedPortIsNoticedAtOnceAndMeansANewGeneration) {
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    const auto before = client->generation();
    loop.run_on_loop([&] {
        loop.unwatch(rtpengine.fd());
        rtpengine.close();
    });
    ask("offer");
    ASSERT_TRUE(eventually([&] { return replies.size() == 1; }));
    loop.run_on_loop([&] {
        EXPECT_EQ(replies[0].error().code, "media.unavailable");
        EXPECT_EQ(reports, (std::vector<bool>{true, false}));
        EXPECT_EQ(client->generation(), before + 1);
        EXPECT_TRUE(client->nobody_listens());
    });
}

TEST_F(NgClientTest, ARestartBetweenTwoLooksIsSeenByItsUptime) {
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] { uptime = 0; });
    ASSERT_TRUE(eventually([&] { return reports.size() == 3; }));
    loop.run_on_loop([&] {
        EXPECT_EQ(reports, (std::vector<bool>{true, false, true}));
        EXPECT_EQ(client->generation(), 2u);
    });
}

// It was held up (a stopped process, a full machine) and answers once by the clock of before.
TEST_F(NgClientTest, AnOldClockOnceIsNoRestart) {
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] {
        silent = true;
        answer = [&](const std::string &command) -> std::optional<ng::Dict> {
            if (!old) old = uptime + elapsed();
            if (silent) return std::nullopt;
            if (command != "statistics") return ng::Dict{{"result", "ok"}};
            return statistics(std::exchange(old, uptime + elapsed()).value());
        };
    });
    ASSERT_TRUE(eventually([&] { return !client->available() && elapsed() > *old - uptime + 4; }));
    loop.run_on_loop([&] { silent = false; });
    ASSERT_TRUE(eventually([&] { return client->available(); }));
    loop.run_on_loop([&] { EXPECT_EQ(client->generation(), 1u); });
}

TEST_F(NgClientTest, ItsErrorsBecomeProblems) {
    loop.run_on_loop([&] {
        answer = [&](const std::string &command) -> std::optional<ng::Dict> {
            if (command == "statistics") return statistics(uptime + elapsed());
            const auto *reason =
                command == "play media" ? "Unknown call-id" : "Failed to parse SDP";
            return ng::Dict{{"result", "error"}, {"error-reason", reason}};
        };
    });
    ask("play media");
    ask("offer");
    ASSERT_TRUE(eventually([&] { return replies.size() == 2; }));
    EXPECT_EQ(replies[0].error().code, "media.lost");
    EXPECT_EQ(replies[1].error().code, "media.refused");
}

} // namespace
} // namespace fernamt::telephony
