// SPDX-License-Identifier: EUPL-1.2
// For tests: the exchange with a real machine, ledger and database; only the far ends are played by
// the test (real SIP and sound are tested in tests/system).
#pragma once

#include "ledger/routing_codec.h"
#include "telephony/exchange.h"
#include "telephony/journal_seal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

namespace fernamt::telephony::exchange_test {

using routing::AgentState;

inline constexpr MunicipalityId kWedemark{32410019019};
inline constexpr MunicipalityId kElsewhere{32410010010}; // without an office that rings first
inline constexpr AgentId kAgent{7};
inline const PhoneNumber kNumber{"+493023125019"};
inline const PhoneNumber kTrunkPartner{"+493023125901"}; // its calls come by "trunk:partner"
inline const PhoneNumber kOfficePhone{"+493023125502"};  // of "office8", registered with us

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
    void refer_progress(LegId leg, int status) override { told[leg].push_back(status); }
    std::optional<LegId> restore(const std::string &record, LegListener *listener) override {
        if (unusable.contains(record)) return std::nullopt;
        const LegId leg{++last};
        listeners[leg] = listener;
        restored[record] = leg;
        return leg;
    }
    bool is_registered(const std::string &) const override { return true; }
    std::size_t open_legs() const override { return 0; }

    LegId call_in(const std::string &user, const std::string &caller,
                  const std::vector<std::string> &diversion = {},
                  const std::string &source = "trunk:test", bool asserted = false) {
        const LegId leg{++last};
        incoming({leg,
                  {{routing::DialledSource::request_uri, user}},
                  Redacted<std::string>(caller),
                  "v=0",
                  source,
                  {.diversion = diversion},
                  asserted});
        return leg;
    }

    LegId call_from_phone(const std::string &phone, const std::string &user) {
        const LegId leg{++last};
        incoming({leg,
                  {{routing::DialledSource::request_uri, user}},
                  Redacted<std::string>(phone),
                  "v=0",
                  "phone:" + phone});
        return leg;
    }

