// SPDX-License-Identifier: EUPL-1.2
// For tests: the exchange with real SIP (sofia on both sides), a real rtpengine and a tone per
// party: what is decided is what the far ends see and hear. A crash is played by dropping
// everything of ours without a word; rtpengine and the far ends live on.
#pragma once

#include "telephony/digit_listener.h"
#include "telephony/diversion.h"
#include "telephony/exchange.h"
#include "telephony/journal_seal.h"
#include "telephony/media_rtpengine.h"
#include "telephony/media_test_ports.h"
#include "telephony/rtp_stream.h"
#include "telephony/rtpengine_process.h"
#include "telephony/sip_dialog_record.h"
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

namespace fernamt::telephony::exchange_real {

using Tones = std::set<double>;

inline constexpr MunicipalityId kTown{32410019019};
inline constexpr AgentId kAgent{7};
inline const PhoneNumber kNumber{"+493023125019"};
inline const PhoneNumber kOffice{"+493023125500"};
inline const PhoneNumber kOfficeFirst{"+493023125018"}; // ours, the office rings first
inline const PhoneNumber kBusyOffice{"+493023125508"};
inline const PhoneNumber kRingingOffice{"+493023125507"}; // until told what to do
inline const PhoneNumber kCitizen{"+493023125777"};
inline constexpr double kCitizenTone = 440, kPhoneTone = 1000, kOfficeTone = 700, kMusicTone = 300,
                        kNameTone = 1400;

// Where everybody outside lives: whoever calls from elsewhere is a desk phone, and authenticates.
inline constexpr const char *kHost = "127.0.0.9";
inline constexpr const char *kDesk = "127.0.0.10"; // from where desk phones call
inline constexpr const char *kPassword = "correct-horse";
inline constexpr std::string_view kOperator =
    "office8"; // the town hall's phone, registered with us

// A desk phone of a user of ours, beside those of the World: it dials out (an agent's second line,
// which may connect both by REFER with Replaces), and if it registers it answers whoever calls it.
class DeskPhone final : public LegListener {
  public:
    DeskPhone(SofiaLoop &loop, RtpTicker &ticker, std::unique_ptr<RtpStream> stream, int port,
              const std::string &user, bool registers)
        : loop_(loop), ticker_(ticker), stream_(std::move(stream)), user_(user),
          at_("127.0.0.1:" + std::to_string(port)) {
        loop_.run_on_loop([&] {
            SipConfig config;
            config.listen = {"sip:" + std::string(kDesk) + ":0;transport=udp"};
            config.trunks = {{.name = "exchange",
                              .proxy = "sip:" + at_,
                              .sources = {},
                              .user = user,
                              .password = kPassword,
                              .register_there = registers,
                              .options_interval = 0s}};
            legs_ = std::move(*SofiaCallLegs::create(loop_, std::move(config)));
            legs_->on_incoming([this](IncomingCall call) { take(call); });
        });
    }
    ~DeskPhone() override { // as a power cut: nothing is said
        loop_.run_on_loop([&] {
            ticker_.remove(stream_.get());
            legs_.reset();
        });
    }
    void dial(const PhoneNumber &target, const std::string &replaces = "") {
        OutgoingCall call{.target = "sip:" + target.e164 + "@" + at_,
                          .from_user = user_,
                          .offer = stream_->sdp()};
        if (!replaces.empty()) call.headers = {{"Replaces", replaces}};
        loop_.run_on_loop([&] { leg_ = legs_->invite(call, this); });
    }
    void hang_up() {
        loop_.run_on_loop([&] { legs_->hang_up(leg_, false); });
    }
    // What a Replaces says of this dialog (RFC 3891: its tags as who is asked sees them); empty
    // while nobody has answered, or while it does not ring.
    [[nodiscard]] std::string replaces() {
        std::string text;
        loop_.run_on_loop([&] {
            if (!dialog_ || ended_) return;
            text = dialog_->call_id + ";to-tag=" + tag_of(dialog_->remote) +
                   ";from-tag=" + tag_of(dialog_->local);
        });
        return text;
    }
    [[nodiscard]] std::string as_replaced() { // escaped for a Refer-To
        std::string text = replaces();
        for (const auto &[plain, escaped] : {std::pair{";", "%3B"}, std::pair{"=", "%3D"}})
            for (auto at = text.find(plain); at != std::string::npos; at = text.find(plain, at + 3))
                text.replace(at, 1, escaped);
        return text;
    }
    [[nodiscard]] bool ended() {
        bool ended = false;
        loop_.run_on_loop([&] { ended = ended_; });
        return ended;
    }
    [[nodiscard]] int refused() { // with this status; 0: not
        int status = 0;
        loop_.run_on_loop([&] { status = refused_; });
        return status;
    }
    [[nodiscard]] bool answered() { return !as_replaced().empty(); }
    [[nodiscard]] bool hears(double hertz) {
        Samples heard;
        loop_.run_on_loop([&] { heard = stream_->heard(); });
        if (heard.size() > 2000) heard.erase(heard.begin(), heard.end() - 2000);
        return level_at(heard, hertz) > 0.03;
    }

