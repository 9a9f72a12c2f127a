// SPDX-License-Identifier: EUPL-1.2
// The whole way with real SIP and real sound: simulated citizens and colleagues on one side; our
// SIP, exchange, ledger and a real rtpengine on the other.
#include "storage/database.h"
#include "telephony/announcements_files.h"
#include "telephony/exchange.h"
#include "telephony/media_rtpengine.h"
#include "telephony/media_test_ports.h"
#include "telephony/page_test_answer.h"
#include "telephony/rtpengine_process.h"
#include "telephony/sdp.h"
#include "telephony/simulator.h"
#include "telephony/simulator_offices.h"
#include "telephony/simulator_people.h"
#include "telephony/sip_peers.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/wav.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <random>
#include <set>
#include <thread>

namespace fernamt::telephony {
namespace {

namespace fs = std::filesystem;

constexpr MunicipalityId kTown{32410019019};
const PhoneNumber kNumber{"+493023125019"};

template <class T>
T must(Expected<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    return std::move(*result);
}

fs::path temporary_directory() {
    auto pattern = (fs::temp_directory_path() / "fernamt-simulator-XXXXXX").string();
    return ::mkdtemp(pattern.data());
}

routing::Rules rules_for(int agents) {
    routing::Rules rules;
    routing::Municipality town{.id = kTown, .hours = {}, .closed_on_public_holidays = false};
    for (int day = 0; day < 7; ++day)
        town.hours.push_back({static_cast<Weekday>(day), 0, 86'400});
    rules.municipalities = {town};
    rules.numbers = {{kNumber, kTown}};
    for (int i = 1; i <= agents; ++i)
        rules.agents.push_back(AgentId{i});
    return rules;
}

// The service, as `fernamt serve` puts it together.
class Service {
  public:
    explicit Service(int agents) : directory(temporary_directory()) {
        fs::create_directories(directory / "made" / "general");
        std::ofstream(directory / "made" / "general" / "greeting.wav", std::ios::binary)
            << write_wav(to_alaw(tone(500, 600ms)));
        database = must(storage::Database::open("sqlite://" + directory.string() + "/f.db"));
        ledger = must(ledger::Ledger::open(*database));
        announcements = std::make_unique<FileAnnouncements>((directory / "made").string(),
                                                            directory.string(), clock);
        RtpengineProcess::Options process_options;
        process_options.state_directory = directory;
        const auto &ports = reserve_media_ports();
        process_options.port_min = ports.first();
        process_options.port_max = ports.last();
        rtpengine = must(RtpengineProcess::start(loop, process_options));
        RtpengineMedia::Options media_options;
        media_options.ng.port = rtpengine->ng_port();
        media_options.outside_interface = RtpengineProcess::kOutside;
        media_options.inside_interface = RtpengineProcess::kInside;
        media = must(RtpengineMedia::create(loop, media_options));
        rtpengine->on_exit([this] { media->rtpengine_died(); });
        SipConfig sip;
        sip.listen = {"sip:127.0.0.1:0;transport=udp"};
        TrunkConfig trunk;
        trunk.name = "citizens";
        trunk.proxy = "sip:127.0.0.1:9;transport=udp";
        trunk.options_interval = 0s;
        sip.trunks = {trunk};
        sip.phone_secret = [](const std::string &user) {
            return std::optional(
                make_phone_secret(user, "fernamt", "secret-" + user)); // both digests
        };
        legs = must(SofiaCallLegs::create(loop, sip));
        exchange = must(Exchange::create(
            {.loop = loop,
             .legs = *legs,
             .media = *media,
             .ledger = *ledger,
             .clock = clock,
             .announcements = *announcements,
             .phone_user = [](AgentId id) { return "agent" + std::to_string(id.value); },
             .outside_uri = [](const PhoneNumber &) { return std::string(); },
             .short_name = [](MunicipalityId) { return std::string("Wedemark"); },
             .on_change = {},
             .state_directory = directory.string()}));
        loop.start();
        EXPECT_TRUE(eventually([&] { return on_loop([&] { return media->available(); }); }));
        loop.run_on_loop([&] {
            exchange->recover();
            exchange->change_rules(rules_for(agents), UserId{1},
                                   [](Expected<void> result) { EXPECT_TRUE(result); });
        });
        EXPECT_TRUE(eventually([&] { // until it has recovered, callers get 503
            const auto situation = exchange->situation();
            return situation && situation->recovered &&
                   (!exchange->rules()->agents.empty() || agents == 0);
        }));
    }

    ~Service() {
        loop.stop();    // from here on it is this thread's
        ledger.reset(); // its last callbacks name the exchange
        exchange.reset();
        legs.reset();
        media.reset();
        rtpengine->stop();
        rtpengine.reset();
        database.reset();
        fs::remove_all(directory);
    }

    bool on_loop(const std::function<bool()> &question) {
        bool answer = false;
        loop.run_on_loop([&] { answer = question(); });
        return answer;
    }

    static bool eventually(const std::function<bool()> &condition) {
        for (int i = 0; i < 1500; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }

    void command(const std::string &user, AgentCommand::Kind kind) {
        AgentCommand command;
        command.agent = AgentId{std::atoi(user.c_str() + 5)}; // "agent7"
        command.kind = kind;
        command.device = routing::Device::sip_phone;
        exchange->command(command, [](const Expected<void> &) {});
    }

    SimulatorOptions options(int colleagues) {
        SimulatorOptions result;
        result.port = legs->addresses().front().port;
        result.numbers = {{kNumber.e164, 1}};
        result.callers_per_hour = 0;
        for (int i = 1; i <= colleagues; ++i) {
            const auto user = "agent" + std::to_string(i);
            result.colleagues.push_back({user, "secret-" + user});
        }
        result.answer_after_least = 100ms;
        result.answer_after_most = 400ms;
        result.talk_least = 1s;
        result.talk_most = 1500ms;
        result.wrap_up_least = 50ms;
        result.wrap_up_most = 200ms;
        result.patience_mean = 10min;
        result.seed = 20261122;
        result.phone_registered = [this](const std::string &user) {
            command(user, AgentCommand::Kind::sign_in);
        };
        result.finish_wrap_up = [this](const std::string &user) {
            command(user, AgentCommand::Kind::wrap_up_finish);
        };
        return result;
    }

    bool nothing_left() {
        return eventually([&] {
            return on_loop([&] { return legs->open_legs() == 0 && media->open_calls() == 0; });
        });
    }

    fs::path directory;
    SystemClock clock;
    SofiaLoop loop;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<FileAnnouncements> announcements;
    std::unique_ptr<RtpengineProcess> rtpengine;
    std::unique_ptr<RtpengineMedia> media;
    std::unique_ptr<SofiaCallLegs> legs;
    std::unique_ptr<Exchange> exchange;
};

TEST(Simulator, CitizensHearTheGreetingReachAColleagueAndBothUnderstandEachOther) {
    Service service(2);
    auto options = service.options(2);
    options.answer_after_least = options.answer_after_most = 4s; // the greeting comes first
    auto simulator = must(Simulator::create(options));
    simulator->start();
    ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().registered == 2; }));
    constexpr int kCalls = 6; // more than colleagues: some wait with music
    for (int i = 0; i < kCalls; ++i)
        simulator->call(kNumber.e164);
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    // A colleague notices the end a moment after the citizen.
    EXPECT_TRUE(
        Service::eventually([&] { return simulator->statistics().understood_citizen == kCalls; }));
    const auto result = simulator->statistics();
    EXPECT_EQ(result.offered, kCalls);
    EXPECT_EQ(result.connected, kCalls);
    EXPECT_EQ(result.heard_greeting, kCalls);
    EXPECT_EQ(result.reached_person, kCalls);
    EXPECT_EQ(result.understood, kCalls);
    EXPECT_EQ(result.completed, kCalls);
    EXPECT_EQ(result.answered, kCalls);
    EXPECT_EQ(result.lost + result.rejected + result.abandoned + result.turned_away, 0);
    EXPECT_EQ(result.cut, 0);
    EXPECT_GT(result.rtp_received, 2 * kCalls * 50);
    EXPECT_LT(result.rtp_lost, result.rtp_received / 4); // a busy machine drops some
    EXPECT_TRUE(service.nothing_left());
    simulator->stop();
}

TEST(Simulator, APersonWhoIsQuickerThanTheGreetingIsKnownAsOne) {
    Service service(2);
    auto options = service.options(2);
    options.answer_after_least = options.answer_after_most = 0s;
    auto simulator = must(Simulator::create(options));
    simulator->start();
    ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().registered == 2; }));
    for (int i = 0; i < 6; ++i)
        simulator->call(kNumber.e164);
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    EXPECT_EQ(simulator->statistics().reached_person, 6);
    EXPECT_EQ(simulator->statistics().understood, 6);
    EXPECT_EQ(simulator->statistics().completed, 6);
}

