// SPDX-License-Identifier: EUPL-1.2
// F-45: Siegen-Wittgenstein went from 6 to 47 agents in a day. Forty-one helpers join a crisis, all
// forty-seven telephone at once, and afterwards there are six again. And what callers hear in a
// crisis. Far ends are played by the test.
#include "telephony/announcements_files.h"
#include "telephony/exchange_test_bench.h"
#include "telephony/wav.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_test;

constexpr int kUsual = 6;
constexpr int kHelpers = 41;
constexpr routing::CrisisId kFlood{1};

class FromSixToFortySeven : public ExchangeTest {
  protected:
    void SetUp() override {
        ExchangeTest::SetUp();
        auto rules = test_rules();
        rules.agents.clear();
        for (int i = 1; i <= kUsual; ++i)
            rules.agents.push_back(AgentId{i});
        change_rules(rules);
        for (const AgentId agent : rules.agents)
            ASSERT_TRUE(sign_in(agent));
    }
    Expected<void> sign_in(AgentId agent) {
        std::optional<Expected<void>> result;
        exchange_->command({.agent = agent,
                            .kind = AgentCommand::Kind::sign_in,
                            .device = routing::Device::sip_phone},
                           [&](Expected<void> done) { result = done; });
        loop_->run_until([&] { return result.has_value(); });
        return *result;
    }
    static AgentId helper(int i) { return AgentId{1'000 + i}; }
    void begin() {
        routing::CrisisPlan plan;
        plan.id = kFlood;
        plan.municipality = kWedemark;
        plan.always_open = true;
        ASSERT_TRUE(act(routing::CrisisBegan{plan, UserId{1}}));
        for (int i = 1; i <= kHelpers; ++i) {
            ASSERT_TRUE(act(routing::HelperJoined{helper(i), kFlood}));
            ASSERT_TRUE(sign_in(helper(i)));
        }
    }
    void citizens_call(int count) {
        for (int i = 0; i < count; ++i)
            callers_.push_back(
                legs_->call_in(kNumber.e164, "+4930231257" + std::to_string(10 + i)));
    }
    void everybody_answers() {
        loop_->run_until([&] { return legs_->invited.size() == kUsual + kHelpers; });
        for (const auto &[leg, call] : std::map(legs_->invited))
            legs_->listeners[leg]->on_answered(leg, "sdp");
        loop_->run_until([&] { return count("decision.connect") == kUsual + kHelpers; });
    }
    int count(const std::string &type) {
        const auto types = ledger_types();
        return static_cast<int>(std::count(types.begin(), types.end(), type));
    }
    std::set<std::string> phones_that_rang() {
        std::set<std::string> phones;
        for (const auto &[leg, call] : legs_->invited)
            phones.insert(call.target);
        return phones;
    }

    std::vector<LegId> callers_;
};

TEST_F(FromSixToFortySeven, AllTelephoneAtOnceAndGoAgain) {
    begin();
    citizens_call(kUsual + kHelpers + 5);
    everybody_answers();
    EXPECT_EQ(phones_that_rang().size(), kUsual + kHelpers) << "each one exactly one call";

    ASSERT_TRUE(act(routing::CrisisEnded{kFlood, UserId{1}}));
    EXPECT_NE(ledger_text().find("\"helpers\":41"), std::string::npos);
    for (const LegId caller : callers_)
        legs_->listeners[caller]->on_ended(caller, routing::HangUpCause::normal);
    loop_->run_until([&] { return count("decision.end") == kUsual + kHelpers + 5; });
    clock_.set(clock_.now() + 60s);
    loop_->advance(60s); // the work after the calls ends
    settle();
    EXPECT_FALSE(sign_in(helper(1))) << "the place went with the crisis";
    EXPECT_FALSE(sign_in(helper(kHelpers)));

    const std::size_t before = legs_->invited.size();
    citizens_call(kUsual + 1);
    loop_->run_until([&] { return legs_->invited.size() == before + kUsual; });
    settle();
    EXPECT_EQ(legs_->invited.size(), before + kUsual) << "six again, one caller waits";
}

class CrisisAnnouncement : public ExchangeTest {
  protected:
    // What the next citizen hears first.
    std::string first_words() {
        const std::size_t before = media_.log.size();
        legs_->call_in(kNumber.e164, "+4930231257" + std::to_string(10 + ++calls_));
        std::string heard;
        loop_->run_until([&] {
            for (std::size_t i = before; i < media_.log.size(); ++i) {
                if (media_.log[i].starts_with("play ")) heard = media_.log[i].substr(5);
            }
            return !heard.empty();
        });
        return heard;
    }
    int calls_ = 0;
};

TEST_F(CrisisAnnouncement, TheUploadedOneIsHeardWhileTheCrisisRuns) {
    FileAnnouncements files(directory_ + "/made", directory_, clock_);
    announcements_.files = &files;
    const std::string greeting = files.path(kWedemark, routing::Announcement::greeting);
    ASSERT_TRUE(command(AgentCommand::Kind::sign_in));
    const auto own = FileAnnouncements::of_crisis(kFlood, kWedemark);
    const auto kept = files.keep(write_wav(to_alaw(tone(900, 100ms))));
    ASSERT_TRUE(kept);
    const std::string uploaded = directory_ + "/announcements/recordings/" + kept->file + ".wav";
    files.follow({{own, clock_.now(), kept->file}});
    EXPECT_EQ(first_words(), greeting) << "prepared, but it does not run";

    routing::CrisisPlan plan;
    plan.id = kFlood;
    plan.municipality = kWedemark;
    ASSERT_TRUE(act(routing::CrisisBegan{plan, UserId{1}}));
    EXPECT_EQ(first_words(), uploaded);
    files.follow({});
    EXPECT_EQ(first_words(), greeting) << "without one the greeting stays";
    files.follow({{own, clock_.now(), kept->file}});
    EXPECT_EQ(first_words(), uploaded) << "in the middle of it";
    ASSERT_TRUE(act(routing::CrisisEnded{kFlood, UserId{1}}));
    EXPECT_EQ(first_words(), greeting);
}

} // namespace
} // namespace fernamt::telephony
