// SPDX-License-Identifier: EUPL-1.2
// The promises of the switchboard, checked after every event by somebody who knows neither its
// indices nor its chains: plain loops over the state and the decisions. A broken promise is an
// exception that names the line. Only for tests and benchmarks.
#pragma once

#include "routing/machine.h"
#include "routing/testing/random_year.h"

#include <algorithm>
#include <map>
#include <set>
#include <source_location>
#include <stdexcept>
#include <string>

namespace fernamt::routing::testing {

inline void must(bool kept, const std::source_location &where = std::source_location::current()) {
    if (kept) return;
    throw std::logic_error("promise broken in line " + std::to_string(where.line()));
}

class YearWatcher {
  public:
    void watch(const Event &event, const Machine &machine, const Decisions &decisions) {
        state_ = &machine.state();
        event_ = &event;
        ++events_;
        const bool refused =
            !decisions.empty() && std::holds_alternative<Refused>(decisions.front().effect);
        if (refused) {
            must(decisions.size() == 1);
            return;
        }
        // What the timer changes stands in the ledger, and is replayed, by its decisions.
        if (std::holds_alternative<TimePassed>(event)) must(!decisions.empty());
        if (const auto *offered = std::get_if<CallOffered>(&event)) {
            must(open_.insert(offered->call).second); // offered once
            ++offered_;
        }
        // Our own faults are no attempts, and end a callback only after very many in a row.
        if (const auto *failed = std::get_if<CallbackFailed>(&event)) {
            std::int64_t &in_a_row = own_faults_[failed->call];
            in_a_row = failed->ours ? in_a_row + 1 : 0;
            const auto call = state_->calls.find(failed->call);
            if (failed->ours && call == state_->calls.end())
                must(in_a_row > state_->rules.callbacks.attempts);
            else if (failed->ours)
                must(call->second.callback->attempts == attempts_[failed->call]);
        }
        all_sorted_ = std::holds_alternative<CrisisBegan>(event) ||
                      std::holds_alternative<CrisisEnded>(event);
        sorted_.clear();
        for (const Decision &decision : decisions) {
            ++rules_seen_[decision.rule];
            rule_ = decision.rule;
            std::visit([this](const auto &effect) { on(effect); }, decision.effect);
        }
        must(!replaced_); // who calls again and is turned away keeps the callback
        must(work_done_.empty());
        check_calls();
        check_agents();
        check_deadline(machine);
        // However late it comes, it leaves nothing behind that is due.
        if (std::holds_alternative<TimePassed>(event) && machine.next_deadline())
            must(*machine.next_deadline() > state_->now);
    }

    [[nodiscard]] const std::set<CallId> &open() const { return open_; }
    [[nodiscard]] std::int64_t events() const { return events_; }
    [[nodiscard]] std::int64_t offered() const { return offered_; }
    [[nodiscard]] const std::map<Rule, std::int64_t> &rules_seen() const { return rules_seen_; }

  private:
    // ------------------------------------------------------------------------------- the decisions

