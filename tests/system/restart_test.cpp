// SPDX-License-Identifier: EUPL-1.2
// kill -9 of Fernamt during calls: conversations keep their sound, the new process takes them up,
// and what was acknowledged stands in the ledger.
#include "ledger/ledger.h"
#include "ledger/routing_codec.h"
#include "office.h"
#include "storage/test_database.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>

namespace fernamt::testing {
namespace {

TEST(Restart, ConversationsGoOnWhileTheServiceIsDeadAndAfterwards) {
    Office office(4);
    office.start();
    office.people(0, 25s);
    for (int i = 0; i < 6; ++i)
        office.call(); // four talk, two wait
    const auto situation = [&] { return office.get("lead", "/api/v1/situation"); };
    ASSERT_TRUE(eventually(
        [&] { return situation().find("\"agents\":{\"talking\":4}") != std::string::npos; }, 40))
        << situation();
    ASSERT_TRUE(eventually([&] { return office.seen().connected == 6; }));

    // Sound must go on: eight streams of talkers, fifty packets a second each. How long that takes
    // and what a busy machine drops of it is no business of a test; that it flows is.
    const auto hear = [&](std::int64_t packets) {
        const auto before = office.seen().rtp_received;
        return eventually([&] { return office.seen().rtp_received >= before + packets; }, 60);
    };
    constexpr std::int64_t kSomeSeconds = 8 * 50 * 3;

    office.kill();
    EXPECT_TRUE(hear(kSomeSeconds)) << "no sound while the service is dead";
    EXPECT_EQ(office.seen().open, 6); // nobody was cut off
    RecordProperty("rtp_lost_while_dead", std::to_string(office.seen().rtp_lost));

    office.start();
    EXPECT_TRUE(hear(kSomeSeconds)) << "no sound after the restart";
    EXPECT_NE(office.program().errors().find("\"calls_taken_up\":6"), std::string::npos)
        << office.program().errors();
    // Everybody finishes as if nothing had happened; those who waited are served next.
    ASSERT_TRUE(eventually([&] { return office.seen().open == 0; }, 120))
        << situation() << office.program().errors();
    EXPECT_EQ(office.seen().lost, 0);
    EXPECT_NE(situation().find("\"offered\":6,\"answered\":6,\"abandoned\":0"), std::string::npos)
        << situation();
    // On a quiet machine nothing is lost; script/bench reports the figure. Here only a stream that
    // was really cut may fail, not a machine that had no time for some packets.
    RecordProperty("rtp_lost", std::to_string(office.seen().rtp_lost));
    EXPECT_LT(office.seen().rtp_lost, office.seen().rtp_received / 4);
    EXPECT_TRUE(office.ask({"ledger", "verify"}).starts_with("ok: "));
}

// Its clock was ahead, or this machine's is behind: whoever looks into the log knows, and what to
// do.
TEST(Restart, ALedgerThatEndsInTheFutureIsSaidWhenTheServiceStarts) {
    for (const Duration ahead : {Duration{2h}, Duration{5min}}) {
        Office office(1);
        std::chrono::steady_clock::time_point written;
        {
            auto database =
                storage::Database::open("sqlite://" + office.directory() + "/fernamt.db");
            ASSERT_TRUE(database);
            auto ledger = ledger::Ledger::open(**database);
            ASSERT_TRUE(ledger);
            written = std::chrono::steady_clock::now();
            ASSERT_TRUE((*ledger)->append_and_wait({ledger::to_entry(
                routing::Event{routing::RulesChanged{}}, SystemClock{}.now() + ahead)}));
        }
        office.start();
        const Duration since =
            std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - written);
        const std::string log = office.program().errors();
        const auto said = log.find("\"clock.ahead\"");
        ASSERT_NE(said, std::string::npos) << log;
        const auto begin = log.rfind('\n', said) + 1;
        const auto line = boost::json::parse(log.substr(begin, log.find('\n', said) - begin));
        EXPECT_EQ(line.at("level"), ahead == Duration{2h} ? "error" : "warning");
        const Duration told = std::chrono::seconds{line.at("ahead_seconds").as_int64()};
        EXPECT_LE(told, ahead);
        EXPECT_GE(told, ahead - since - 2s) << "the wall clock went on until it was said";
    }
}

class OnEngine : public ::testing::TestWithParam<storage::Engine> {};

TEST_P(OnEngine, ACallOutlivesAKilledServiceAndIsBilled) {
    std::optional<storage::testing::TestDatabase> server;
    if (GetParam() == storage::Engine::postgresql) server.emplace(GetParam());
    Office office(1, {.database_url = server ? server->url() : ""});
    office.start();
    office.people(0, 8s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 60))
        << office.program().errors();
    office.kill();
    office.start();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
    EXPECT_EQ(office.seen().lost, 0);
    ASSERT_TRUE(eventually(
        [&] { return office.ledger().find("decision.wrap_up_done") != std::string::npos; }));
    const auto ars = to_ars(office.region().municipalities.back().id);
    const std::string month = to_iso8601(SystemClock{}.now()).substr(0, 7);
    const std::string invoice =
        office.ask({"invoice", "--municipality", ars, "--month", month, "--format", "json"});
    const auto read = boost::json::parse(invoice).as_object();
    ASSERT_EQ(read.at("lines").as_array().size(), 1U) << invoice;
    EXPECT_EQ(read.at("lines").at(0).at("calls").as_int64(), 1) << invoice;
    EXPECT_TRUE(office.ask({"ledger", "verify"}).starts_with("ok: "));
}
FERNAMT_ON_EVERY_ENGINE(OnEngine);

