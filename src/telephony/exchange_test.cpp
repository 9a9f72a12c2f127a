// SPDX-License-Identifier: EUPL-1.2
// The exchange with a real machine, ledger and database; only the far ends are played by the test
// (real SIP and sound are tested in tests/system).
#include "ledger/routing_codec.h"
#include "telephony/exchange.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

namespace fernamt::telephony {
namespace {

using routing::AgentState;

constexpr MunicipalityId kWedemark{32410019019};
constexpr AgentId kAgent{7};
const PhoneNumber kNumber{"+493023125019"};

// Work is done when the test says so; time is the test's.
class TestLoop final : public Loop {
  public:
    explicit TestLoop(ManualClock &clock) : clock_(clock) {}
    void post(Work work) override {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(work));
        arrived_.notify_all();
    }
    TimerId after(Duration delay, Work work) override {
        const auto id = static_cast<TimerId>(++last_timer_);
        timers_[id] = {clock_.now() + delay, std::move(work)};
        return id;
    }
    void cancel(TimerId timer) override { timers_.erase(timer); }
    void watch(int, Work) override {}
    void unwatch(int) override {}
    bool on_loop() const override { return true; }

    // Runs posted work until `done`, waiting for the ledger's thread.
    template <class F>
    void run_until(F done) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done()) {
            Work work;
            {
                std::unique_lock lock(mutex_);
                ASSERT_TRUE(arrived_.wait_until(lock, give_up, [&] { return !posted_.empty(); }))
                    << "nothing more happened";
                work = std::move(posted_.front());
                posted_.pop_front();
            }
            work();
        }
    }
    void advance(Duration by) {
        const Instant until = clock_.now() + by;
        for (;;) {
            auto due = timers_.end();
            for (auto it = timers_.begin(); it != timers_.end(); ++it) {
                if (it->second.first <= until &&
                    (due == timers_.end() || it->second.first < due->second.first)) {
                    due = it;
                }
            }
            if (due == timers_.end()) break;
            clock_.set(std::max(clock_.now(), due->second.first));
            Work work = std::move(due->second.second);
            timers_.erase(due);
            work();
        }
        clock_.set(until);
    }

  private:
    ManualClock &clock_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Work> posted_;
    std::map<TimerId, std::pair<Instant, Work>> timers_;
    std::int64_t last_timer_ = 0;
};

class TestLegs final : public CallLegs {
  public:
    void on_incoming(std::function<void(IncomingCall)> handler) override { incoming = handler; }
    void listen(LegId leg, LegListener *listener) override { listeners[leg] = listener; }
    LegId invite(const OutgoingCall &call, LegListener *listener) override {
        const LegId leg{++last};
        listeners[leg] = listener;
        invited[leg] = call;
        return leg;
    }
    void ring(LegId) override {}
    void answer(LegId leg, const std::string &) override { answered.insert(leg); }
    void reject(LegId leg, int status, const std::string &, Duration) override {
        rejected[leg] = status;
    }
    void hang_up(LegId leg, bool elsewhere) override { hung_up[leg] = elsewhere; }
    void answer_offer(LegId leg, const std::string &) override { answered_offers.insert(leg); }
    void answer_refer(LegId leg, bool accepted) override { refers[leg] = accepted; }
    std::optional<LegId> restore(const std::string &record, LegListener *listener) override {
        const LegId leg{++last};
        listeners[leg] = listener;
        restored[record] = leg;
        return leg;
    }
    bool is_registered(const std::string &) const override { return true; }
    std::size_t open_legs() const override { return 0; }

    LegId call_in(const std::string &user, const std::string &caller) {
        const LegId leg{++last};
        incoming({leg,
                  {{routing::DialledSource::request_uri, user}},
                  Redacted<std::string>(caller),
                  "v=0",
                  "trunk:test"});
        return leg;
    }

    std::function<void(IncomingCall)> incoming;
    std::map<LegId, LegListener *> listeners;
    std::map<LegId, OutgoingCall> invited;
    std::set<LegId> answered, answered_offers;
    std::map<LegId, int> rejected;
    std::map<LegId, bool> hung_up, refers;
    std::map<std::string, LegId> restored;
    std::int64_t last = 0;
};

