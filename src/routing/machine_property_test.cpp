// SPDX-License-Identifier: EUPL-1.2
// What must hold whatever happens: random sequences of all events, sense and nonsense, in any order
// and at any moment. The observer below knows nothing of the machine's inside but its decisions and
// its state, and keeps its own book of who waits. rapidcheck prints the seed of a failure and the
// shortest sequence that still fails.
#include "routing/machine.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace fernamt::routing {
namespace {

constexpr int kAgents = 5;
constexpr int kTowns = 3;

// --------------------------------------------------------------------------------- random events

// A step is numbers only, so that rapidcheck can shrink it; play() gives it a meaning.
struct Step {
    int kind = 0;
    int agent = 0;   // 1..kAgents + 1: the last one is a stranger
    int pick = 0;    // which of the live calls; often the agent's own
    int choice = 0;  // town, cause, device
    int seconds = 0; // since the step before
};

std::ostream &operator<<(std::ostream &out, const Step &step) {
    return out << "{" << step.kind << ", " << step.agent << ", " << step.pick << ", " << step.choice
               << ", " << step.seconds << "}";
}

} // namespace
} // namespace fernamt::routing

namespace rc {
template <>
struct Arbitrary<fernamt::routing::Step> {
    static Gen<fernamt::routing::Step> arbitrary() {
        using fernamt::routing::Step;
        // Frequent events more often than rare ones: a sequence must come somewhere.
        const auto kind = gen::weightedElement<int>({{12, 0}, {5, 1},  {2, 2},  {6, 3},   {2, 4},
                                                     {4, 5},  {3, 6},  {16, 7}, {3, 8},   {6, 9},
                                                     {4, 10}, {4, 11}, {5, 12}, {4, 13},  {3, 14},
                                                     {3, 15}, {2, 16}, {4, 17}, {14, 18}, {1, 19}});
        const auto seconds = gen::weightedOneOf<int>({{3, gen::just(0)},
                                                      {6, gen::inRange(0, 12)},
                                                      {1, gen::inRange(0, 90)},
                                                      {1, gen::just(-3)}});
        return gen::build<Step>(
            gen::set(&Step::kind, kind),
            gen::set(&Step::agent, gen::inRange(1, fernamt::routing::kAgents + 2)),
            gen::set(&Step::pick, gen::inRange(0, 12)), gen::set(&Step::choice, gen::inRange(0, 6)),
            gen::set(&Step::seconds, seconds));
    }
};
} // namespace rc

namespace fernamt::routing {
namespace {

Rules make_rules(int version, int agents, int towns) {
    Rules rules;
    rules.version = version;
    for (int i = 1; i <= towns; ++i) {
        Municipality town{MunicipalityId{i}, i == 2 ? Land::NW : Land::NI, {}, true};
        // One town never closes, so that a long run keeps having calls.
        const int from = i == 1 ? 0 : 9 * 3600;
        const int to = i == 1 ? 24 * 3600 : (15 + i) * 3600;
        for (int day = 0; day < 7; ++day) {
            town.hours.push_back({static_cast<Weekday>(day), from, to});
        }
        rules.municipalities.push_back(town);
        rules.numbers.push_back({{"+49511000" + std::to_string(i)}, MunicipalityId{i}});
    }
    for (int i = 1; i <= agents; ++i)
        rules.agents.push_back(AgentId{i});
    rules.ring_timeout = std::chrono::seconds{15 + version % 3};
    return rules;
}

// ------------------------------------------------------------------------------------ the observer

// A promise that is broken: rapidcheck reports and shrinks it, and the long run reports it as well.
void must(bool kept, const std::source_location &where = std::source_location::current()) {
    if (kept) return;
    throw std::logic_error("promise broken in line " + std::to_string(where.line()));
}

// Watches decisions only and checks the promises of machine.h after every event.
class Observer {
  public:
    void watch(const Event &event, const State &before, const Machine &machine,
               const Decisions &decisions) {
        if (const auto *offered = std::get_if<CallOffered>(&event);
            offered && !refused(decisions)) {
            must(open_.insert(offered->call).second);
        }
        if (refused(decisions)) {
            must(decisions.size() == 1U);
            must(machine.state() == before);
        }
        for (const Decision &decision : decisions) {
            must(to_string(decision.rule) != "unknown");
            std::visit([this](const auto &effect) { on(effect); }, decision.effect);
        }
        check(machine);
    }