    void on(const Ring &e) {
        // Only who has been told to be ready rings: whatever the queue, nobody out of the work
        // after a call (asterisk#1006, opensips#2679).
        must(told_[e.agent].state == AgentState::ready);
        must(ringing_.emplace(e.agent, e.call).second);
        must(!busy_calls_.contains(e.call));
        busy_calls_.insert(e.call);
        const auto call = state_->calls.find(e.call);
        const auto agent = state_->agents.find(e.agent);
        if (call == state_->calls.end() || agent == state_->agents.end()) return; // went on since
        if (call->second.state != CallState::ringing) return;
        must(may_serve(agent->second, call->second));
        // Nobody overtakes: whoever still waits and could be served by this agent came later.
        for (const auto &[id, other] : state_->calls) {
            if (!stands(other) || !may_serve(agent->second, other)) continue;
            must(std::pair(*call->second.place, e.call) < std::pair(*other.place, id));
        }
        if (e.callback) must(is_open_for(call->second)); // nobody is rung out of hours
    }
    void on(const StopRinging &e) {
        must(ringing_[e.agent] == e.call);
        ringing_.erase(e.agent);
        busy_calls_.erase(e.call);
    }
    void on(const Connect &e) {
        must(busy_calls_.contains(e.call));
        must(e.waited >= Duration{});
        ringing_.erase(e.agent);
        connected_.insert(e.call);
        spoke_.insert(e.agent);
    }
    // Work after a call follows every conversation, however it ended, and ends when it is due or
    // when the agent says so: not by a call of another queue, a transfer or new rules.
    void on(const AgentStateChanged &e) {
        Told &told = told_[e.agent];
        const bool talked = told.state == AgentState::talking || told.state == AgentState::held;
        const bool talks = e.state == AgentState::talking || e.state == AgentState::held;
        const bool works = e.state == AgentState::after_call_work;
        if (talked && !talks && !works) must(!spoke_.contains(e.agent));
        if (works && !talked) must(told.state == AgentState::after_call_work); // extended, wished
        if (works && talked) must(e.until == state_->now + state_->rules.wrap_up);
        if (told.state == AgentState::after_call_work && !works) {
            must(work_done_.erase(e.agent) == 1);
            must(said_so(e.agent) || (told.until && *told.until <= state_->now));
        }
        if (works) spoke_.erase(e.agent);
        if (told.state != e.state) told.since = state_->now;
        told.state = e.state;
        told.until = e.until;
    }
    [[nodiscard]] bool said_so(AgentId agent) const {
        const auto of_agent = [&](const auto *event) {
            return event != nullptr && event->agent == agent;
        };
        return of_agent(std::get_if<WrapUpFinished>(event_)) ||
               of_agent(std::get_if<AgentReady>(event_)) ||
               of_agent(std::get_if<AgentSignedOut>(event_));
    }
    // Whoever waits for a callback and waits on the line again waits at that place.
    void on(const Queue &e) {
        if (!replaced_) return;
        const auto now = state_->calls.find(e.call);
        if (now != state_->calls.end()) must(now->second.place == replaced_);
        replaced_.reset();
    }
    // A crisis is answered here.
    void on(const Forward &e) {
        const auto call = state_->calls.find(e.call);
        must(call != state_->calls.end());
        const bool ours = rule_ == Rule::office_first || rule_ == Rule::overflow_queue_length ||
                          rule_ == Rule::overflow_longest_wait;
        if (ours && crisis_of(call->second)) must(!is_open_for(call->second));
        if (e.purpose != Outside::partner) return;
        // Nor after a wait while somebody here is free, or whose work is over; rules from before
        // partners came last are replayed as they went.
        const bool waited = state_->rules.partners_last && rule_ == Rule::overflow_longest_wait &&
                            call->second.queued && std::holds_alternative<TimePassed>(*event_);
        for (const auto &[id, agent] : state_->agents) {
            const Told &told = told_[id];
            const bool done = told.state == AgentState::after_call_work && told.until &&
                              *told.until <= state_->now;
            if (waited && (told.state == AgentState::ready || done))
                must(!may_serve(agent, call->second));
        }
        must(asked_[e.call].insert(e.partner).second); // never the same twice
        must(std::ssize(asked_[e.call]) <= state_->rules.max_partners);
        must(!call->second.from);
    }
    void on(const CallBack &e) { ringing_.erase(e.agent); }
    void on(const StopTarget &e) { busy_calls_.erase(e.call); }
    void on(const Transfer &e) { busy_calls_.erase(e.call); }
    void on(const HandOver &e) { busy_calls_.erase(e.call); }
    void on(const Requeue &e) { busy_calls_.erase(e.call); } // the agent's line failed
    void on(const End &e) {
        must(open_.erase(e.call) == 1); // ended once
        must(e.talk >= Duration{});
        must(e.transferred >= Duration{});
        must(e.answered_at.has_value() == connected_.contains(e.call));
        if (e.answered_at) must(e.reason != EndReason::abandoned); // Issabel callcenter#41
        if (!e.answered_at) must(e.talk == Duration{});
        if (e.reason == EndReason::taken_by_office) must(!e.answered_at);
        if (e.from) must(!e.to); // a partner's call is never sent on
        if (e.dialled) must(e.dialled != e.municipality);
        if (e.reason == EndReason::callback_replaced) replaced_ = places_.at(e.call);
        places_.erase(e.call);
        asked_.erase(e.call);
        busy_calls_.erase(e.call);
        connected_.erase(e.call);
    }
    void on(const StillWaits &e) { // asleep until the hours begin: also a crisis's hours count
        const auto call = state_->calls.find(e.call);
        if (rule_ != Rule::callback_out_of_hours || call == state_->calls.end()) return;
        must(!is_open_for(call->second));
    }
    void on(const WrapUpDone &e) {
        must(e.duration >= Duration{});
        const Told &told = told_[e.agent];
        must(told.state == AgentState::after_call_work);
        must(e.duration == std::min(state_->now, *told.until) - told.since);
        work_done_.insert(e.agent);
    }
    void on(const CrisisReport &e) {
        must(e.facts.answered + e.facts.abandoned + e.facts.waiting <= e.facts.offered);
        must(!state_->crises.contains(e.crisis));
    }
    void on(const SortedAnew &e) { sorted_.insert(e.call); }
    // Nobody is told in vain that nobody is there.
    void on(const Announce &e) {
        if (rule_ != Rule::nobody_signed_in) return;
        must(!someone_may_ever_serve(state_->calls.at(e.call)));
    }
    template <class Other>
    void on(const Other &) {}

