// SPDX-License-Identifier: EUPL-1.2
// The exchange with real SIP (sofia on both sides), a real rtpengine and a tone per party: what is
// decided is what the far ends see and hear. A crash is played by dropping everything of ours
// without a word; rtpengine and the far ends live on.
#include "telephony/digit_listener.h"
#include "telephony/diversion.h"
#include "telephony/exchange.h"
#include "telephony/media_rtpengine.h"
#include "telephony/media_test_ports.h"
#include "telephony/rtp_stream.h"
#include "telephony/rtpengine_process.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/sofia_loop.h"
#include "telephony/wav.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace fernamt::telephony {
namespace {

using Tones = std::set<double>;

constexpr MunicipalityId kTown{32410019019};
constexpr AgentId kAgent{7};
const PhoneNumber kNumber{"+493023125019"};
const PhoneNumber kOffice{"+493023125500"};
const PhoneNumber kBusyOffice{"+493023125508"};
const PhoneNumber kCitizen{"+493023125777"};
constexpr double kCitizenTone = 440, kPhoneTone = 1000, kOfficeTone = 700, kMusicTone = 300,
                 kNameTone = 1400;

// Everybody outside: citizens, offices and the agent's desk phone, one SIP endpoint and one loop of
// their own. Who is called by the number decides what they do.
class World final : public LegListener {
  public:
    World() {
        loop.start();
        loop.run_on_loop([&] {
            SipConfig config;
            config.listen = {"sip:127.0.0.1:0;transport=udp"};
            config.trunks = {{.name = "service", .proxy = "", .sources = {"127.0.0.0/8"}}};
            legs = std::move(*SofiaCallLegs::create(loop, std::move(config)));
            legs->on_incoming([this](IncomingCall call) { take(std::move(call)); });
            ticker = std::make_unique<RtpTicker>(loop);
        });
    }
    ~World() override {
        loop.run_on_loop([&] {
            for (auto &[leg, party] : parties_)
                ticker->remove(party.stream.get());
            legs.reset();
            ticker.reset();
        });
        loop.stop();
    }

    // Everybody whose number this is.
    struct Party {
        std::string user;
        std::unique_ptr<RtpStream> stream;
        bool incoming = false;
        bool answered = false;
        bool ended = false;
        IncomingCall call;
    };

    LegId dial(int port) {
        LegId leg;
        loop.run_on_loop([&] {
            auto stream = speaker(kCitizenTone);
            const std::string offer = stream->sdp();
            leg = legs->invite(
                {.target = "sip:" + kNumber.e164 + "@127.0.0.1:" + std::to_string(port),
                 .from_user = kCitizen.e164,
                 .offer = offer},
                this);
            parties_[leg] = {.user = "caller", .stream = std::move(stream)};
        });
        return leg;
    }
    void hang_up(const std::string &user) {
        loop.run_on_loop([&] { legs->hang_up(find(user).first, false); });
    }
    void press(const std::string &user, char key) {
        loop.run_on_loop([&] { find(user).second->stream->press(key); });
    }
    // The last one with this number.
    [[nodiscard]] bool is(const std::string &user, bool Party::*what) {
        bool result = false;
        loop.run_on_loop([&] {
            const auto [leg, party] = find(user);
            result = party != nullptr && party->*what;
        });
        return result;
    }
    [[nodiscard]] IncomingCall call_of(const std::string &user) {
        IncomingCall call;
        loop.run_on_loop([&] { call = find(user).second->call; });
        return call;
    }
    [[nodiscard]] std::size_t calls_of(const std::string &user) {
        std::size_t count = 0;
        loop.run_on_loop([&] {
            for (const auto &[leg, party] : parties_)
                count += party.user == user ? 1 : 0;
        });
        return count;
    }
    [[nodiscard]] Tones hears(const std::string &user) {
        Samples heard;
        loop.run_on_loop([&] {
            if (const auto [leg, party] = find(user); party != nullptr) {
                heard = party->stream->heard();
            }
        });
        if (heard.size() > 2000) heard.erase(heard.begin(), heard.end() - 2000); // a quarter second
        Tones tones;
        for (const double hertz : {kCitizenTone, kPhoneTone, kOfficeTone, kMusicTone, kNameTone})
            if (level_at(heard, hertz) > 0.03) tones.insert(hertz);
        return tones;
    }
    void forget() { // what was heard so far
        loop.run_on_loop([&] {
            for (auto &[leg, party] : parties_)
                party.stream->forget();
        });
    }
    [[nodiscard]] int port() const { return legs->addresses().front().port; }