class TestMedia final : public Media {
  public:
    void leg_in(CallId call, const Tag &tag, LegKind, const std::string &, SdpDone done) override {
        note("in", call, tag);
        done(std::string("our answer"));
    }
    void leg_out(CallId call, const Tag &tag, LegKind, SdpDone done) override {
        note("out", call, tag);
        done("our offer " + tag);
    }
    void leg_out_answered(CallId call, const Tag &tag, const std::string &, Done done) override {
        note("up", call, tag);
        done(understands_answers ? Expected<void>{}
                                 : fail(ProblemKind::invalid_input, "sdp.no_common_codec"));
    }
    void leg_updated(CallId call, const Tag &tag, const std::string &, SdpDone done) override {
        note("updated", call, tag);
        done(std::string("our answer"));
    }
    void connect(CallId call, const Tag &a, const Tag &b, Done done) override {
        note("connect " + a, call, b);
        done({});
    }
    void park(CallId call, const Tag &tag, Done done) override {
        note("park", call, tag);
        done({});
    }
    void drop(CallId call, const Tag &tag) override { note("drop", call, tag); }
    void play(CallId call, const Tag &, const std::string &path, int, PlayDone done) override {
        note("play", call, path);
        done(Duration{4s});
    }
    void stop(CallId call, const Tag &tag) override { note("stop", call, tag); }
    void end(CallId call) override { note("end", call, ""); }
    bool available() const override { return is_available; }
    void on_availability(std::function<void(bool)> handler) override { availability = handler; }
    void list(std::function<void(Expected<std::vector<CallId>>)> done) override { done(running); }
    std::string record(CallId) const override { return "media record"; }
    bool restore(CallId, const std::string &record) override { return record == "media record"; }

    void note(const std::string &what, CallId, const std::string &tag) {
        log.push_back(tag.empty() ? what : what + " " + tag);
    }
    [[nodiscard]] bool did(const std::string &what) const {
        return std::find(log.begin(), log.end(), what) != log.end();
    }

    bool is_available = true;
    bool understands_answers = true;
    std::vector<CallId> running;
    std::function<void(bool)> availability;
    std::vector<std::string> log;
};

struct TestAnnouncements final : Announcements {
    std::string path(std::optional<MunicipalityId>, routing::Announcement what) const override {
        return std::string(to_string(what));
    }
};