  private:
    static std::string tag_of(const std::string &address) {
        return address.substr(address.find(";tag=") + 5);
    }
    void take(const IncomingCall &call) {
        leg_ = call.leg;
        legs_->listen(leg_, this);
        (void)stream_->send_to(call.offer);
        legs_->answer(leg_, stream_->sdp());
    }
    void on_ringing(LegId) override {}
    void on_answered(LegId, const std::string &sdp) override { (void)stream_->send_to(sdp); }
    void on_failed(LegId, int status) override {
        ended_ = true;
        refused_ = status;
    }
    void on_ended(LegId, routing::HangUpCause) override { ended_ = true; }
    void on_offer(LegId leg, const std::string &) override { legs_->answer_offer(leg, ""); }
    void on_refer(LegId leg, const std::string &) override { legs_->answer_refer(leg, false); }
    void on_dialog(LegId, const std::string &record) override {
        dialog_ = parse_dialog_record(record);
    }

    SofiaLoop &loop_;
    RtpTicker &ticker_;
    std::unique_ptr<RtpStream> stream_;
    std::string user_, at_;
    std::unique_ptr<SofiaCallLegs> legs_;
    LegId leg_;
    std::optional<DialogRecord> dialog_;
    bool ended_ = false;
    int refused_ = 0;
};

// Everybody outside: citizens, offices and the agent's desk phone, one SIP endpoint and one loop of
// their own. Who is called by the number decides what they do.
class World final : public LegListener {
  public:
    World() {
        loop.start();
        loop.run_on_loop([&] {
            SipConfig config;
            config.listen = {"sip:" + std::string(kHost) + ":0;transport=udp"};
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

    // Everybody whose number this is. Who is gone neither speaks nor hears any more.
    struct Party {
        std::string user;
        std::unique_ptr<RtpStream> stream; // none: gone
        bool incoming = false;
        bool answered = false;
        bool ended = false;
        IncomingCall call;
    };

    LegId dial(int port, const std::string &who = "caller", const PhoneNumber &number = kNumber) {
        LegId leg;
        loop.run_on_loop([&] {
            auto stream = speaker(kCitizenTone);
            const std::string offer = stream->sdp();
            leg =
                legs->invite({.target = "sip:" + number.e164 + "@127.0.0.1:" + std::to_string(port),
                              .from_user = kCitizen.e164,
                              .offer = offer},
                             this);
            parties_[leg] = {.user = who, .stream = std::move(stream)};
        });
        return leg;
    }
    // The office's phone, behind a trunk that vouches for its number.
    void dial_code(int port, const std::string &code, const PhoneNumber &from) {
        loop.run_on_loop([&] {
            auto stream = speaker(kCitizenTone);
            const std::string offer = stream->sdp();
            const LegId leg = legs->invite(
                {.target = "sip:" + code + "@127.0.0.1:" + std::to_string(port),
                 .from_user = from.e164,
                 .offer = offer,
                 .headers = {{"P-Asserted-Identity", "<sip:" + from.e164 + "@office>"}}},
                this);
            parties_[leg] = {.user = code, .stream = std::move(stream)};
        });
    }
    void hang_up(const std::string &user) {
        loop.run_on_loop([&] { legs->hang_up(find(user).first, false); });
    }
    // From now on the phones of agents ring until they are told what to do, or answer at once.
    void agents_only_ring(bool ring) {
        loop.run_on_loop([&] { agents_only_ring_ = ring; });
    }
    // Whoever rings: answers, or refuses with this status. False: does not ring any more.
    bool pick_up(const std::string &user) {
        return with_ringing(user, [&](LegId leg, Party &party) {
            party.answered = true;
            legs->answer(leg, party.stream->sdp());
        });
    }
    bool decline(const std::string &user, int status) {
        return with_ringing(user, [&](LegId leg, Party &party) {
            gone(party);
            legs->reject(leg, status, "", 0s);
        });
    }
    // Whoever still rings stops, as a phone does whose owner has had enough.
    void decline_whatever_rings() {
        loop.run_on_loop([&] {
            for (auto &[leg, party] : parties_) {
                if (!party.incoming || party.answered || party.ended) continue;
                gone(party);
                legs->reject(leg, 480, "", 0s);
            }
        });
    }
    [[nodiscard]] std::size_t open_legs() {
        std::size_t open = 0;
        loop.run_on_loop([&] { open = legs->open_legs(); });
        return open;
    }
    // The transfer key of a phone; replaces: the dialog it connects with (DeskPhone), or empty.
    void refer(const std::string &user, const PhoneNumber &target,
               const std::string &replaces = "") {
        const std::string headers = replaces.empty() ? "" : "?Replaces=" + replaces;
        loop.run_on_loop(
            [&] { legs->refer(find(user).first, "sip:" + target.e164 + "@office" + headers); });
    }
    // A phone's hold key, whoever's phone it is: a re-INVITE.
    void hold(const std::string &user, bool held) {
        loop.run_on_loop([&] {
            const auto [leg, party] = find(user);
            if (party->stream == nullptr) return;
            std::string sdp = party->stream->sdp();
            if (held) sdp.replace(sdp.find("sendrecv"), 8, "sendonly");
            legs->offer(leg, sdp);
        });
    }
    [[nodiscard]] std::unique_ptr<DeskPhone> ask_by_second_line(const std::string &user, int port,
                                                                const PhoneNumber &target) {
        auto phone = desk_phone(user, port, 0, false);
        phone->dial(target);
        return phone;
    }
    // hertz: what it says; 0: nothing.
    [[nodiscard]] std::unique_ptr<DeskPhone> desk_phone(const std::string &user, int port,
                                                        double hertz, bool registers) {
        std::unique_ptr<RtpStream> stream;
        loop.run_on_loop([&] {
            stream = hertz > 0 ? speaker(hertz) : std::move(*RtpStream::open("127.0.0.1", ++ssrc_));
        });
        return std::make_unique<DeskPhone>(loop, *ticker, std::move(stream), port, user, registers);
    }
    void press(const std::string &user, char key) {
        bool pressing = true;
        const auto on_stream = [&](const std::function<void(RtpStream &)> &act) {
            loop.run_on_loop([&] {
                RtpStream *stream = find(user).second->stream.get();
                pressing = stream != nullptr;
                if (stream != nullptr) act(*stream);
            });
        };
        on_stream([&](RtpStream &stream) { stream.press(key); });
        while (pressing) { // a key that is still down goes to whoever is connected next
            std::this_thread::sleep_for(20ms);
            on_stream([&](RtpStream &stream) { pressing = stream.pressing(); });
        }
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
    [[nodiscard]] std::string keys(const std::string &user) { // that it has heard pressed
        std::string keys;
        loop.run_on_loop([&] {
            if (const auto [leg, party] = find(user); speaks(party)) keys = party->stream->keys();
        });
        return keys;
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
            if (const auto [leg, party] = find(user); speaks(party)) heard = party->stream->heard();
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
                if (speaks(&party)) party.stream->forget();
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
    static bool speaks(const Party *party) { return party != nullptr && party->stream != nullptr; }
    void gone(Party &party) {
        party.ended = true;
        ticker->remove(party.stream.get());
        party.stream.reset();
    }
    std::pair<LegId, Party *> find(const std::string &user) {
        for (auto at = parties_.rbegin(); at != parties_.rend(); ++at)
            if (at->second.user == user) return {at->first, &at->second};
        return {};
    }
    bool with_ringing(const std::string &user, const std::function<void(LegId, Party &)> &act) {
        bool rings = false;
        loop.run_on_loop([&] {
            const auto [leg, party] = find(user);
            rings = party != nullptr && party->incoming && !party->answered && !party->ended;
            if (rings) act(leg, *party);
        });
        return rings;
    }
    void take(IncomingCall call) {
        const std::string user = call.dialled.empty() ? "" : call.dialled.front().user;
        if (user == kBusyOffice.e164) return legs->reject(call.leg, 486, "", 0s);
        const double hertz = user.starts_with("agent") ? kPhoneTone
                             : user == kCitizen.e164   ? kCitizenTone
                                                       : kOfficeTone;
        auto stream = speaker(hertz);
        const LegId leg = call.leg;
        EXPECT_TRUE(stream->send_to(call.offer));
        const std::string answer = stream->sdp();
        const bool only_rings =
            user.starts_with("agent") ? agents_only_ring_ : user == kRingingOffice.e164;
        parties_[leg] = {user, std::move(stream), true, !only_rings, false, std::move(call)};
        legs->listen(leg, this);
        legs->ring(leg);
        if (!only_rings) legs->answer(leg, answer);
    }

    void on_ringing(LegId) override {}
    void on_answered(LegId leg, const std::string &sdp) override {
        Party &party = parties_.at(leg);
        party.answered = speaks(&party) && party.stream->send_to(sdp);
    }
    void on_failed(LegId leg, int) override { gone(parties_.at(leg)); }
    void on_ended(LegId leg, routing::HangUpCause) override { gone(parties_.at(leg)); }
    void on_offer(LegId leg, const std::string &) override { legs->answer_offer(leg, ""); }
    void on_refer(LegId leg, const std::string &) override { legs->answer_refer(leg, false); }
    void on_dialog(LegId, const std::string &) override {}

    std::map<LegId, Party> parties_;
    std::uint32_t ssrc_ = 1000;
    bool agents_only_ring_ = false;
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
        if (name.starts_with("office_"))
            return directory_ / "name.wav"; // the switch's confirmation
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
        JournalSeal::open(directory_).forget();
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
        static const auto &ports = reserve_media_ports(); // also after a crash
        options.port_min = ports.first();
        options.port_max = ports.last();
        process_ = std::move(*RtpengineProcess::start(*loop_, options));
        RtpengineMedia::Options media;
        media.ng.port = process_->ng_port();
        media.outside_interface = RtpengineProcess::kOutside;
        media.inside_interface = RtpengineProcess::kInside;
        media_ = std::move(*RtpengineMedia::create(*loop_, media));
        digits_ = std::move(
            *DigitListener::open(*loop_, "127.0.0.1", process_->digit_port(),
                                 [this](std::string_view report) { media_->take_digit(report); }));
        const std::string world = kHost + (":" + std::to_string(world_.port()));
        SipConfig sip;
        sip.listen = {"sip:127.0.0.1:" + std::to_string(sip_port_) + ";transport=udp"};
        sip.trunks = {
            {.name = "world", .proxy = "sip:" + world, .sources = {kHost}, .options_interval = 0s}};
        sip.phone_secret = [](const std::string &user) -> std::optional<PhoneSecret> {
            if (!user.starts_with("agent") && user != kOperator) return std::nullopt;
            return make_phone_secret(user, "fernamt", kPassword);
        };
        sip.offer_sha256 = false; // baresip 1.0 gives up at the sight of it
        sip.save_binding = [this](const Binding &binding) { bindings_[binding.user] = binding; };
        sip.load_bindings = [this] {
            std::vector<Binding> all;
            for (const auto &[user, binding] : bindings_)
                all.push_back(binding);
            return all;
        };
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
             .phone_user =
                 [this, world](AgentId id) {
                     const std::string user = "agent" + std::to_string(id.value);
                     return registered_phone_ ? user : "sip:" + user + "@" + world;
                 },
             .outside_uri =
                 [this, world](const PhoneNumber &number) {
                     if (office_phone_ && number == kOffice) return std::string(kOperator);
                     return "sip:" + number.e164 + "@" + world;
                 },
             .short_name = [](MunicipalityId) { return std::string("Wedemark"); },
             .on_change = {},
             .state_directory = directory_,
             .whispers = [this](AgentId) { return whispers_.load(); },
             .office_of_phone = [](const std::string &phone) -> std::optional<MunicipalityId> {
                 if (phone != kOperator) return std::nullopt;
                 return kTown;
             }});
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
    static bool eventually(F done, int patience = 20) { // seconds
        for (int i = 0; i < patience * 50; ++i) {
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
    Expected<void> press(AgentCommand::Kind kind, std::optional<PhoneNumber> target = {},
                         AgentId agent = kAgent,
                         routing::Device device = routing::Device::sip_phone) {
        return wait_for([&](auto done) {
            exchange_->command({.agent = agent, .kind = kind, .target = target, .device = device},
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
    std::size_t calls_at_rtpengine() { // as it says itself
        auto promise = std::make_shared<std::promise<std::size_t>>();
        auto result = promise->get_future();
        loop_->run_on_loop([&] {
            media_->list([promise](const Expected<std::vector<CallId>> &calls) {
                promise->set_value(calls ? calls->size() : 1);
            });
        });
        return result.get();
    }
    bool nothing_left_over() {
        return eventually([&] {
            std::size_t legs = 1, calls = 1, ports = 1;
            loop_->run_on_loop([&] {
                legs = legs_->open_legs();
                calls = media_->open_calls();
                ports = media_->mixer_ports();
            });
            return legs == 0 && calls == 0 && ports == 0 && calls_at_rtpengine() == 0;
        });
    }

    std::string directory_;
    std::atomic<bool> whispers_ = false;
    std::atomic<bool> office_phone_ = false; // kOffice is kOperator's phone, not one of the World
    std::atomic<bool> registered_phone_ = false; // agent7 is a real phone, not one of the World
    std::map<std::string, Binding> bindings_;
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

} // namespace fernamt::telephony::exchange_real