// What the service ends for whatever reason, nobody in it has wanted.
TEST(Simulator, AConversationThatTheServiceEndsIsCountedAsCut) {
    for (const bool silent : {false, true}) {
        Service service(1);
        auto options = service.options(1);
        options.silent = silent;
        options.talk_least = options.talk_most = 600s;
        auto simulator = must(Simulator::create(options));
        simulator->start();
        ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().registered == 1; }));
        simulator->call(kNumber.e164);
        ASSERT_TRUE(Service::eventually([&] {
            const auto now = simulator->statistics();
            return (silent ? now.answered : now.reached_person) == 1;
        }));
        ASSERT_TRUE(Service::eventually([&] { // its ACK and all
            const auto desk = service.exchange->desk(AgentId{1});
            return desk && desk->state == routing::AgentState::talking;
        }));
        service.command("agent1", AgentCommand::Kind::hang_up);
        EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
        EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().cut == 1; }))
            << (silent ? "without" : "with") << " sound";
        simulator->stop();
        EXPECT_EQ(simulator->statistics().cut, 1) << "once, not by both";
    }
}

TEST(Simulator, ASampleHasSoundWhereTheOthersAreSilent) {
    Service service(2);
    auto options = service.options(2);
    options.silent = true;
    options.speaking = 1;
    options.talk_least = options.talk_most = 600s;
    auto simulator = must(Simulator::create(options));
    simulator->start();
    ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().registered == 2; }));
    simulator->call(kNumber.e164);
    ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().reached_person == 1; }));
    simulator->call(kNumber.e164);
    ASSERT_TRUE(Service::eventually([&] { return simulator->statistics().answered == 2; }));
    const auto before = simulator->statistics().rtp_received;
    EXPECT_TRUE(Service::eventually([&] {
        return simulator->statistics().rtp_received > before + 100;
    })) << "who speaks goes on";
    EXPECT_EQ(simulator->statistics().reached_person, 1) << "the other hears nobody";
    const auto gaps = simulator->take_gaps();
    EXPECT_GE(gaps.heard, 20ms) << "a packet's time";
    EXPECT_GE(gaps.sent, 20ms);
}