routing::Rules test_rules() {
    routing::Rules rules;
    routing::Municipality town{.id = kWedemark, .closed_on_public_holidays = false};
    for (int day = 0; day < 7; ++day) {
        town.hours.push_back({static_cast<Weekday>(day), 0, 86'400});
    }
    rules.municipalities = {town};
    rules.numbers = {{kNumber, kWedemark}};
    rules.agents = {kAgent};
    return rules;
}

std::string phone_offer(const std::string &direction) {
    return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
           "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=" +
           direction + "\r\n";
}

class ExchangeTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "fernamt-exchange-XXXXXX");
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        open_database();
        start();
        change_rules();
    }
    void TearDown() override {
        exchange_.reset();
        ledger_.reset();
        database_.reset();
        std::filesystem::remove_all(directory_);
    }

    void open_database() {
        auto database = storage::Database::open("sqlite://" + directory_ + "/fernamt.db");
        ASSERT_TRUE(database) << describe(database.error());
        database_ = std::move(*database);
        auto ledger = ledger::Ledger::open(*database_);
        ASSERT_TRUE(ledger) << describe(ledger.error());
        ledger_ = std::move(*ledger);
    }

    void start() {
        loop_ = std::make_unique<TestLoop>(clock_);
        legs_ = std::make_unique<TestLegs>();
        auto created = Exchange::create(
            {.loop = *loop_,
             .legs = *legs_,
             .media = media_,
             .ledger = *ledger_,
             .clock = clock_,
             .announcements = announcements_,
             .phone_user = [](AgentId id) { return "agent" + std::to_string(id.value); },
             .outside_uri =
                 [](const PhoneNumber &number) {
                     return number.e164.starts_with("+4930") ? "sip:" + number.e164 + "@trunk" : "";
                 },
             .short_name = [](MunicipalityId) { return std::string("Wedemark"); },
             .on_change = {},
             .state_directory = directory_});
        ASSERT_TRUE(created) << describe(created.error());
        exchange_ = std::move(*created);
        exchange_->recover();
    }

    // As kill -9 leaves it: nothing is said to anybody, only what was written is there.
    void restart() {
        exchange_.reset();
        ledger_.reset();
        database_.reset();
        media_.log.clear();
        open_database();
        start();
    }

    void change_rules() {
        bool done = false;
        exchange_->change_rules(test_rules(), UserId{1}, [&](Expected<void> result) {
            EXPECT_TRUE(result);
            done = true;
        });
        loop_->run_until([&] { return done; });
    }

    Expected<void> command(AgentCommand::Kind kind, std::optional<PhoneNumber> target = {},
                           routing::Device device = routing::Device::sip_phone) {
        std::optional<Expected<void>> result;
        exchange_->command({.agent = kAgent, .kind = kind, .target = target, .device = device},
                           [&](Expected<void> done) { result = done; });
        loop_->run_until([&] { return result.has_value(); });
        return *result;
    }

    // What the desk shows. Asked from another thread, as the web does.
    DeskView desk() {
        std::optional<Expected<DeskView>> view;
        bool answered = false;
        std::thread other([&] {
            view = exchange_->desk(kAgent);
            loop_->post([&] { answered = true; });
        });
        loop_->run_until([&] { return answered; });
        other.join();
        EXPECT_TRUE(view && *view);
        return view && *view ? **view : DeskView{};
    }

    Expected<void> browser_answer(const std::string &leg) {
        std::optional<Expected<void>> result;
        exchange_->browser_answer(kAgent, leg, "sdp", [&](Expected<void> done) { result = done; });
        loop_->run_until([&] { return result.has_value(); });
        return *result;
    }

    // A citizen calls, the agent's browser rings and has answered our offer A1.
    LegId ringing_browser() {
        EXPECT_TRUE(command(AgentCommand::Kind::sign_in, {}, routing::Device::browser));
        const LegId caller = legs_->call_in("+493023125019", "");
        legs_->listeners[caller]->on_dialog(caller, "caller dialog");
        loop_->run_until([&] { return media_.did("out A1"); });
        EXPECT_TRUE(browser_answer("A1"));
        return caller;
    }
    LegId talking_browser() {
        const LegId caller = ringing_browser();
        EXPECT_TRUE(command(AgentCommand::Kind::answer));
        EXPECT_TRUE(media_.did("connect C A1"));
        media_.log.clear();
        return caller;
    }

    LegId ringing_phone() {
        loop_->run_until([&] { return !legs_->invited.empty(); });
        return legs_->invited.rbegin()->first;
    }

    // A citizen calls, the agent's phone rings and is answered.
    std::pair<LegId, LegId> talking_call() {
        EXPECT_TRUE(command(AgentCommand::Kind::sign_in));
        const LegId caller = legs_->call_in("+493023125019", "+498999998001");
        const LegId phone = ringing_phone();
        legs_->listeners[phone]->on_dialog(phone, "phone dialog");
        legs_->listeners[caller]->on_dialog(caller, "caller dialog");
        legs_->listeners[phone]->on_answered(phone, "sdp");
        loop_->run_until([&] { return media_.did("connect C A1"); });
        return {caller, phone};
    }

    std::vector<std::string> ledger_types() {
        std::vector<std::string> types;
        std::int64_t last = 0;
        do { // the last append may still be under way
            types.clear();
            last = ledger_->last_seq();
            EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
                types.push_back(entry.type);
                return true;
            }));
        } while (last != ledger_->last_seq());
        return types;
    }

    std::string directory_;
    ManualClock clock_{*parse_iso8601("2026-11-23T09:00:00Z")};
    TestMedia media_;
    TestAnnouncements announcements_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<TestLoop> loop_;
    std::unique_ptr<TestLegs> legs_;
    std::unique_ptr<Exchange> exchange_;
};