    // ----------------------------------------------------------------------------------- the state

    static bool stands(const Call &call) {
        return call.state == CallState::waiting && !(call.callback && call.callback->sleeps_until);
    }

    [[nodiscard]] bool is_open_for(const Call &call) const {
        const Municipality *town = find_municipality(state_->rules, *call.municipality);
        if (!town || !is_served(*town, state_->now)) return false;
        if (const Crisis *crisis = crisis_of(call)) { // its hours beside the usual ones
            if (crisis->plan.always_open) return true;
            if (is_within(crisis->plan.hours, to_local(state_->now))) return true;
        }
        return is_open(
            openness(*town, find_number(state_->rules, *call.number, state_->now), state_->now));
    }

    static bool concerns(const Crisis &crisis, const Call &call) {
        const bool here =
            !crisis.plan.municipality || crisis.plan.municipality == call.municipality;
        return here && (!crisis.plan.queue || crisis.plan.queue == call.queue);
    }

    [[nodiscard]] const Crisis *crisis_of(const Call &call) const {
        for (const auto &[id, crisis] : state_->crises) {
            if (concerns(crisis, call)) return &crisis;
        }
        return nullptr;
    }

    // A second one that moves a call up further than the one that is its crisis.
    [[nodiscard]] bool another_moves_further(const Call &call, const Crisis &its) const {
        return std::any_of(state_->crises.begin(), state_->crises.end(), [&](const auto &other) {
            const Crisis &crisis = other.second;
            return concerns(crisis, call) && crisis.plan.head_start > its.plan.head_start;
        });
    }

    [[nodiscard]] std::vector<Relaxation> steps_of(const Call &call) const {
        if (const Crisis *crisis = crisis_of(call)) return crisis->plan.relaxations;
        const CallQueue *queue = call.queue ? find_queue(state_->rules, call.queue) : nullptr;
        return queue ? queue->relaxations : std::vector<Relaxation>{};
    }