// --- a browser page that is loaded again, with the real media plane

TEST(Simulator, APageThatIsLoadedAgainGetsAnotherLegOfTheRealMediaPlane) {
    Service service(1);
    const AgentId agent{1};
    const auto press = [&](AgentCommand::Kind kind) {
        std::promise<Expected<void>> done;
        service.exchange->command(
            {.agent = agent, .kind = kind, .device = routing::Device::browser},
            [&](const Expected<void> &result) { done.set_value(result); });
        return done.get_future().get();
    };
    const auto answer = [&](const DeskView::BrowserOffer &offer) {
        std::promise<Expected<void>> done;
        service.exchange->browser_answer(
            agent, offer.leg, page_answer(offer.sdp),
            [&](const Expected<void> &result) { done.set_value(result); });
        return done.get_future().get();
    };
    const auto next_offer = [&] {
        std::optional<DeskView::BrowserOffer> offer;
        EXPECT_TRUE(Service::eventually([&] {
            offer = service.exchange->desk(agent)->browser_offer;
            return offer.has_value();
        }));
        return offer.value_or(DeskView::BrowserOffer{});
    };
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    auto simulator = must(Simulator::create(service.options(0)));
    simulator->start();
    simulator->call(kNumber.e164);

    const auto first = next_offer();
    ASSERT_TRUE(answer(first));
    ASSERT_TRUE(press(AgentCommand::Kind::answer));
    const auto received = simulator->statistics().rtp_received;
    std::set<std::string> passwords{must(sdp::parse(first.sdp)).browser.pwd};
    for (int reload = 0; reload < 3; ++reload) { // in the talk, then on hold, then in the talk
        ASSERT_TRUE(press(AgentCommand::Kind::phone_resume));
        const auto fresh = next_offer();
        EXPECT_TRUE(passwords.insert(must(sdp::parse(fresh.sdp)).browser.pwd).second)
            << "a connection of before cannot be used again";
        const auto answered = answer(fresh);
        ASSERT_TRUE(answered) << describe(answered.error());
        ASSERT_TRUE(press(reload % 2 == 0 ? AgentCommand::Kind::hold : AgentCommand::Kind::resume));
    }
    // On hold the citizen hears music, on the same line as ever.
    EXPECT_TRUE(
        Service::eventually([&] { return simulator->statistics().rtp_received > received + 50; }));
    EXPECT_EQ(simulator->statistics().open, 1);
    ASSERT_TRUE(press(AgentCommand::Kind::hang_up));
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    EXPECT_EQ(simulator->statistics().lost, 0);
    EXPECT_TRUE(service.nothing_left());
}

// --- offices to which calls are transferred