    [[nodiscard]] const std::set<CallId> &open() const { return open_; }

  private:
    static bool refused(const Decisions &decisions) {
        return !decisions.empty() && std::holds_alternative<Refused>(decisions.front().effect);
    }

    void on(const Queue &e) { must(waiting_.insert(e.call).second); }
    void on(const Requeue &e) { must(waiting_.insert(e.call).second); }
    void on(const Announce &e) { waiting_.erase(e.call); }
    void on(const Ring &e) {
        must(waiting_.erase(e.call) == 1U);
        rung_.push_back(e.call);
        must(ringing_.emplace(e.agent, e.call).second);
    }
    void on(const StopRinging &e) {
        must(ringing_[e.agent] == e.call);
        ringing_.erase(e.agent);
        waiting_.insert(e.call);
    }
    void on(const Connect &e) {
        must(ringing_[e.agent] == e.call);
        ringing_.erase(e.agent);
        must(e.waited >= Duration{});
    }
    void on(const End &e) {
        must(open_.erase(e.call) == 1U); // offered once, ended once
        waiting_.erase(e.call);
        must(e.talk >= Duration{});
        must(e.transferred >= Duration{});
        if (e.answered_at) must(e.reason != EndReason::abandoned);
        if (!e.answered_at) must(e.talk == Duration{});
    }
    void on(const WrapUpDone &e) { must(e.duration >= Duration{}); }
    template <class Other>
    void on(const Other &) {}

    void check(const Machine &machine) {
        const State &state = machine.state();
        must(machine.is_consistent());
        nobody_overtakes(state);
        calls_and_agents_agree(state);
        nobody_waits_beside_a_ready_agent(machine);
        deadlines_agree(machine);
        std::set<CallId> live;
        for (const auto &[id, call] : state.calls)
            live.insert(id);
        must(live == open_);
    }

    // Whoever got a phone to ring is older than everyone who still waits.
    void nobody_overtakes(const State &state) {
        for (const CallId rung : rung_) {
            const auto found = state.calls.find(rung);
            must(found != state.calls.end());
            for (const CallId left : waiting_) {
                const Call &other = state.calls.at(left);
                must(std::pair(found->second.offered_at, rung) < std::pair(other.offered_at, left));
            }
        }
        rung_.clear();
    }

    void calls_and_agents_agree(const State &state) const {
        std::map<CallId, int> agents_of;
        for (const auto &[id, agent] : state.agents) {
            must(agent.id == id);
            const bool busy = agent.state == AgentState::ringing ||
                              agent.state == AgentState::talking || agent.state == AgentState::held;
            must(agent.call.has_value() == (busy || agent.state == AgentState::after_call_work));
            must(agent.until.has_value() == (agent.state == AgentState::ringing ||
                                             agent.state == AgentState::after_call_work));
            if (!busy) continue;
            must(++agents_of[*agent.call] == 1);
            const Call &call = state.calls.at(*agent.call);
            must(call.agent == id);
            must(to_string(call.state) == to_string(agent.state));
        }
        for (const auto &[id, call] : state.calls) {
            must(call.id == id);
            const bool with_agent = call.state == CallState::ringing ||
                                    call.state == CallState::talking ||
                                    call.state == CallState::held;
            must(with_agent == (agents_of.count(id) == 1));
            must((call.state == CallState::waiting) == (waiting_.count(id) == 1));
            if (call.state == CallState::waiting || call.state == CallState::announcing) {
                must(!call.agent); // nothing left of earlier attempts
            }
        }
    }

    static void nobody_waits_beside_a_ready_agent(const Machine &machine) {
        bool ready = false;
        bool anyone = false;
        for (const auto &[id, agent] : machine.state().agents) {
            ready = ready || agent.state == AgentState::ready;
            anyone = anyone || agent.state != AgentState::signed_out;
        }
        if (machine.waiting().empty()) return;
        must(!ready);
        must(anyone);
    }

    static void deadlines_agree(const Machine &machine) {
        const State &state = machine.state();
        std::optional<Instant> next;
        const auto due = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
        for (const auto &[id, agent] : state.agents) {
            if (agent.until) due(*agent.until);
        }
        for (const auto &[id, call] : state.calls) {
            if (call.state == CallState::transferring) {
                due(call.state_since + state.rules.transfer_timeout);
            }
        }
        must(machine.next_deadline() == next);
    }

