// SPDX-License-Identifier: EUPL-1.2
// Is the announced wait honest? Random busy hours are played; each estimate is compared with the
// wait that followed. On average it must neither promise too much nor too little.
#include "routing/machine.h"
#include "routing/testing/random_year.h"

#include <gtest/gtest.h>

#include <map>
#include <queue>

namespace fernamt::routing {
namespace {

constexpr MunicipalityId kTown{1};
const PhoneNumber kNumber{"+492214710100"};

Rules busy_house(int agents) {
    Rules rules;
    Municipality town{kTown, Land::NI, {}, false, {}, {}, {}};
    for (int day = 0; day < 7; ++day)
        town.hours.push_back({static_cast<Weekday>(day), 0, 86'400, {}, {}});
    rules.municipalities.push_back(town);
    rules.numbers.push_back({kNumber, kTown});
    for (int i = 1; i <= agents; ++i)
        rules.agents.push_back(AgentId{i});
    return rules;
}

struct Later {
    Instant at;
    Event event;
    bool operator<(const Later &other) const { return other.at < at; }
};

TEST(Estimate, is_honest_on_average) {
    testing::Draw draw(11);
    Machine machine;
    Instant now = to_instant({2026, 11, 23}, 0);
    (void)machine.step(RulesChanged{busy_house(5), UserId{1}}, now);
    for (int i = 1; i <= 5; ++i)
        (void)machine.step(AgentSignedIn{AgentId{i}}, now);
    std::priority_queue<Later> later;
    std::map<CallId, std::pair<Instant, Duration>> told;
    Duration promised{};
    Duration waited{};
    std::int64_t calls = 0;
    std::int64_t last = 0;
    const auto act = [&](const Event &event, Instant at) {
        now = at;
        for (const Decision &decision : machine.step(event, at)) {
            if (const auto *ring = std::get_if<Ring>(&decision.effect)) {
                later.push({at, AgentAnswered{ring->agent, ring->call}});
                const auto found = told.find(ring->call);
                if (found == told.end()) continue;
                promised += found->second.second;
                waited += at - found->second.first;
                ++calls;
            } else if (const auto *connect = std::get_if<Connect>(&decision.effect)) {
                later.push({at + draw.around(120s), CallerHungUp{connect->call}});
            }
        }
    };
    // Waves of arrivals, so that queues build up and go down: 400 hours.
    for (Instant at = now; last < 40'000; at = at + std::chrono::seconds{draw.below(60)}) {
        for (;;) {
            const auto due = machine.next_deadline();
            const bool timer = due && (later.empty() || *due <= later.top().at);
            if (timer ? *due > at : later.empty() || later.top().at > at) break;
            if (timer) {
                act(TimePassed{}, *due);
            } else {
                const Later one = later.top();
                later.pop();
                act(one.event, one.at);
            }
        }
        if (last % 200 < 20 && machine.waiting().size() > 12) continue; // the wave is over
        if (last % 200 >= 20 && draw.percent(15)) continue;
        const CallId call{++last};
        act(CallOffered{call, DialledNumber{kNumber, DialledSource::request_uri, kTown}, {}, {}, 0},
            at);
        const auto estimate = machine.estimate(call);
        if (estimate && estimate->wait) told[call] = {at, *estimate->wait};
    }
    ASSERT_GT(calls, 5'000);
    const double ratio =
        static_cast<double>(promised.count()) / static_cast<double>(waited.count());
    EXPECT_GT(ratio, 0.8) << "promises too little: callers wait longer than they are told";
    EXPECT_LT(ratio, 1.25) << "promises too much";
}

TEST(Estimate, says_nothing_rather_than_something_wrong) {
    Machine machine;
    const Instant now = to_instant({2026, 11, 23}, 9 * 3600);
    (void)machine.step(RulesChanged{busy_house(1), UserId{1}}, now);
    (void)machine.step(AgentSignedIn{AgentId{1}}, now);
    (void)machine.step(AgentPaused{AgentId{1}}, now);
    (void)machine.step(
        CallOffered{
            CallId{1}, DialledNumber{kNumber, DialledSource::request_uri, kTown}, {}, {}, 0},
        now);
    ASSERT_TRUE(machine.estimate(CallId{1}));
    EXPECT_FALSE(machine.estimate(CallId{1})->wait); // nobody works
    EXPECT_EQ(machine.estimate(CallId{1})->ahead, 0);
    EXPECT_FALSE(machine.estimate(CallId{2})); // does not wait
}

} // namespace
} // namespace fernamt::routing
