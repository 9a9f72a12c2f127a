// SPDX-License-Identifier: EUPL-1.2
// How fast the machine decides. Budget: 1 M events/s with hundreds of calls and agents; a decision
// far below the 20 ms between a free agent and a ringing phone. Everything here is the real machine
// on rules of the size of a region (22 municipalities, 500 agents).
#include "routing/machine.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace fernamt::routing {
namespace {

constexpr int kTowns = 22;

Rules region(int agents) {
    Rules rules;
    rules.version = 1;
    for (int i = 1; i <= kTowns; ++i) {
        Municipality town{MunicipalityId{i}, Land::NI, {}, true};
        for (int day = 0; day < 5; ++day) {
            town.hours.push_back({static_cast<Weekday>(day), 8 * 3600, 18 * 3600});
        }
        rules.municipalities.push_back(town);
        rules.numbers.push_back({{"+492214710" + std::to_string(100 + i)}, MunicipalityId{i}});
    }
    for (int i = 1; i <= agents; ++i)
        rules.agents.push_back(AgentId{i});
    return rules;
}

CallOffered offer(const Rules &rules, std::int64_t id) {
    const Number &number = rules.numbers[static_cast<std::size_t>(id) % kTowns];
    return {CallId{id},
            DialledNumber{number.number, DialledSource::request_uri, number.municipality}};
}

Instant morning() {
    return to_instant({2026, 11, 23}, 9 * 3600);
}

Machine staffed(const Rules &rules, int agents) {
    Machine machine;
    (void)machine.step(RulesChanged{rules, UserId{1}}, morning());
    for (int i = 1; i <= agents; ++i)
        (void)machine.step(AgentSignedIn{AgentId{i}}, morning());
    return machine;
}

AgentId ringing_agent(const Decisions &decisions) {
    for (const Decision &decision : decisions) {
        if (const auto *ring = std::get_if<Ring>(&decision.effect)) return ring->agent;
    }
    return {};
}

// Whole calls, offered to done: offer, answer, hang-up, work finished. `live` of them at a time.
void whole_calls(benchmark::State &state) {
    const int live = static_cast<int>(state.range(0));
    const Rules rules = region(live + 50);
    Machine machine = staffed(rules, live + 50);
    Instant now = morning();
    std::int64_t next = 0;
    std::deque<std::pair<CallId, AgentId>> talking;
    std::int64_t events = 0;
    const auto step = [&](const Event &event) {
        ++events;
        now = now + 200us;
        return machine.step(event, now);
    };
    for (auto _ : state) {
        const CallOffered offered = offer(rules, ++next);
        const AgentId agent = ringing_agent(step(offered));
        benchmark::DoNotOptimize(step(AgentAnswered{agent, offered.call}));
        talking.emplace_back(offered.call, agent);
        if (static_cast<int>(talking.size()) <= live) continue;
        const auto [call, who] = talking.front();
        talking.pop_front();
        benchmark::DoNotOptimize(step(CallerHungUp{call}));
        benchmark::DoNotOptimize(step(WrapUpFinished{who}));
    }
    if (!machine.is_consistent()) state.SkipWithError("indices differ from the state");
    state.counters["events"] =
        benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}
BENCHMARK(whole_calls)->Arg(10)->Arg(100)->Arg(500);

// A crowd: 500 agents, all talking, 2,000 callers waiting. One agent finishes and gets the oldest.
void crowd(benchmark::State &state) {
    constexpr int kAgents = 500;
    constexpr int kWaiting = 2'000;
    const Rules rules = region(kAgents);
    Machine machine = staffed(rules, kAgents);
    Instant now = morning();
    std::int64_t next = 0;
    std::deque<std::pair<CallId, AgentId>> talking;
    for (int i = 0; i < kAgents; ++i) {
        const CallOffered offered = offer(rules, ++next);
        const AgentId agent = ringing_agent(machine.step(offered, now));
        (void)machine.step(AgentAnswered{agent, offered.call}, now);
        talking.emplace_back(offered.call, agent);
    }
    for (int i = 0; i < kWaiting; ++i) {
        now = now + 1ms;
        (void)machine.step(offer(rules, ++next), now);
    }
    std::int64_t events = 0;
    for (auto _ : state) {
        now = now + 1ms;
        const auto [call, agent] = talking.front();
        talking.pop_front();
        (void)machine.step(CallerHungUp{call}, now);
        const Decisions decisions = machine.step(WrapUpFinished{agent}, now); // rings the oldest
        const CallId oldest = *machine.state().agents.at(agent).call;
        benchmark::DoNotOptimize(decisions);
        (void)machine.step(AgentAnswered{agent, oldest}, now);
        talking.emplace_back(oldest, agent);
        (void)machine.step(offer(rules, ++next), now);
        events += 4;
    }
    if (machine.waiting().size() != kWaiting) state.SkipWithError("the crowd has changed");
    state.counters["events"] =
        benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}
BENCHMARK(crowd);

// The moment that a caller feels: work finished -> Ring decided, in the same crowd.
void decision_latency(benchmark::State &state) {
    constexpr int kAgents = 500;
    const Rules rules = region(kAgents);
    Machine machine = staffed(rules, kAgents);
    Instant now = morning();
    for (std::int64_t i = 1; i <= kAgents; ++i) {
        (void)machine.step(AgentPaused{AgentId{i}}, now);
    }
    for (std::int64_t i = 1; i <= 2'000; ++i) {
        now = now + 1ms;
        (void)machine.step(offer(rules, i), now);
    }
    std::int64_t at = 0;
    for (auto _ : state) {
        const AgentId agent{1 + at++ % kAgents};
        now = now + 1ms;
        const Decisions decisions = machine.step(AgentReady{agent}, now); // ready and ringing
        if (!ringing_agent(decisions)) state.SkipWithError("nobody rings");
        (void)machine.step(AgentPaused{agent}, now); // gives it back: one event more in the figure
    }
}
BENCHMARK(decision_latency);

// Taking up a snapshot of the crowd after a restart.
void take_up_snapshot(benchmark::State &state) {
    const Rules rules = region(500);
    Machine machine = staffed(rules, 500);
    for (std::int64_t i = 1; i <= 2'500; ++i)
        (void)machine.step(offer(rules, i), morning());
    for (auto _ : state) {
        Machine again{State{machine.state()}};
        benchmark::DoNotOptimize(again.next_deadline());
    }
}
BENCHMARK(take_up_snapshot)->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace fernamt::routing