    std::set<CallId> open_;    // offered, not ended
    std::set<CallId> waiting_; // by the decisions
    std::map<AgentId, CallId> ringing_;
    std::vector<CallId> rung_; // by the event at hand
};

// ------------------------------------------------------------------------------------- the player

struct Played {
    Event event;
    Instant at;
};

TransferTarget target_of(const Step &step) {
    if (step.choice == 0) return {}; // the machine refuses it
    if (step.choice == 1) return {PhoneNumber{"+493023125345"}, {}};
    return {{}, std::string(64, 'a')};
}

class Player {
  public:
    Player() { now_ = to_instant({2026, 11, 23}, 12 * 3600); }

    Event next(const Step &step, const State &state) {
        now_ = now_ + std::chrono::seconds{step.seconds};
        const AgentId agent{step.agent};
        const CallId call = a_call(step, state, agent);
        const auto cause = static_cast<HangUpCause>(step.choice % 5);
        switch (step.kind) {
        case 0:
            return offer(step);
        case 1:
            return CallerHungUp{call, cause};
        case 2:
            return AnnouncementFinished{mostly_one(state, CallState::announcing, step, call)};
        case 3:
            return AgentSignedIn{agent, static_cast<Device>(step.choice % 2)};
        case 4:
            return AgentSignedOut{agent};
        case 5:
            return AgentReady{agent};
        case 6:
            return AgentPaused{agent};
        case 7:
            return AgentAnswered{agent, call};
        case 8:
            return AgentDeclined{agent, call, static_cast<DeclineCause>(step.choice % 3)};
        case 9:
            return AgentHungUp{agent, call, cause};
        case 10:
            return HoldRequested{agent, call};
        case 11:
            return ResumeRequested{agent, call};
        case 12:
            return TransferRequested{agent, call, target_of(step)};
        case 13:
            return TransferAnswered{mostly_one(state, CallState::transferring, step, call)};
        case 14:
            return TransferFailed{mostly_one(state, CallState::transferring, step, call)};
        case 15:
            return TransferTargetHungUp{mostly_one(state, CallState::transferred, step, call)};
        case 16:
            return WrapUpExtended{agent};
        case 17:
            return WrapUpFinished{agent};
        case 18:
            return TimePassed{};
        default:
            break;
        }
        ++version_;
        return RulesChanged{make_rules(version_, 1 + step.pick % kAgents, 1 + step.choice % kTowns),
                            UserId{1}};
    }

    [[nodiscard]] Instant now() const { return now_; }

  private:
    Event offer(const Step &step) {
        // Sometimes an id twice, a number of nobody, a town that is not in the rules any more.
        const CallId call{step.pick == 0 ? std::max<std::int64_t>(last_, 1) : ++last_};
        if (step.choice == 0) return CallOffered{call, std::nullopt};
        const MunicipalityId town{1 + step.choice % kTowns};
        const PhoneNumber number{"+49511000" + std::to_string(town.value)};
        return CallOffered{call, DialledNumber{number, DialledSource::request_uri, town}};
    }

    static CallId a_call(const Step &step, const State &state, AgentId agent) {
        const auto found = state.agents.find(agent);
        if (step.pick < 8 && found != state.agents.end() && found->second.call) {
            return *found->second.call;
        }
        if (state.calls.empty() || step.pick == 11) return CallId{1 + step.pick * 7};
        auto at = state.calls.begin();
        std::advance(at, step.pick % static_cast<int>(state.calls.size()));
        return at->first;
    }

    // A call that the event fits, so that every state is reached; else any call.
    static CallId mostly_one(const State &state, CallState wanted, const Step &step,
                             CallId otherwise) {
        if (step.choice == 5) return otherwise;
        for (const auto &[id, call] : state.calls) {
            if (call.state == wanted) return id;
        }
        return otherwise;
    }