    SofiaLoop loop;
    std::unique_ptr<SofiaCallLegs> legs;
    std::unique_ptr<RtpTicker> ticker;

  private:
    std::unique_ptr<RtpStream> speaker(double hertz) {
        auto stream = std::move(*RtpStream::open("127.0.0.1", ++ssrc_));
        stream->play(std::make_shared<ALaw>(to_alaw(tone(hertz, 1s, 0.2))), true);
        ticker->add(stream.get());
        return stream;
    }
    std::pair<LegId, Party *> find(const std::string &user) {
        for (auto at = parties_.rbegin(); at != parties_.rend(); ++at)
            if (at->second.user == user) return {at->first, &at->second};
        return {};
    }
    void take(IncomingCall call) {
        const std::string user = call.dialled.empty() ? "" : call.dialled.front().user;
        if (user == kBusyOffice.e164) return legs->reject(call.leg, 486, "", 0s);
        const double hertz = user == "agent7"        ? kPhoneTone
                             : user == kCitizen.e164 ? kCitizenTone
                                                     : kOfficeTone;
        auto stream = speaker(hertz);
        const LegId leg = call.leg;
        EXPECT_TRUE(stream->send_to(call.offer));
        const std::string answer = stream->sdp();
        parties_[leg] = {user, std::move(stream), true, true, false, std::move(call)};
        legs->listen(leg, this);
        legs->ring(leg);
        legs->answer(leg, answer);
    }

    void on_ringing(LegId) override {}
    void on_answered(LegId leg, const std::string &sdp) override {
        Party &party = parties_.at(leg);
        party.answered = party.stream->send_to(sdp);
    }
    void on_failed(LegId leg, int) override { parties_.at(leg).ended = true; }
    void on_ended(LegId leg, routing::HangUpCause) override { parties_.at(leg).ended = true; }
    void on_offer(LegId leg, const std::string &) override { legs->answer_offer(leg, ""); }
    void on_refer(LegId leg, const std::string &) override { legs->answer_refer(leg, false); }
    void on_dialog(LegId, const std::string &) override {}

    std::map<LegId, Party> parties_;
    std::uint32_t ssrc_ = 1000;
};

struct Sounds final : Announcements { // music for everything, so that words differ from voices
    explicit Sounds(std::filesystem::path directory) : directory_(std::move(directory)) {
        write("music", tone(kMusicTone, 1s));
        write("short", Samples(800));
        write("name", tone(kNameTone, 4s));
    }
    std::string path(std::optional<MunicipalityId>, routing::Announcement what) const override {
        const bool music = what == routing::Announcement::waiting_music;
        return directory_ / (music ? "music.wav" : "short.wav");
    }
    std::string words(std::optional<MunicipalityId>, std::string_view name) const override {
        if (name == "name") return directory_ / "name.wav";
        return name == "callback_noted" ? directory_ / "short.wav" : std::filesystem::path();
    }