TEST_F(ExchangeTest, CallerIsAnsweredGreetedAndConnectedToTheFreeAgent) {
    const auto [caller, phone] = talking_call();
    EXPECT_TRUE(legs_->answered.contains(caller));
    EXPECT_TRUE(media_.did("play greeting"));
    EXPECT_EQ(legs_->invited[phone].target, "agent7");
    EXPECT_EQ(legs_->invited[phone].display_name, "Wedemark");
    EXPECT_EQ(legs_->invited[phone].from_user, kNumber.e164);
}

TEST_F(ExchangeTest, MusicFollowsTheGreetingWhileNobodyAnswers) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    legs_->call_in("+493023125019", "");
    ringing_phone();
    EXPECT_FALSE(media_.did("play waiting_music"));
    loop_->advance(5s);
    EXPECT_TRUE(media_.did("play waiting_music"));
}

TEST_F(ExchangeTest, CallerHangsUpWhileRingingAndThePhoneFallsSilent) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in("+493023125019", "");
    const LegId phone = ringing_phone();
    legs_->listeners[caller]->on_ended(caller, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(phone) && media_.did("end"); });
    EXPECT_EQ(exchange_->counters().live_calls, 0);
}

TEST_F(ExchangeTest, HoldAndResumeFromTheDesk) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    EXPECT_TRUE(media_.did("park A1"));
    EXPECT_TRUE(media_.did("play waiting_music"));
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    EXPECT_TRUE(media_.did("connect C A1"));
}

TEST_F(ExchangeTest, HoldKeyOfTheDeskPhoneIsTheSameHold) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendonly"));
    loop_->run_until([&] { return media_.did("play waiting_music"); });
    EXPECT_TRUE(legs_->answered_offers.contains(phone));
    media_.log.clear();
    legs_->listeners[phone]->on_offer(phone, phone_offer("sendrecv"));
    loop_->run_until([&] { return media_.did("connect C A1"); });
}

TEST_F(ExchangeTest, OnlyTheDirectionOfTheSoundIsAHold) {
    const auto [caller, phone] = talking_call();
    std::string offer = phone_offer("sendrecv");
    offer.insert(offer.find("m=audio"), "i=a=sendonly a=inactive\r\n"); // a title, no attribute
    offer += "m=video 0 RTP/AVP 96\r\na=sendonly\r\n";
    legs_->listeners[phone]->on_offer(phone, offer);
    EXPECT_TRUE(legs_->answered_offers.contains(phone));
    EXPECT_FALSE(media_.did("park A1"));
    EXPECT_EQ(desk().state, AgentState::talking);
}

TEST_F(ExchangeTest, BlindTransferFreesTheAgentAndConnectsTheTarget) {
    const auto [caller, phone] = talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    const LegId target = legs_->invited.rbegin()->first;
    EXPECT_EQ(legs_->invited[target].target, "sip:+493023125500@trunk");
    legs_->listeners[target]->on_answered(target, "sdp");
    loop_->run_until([&] { return media_.did("connect C T2"); });
    legs_->listeners[target]->on_ended(target, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(ExchangeTest, TransferThatNobodyAnswersBringsTheCallerBack) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    const LegId target = legs_->invited.rbegin()->first;
    legs_->listeners[target]->on_failed(target, 486);
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    loop_->run_until([&] { return legs_->invited.size() == 3; }); // the agent's phone again
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "agent7");
}

// --- a page that comes back in the middle of a call

TEST_F(ExchangeTest, AReloadedPageGetsItsVoiceBackInTheSameConversation) {
    const LegId caller = talking_browser();
    const DeskView before = desk();
    EXPECT_FALSE(before.browser_offer);
    const auto entries = ledger_types().size();

    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    DeskView view = desk();
    ASSERT_TRUE(view.browser_offer);
    EXPECT_EQ(view.browser_offer->leg, "A2");
    EXPECT_EQ(view.browser_offer->sdp, "our offer A2");
    EXPECT_FALSE(media_.did("drop A1")) << "the old voice stays until the new one is there";

    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_EQ(media_.log, (std::vector<std::string>{"out A2", "up A2", "connect C A2", "drop A1"}));
    view = desk();
    EXPECT_EQ(view.state, AgentState::talking);
    EXPECT_EQ(view.since, before.since);
    EXPECT_EQ(view.call->id, before.call->id);
    EXPECT_FALSE(view.browser_offer);
    EXPECT_FALSE(legs_->hung_up.contains(caller));
    EXPECT_EQ(ledger_types().size(), entries) << "nothing has happened to the call";
}