    std::function<void(IncomingCall)> incoming;
    std::map<LegId, LegListener *> listeners;
    std::map<LegId, OutgoingCall> invited;
    std::set<LegId> answered, answered_offers;
    std::map<LegId, int> rejected;
    std::map<LegId, bool> hung_up, refers;
    std::map<LegId, std::vector<int>> told; // how the transfer goes that it asked for
    std::map<std::string, LegId> restored;
    std::set<std::string> unusable; // dialog records
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
    void conference(CallId call, const std::vector<Tag> &tags, Done done) override {
        std::string all;
        for (const Tag &tag : tags)
            all += (all.empty() ? "" : " ") + tag;
        note("conference", call, all);
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
    void end(CallId call) override {
        note("end", call, "");
        ended.insert(call);
    }
    bool available() const override { return is_available; }
    void on_availability(std::function<void(bool)> handler) override { availability = handler; }
    void on_digit(std::function<void(CallId, const Tag &, char)> handler) override {
        digit = handler;
    }
    void list(std::function<void(Expected<std::vector<CallId>>)> done) override {
        if (answers) return done(running);
        done(fail(ProblemKind::unavailable, "media.unavailable"));
    }
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
    bool answers = true; // to list()
    std::vector<CallId> running;
    std::set<CallId> ended;
    std::function<void(bool)> availability;
    std::function<void(CallId, const Tag &, char)> digit;
    std::vector<std::string> log;
};

struct TestAnnouncements final : Announcements {
    std::string path(std::optional<MunicipalityId> town,
                     routing::Announcement what) const override {
        return files ? files->path(town, what) : std::string(to_string(what));
    }
    std::string words(std::optional<MunicipalityId> town, std::string_view name) const override {
        if (files) return files->words(town, name);
        return std::string(there.contains(std::string(name)) ? name : "");
    }
    std::string crisis(CrisisId id, std::optional<MunicipalityId> town) const override {
        return files ? files->crisis(id, town) : "crisis " + std::to_string(id.value);
    }
    std::set<std::string> there;
    const Announcements *files = nullptr; // real ones instead of these names
};

inline routing::Rules test_rules() {
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

inline std::string phone_offer(const std::string &direction) {
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
        ledger_.reset(); // its last callbacks name the exchange
        exchange_.reset();
        database_.reset();
        JournalSeal::open(directory_).forget();
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
        legs_->unusable = unusable_dialogs_;
        auto created = Exchange::create(
            {.loop = *loop_,
             .legs = *legs_,
             .media = media_,
             .ledger = *ledger_,
             .clock = clock_,
             .announcements = announcements_,
             .phone_user = [](AgentId id) { return "agent" + std::to_string(id.value); },
             .outside_uri = [](const PhoneNumber &number) -> std::string {
                 if (number == kOfficePhone) return "office8";
                 if (number == kTrunkPartner) return "sip:" + number.e164 + "@partner";
                 return number.e164.starts_with("+4930") ? "sip:" + number.e164 + "@trunk" : "";
             },
             .short_name = [](MunicipalityId) { return std::string("Wedemark"); },
             .on_change = {},
             .state_directory = directory_,
             .partner_number =
                 [](const std::string &source) {
                     return source == "trunk:partner" ? kTrunkPartner.e164 : std::string();
                 },
             .partner_has_trunk =
                 [](const PhoneNumber &partner) { return partner == kTrunkPartner; },
             .office_of_phone = [](const std::string &phone) -> std::optional<MunicipalityId> {
                 if (phone == "office8") return kWedemark;
                 if (phone == "office9") return kElsewhere;
                 return std::nullopt;
             }});
        ASSERT_TRUE(created) << describe(created.error());
        exchange_ = std::move(*created);
        exchange_->recover();
    }

    // As kill -9 leaves it: nothing is said to anybody, only what was written is there.
    void restart() {
        ledger_.reset(); // its last callbacks name the exchange
        exchange_.reset();
        database_.reset();
        media_.log.clear();
        open_database();
        start();
    }

    void change_rules(const routing::Rules &rules = test_rules()) {
        bool done = false;
        exchange_->change_rules(rules, UserId{1}, [&](Expected<void> result) {
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

    Expected<void> correct_to(MunicipalityId municipality) {
        std::optional<Expected<void>> result;
        exchange_->command({.agent = kAgent,
                            .kind = AgentCommand::Kind::correct_municipality,
                            .municipality = municipality},
                           [&](Expected<void> done) { result = done; });
        loop_->run_until([&] { return result.has_value(); });
        return *result;
    }

    Expected<void> act(const routing::Event &event) {
        std::optional<Expected<void>> result;
        exchange_->act(event, [&](Expected<void> done) { result = done; });
        loop_->run_until([&] { return result.has_value(); });
        return *result;
    }

    // Everything that was submitted before has been carried out.
    void settle() {
        (void)act(routing::CrisisEnded{routing::CrisisId{999}});
        bool done = false;
        ledger_->append({ledger::to_entry(routing::Event{routing::TimePassed{}}, clock_.now())},
                        [&](Expected<std::int64_t>) { loop_->post([&] { done = true; }); });
        loop_->run_until([&] { return done; });
    }

    std::string ledger_text() {
        std::string all;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            all += entry.type + " " + entry.payload + "\n";
            return true;
        }));
        return all;
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

    Situation situation() {
        std::optional<Expected<Situation>> seen;
        bool answered = false;
        std::thread other([&] {
            seen = exchange_->situation();
            loop_->post([&] { answered = true; });
        });
        loop_->run_until([&] { return answered; });
        other.join();
        EXPECT_TRUE(seen && *seen);
        return seen && *seen ? **seen : Situation{};
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
    std::set<std::string> unusable_dialogs_; // after the next start
    ManualClock clock_{*parse_iso8601("2026-11-23T09:00:00Z")};
    TestMedia media_;
    TestAnnouncements announcements_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<TestLoop> loop_;
    std::unique_ptr<TestLegs> legs_;
    std::unique_ptr<Exchange> exchange_;
};

} // namespace fernamt::telephony::exchange_test