    // Written anew, without the index: demands in force now, and helpers only for their crisis.
    [[nodiscard]] bool may_serve(const Agent &agent, const Call &call) const {
        const Crisis *crisis = crisis_of(call); // also if it was answered before that began
        if (agent.helps && (!crisis || agent.helps != crisis->id)) return false;
        const CallQueue *queue = call.queue ? find_queue(state_->rules, call.queue) : nullptr;
        std::vector<SkillLevel> demands;
        if (queue) demands = queue->demands;
        if (crisis) demands = crisis->plan.demands;
        const auto in_force = static_cast<std::size_t>(call.relaxations);
        if (const auto steps = steps_of(call); in_force > 0 && !steps.empty())
            demands = steps.at(in_force - 1).demands;
        const auto &skills = agent.skills ? *agent.skills : skills_of(state_->rules, agent.id);
        return std::all_of(demands.begin(), demands.end(), [&](const SkillLevel &wanted) {
            return std::any_of(skills.begin(), skills.end(), [&](const SkillLevel &one) {
                return one.skill == wanted.skill && one.level >= wanted.level;
            });
        });
    }

    // Signed in, and may take it now or after one of the steps to come.
    [[nodiscard]] bool someone_may_ever_serve(Call call) const {
        const std::int64_t last = std::ssize(steps_of(call));
        for (call.relaxations = std::min(call.relaxations, last); call.relaxations <= last;
             ++call.relaxations) {
            for (const auto &[id, agent] : state_->agents) {
                if (agent.state != AgentState::signed_out && may_serve(agent, call)) return true;
            }
        }
        return false;
    }

    void check_calls() {
        std::set<CallerKey> callbacks;
        std::size_t live = 0;
        for (const auto &[id, call] : state_->calls) {
            ++live;
            must(open_.contains(id));
            if (call.place) { // kept to the end
                const auto [at, added] = places_.emplace(id, *call.place);
                if (!added && at->second != *call.place) check_new_place(call, at->second);
                at->second = *call.place;
            }
            if (call.callback && !call.callback->dialling) attempts_[id] = call.callback->attempts;
            if (call.callback && !call.callback->reached) {
                must(callbacks.insert(call.callback->caller).second); // one per number
            }
            if (call.state == CallState::waiting) must(call.place && !call.agent);
            const bool with_agent = call.state == CallState::ringing ||
                                    call.state == CallState::talking ||
                                    call.state == CallState::held;
            if (with_agent) must(state_->agents.at(*call.agent).call == id);
            must(!call.consult || call.state == CallState::held ||
                 call.state == CallState::talking);
            if (stands(call)) check_waiting(call);
        }
        must(live == open_.size());
    }

    // Only who has rung or spoken while a crisis began moves later, and into it or out of it.
    // Each move is told, but of who was answered: that place counts only if the call comes back.
    void check_new_place(const Call &call, Instant before) const {
        const bool counts = !call.answered_at && call.state != CallState::announcing;
        must(sorted_.contains(call.id) || (all_sorted_ && !counts));
        if (all_sorted_) return;
        const Crisis *crisis = crisis_of(call);
        must(call.state == CallState::waiting || call.state == CallState::ringing ||
             call.state == CallState::announcing);
        if (!crisis) return must(before < *call.place && call.dialled); // the caller meant another
        // Or who rang in one crisis while another began that comes first and moves up less.
        must(*call.place <= before || call.dialled || another_moves_further(call, *crisis));
        must(*call.place >= call.offered_at - 3600s);
    }

    // Nobody waits beside somebody ready who may serve, nor where nobody ever could.
    void check_waiting(const Call &call) const {
        for (const auto &[id, agent] : state_->agents) {
            if (agent.state == AgentState::ready) must(!may_serve(agent, call));
        }
        if (!call.callback || call.callback->reached) must(someone_may_ever_serve(call));
    }

    void check_agents() {
        std::set<CallId> served;
        for (const auto &[id, agent] : state_->agents) {
            must(told_[id].state == agent.state); // every change is told
            const bool busy = agent.state == AgentState::ringing ||
                              agent.state == AgentState::talking || agent.state == AgentState::held;
            must(agent.call.has_value() == (busy || agent.state == AgentState::after_call_work));
            must((ringing_.count(id) == 1) == (agent.state == AgentState::ringing));
            if (!busy) continue;
            must(served.insert(*agent.call).second); // no call at two agents
            const Call &call = state_->calls.at(*agent.call);
            must(call.agent == id);
            must(to_string(call.state) == to_string(agent.state));
        }
    }