TEST_F(ExchangeTest, AskingTwiceOffersTheSameLeg) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    EXPECT_EQ(media_.log, std::vector<std::string>{"out A2"});
    ASSERT_TRUE(browser_answer("A2"));
    const auto late = browser_answer("A2"); // of the page before the reload
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, "desk.other_call");
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume)); // …whose successor asks again
    ASSERT_TRUE(browser_answer("A3"));
    EXPECT_TRUE(media_.did("connect C A3"));
    EXPECT_TRUE(media_.did("drop A2"));
}

TEST_F(ExchangeTest, AReloadWhileItRingsIsAnsweredOnTheNewLeg) {
    ringing_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_FALSE(media_.did("connect C A2"));
    ASSERT_TRUE(command(AgentCommand::Kind::answer));
    EXPECT_TRUE(media_.did("connect C A2"));
    EXPECT_FALSE(media_.did("connect C A1"));
}

TEST_F(ExchangeTest, AnsweringWithTheKeyBeforeTheNewLegIsThere) {
    ringing_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::answer));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_TRUE(media_.did("connect C A2"));
    EXPECT_TRUE(media_.did("drop A1"));
}

TEST_F(ExchangeTest, AReloadWhileHeldWaitsForTheResume) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::hold));
    media_.log.clear();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A2"));
    EXPECT_EQ(media_.log, (std::vector<std::string>{"out A2", "up A2", "drop A1"}));
    EXPECT_EQ(desk().state, AgentState::held);
    ASSERT_TRUE(command(AgentCommand::Kind::resume));
    EXPECT_TRUE(media_.did("connect C A2"));
}

TEST_F(ExchangeTest, ATransferLeavesNoLegOfTheAgentBehind) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    EXPECT_TRUE(media_.did("drop A1"));
    EXPECT_TRUE(media_.did("drop A2"));
    EXPECT_FALSE(browser_answer("A2"));
}

TEST_F(ExchangeTest, AVoiceIsGivenBackOnlyInABrowserCall) {
    const auto nothing = command(AgentCommand::Kind::phone_resume);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, "desk.not_now");
    talking_call(); // at a desk phone
    const auto phone = command(AgentCommand::Kind::phone_resume);
    ASSERT_FALSE(phone);
    EXPECT_EQ(phone.error().code, "desk.not_now");
}

TEST_F(ExchangeTest, AfterARestartAPageStillGetsItsVoiceBack) {
    talking_browser();
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume)); // offered, and then kill -9
    ledger_types();
    media_.running = {desk().call->id};
    restart();
    EXPECT_TRUE(media_.did("drop A2")) << "nobody will answer that offer";
    EXPECT_FALSE(media_.did("drop A1"));
    ASSERT_TRUE(command(AgentCommand::Kind::phone_resume));
    ASSERT_TRUE(browser_answer("A3"));
    EXPECT_TRUE(media_.did("connect C A3"));
    EXPECT_TRUE(media_.did("drop A1"));
}

// --- where a call was passed on to

TEST_F(ExchangeTest, ATransferTargetIsNowhereInTheLedger) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "sip:+493023125500@trunk");
    ledger_types();
    std::string all;
    std::optional<routing::TransferTarget> requested, decided;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        all += entry.payload;
        if (entry.type == "agent.transfer_requested") {
            requested = std::get<routing::TransferRequested>(*ledger::to_event(entry)).target;
        }
        if (entry.type == "decision.transfer") {
            decided = std::get<routing::Transfer>(ledger::to_decision(entry)->effect).target;
        }
        return true;
    }));
    EXPECT_EQ(all.find("3023125500"), std::string::npos);
    ASSERT_TRUE(requested && requested->sealed);
    EXPECT_EQ(requested, decided);
    EXPECT_EQ(ledger_->reveal(*requested->sealed).value()->reveal(), "+493023125500");
    // Erased when its time is over; the chain stays valid, and the state can be rebuilt.
    ASSERT_TRUE(ledger_->erase_sealed_before(ledger::kSealedTarget, clock_.now() + 1s));
    EXPECT_FALSE(*ledger_->reveal(*requested->sealed));
    EXPECT_FALSE(ledger_->verify()->first_broken);
}

