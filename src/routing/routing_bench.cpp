// SPDX-License-Identifier: EUPL-1.2
// How fast the machine decides. Budget: 1 M events/s with hundreds of calls and agents; a decision
// far below the 20 ms between a free agent and a ringing phone. Everything here is the real machine
// on rules of the size of a region (22 municipalities, 500 agents).
#include "routing/machine.h"
#include "routing/testing/year_watcher.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <vector>

namespace fernamt::routing {
namespace {

constexpr int kTowns = 22;

Rules region(int agents) {
    Rules rules;
    rules.version = 1;
    for (int i = 1; i <= kTowns; ++i) {
        Municipality town{MunicipalityId{i}, Land::NI, {}, true, {}, {}, {}};
        for (int day = 0; day < 5; ++day) {
            town.hours.push_back({static_cast<Weekday>(day), 8 * 3600, 18 * 3600, {}, {}});
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

Machine staffed(const Rules &rules, int agents, Instant at = morning()) {
    Machine machine;
    (void)machine.step(RulesChanged{rules, UserId{1}}, at);
    for (int i = 1; i <= agents; ++i)
        (void)machine.step(AgentSignedIn{AgentId{i}}, at);
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

// The largest house that is promised: 5,000 agents in 200 different sets of skills, 110
// queues with demands that relax, 20,000 callers waiting. Each kind of decision is timed by itself:
// an agent becomes free, a caller arrives, a caller hangs up. Budget: p99 <= 100 us.
Rules large_house() {
    Rules rules = region(5'000);
    for (int queue = 1; queue <= 5 * kTowns; ++queue) {
        const SkillId town{1 + (queue - 1) / 5};
        const SkillId topic{100 + queue % 5};
        CallQueue made;
        made.id = QueueId{queue};
        made.demands = {{town, 1}, {topic, 1}};
        made.prefers = {{SkillId{200 + queue % 3}, 1}};
        made.relaxations = {{60s, {{topic, 1}}}, {180s, {}}};
        made.head_start = std::chrono::seconds{queue % 4 * 30};
        rules.queues.push_back(made);
        Number number{{"+493023125" + std::to_string(100 + queue)}, MunicipalityId{town.value}};
        number.queue = made.id;
        rules.numbers.push_back(number);
    }
    for (int agent = 1; agent <= 5'000; ++agent) {
        const int set = agent % 200;
        rules.skills.push_back({AgentId{agent}, sorted({{SkillId{1 + set % kTowns}, 1 + set % 3},
                                                        {SkillId{1 + set % 7}, 2},
                                                        {SkillId{100 + set % 5}, 1},
                                                        {SkillId{200 + set % 3}, 1}})});
    }
    return sorted(rules);
}

CallOffered offer_in_queue(std::int64_t id) {
    const std::int64_t queue = 1 + id % (5 * kTowns);
    return {CallId{id},
            DialledNumber{{"+493023125" + std::to_string(100 + queue)},
                          DialledSource::request_uri,
                          MunicipalityId{1 + (queue - 1) / 5}},
            {},
            {},
            0};
}

class Stopwatch {
  public:
    template <class F>
    Decisions time(F f) {
        const auto begin = std::chrono::steady_clock::now();
        Decisions decisions = f();
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        times_.push_back(took.count());
        return decisions;
    }
    [[nodiscard]] double at(double share) {
        std::sort(times_.begin(), times_.end());
        return times_[static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1))];
    }

  private:
    std::vector<double> times_;
};

void large_house_decisions(benchmark::State &state) {
    constexpr int kAgents = 5'000;
    constexpr std::int64_t kWaiting = 20'000;
    Machine machine = staffed(large_house(), kAgents);
    Instant now = morning();
    for (std::int64_t i = 1; i <= kAgents; ++i)
        (void)machine.step(AgentPaused{AgentId{i}}, now);
    std::int64_t next = 0;
    Stopwatch free, arrival, hang_up, timer;
    const auto let_time_pass = [&](Stopwatch &watch) {
        const auto due = machine.next_deadline();
        if (due && *due <= now) (void)watch.time([&] { return machine.step(TimePassed{}, now); });
    };
    Stopwatch before;
    for (; next < kWaiting; now = now + 10ms) {
        (void)machine.step(offer_in_queue(++next), now);
        let_time_pass(before);
    }
    std::int64_t at = 0;
    for (auto _ : state) {
        now = now + 1ms;
        let_time_pass(timer);
        const AgentId agent{1 + at++ % kAgents};
        const Decisions rung = free.time([&] { return machine.step(AgentReady{agent}, now); });
        if (!ringing_agent(rung)) state.SkipWithError("nobody rings");
        (void)machine.step(AgentPaused{agent}, now);
        (void)arrival.time([&] { return machine.step(offer_in_queue(++next), now); });
        const CallId oldest = machine.state().calls.begin()->first;
        (void)hang_up.time([&] { return machine.step(CallerHungUp{oldest}, now); });
    }
    if (machine.waiting().size() != kWaiting) state.SkipWithError("the crowd has changed");
    state.counters["agent_free_p99_us"] = free.at(0.99);
    state.counters["arrival_p99_us"] = arrival.at(0.99);
    state.counters["hang_up_p99_us"] = hang_up.at(0.99);
    state.counters["timer_p99_us"] = timer.at(0.99);
    state.counters["agent_free_max_us"] = free.at(1.0);
}
BENCHMARK(large_house_decisions)->Iterations(20'000)->Unit(benchmark::kMicrosecond);

// The other way round: 5,000 idle agents, and a caller arrives who must be given to the best one.
void large_house_arrivals(benchmark::State &state) {
    Machine machine = staffed(large_house(), 5'000);
    Instant now = morning();
    Stopwatch arrival;
    std::int64_t next = 0;
    for (auto _ : state) {
        now = now + 1ms;
        const CallOffered call = offer_in_queue(++next);
        const Decisions rung = arrival.time([&] { return machine.step(call, now); });
        if (!ringing_agent(rung)) state.SkipWithError("nobody rings");
        (void)machine.step(CallerHungUp{call.call}, now);
    }
    state.counters["arrival_p99_us"] = arrival.at(0.99);
    state.counters["arrival_max_us"] = arrival.at(1.0);
}
BENCHMARK(large_house_arrivals)->Iterations(20'000)->Unit(benchmark::kMicrosecond);

// One year of Hannover's size: 200,000 calls in 250 service days, 60 s of talk, 30 s of work, 13
// agents. Budget: 0.5 s for the whole year, driver included.
void one_year(benchmark::State &state) {
    constexpr int kDays = 250;
    constexpr int kCallsPerDay = 800;
    constexpr int kAgents = 13;
    const Rules rules = region(kAgents);
    std::int64_t ended = 0;
    for (auto _ : state) {
        testing::Draw draw(7);
        LocalDate date{2026, 1, 5};
        // Before the first call: the machine's time never goes back, and work that never ends would
        // leave all callers in the line.
        Machine machine = staffed(rules, kAgents, to_instant(date, 7 * 3600));
        std::int64_t next = 0;
        struct HangUp {
            Instant at;
            CallId call;
            bool operator<(const HangUp &other) const { return other.at < at; }
        };
        std::priority_queue<HangUp> hang_ups;
        const auto act = [&](const Event &event, Instant at) {
            for (const Decision &decision : machine.step(event, at)) {
                if (const auto *ring = std::get_if<Ring>(&decision.effect)) {
                    (void)machine.step(AgentAnswered{ring->agent, ring->call}, at);
                    hang_ups.push({at + std::chrono::seconds{20 + draw.below(80)}, ring->call});
                } else if (std::holds_alternative<End>(decision.effect)) {
                    ++ended;
                }
            }
        };
        const auto until = [&](Instant at) {
            for (;;) {
                const auto due = machine.next_deadline();
                const bool timer = due && (hang_ups.empty() || *due <= hang_ups.top().at);
                if (timer ? *due > at : hang_ups.empty() || hang_ups.top().at > at) return;
                if (timer) {
                    act(TimePassed{}, *due);
                } else {
                    const HangUp one = hang_ups.top();
                    hang_ups.pop();
                    act(CallerHungUp{one.call}, one.at);
                }
            }
        };
        for (int day = 0; day < kDays; ++day) {
            while (weekday_of(date) > Weekday::friday || public_holiday(Land::NI, date))
                date = add_days(date, 1);
            const Instant opening = to_instant(date, 8 * 3600);
            std::vector<Instant> arrivals;
            for (int i = 0; i < kCallsPerDay; ++i)
                arrivals.push_back(opening + std::chrono::milliseconds{draw.below(36'000'000)});
            std::sort(arrivals.begin(), arrivals.end());
            for (const Instant at : arrivals) {
                until(at);
                act(offer(rules, ++next), at);
            }
            until(opening + 43'200s);
            if (!machine.state().calls.empty()) state.SkipWithError("somebody waits over night");
            date = add_days(date, 1);
        }
    }
    if (ended != kDays * kCallsPerDay * static_cast<std::int64_t>(state.iterations())) {
        state.SkipWithError("calls are missing");
    }
}
BENCHMARK(one_year)->Unit(benchmark::kMillisecond);

// A thousand random years with every promise checked after every event. A broken one names its
// seed.
void random_years(benchmark::State &state) {
    std::int64_t events = 0;
    std::int64_t calls = 0;
    for (auto _ : state) {
        for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
            try {
                const testing::YearResult year = testing::play_year(seed, 1);
                events += year.events;
                calls += year.calls;
            } catch (const std::exception &broken) {
                state.SkipWithError(
                    ("year " + std::to_string(seed) + ": " + broken.what()).c_str());
                return;
            }
        }
    }
    state.counters["years"] = 1'000;
    state.counters["events"] = static_cast<double>(events);
    state.counters["calls"] = static_cast<double>(calls);
}
BENCHMARK(random_years)->Iterations(1)->Unit(benchmark::kSecond);

} // namespace
} // namespace fernamt::routing
