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
    EXPECT_EQ(steps[2].saw, (std::vector<Seen>{{"waited_seconds", 0}, {"relaxations", 0}}));

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
    const Instant opens = to_instant({2026, 11, 24}, 8 * 3600);
    EXPECT_EQ(steps[1].saw,
              (std::vector<Seen>{{"announcement", static_cast<int>(Announcement::closed)},
                                 {"opens_at", opens.us}}));
}

// Each decision of the chain says what it compared.
TEST_F(Explain, limits_stand_beside_what_was_held_against_them) {
    CallQueue queue;
    queue.id = QueueId{4};
    queue.max_waiting = 2;
    queue.head_start = 30s;
    rules_.queues = {queue};
    rules_.numbers[0].queue = queue.id;
    rules_.partners = {{PartnerId{2}, PhoneNumber{"+494066969100"}}};
    rules_.overflows = {{OverflowWhen::longest_wait, PartnerId{2}, {}, 0, 90s}};
    step(RulesChanged{rules_, UserId{1}}, 0s);
    step(AgentSignedIn{AgentId{1}}, 0s);
    step(AgentPaused{AgentId{1}}, 0s);
    step(call(1), 0s);
    step(call(2), 1s);
    step(call(3), 1s);
    step(TimePassed{}, 88s);
    const auto steps = why();
    ASSERT_EQ(steps.size(), 7U);
    EXPECT_EQ(steps[3].saw, (std::vector<Seen>{{"ahead", 1},
                                               {"queue", 4},
                                               {"waiting", 1},
                                               {"most_waiting", 2},
                                               {"head_start_seconds", 30}}));
    EXPECT_EQ(steps[5].decided, Rule::queue_full);
    EXPECT_EQ(steps[5].saw,
              (std::vector<Seen>{{"announcement", static_cast<int>(Announcement::nobody_available)},
                                 {"waiting", 2},
                                 {"most_waiting", 2}}));
    EXPECT_EQ(steps[6].decided, Rule::overflow_longest_wait);
    EXPECT_EQ(
        steps[6].saw,
        (std::vector<Seen>{{"partner", 2}, {"waited_seconds", 90}, {"most_wait_seconds", 90}}));
}

TEST_F(Explain, overflow_by_length_and_by_plan_say_their_figures) {
    rules_.partners = {{PartnerId{2}, PhoneNumber{"+494066969100"}}};
    rules_.overflows = {{OverflowWhen::queue_length, PartnerId{2}, {}, 1}};
    step(RulesChanged{rules_, UserId{1}}, 0s);
    step(AgentSignedIn{AgentId{1}}, 0s);
    step(AgentPaused{AgentId{1}}, 0s);
    step(call(1), 0s);
    step(call(2), 1s);
    EXPECT_EQ(why().back().saw,
              (std::vector<Seen>{{"partner", 2}, {"waiting", 1}, {"most_waiting", 1}}));
    EXPECT_EQ(why()[1].saw, (std::vector<Seen>{{"ahead", 0}, {"waiting", 0}, {"most_waiting", 1}}))
        << "also the one that had room";

    rules_.overflows = {{OverflowWhen::planned, PartnerId{2}}};
    rules_.overflows[0].from = at_ - 60s;
    rules_.overflows[0].until = at_ + 60s;
    step(RulesChanged{rules_, UserId{1}}, 0s);
    step(call(3), 1s);
    EXPECT_EQ(why().back().saw,
              (std::vector<Seen>{
                  {"partner", 2}, {"from_at", (at_ - 61s).us}, {"until_at", (at_ + 59s).us}}));
}

TEST_F(Explain, who_nobody_serves_or_whose_town_has_left_sees_why) {
    step(call(1), 0s);
    EXPECT_EQ(why().back().decided, Rule::nobody_signed_in);
    EXPECT_EQ(why().back().saw.back(), (Seen{"signed_in", 0}));
    rules_.municipalities[0].leaves = at_;
    step(RulesChanged{rules_, UserId{1}}, 0s);
    step(call(2), 0s);
    EXPECT_EQ(why().back().decided, Rule::municipality_not_served);
    EXPECT_EQ(why().back().saw.back(), (Seen{"until_at", at_.us}));
    rules_.municipalities[0].leaves.reset();
    rules_.numbers[0].valid_from = at_ + 60s;
    step(RulesChanged{rules_, UserId{1}}, 0s);
    step(call(3), 0s);
    EXPECT_EQ(why().back().decided, Rule::number_not_valid);
    EXPECT_EQ(why().back().saw.back(), (Seen{"from_at", (at_ + 60s).us}));
}

TEST_F(Explain, a_crisis_that_moves_a_waiting_call_is_a_step_of_its_own) {
    step(AgentSignedIn{AgentId{1}}, 0s);
    step(AgentPaused{AgentId{1}}, 0s);
    step(call(1), 0s);
    CrisisPlan plan;
    plan.id = CrisisId{7};
    plan.municipality = kSoest;
    plan.head_start = 300s;
    step(CrisisBegan{plan, UserId{1}}, 20s);
    EXPECT_EQ(why().back().what, "into_crisis");
    EXPECT_EQ(why().back().decided, Rule::crisis_begins);
    EXPECT_EQ(
        why().back().saw,
        (std::vector<Seen>{{"crisis", 7}, {"waited_seconds", 20}, {"head_start_seconds", 300}}));
    step(CrisisEnded{plan.id, UserId{1}}, 5s);
    EXPECT_EQ(why().back().what, "out_of_crisis");
    EXPECT_EQ(why().back().saw, (std::vector<Seen>{{"waited_seconds", 25}}));
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