TEST_F(ExchangeTest, AMunicipalitysOwnNumberMayStandInTheLedger) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, kNumber));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    EXPECT_EQ(legs_->invited.rbegin()->second.target, "sip:" + kNumber.e164 + "@trunk");
    ledger_types();
    bool clear = false;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type != "agent.transfer_requested") return true;
        const auto target = std::get<routing::TransferRequested>(*ledger::to_event(entry)).target;
        clear = target.number == kNumber && !target.sealed;
        return true;
    }));
    EXPECT_TRUE(clear);
}

TEST_F(ExchangeTest, KilledInMidTransferTheCallerWaitsAgain) {
    talking_call();
    ASSERT_TRUE(command(AgentCommand::Kind::transfer, PhoneNumber{"+493023125500"}));
    loop_->run_until([&] { return legs_->invited.size() == 2; });
    ledger_types();
    media_.running = {CallId{clock_.now().us / 1000 - 1577836800000}};
    restart();
    EXPECT_FALSE(media_.did("end"));
    EXPECT_TRUE(media_.did("play waiting_music"));
    ASSERT_TRUE(command(AgentCommand::Kind::wrap_up_finish));
    loop_->run_until([&] { return !legs_->invited.empty(); }); // the next free agent
    EXPECT_EQ(legs_->invited.begin()->second.target, "agent7");
}

TEST_F(ExchangeTest, TransferOnlyWhereTheRulesAllow) {
    talking_call();
    const auto refused = command(AgentCommand::Kind::transfer, PhoneNumber{"+499001234567"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "desk.target_not_allowed");
}

TEST_F(ExchangeTest, ReferOfTheDeskPhoneIsATransferOfOurs) {
    const auto [caller, phone] = talking_call();
    legs_->listeners[phone]->on_refer(phone, "sip:+499001234567@anywhere");
    EXPECT_FALSE(legs_->refers[phone]);
    legs_->listeners[phone]->on_refer(phone, "sip:+493023125500@anywhere");
    EXPECT_TRUE(legs_->refers[phone]);
    loop_->run_until([&] { return legs_->invited.size() == 2; });
}

// A late offer whose answer in the ACK cannot be used: silence is no call.
TEST_F(ExchangeTest, ACallerWithoutACommonCodecIsNotLeftInSilence) {
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const LegId caller = legs_->call_in("+493023125019", "");
    const LegId phone = ringing_phone();
    media_.understands_answers = false;
    legs_->listeners[caller]->on_answered(caller, "sdp");
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
    EXPECT_TRUE(legs_->hung_up.contains(phone));
    EXPECT_EQ(exchange_->counters().live_calls, 0);
}

// Rules that ask for more than the exchange can do yet are not silently ignored.
TEST_F(ExchangeTest, DecisionsThatNobodyCarriesOutAreSaidOnce) {
    auto rules = test_rules();
    rules.numbers.front().office = routing::OfficeFirst{PhoneNumber{"+493023125500"}};
    bool done = false;
    exchange_->change_rules(rules, UserId{1}, [&](Expected<void> result) {
        EXPECT_TRUE(result) << describe(result.error());
        done = true;
    });
    loop_->run_until([&] { return done; });
    testing::internal::CaptureStderr();
    legs_->call_in(kNumber.e164, "+498999998001");
    legs_->call_in(kNumber.e164, "+498999998002");
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in)); // whatever came before has been done now
    const std::string log = testing::internal::GetCapturedStderr();
    const auto said = log.find("exchange.not_carried_out");
    EXPECT_NE(said, std::string::npos) << log;
    EXPECT_EQ(said, log.rfind("exchange.not_carried_out")) << log;
    EXPECT_NE(log.find("decision.forward"), std::string::npos) << log;
}

