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

// What became of the figures that callers were told in days of the random generator: four queues
// that demand, prefer and relax skills, head starts, crises, shifts, pauses, phones that nobody
// answers, transfers, callbacks. A caller who hung up before the figure had run out proves nothing
// and is left out; one who hung up later was told too little.
struct Honesty {
    std::int64_t told = 0;
    std::int64_t within = 0;  // the wait was at most half as long again as told
    std::int64_t at_half = 0; // and at most half of it
    double share() const { return static_cast<double>(within) / static_cast<double>(told); }
    double share_at_half() const {
        return static_cast<double>(at_half) / static_cast<double>(told);
    }
    void count(Duration told_wait, Duration waited, bool answered) {
        const bool over = 2 * waited > 3 * told_wait;
        if (!answered && !over) return;
        ++told;
        if (!over) ++within;
        if (2 * waited <= told_wait) ++at_half;
    }
};

struct TheirHonesty {
    Honesty all;
    std::map<QueueId, Honesty> queues;
};

void play_days(std::uint64_t seed, const testing::YearSize &size, TheirHonesty &honesty) {
    struct Told {
        Instant at;
        Duration wait;
        QueueId queue;
    };
    testing::RandomYear days(seed, size);
    Machine machine;
    std::map<CallId, Told> told;
    const auto over = [&](CallId call, Instant at, bool answered) {
        const auto found = told.find(call);
        if (found == told.end()) return;
        const auto &[since, wait, queue] = found->second;
        honesty.all.count(wait, at - since, answered);
        honesty.queues[queue].count(wait, at - since, answered);
        told.erase(found);
    };
    while (const auto moment = days.next(machine.next_deadline())) {
        const Decisions decisions = machine.step(moment->event, moment->at);
        const Instant now = machine.state().now;
        for (const Decision &decision : decisions) {
            if (const auto *queued = std::get_if<Queue>(&decision.effect)) {
                // Nothing is told to somebody for whom a phone rings at once.
                const auto estimate = machine.estimate(queued->call);
                if (estimate && estimate->wait)
                    told[queued->call] = {now, *estimate->wait, queued->queue};
            } else if (const auto *connect = std::get_if<Connect>(&decision.effect)) {
                over(connect->call, now, true);
            } else if (const auto *noted = std::get_if<CallbackNoted>(&decision.effect)) {
                told.erase(noted->call); // waits at home
            } else if (const auto *forward = std::get_if<Forward>(&decision.effect)) {
                told.erase(forward->call); // waits for a partner
            } else if (const auto *end = std::get_if<End>(&decision.effect)) {
                over(end->call, now, false);
            }
        }
        days.react(decisions);
    }
}

TEST(Estimate, is_honest_with_several_queues_skills_and_priorities) {
    TheirHonesty honesty;
    for (std::uint64_t seed = 20'261'122; seed < 20'261'122 + 12; ++seed)
        play_days(seed, {.calls_per_day = 800, .days = 5, .agents = 40, .clock_steps = false},
                  honesty);
    // About four in five; a mean that nobody disturbs would give 78 of 100 to who is next and 90
    // and more to who stands behind ten (Erlang), so this is what shifts, crises and pauses leave
    // of it. The figures stand in docs/explanation/waiting-time.md.
    const auto says = [](const Honesty &one) {
        return ::testing::Message() << one.told << " told, " << one.share() << " within, "
                                    << one.share_at_half() << " at most half";
    };
    EXPECT_GT(honesty.all.told, 2'000) << "quiet days prove little";
    EXPECT_GT(honesty.all.share(), 0.77) << says(honesty.all);
    EXPECT_LT(honesty.all.share_at_half(), 0.35) << says(honesty.all);
    ASSERT_EQ(honesty.queues.size(), 4U);
    for (const auto &[queue, one] : honesty.queues) {
        EXPECT_GT(one.told, 300) << "queue " << queue.value;
        EXPECT_GT(one.share(), 0.70) << "queue " << queue.value << ": " << says(one);
        EXPECT_LT(one.share_at_half(), 0.48) << "queue " << queue.value << ": " << says(one);
    }
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