// As the only call's end tells it.
std::chrono::microseconds talk_in_ledger(Office &office) {
    const std::string ledger = office.ledger();
    const auto end = ledger.find("decision.end");
    if (end == std::string::npos) return {};
    constexpr std::string_view kTalk = "\"talk\":";
    const auto talk = ledger.find(kTalk, end);
    if (talk == std::string::npos) return {};
    return std::chrono::microseconds{std::atoll(ledger.c_str() + talk + kTalk.size())};
}

// A machine that swaps: rtpengine stands still, the service is killed and comes back meanwhile.
TEST(Restart, AConversationGoesOnThoughRtpengineDoesNotAnswerTheNewProcess) {
    Office office(1);
    office.start();
    office.people(0, std::chrono::minutes(20)); // nobody hangs up before we say so
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 60))
        << office.program().errors();
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    ::kill(rtpengine, SIGSTOP);
    const auto stopped = std::chrono::steady_clock::now();
    office.kill();
    office.start_unready();
    const auto says = [&](const char *what) {
        return office.program().errors().find(what) != std::string::npos;
    };
    EXPECT_TRUE(eventually([&] { return says("\"exchange.ready\""); }, 60));
    EXPECT_TRUE(says("\"calls_taken_up\":1")) << office.program().errors();
    EXPECT_TRUE(says("\"sound_unknown\":1"));
    EXPECT_EQ(office.status_of("/readyz"), 503); // new callers are told so
    const auto stood_still = std::chrono::steady_clock::now() - stopped;
    ::kill(rtpengine, SIGCONT);
    ASSERT_TRUE(eventually([&] { return office.status_of("/readyz") == 200; }, 60));
    const auto before = office.seen().rtp_received;
    EXPECT_TRUE(eventually([&] { return office.seen().rtp_received >= before + 300; }, 60))
        << "not heard again";
    EXPECT_EQ(office.seen().open, 1);

    const std::string agent = office.talking_agent();
    ASSERT_FALSE(agent.empty());
    ASSERT_EQ(office.press(agent, "hang_up"), 204);
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 60))
        << office.program().errors();
    EXPECT_EQ(office.seen().lost, 0);
    ASSERT_TRUE(eventually([&] { return talk_in_ledger(office).count() > 0; }));
    EXPECT_GE(talk_in_ledger(office), stood_still); // whole: also of the time nobody could ask
}

TEST(Restart, WhoseSoundDiedWithTheServiceIsToldThatItIsOver) {
    std::atomic<int> phones_free{0};
    Office office(1);
    office.start();
    office.people(0, std::chrono::minutes(20), [&](telephony::SimulatorOptions &options) {
        options.finish_wrap_up = [&, next = options.finish_wrap_up](const std::string &user) {
            ++phones_free; // its line has ended
            next(user);
        };
    });
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 60))
        << office.program().errors();
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    office.kill();
    ::kill(rtpengine, SIGKILL);
    office.start();
    EXPECT_TRUE(eventually([&] { return office.seen().open == 0; }, 60))
        << "the caller was not told\n"
        << office.program().errors();
    EXPECT_TRUE(eventually([&] { return phones_free == 1; }, 60)) << "the agent's phone was not";
    EXPECT_EQ(office.seen().completed, 1); // by a BYE, not by giving up
    EXPECT_EQ(office.seen().lost, 0);
}

TEST(Restart, CleanStopAndStartKeepRulesAndInvoices) {
    Office office(2);
    office.start();
    office.people(0, 2s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 40));
    const auto ars = to_ars(office.region().municipalities.back().id);
    const std::string month = to_iso8601(SystemClock{}.now()).substr(0, 7);
    const std::vector<std::string> invoice{"invoice", "--municipality", ars, "--month", month};
    // The bill is complete when the after-call work is.
    ASSERT_TRUE(eventually([&] {
        return office.ask({"ledger", "export"}).find("decision.wrap_up_done") != std::string::npos;
    }));
    const std::string first = office.ask(invoice);
    EXPECT_NE(first.find("Tag;" + ars + ";" + month), std::string::npos) << first;
    EXPECT_EQ(office.stop(), 0);
    office.start();
    EXPECT_EQ(office.ask(invoice), first);
}

// The next one is turned away (a trunk with two offices asks the other), the one that talks is not
// cut.
TEST(Restart, AStoppingServiceLetsCallsEnd) {
    Office office(1, {.drain_seconds = 60});
    office.start();
    office.people(0, 8s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 60))
        << office.program().errors();
    office.program().signal(SIGTERM);
    const auto says = [&](const char *event) {
        return office.program().errors().find(event) != std::string::npos;
    };
    ASSERT_TRUE(eventually([&] { return says("fernamt.draining"); })) << office.program().errors();
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().rejected == 1; }));
    EXPECT_EQ(office.seen().rejected_by_status.count(503), 1U);
    EXPECT_EQ(office.program().wait(60), 0);
    EXPECT_TRUE(eventually([&] { return office.seen().completed == 1; })); // and not by our stop
    EXPECT_EQ(office.seen().understood, 1);
    EXPECT_EQ(office.seen().lost, 0);
    EXPECT_NE(office.ledger().find("\"reason\":\"completed\""), std::string::npos);
}

} // namespace
} // namespace fernamt::testing