TEST_F(ExchangeTest, NoMediaNoCallBut503) {
    media_.is_available = false;
    const LegId caller = legs_->call_in("+493023125019", "");
    EXPECT_EQ(legs_->rejected[caller], 503);
    EXPECT_EQ(exchange_->counters().rejected_media, 1);
}

TEST_F(ExchangeTest, UnknownNumberHearsItsAnnouncementAndEnds) {
    const LegId caller = legs_->call_in("+4930999", "+498999998001");
    loop_->run_until([&] { return media_.did("play unknown_number"); });
    loop_->advance(5s);
    loop_->run_until([&] { return legs_->hung_up.contains(caller); });
}

TEST_F(ExchangeTest, TheCallersNumberIsNowhereInTheLedger) {
    talking_call();
    std::string all;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        all += entry.payload;
        return true;
    }));
    // Outside the chain it is kept as long as the desk needs it, and by its commitment only.
    std::string commitment;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type == "call.offered") commitment = ledger::caller_of(entry);
        return true;
    }));
    const auto caller = ledger_->reveal(commitment);
    ASSERT_TRUE(caller && *caller);
    EXPECT_EQ((*caller)->reveal(), "+498999998001");
    EXPECT_EQ(all.find("8999998001"), std::string::npos);
    EXPECT_NE(all.find("3023125019"), std::string::npos); // ours may be there
}

TEST_F(ExchangeTest, SecondAnswerOfTheSameCallIsRefusedWithItsReason) {
    talking_call();
    const auto again = command(AgentCommand::Kind::answer);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "desk.not_now");
}

TEST_F(ExchangeTest, AfterARestartTheConversationGoesOn) {
    talking_call();
    ledger_types();
    media_.running = {CallId{(*parse_iso8601("2026-11-23T09:00:00Z")).us / 1000 - 1577836800000}};
    restart();
    EXPECT_TRUE(legs_->restored.contains("caller dialog"));
    EXPECT_TRUE(legs_->restored.contains("phone dialog"));
    EXPECT_FALSE(media_.did("end"));
    const LegId restored = legs_->restored["phone dialog"];
    legs_->listeners[restored]->on_ended(restored, routing::HangUpCause::normal);
    loop_->run_until([&] { return legs_->hung_up.contains(legs_->restored["caller dialog"]); });
    EXPECT_TRUE(media_.did("end"));
}

TEST_F(ExchangeTest, AfterARestartWithoutSoundTheCallIsEndedTruthfully) {
    talking_call();
    ledger_types();
    media_.running = {};
    restart();
    loop_->run_until([&] {
        const auto types = ledger_types();
        return std::find(types.begin(), types.end(), "decision.end") != types.end();
    });
}

TEST_F(ExchangeTest, NobodyPaysForTheHoursInWhichTheMachineWasOff) {
    talking_call();
    clock_.set(clock_.now() + 60s);
    ASSERT_TRUE(command(AgentCommand::Kind::hold)); // the last that is known of the call
    clock_.set(clock_.now() + std::chrono::hours(3));
    ledger_types();
    media_.running = {};
    restart();
    std::optional<Duration> talk;
    loop_->run_until([&] {
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "decision.end") {
                talk = std::get<routing::End>(ledger::to_decision(entry)->effect).talk;
            }
            return true;
        }));
        return talk.has_value();
    });
    EXPECT_EQ(talk, Duration{60s});
}

TEST_F(ExchangeTest, SnapshotAndReplayGiveTheSameRules) {
    std::optional<Expected<void>> saved;
    std::thread other([&] { saved = exchange_->save_snapshot(); });
    const auto before = ledger_->last_seq();
    loop_->run_until([&] { return ledger_->last_seq() > before; });
    // the answer comes back over the loop
    bool joined = false;
    std::thread waiter([&] {
        other.join();
        loop_->post([&] { joined = true; });
    });
    loop_->run_until([&] { return joined; });
    waiter.join();
    ASSERT_TRUE(saved && *saved);
    ASSERT_TRUE(*ledger_->latest_snapshot());
    restart();
    ASSERT_TRUE(
        command(AgentCommand::Kind::sign_in)); // the agent is known without a new rules change
}

} // namespace
} // namespace fernamt::telephony