    Instant now_;
    std::int64_t last_ = 0;
    int version_ = 1;
};

RC_GTEST_PROP(Machine, keeps_its_promises_whatever_happens, ()) {
    // rapidcheck's lists stay near a hundred; these are longer.
    const auto steps = *rc::gen::scale(15.0, rc::gen::arbitrary<std::vector<Step>>());
    Machine machine;
    Observer observer;
    Player player;
    std::vector<Played> past;
    std::vector<Decisions> decided;
    std::vector<State> states;

    const auto play = [&](const Event &event) {
        const State before = machine.state();
        states.push_back(before);
        past.push_back({event, player.now()});
        const Decisions decisions = machine.step(event, player.now());
        decided.push_back(decisions);
        observer.watch(event, before, machine, decisions);
    };

    play(RulesChanged{make_rules(1, kAgents, kTowns), UserId{1}});
    for (int agent = 1; agent <= kAgents; ++agent)
        play(AgentSignedIn{AgentId{agent}});
    for (const Step &step : steps)
        play(player.next(step, machine.state()));

    // The same events give the same state and decisions: from the start, and from any snapshot.
    for (const std::size_t cut :
         {std::size_t{0}, past.size() / 3, past.size() / 2, past.size() - 1}) {
        Machine again{State{states[cut]}};
        for (std::size_t i = cut; i < past.size(); ++i) {
            must(again.step(past[i].event, past[i].at) == decided[i]);
        }
        must(again.state() == machine.state());
    }

    // Everyone who is still there hangs up: every call ends, nothing is left.
    while (!observer.open().empty())
        play(CallerHungUp{*observer.open().begin()});
    must(machine.state().calls.empty());
    must(machine.waiting().empty());
}

// --------------------------------------------------------------------------- a year in one
// sequence

// The same promises over one long run with a fixed generator: states that short sequences from an
// empty office hardly reach (many calls in every state at once).
TEST(MachineRun, keeps_its_promises_for_60_000_events) {
    std::uint64_t seed = 20261122;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto draw = [&seed](int below) { // SplitMix64: the same on every machine
        seed += 0x9e3779b97f4a7c15U;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return static_cast<int>((z ^ (z >> 31)) % static_cast<std::uint64_t>(below));
    };
    // Offers are a third of all events, so that a crowd builds up and goes down again.
    constexpr int kKinds[] = {0,  0,  0,  0,  0,  0,  1,  1,  2,  2,  3,  3,  4,  5,
                              5,  6,  7,  7,  7,  7,  7,  8,  9,  9,  9,  10, 11, 12,
                              12, 13, 13, 14, 15, 15, 16, 17, 17, 18, 18, 18};
    Machine machine;
    Observer observer;
    Player player;
    std::map<std::string, int> seen;
    (void)machine.step(RulesChanged{make_rules(1, kAgents, kTowns), UserId{1}}, player.now());
    for (int i = 0; i < 60'000; ++i) {
        Step step;
        step.kind = i % 500 == 499 ? 19 : kKinds[draw(static_cast<int>(std::size(kKinds)))];
        if (step.kind == 0 && machine.state().calls.size() > 40) step.kind = 1;
        step.agent = 1 + draw(kAgents + 1);
        step.pick = draw(12);
        step.choice = draw(6);
        step.seconds = draw(3) == 0 ? draw(8) : 0;
        const Event event = player.next(step, machine.state());
        const State before = machine.state();
        const Decisions decisions = machine.step(event, player.now());
        observer.watch(event, before, machine, decisions);
        for (const Decision &decision : decisions)
            ++seen[std::string(to_string(decision.rule))];
    }
    // It must have been everywhere, or it proves little.
    for (const Rule rule : {Rule::unknown_number,
                            Rule::closed_hours,
                            Rule::nobody_signed_in,
                            Rule::queue_of_municipality,
                            Rule::oldest_caller_first,
                            Rule::longest_idle_agent_first,
                            Rule::ring_timeout,
                            Rule::agent_declined,
                            Rule::caller_hung_up,
                            Rule::agent_hung_up,
                            Rule::agent_answered,
                            Rule::agent_request,
                            Rule::transfer_answered,
                            Rule::transfer_gave_back,
                            Rule::transfer_target_hung_up,
                            Rule::wrap_up_begins,
                            Rule::wrap_up_time_over,
                            Rule::announcement_heard,
                            Rule::recovery,
                            Rule::rules_changed}) {
        EXPECT_GT(seen[std::string(to_string(rule))], 20) << to_string(rule);
    }
}

} // namespace
} // namespace fernamt::routing
