// SPDX-License-Identifier: EUPL-1.2
#include "routing/explain.h"
#include "routing/machine.h"

#include <gtest/gtest.h>

namespace fernamt::routing {
namespace {

constexpr MunicipalityId kSoest{1};
const PhoneNumber kNumber{"+492214710100"};

class Explain : public testing::Test {
  protected:
    Explain() {
        rules_.municipalities.push_back({kSoest, Land::NW, {}, true, {}, {}, {}});
        for (int day = 0; day < 5; ++day) {
            rules_.municipalities[0].hours.push_back(
                {static_cast<Weekday>(day), 8 * 3600, 18 * 3600, {}, {}});
        }
        rules_.numbers.push_back({kNumber, kSoest});
        rules_.agents = {AgentId{1}};
        step(RulesChanged{rules_, UserId{1}}, 0s);
    }

    // Keeps what the ledger would keep under this call.
    void step(const Event &event, Duration after) {
        at_ = at_ + after;
        book_.push_back({at_, event, {}});
        for (const Decision &decision : machine_.step(event, at_))
            book_.push_back({at_, {}, decision});
    }

    [[nodiscard]] std::vector<WhyStep> why() const { return explain(book_); }

    Rules rules_;
    Machine machine_;
    Instant at_ = to_instant({2026, 11, 23}, 9 * 3600);
    std::vector<Recorded> book_;
};

CallOffered call(std::int64_t id) {
    return {CallId{id}, DialledNumber{kNumber, DialledSource::diversion, kSoest}, {}, {}, 0};
}

TEST_F(Explain, names_the_rules_passed_the_one_that_decided_and_the_numbers_it_saw) {
    step(AgentSignedIn{AgentId{1}}, 0s);
    step(call(1), 30s);
    step(AgentAnswered{AgentId{1}, CallId{1}}, 4s);
    step(CallerHungUp{CallId{1}}, 61s);
    const auto steps = why();
    ASSERT_EQ(steps.size(), 5U);

    EXPECT_EQ(steps[0].what, "offered");
    EXPECT_FALSE(steps[0].decided);
    EXPECT_EQ(steps[0].number, kNumber);
    EXPECT_EQ(steps[0].saw, (std::vector<Seen>{{"dialled_source", 3}})); // the Diversion header

    EXPECT_EQ(steps[1].what, "queue");
    EXPECT_EQ(steps[1].decided, Rule::queue_of_municipality);
    EXPECT_EQ(steps[1].passed.front(), Rule::unknown_number);
    EXPECT_EQ(steps[1].passed.back(), Rule::queue_full);
    EXPECT_EQ(steps[1].saw, (std::vector<Seen>{{"ahead", 0}}));

    EXPECT_EQ(steps[2].what, "ring");
    EXPECT_EQ(steps[2].decided, Rule::longest_idle_agent_first);
    EXPECT_EQ(steps[2].also, Rule::oldest_caller_first);
    EXPECT_EQ(steps[2].agent, AgentId{1});
    EXPECT_EQ(
        steps[2].saw,
        (std::vector<Seen>{{"waited_seconds", 0}, {"agent_idle_seconds", 30}, {"relaxations", 0}}));

    EXPECT_EQ(steps[3].what, "connect");
    EXPECT_EQ(steps[3].saw, (std::vector<Seen>{{"waited_seconds", 4}}));

    EXPECT_EQ(steps[4].what, "end");
    EXPECT_EQ(steps[4].decided, Rule::caller_hung_up);
    EXPECT_EQ(steps[4].saw,
              (std::vector<Seen>{{"talk_seconds", 61}, {"total_seconds", 65}, {"transfers", 0}}));
}

TEST_F(Explain, a_closed_office_is_explained_by_what_was_asked_before) {
    at_ = to_instant({2026, 11, 23}, 19 * 3600);
    step(call(1), 0s);
    const auto steps = why();
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[1].what, "announce");
    EXPECT_EQ(steps[1].decided, Rule::closed_hours);
    EXPECT_EQ(steps[1].passed, (std::vector<Rule>{Rule::unknown_number, Rule::number_not_valid,
                                                  Rule::municipality_not_served, Rule::office_first,
                                                  Rule::overflow_closed}));
}

TEST_F(Explain, tells_why_somebody_waited_and_rang_again) {
    step(AgentSignedIn{AgentId{1}}, 0s);
    step(call(1), 10s);
    step(TimePassed{}, 20s); // nobody answered
    step(AgentReady{AgentId{1}}, 40s);
    const auto steps = why();
    ASSERT_EQ(steps.size(), 5U);
    EXPECT_EQ(steps[3].what, "stop_ringing");
    EXPECT_EQ(steps[3].decided, Rule::ring_timeout);
    EXPECT_EQ(steps[4].what, "ring");
    EXPECT_EQ(steps[4].saw[0], (Seen{"waited_seconds", 60}));
}

TEST_F(Explain, an_empty_or_foreign_list_explains_nothing) {
    EXPECT_TRUE(explain({}).empty());
    const std::vector<Recorded> foreign{{at_, Event{AgentReady{AgentId{1}}}, {}}};
    EXPECT_TRUE(explain(foreign).empty());
}

} // namespace
} // namespace fernamt::routing