    void check_deadline(const Machine &machine) const {
        std::optional<Instant> next;
        const auto due = [&next](const std::optional<Instant> &at) {
            if (at) next = next ? std::min(*next, *at) : *at;
        };
        for (const auto &[id, agent] : state_->agents)
            due(agent.until);
        for (const auto &[id, call] : state_->calls)
            due(call.until);
        must(machine.next_deadline() == next);
    }

    struct Told { // what desks and the ledger know of an agent
        AgentState state = AgentState::signed_out;
        Instant since;
        std::optional<Instant> until;
    };

    const State *state_ = nullptr;
    const Event *event_ = nullptr; // at hand, and the rule of the decision at hand
    Rule rule_ = Rule::agent_request;
    std::optional<Instant> replaced_; // the place of a callback that a new call replaces
    std::map<AgentId, Told> told_;
    std::set<AgentId> spoke_; // since their last work after a call
    std::set<AgentId> work_done_;
    std::int64_t events_ = 0;
    std::int64_t offered_ = 0;
    bool all_sorted_ = false; // a crisis has begun or ended
    std::set<CallId> sorted_; // in the event at hand
    std::set<CallId> open_;
    std::set<CallId> busy_calls_; // ring or talk
    std::set<CallId> connected_;
    std::map<CallId, Instant> places_;
    std::map<CallId, std::set<PartnerId>> asked_;
    std::map<CallId, std::int64_t> attempts_;   // of callbacks, before the one that runs
    std::map<CallId, std::int64_t> own_faults_; // of ours in a row, by CallbackFailed
    std::map<AgentId, CallId> ringing_;
    std::map<Rule, std::int64_t> rules_seen_;
};

struct YearResult {
    std::int64_t events = 0;
    std::int64_t calls = 0;
    std::map<Rule, std::int64_t> rules;
};

// Plays a whole year; throws at the first broken promise. Replays it from some cuts: the same
// events give the same decisions and the same state.
inline YearResult play_year(std::uint64_t seed, int cuts, const YearSize &size = {}) {
    RandomYear year(seed, size);
    YearWatcher watcher;
    Machine machine;
    struct Cut {
        std::size_t at;
        State state;
    };
    std::vector<Cut> kept;
    std::vector<Moment> past;
    Draw other(seed + 1);
    int last_hours = 0;
    while (const auto moment = year.next(machine.next_deadline())) {
        if (static_cast<int>(kept.size()) < cuts && other.below(3'000) == 0) {
            kept.push_back({past.size(), machine.state()});
        }
        const bool sampled = other.below(64) == 0;
        std::optional<State> before;
        if (sampled) before = machine.state();
        const Decisions decisions = machine.step(moment->event, moment->at);
        watcher.watch(moment->event, machine, decisions);
        if (sampled) {
            must(machine.is_consistent());
            const bool refused =
                !decisions.empty() && std::holds_alternative<Refused>(decisions.front().effect);
            if (refused) must(machine.state() == *before); // a refusal changes nothing
        }
        year.react(decisions);
        past.push_back(*moment);
        must(++last_hours < 2'000'000); // it comes to an end
    }
    for (const Cut &cut : kept) {
        Machine again{State{cut.state}};
        for (std::size_t i = cut.at; i < past.size(); ++i)
            (void)again.step(past[i].event, past[i].at);
        must(again.state() == machine.state());
    }
    // Whoever is left is a callback that sleeps; nobody is on the line any more.
    for (const auto &[id, call] : machine.state().calls)
        must(call.callback && !call.callback->reached);
    return {watcher.events(), watcher.offered(), watcher.rules_seen()};
}

} // namespace fernamt::routing::testing