  private:
    void write(const std::string &name, const Samples &samples) const {
        std::ofstream(directory_ / (name + ".wav"), std::ios::binary)
            << write_wav(to_alaw(samples));
    }
    std::filesystem::path directory_;
};

class RealExchange : public testing::Test {
  protected:
    void SetUp() override {
        auto pattern = (std::filesystem::temp_directory_path() / "fernamt-real-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        sounds_ = std::make_unique<Sounds>(directory_);
        begin();
    }
    void TearDown() override {
        crash();
        SofiaLoop last; // takes rtpengine up once more, to end it
        auto process = RtpengineProcess::start(last, {.state_directory = directory_});
        ASSERT_TRUE(process);
        (*process)->stop();
        process->reset();
        std::filesystem::remove_all(directory_);
    }

    void begin() {
        auto database = storage::Database::open("sqlite://" + directory_ + "/fernamt.db");
        ASSERT_TRUE(database) << describe(database.error());
        database_ = std::move(*database);
        auto ledger = ledger::Ledger::open(*database_);
        ASSERT_TRUE(ledger);
        ledger_ = std::move(*ledger);
        loop_ = std::make_unique<SofiaLoop>();
        loop_->start();
        loop_->run_on_loop([&] { build(); });
        ASSERT_TRUE(eventually([&] {
            bool there = false;
            loop_->run_on_loop([&] { there = media_->available(); });
            return there;
        })) << "no rtpengine";
        loop_->run_on_loop([&] { exchange_->recover(); });
        ASSERT_TRUE(eventually([&] { return exchange_->situation()->recovered; }));
    }
    void build() {
        RtpengineProcess::Options options;
        options.state_directory = directory_;
        const auto ports = reserve_media_ports();
        options.port_min = ports.first;
        options.port_max = ports.last;
        process_ = std::move(*RtpengineProcess::start(*loop_, options));
        RtpengineMedia::Options media;
        media.ng.port = process_->ng_port();
        media.outside_interface = RtpengineProcess::kOutside;
        media.inside_interface = RtpengineProcess::kInside;
        media_ = std::move(*RtpengineMedia::create(*loop_, media));
        digits_ = std::move(
            *DigitListener::open(*loop_, "127.0.0.1", process_->digit_port(),
                                 [this](std::string_view report) { media_->take_digit(report); }));
        const std::string world = "127.0.0.1:" + std::to_string(world_.port());
        SipConfig sip;
        sip.listen = {"sip:127.0.0.1:" + std::to_string(sip_port_) + ";transport=udp"};
        sip.trunks = {{.name = "world",
                       .proxy = "sip:" + world,
                       .sources = {"127.0.0.0/8"},
                       .options_interval = 0s}};
        auto legs = SofiaCallLegs::create(*loop_, std::move(sip));
        ASSERT_TRUE(legs) << describe(legs.error());
        legs_ = std::move(*legs);
        sip_port_ = legs_->addresses().front().port;
        auto made = Exchange::create(
            {.loop = *loop_,
             .legs = *legs_,
             .media = *media_,
             .ledger = *ledger_,
             .clock = clock_,
             .announcements = *sounds_,
             .phone_user = [world](AgentId) { return "sip:agent7@" + world; },
             .outside_uri =
                 [world](const PhoneNumber &number) { return "sip:" + number.e164 + "@" + world; },
             .short_name = [](MunicipalityId) { return std::string("Wedemark"); },
             .on_change = {},
             .state_directory = directory_,
             .whispers = [this](AgentId) { return whispers_.load(); }});
        ASSERT_TRUE(made) << describe(made.error());
        exchange_ = std::move(*made);
    }
    // Nothing is said to anybody: far ends and rtpengine do not know.
    void crash() {
        loop_->stop();
        ledger_.reset(); // its last callbacks name the exchange
        exchange_.reset();
        legs_.reset();
        digits_.reset();
        media_.reset();
        process_.reset();
        loop_.reset();
        database_.reset();
    }

    template <class F>
    static bool eventually(F done) {
        for (int i = 0; i < 1000; ++i) {
            if (done()) return true;
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }
    Expected<void> wait_for(const std::function<void(std::function<void(Expected<void>)>)> &start) {
        auto promise = std::make_shared<std::promise<Expected<void>>>();
        auto result = promise->get_future();
        start([promise](Expected<void> done) { promise->set_value(std::move(done)); });
        return result.get();
    }
    static routing::Rules rules() {
        routing::Rules rules;
        routing::Municipality town{.id = kTown, .closed_on_public_holidays = false};
        for (int day = 0; day < 7; ++day)
            town.hours.push_back({static_cast<Weekday>(day), 0, 86'400});
        rules.municipalities = {town};
        routing::CallQueue queue;
        queue.id = routing::QueueId{1};
        queue.offers_callback = true;
        rules.queues = {queue};
        rules.numbers = {{.number = kNumber, .municipality = kTown, .queue = queue.id}};
        rules.agents = {kAgent};
        return rules;
    }
    void obey(const routing::Rules &rules) {
        ASSERT_TRUE(wait_for(
            [&](auto done) { exchange_->change_rules(rules, UserId{1}, std::move(done)); }));
    }
    Expected<void> press(AgentCommand::Kind kind, std::optional<PhoneNumber> target = {}) {
        return wait_for([&](auto done) {
            exchange_->command({.agent = kAgent,
                                .kind = kind,
                                .target = target,
                                .device = routing::Device::sip_phone},
                               std::move(done));
        });
    }
    bool hear(const std::map<std::string, Tones> &expected) {
        const bool as_expected = eventually([&] {
            return std::all_of(expected.begin(), expected.end(), [&](const auto &one) {
                return world_.hears(one.first) == one.second;
            });
        });
        for (const auto &[who, tones] : expected) {
            std::string heard;
            for (const double hertz : world_.hears(who))
                heard += " " + std::to_string(static_cast<int>(hertz));
            if (!as_expected) ADD_FAILURE() << who << " hears" << heard;
        }
        return as_expected;
    }
    // The citizen and the agent's phone hear each other.
    void talk() {
        obey(rules());
        ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
        (void)world_.dial(sip_port_);
        ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    }
    std::string ledger_text() {
        std::string all;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            all += entry.type + " " + entry.payload + "\n";
            return true;
        }));
        return all;
    }
    bool nothing_left_over() {
        return eventually([&] {
            std::size_t legs = 1, calls = 1;
            loop_->run_on_loop([&] {
                legs = legs_->open_legs();
                calls = media_->open_calls();
            });
            return legs == 0 && calls == 0 && media_->mixer_ports() == 0;
        });
    }

    std::string directory_;
    std::atomic<bool> whispers_ = false;
    World world_;
    SystemClock clock_;
    int sip_port_ = 0;
    std::unique_ptr<Sounds> sounds_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<SofiaLoop> loop_;
    std::unique_ptr<RtpengineProcess> process_;
    std::unique_ptr<RtpengineMedia> media_;
    std::unique_ptr<DigitListener> digits_;
    std::unique_ptr<SofiaCallLegs> legs_;
    std::unique_ptr<Exchange> exchange_;
};

// Whatever the three sides do, in whatever order and however fast, nothing stays behind: no call,
// no leg, no port, no reserved agent. FERNAMT_SEED plays one course of events again.
TEST_F(RealExchange, AnyCourseOfEventsLeavesNothingBehind) {
    using Kind = AgentCommand::Kind;
    constexpr int kRounds = 12, kActions = 10;
    obey(rules());
    ASSERT_TRUE(press(Kind::sign_in));
    const char *given = std::getenv("FERNAMT_SEED");
    const std::uint32_t first = given != nullptr ? static_cast<std::uint32_t>(std::atol(given)) : 1;
    std::map<std::string, int> done; // so that a course in which nothing happens is no proof
    const int rounds = given != nullptr ? 1 : kRounds;
    for (std::uint32_t seed = first; seed < first + static_cast<std::uint32_t>(rounds); ++seed) {
        SCOPED_TRACE("FERNAMT_SEED=" + std::to_string(seed));
        std::mt19937 random(seed);
        const auto below = [&](unsigned most) { return random() % most; };
        const auto on_line = [&](const std::string &user) {
            return world_.is(user, &World::Party::answered) &&
                   !world_.is(user, &World::Party::ended);
        };
        const auto leave = [&](const std::string &user) {
            if (!on_line(user)) return;
            world_.hang_up(user);
            ++done["left"];
        };
        const auto command = [&](Kind kind, std::optional<PhoneNumber> target = {}) {
            if (press(kind, std::move(target))) ++done["pressed"]; // or refused: also an answer
        };
        (void)world_.dial(sip_port_);
        const bool patient = below(4) != 0; // one in four does not even wait for the agent
        ASSERT_TRUE(!patient || eventually([&] { return on_line("agent7"); }));
        for (int i = 0; i < kActions; ++i) {
            const PhoneNumber target = below(4) == 0 ? kBusyOffice : kOffice;
            switch (below(12)) {
            case 0:
            case 1:
                command(Kind::hold);
                break;
            case 2:
            case 3:
                command(Kind::resume);
                break;
            case 4:
            case 5:
                command(Kind::consult, target);
                break;
            case 6:
                command(Kind::conference);
                break;
            case 7:
                command(Kind::consult_end);
                break;
            case 8:
                command(Kind::hand_over);
                break;
            case 9:
                command(Kind::transfer, target);
                break;
            case 10:
                leave(kOffice.e164);
                break;
            default:
                if (below(3) == 0) leave(below(2) == 0 ? "agent7" : "caller");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(below(4) * 20));
        }
        // The caller goes, if still there, or goes while still waiting.
        ASSERT_TRUE(eventually([&] {
            if (!world_.is("caller", &World::Party::ended)) world_.hang_up("caller");
            return exchange_->state()->calls.empty();
        })) << "a call stays";
        leave(kOffice.e164);
        ASSERT_TRUE(nothing_left_over());
        // The agent is free again, at once or with a key.
        ASSERT_TRUE(eventually([&] {
            const auto state = exchange_->desk(kAgent)->state;
            if (state == routing::AgentState::ready) return true;
            (void)press(state == routing::AgentState::after_call_work ? Kind::wrap_up_finish
                                                                      : Kind::ready);
            return false;
        })) << "the agent stays in "
            << routing::to_string(exchange_->desk(kAgent)->state);
    }
    if (given == nullptr) {
        EXPECT_GE(done["pressed"], kRounds) << "hardly anything was possible";
        EXPECT_GE(done["left"], 1);
    }
}

TEST_F(RealExchange, TheAgentHearsTheMunicipalityFirstAndTheCallerNothingOfIt) {
    whispers_ = true;
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    bool caller_heard_it = false;
    ASSERT_TRUE(eventually([&] {
        caller_heard_it = caller_heard_it || world_.hears("caller").contains(kNameTone);
        return world_.hears("agent7") == Tones{kNameTone};
    }));
    ASSERT_TRUE(eventually([&] {
        caller_heard_it = caller_heard_it || world_.hears("caller").contains(kNameTone);
        return world_.hears("agent7") == Tones{kCitizenTone};
    }));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}}));
    EXPECT_FALSE(caller_heard_it);
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, WhoeverHangsUpOrHoldsWhileTheNameIsSaidIsObeyed) {
    whispers_ = true;
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(eventually([&] { return world_.hears("agent7") == Tones{kNameTone}; }));
    ASSERT_TRUE(press(AgentCommand::Kind::hold));
    ASSERT_TRUE(eventually([&] {
        world_.forget(); // silence brings no packets that would push the old sound out
        std::this_thread::sleep_for(300ms);
        return world_.hears("agent7").empty() && world_.hears("caller") == Tones{kMusicTone};
    }));
    ASSERT_TRUE(press(AgentCommand::Kind::resume));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, AConsultationBecomesAConferenceAndIsHandedOver) {
    talk();
    ASSERT_TRUE(press(AgentCommand::Kind::consult, kOffice));
    ASSERT_TRUE(
        hear({{"caller", {kMusicTone}}, {"agent7", {kOfficeTone}}, {kOffice.e164, {kPhoneTone}}}));
    ASSERT_TRUE(press(AgentCommand::Kind::conference));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}},
                      {"agent7", {kCitizenTone, kOfficeTone}},
                      {kOffice.e164, {kCitizenTone, kPhoneTone}}}));

    crash(); // in the middle of the conference
    world_.forget();
    begin();
    ASSERT_TRUE(hear({{"caller", {kPhoneTone, kOfficeTone}},
                      {"agent7", {kCitizenTone, kOfficeTone}},
                      {kOffice.e164, {kCitizenTone, kPhoneTone}}}));

    ASSERT_TRUE(press(AgentCommand::Kind::hand_over));
    EXPECT_TRUE(eventually([&] { return world_.is("agent7", &World::Party::ended); }));
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, BackFromTheQuestionTheCallerIsHeardAgain) {
    talk();
    ASSERT_TRUE(press(AgentCommand::Kind::consult, kOffice));
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}, {"agent7", {kOfficeTone}}}));
    ASSERT_TRUE(press(AgentCommand::Kind::consult_end));
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_TRUE(eventually([&] { return world_.is(kOffice.e164, &World::Party::ended); }));
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, TheOfficeRingsFirstAndSeesWhoCallsAndWhere) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kOffice, 20s, {}};
    obey(with_office);
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    const IncomingCall seen = world_.call_of(kOffice.e164);
    EXPECT_EQ(seen.caller.reveal(), kCitizen.e164);
    const Diverted diverted = diverted_of(seen.history_info, seen.diversion);
    ASSERT_EQ(diverted.history.size(), 2U);
    EXPECT_TRUE(was_at(diverted, kNumber));
    EXPECT_EQ(hops_of(diverted), 1);
    EXPECT_NE(diverted.history.back().find("index=1.1"), std::string::npos);
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_NE(ledger_text().find("taken_by_office"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, ABusyOfficeLeavesTheCallerToTheAgent) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kBusyOffice, 20s, {}};
    obey(with_office);
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_NE(ledger_text().find("office_busy"), std::string::npos);
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, OverflowGoesToThePartnerWithItsHistory) {
    auto with_partner = rules();
    with_partner.partners = {{routing::PartnerId{3}, kOffice}};
    routing::Overflow planned;
    planned.partner = routing::PartnerId{3};
    with_partner.overflows = {planned};
    obey(with_partner);
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    const IncomingCall seen = world_.call_of(kOffice.e164);
    ASSERT_EQ(seen.diversion.size(), 1U);
    EXPECT_NE(seen.diversion.front().find("reason=time-of-day"), std::string::npos);
    world_.hang_up("caller");
    EXPECT_TRUE(eventually([&] { return world_.is(kOffice.e164, &World::Party::ended); }));
    EXPECT_NE(ledger_text().find("taken_by_partner"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

TEST_F(RealExchange, FromThePressedKeyOverACrashToTheConversation) {
    obey(rules());
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    ASSERT_TRUE(press(AgentCommand::Kind::pause));
    (void)world_.dial(sip_port_);
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
    world_.press("caller", '1');
    ASSERT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_EQ(exchange_->situation()->callbacks, 1);
    EXPECT_TRUE(nothing_left_over());

    crash();
    begin();
    EXPECT_EQ(exchange_->situation()->callbacks, 1);
    ASSERT_TRUE(press(AgentCommand::Kind::ready));
    ASSERT_TRUE(hear({{kCitizen.e164, {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_EQ(world_.call_of(kCitizen.e164).caller.reveal(), kNumber.e164);
    world_.hang_up(kCitizen.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("agent7", &World::Party::ended); }));
    EXPECT_EQ(ledger_text().find("3023125777"), std::string::npos);
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