TEST(SimulatedOffices, TheLastDigitSaysHowAnOfficeIs) {
    EXPECT_EQ(manner_of_office("+493023125500"), OfficeManner::answers);
    EXPECT_EQ(manner_of_office("+493023125508"), OfficeManner::busy);
    EXPECT_EQ(manner_of_office("+493023125509"), OfficeManner::away);
    EXPECT_EQ(manner_of_office(""), OfficeManner::answers);
}

// The service tells a busy town hall from other refusals, so it is said as RFC 3326 wants it.
TEST(SimulatedOffices, ABusyOneSaysItsReason) {
    auto offices = must(SimulatedOffices::open({}));
    sip_test::RawPeer trunk;
    trunk.send_to(offices->port(), trunk.request("INVITE", offices->port(), "busy-office", {},
                                                 sip_test::sdp(5000), 1, "+493023125508"));
    const auto answer = trunk.receive("486 INVITE");
    EXPECT_EQ(answer.header("Reason"), "SIP;cause=486;text=\"Busy\"") << answer.text;
}

TEST(Simulator, ImpatientCitizensHangUpWhenNobodyIsThere) {
    Service service(1); // signed in by nobody
    auto options = service.options(0);
    options.patience_mean = 400ms;
    auto simulator = must(Simulator::create(options));
    simulator->start();
    for (int i = 0; i < 4; ++i)
        simulator->call(kNumber.e164);
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    const auto result = simulator->statistics();
    EXPECT_EQ(result.offered, 4);
    // Whoever hears "nobody is available" to its end has not hung up; none of them is lost.
    EXPECT_EQ(result.abandoned + result.turned_away + result.rejected, 4);
    EXPECT_GT(result.abandoned, 0);
    EXPECT_EQ(result.reached_person, 0);
    EXPECT_EQ(result.lost, 0);
    EXPECT_TRUE(service.nothing_left());
}

TEST(Simulator, AnUnknownNumberIsAnnouncedAndTurnedAway) {
    Service service(1);
    auto simulator = must(Simulator::create(service.options(0)));
    simulator->start();
    simulator->call("+493023125999");
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    const auto result = simulator->statistics();
    EXPECT_EQ(result.connected, 1);
    EXPECT_EQ(result.heard_greeting, 1); // the tones of an unknown number
    EXPECT_EQ(result.turned_away, 1);
    EXPECT_TRUE(service.nothing_left());
}

TEST(Simulator, StoppingInTheMiddleHangsEverybodyUp) {
    Service service(1);
    auto options = service.options(1);
    options.callers_per_hour = 36'000; // ten in a second
    options.talk_least = options.talk_most = 60s;
    auto simulator = must(Simulator::create(options));
    simulator->start();
    EXPECT_TRUE(Service::eventually([&] {
        const auto now = simulator->statistics();
        return now.reached_person == 1 && now.connected >= 5;
    }));
    simulator->stop();
    EXPECT_EQ(simulator->statistics().open, 0);
    EXPECT_TRUE(service.nothing_left());
}

TEST(Simulator, WithoutAServiceCallsAreCountedAsLostOrRejected) {
    SimulatorOptions options;
    options.port = free_udp_port();
    options.callers_per_hour = 0;
    auto simulator = must(Simulator::create(options));
    simulator->start();
    simulator->call("+493023125001");
    EXPECT_TRUE(Service::eventually([&] { return simulator->statistics().open == 0; }));
    const auto result = simulator->statistics();
    EXPECT_EQ(result.lost + result.rejected, 1);
    EXPECT_EQ(result.connected, 0);
}

TEST(Simulator, CallersWithoutNumbersToCallAreAnError) {
    EXPECT_EQ(Simulator::create({}).error().code, "simulator.no_numbers");
}

TEST(SimulatedWorld, TheSameSeedGivesTheSameCourseAndTheMeansAreRight) {
    const auto sum_of = [](std::uint64_t seed) {
        SimulatorOptions options;
        SofiaLoop loop;
        RtpTicker ticker(loop);
        const SimulatorVoices voices;
        SimulatorStatistics statistics;
        std::mt19937_64 random(seed);
        SimulatedWorld world{options, loop, ticker, voices, statistics, random};
        Duration sum{};
        for (int i = 0; i < 20'000; ++i) {
            sum += world.exponential(10s);
            const auto between = world.between(1s, 4s);
            EXPECT_GE(between, 1s);
            EXPECT_LE(between, 4s);
        }
        return sum;
    };
    EXPECT_EQ(sum_of(5), sum_of(5));
    EXPECT_NE(sum_of(5), sum_of(6));
    EXPECT_NEAR(static_cast<double>(sum_of(5).count()) / 20'000, 10e6, 0.3e6);
}

} // namespace
} // namespace fernamt::telephony
