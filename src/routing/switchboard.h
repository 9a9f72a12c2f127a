// SPDX-License-Identifier: EUPL-1.2
// The machine's inside, shared by its files, one idea each: switchboard.cpp (one event from start
// to end), calls.cpp (a caller's way), agents.cpp (who is there), talking.cpp (an agent and a
// call), passing_on.cpp (transfer, consultation, office, partner), callbacks.cpp, crisis.cpp,
// clock.cpp (deadlines) and new_rules.cpp. Internal to routing.
#pragma once

#include "routing/arrival.h"
#include "routing/distribution.h"
#include "routing/index.h"
#include "routing/machine.h"
#include "routing/refusal.h"

#include <string_view>
#include <utility>
#include <vector>

namespace fernamt::routing {

struct Switchboard {
    // A handler returns the reason why it refuses, before it has changed anything; or this.
    using Outcome = std::string_view;
    static constexpr Outcome kDone{};

    State state;
    Index index;
    Instant now;                       // of the event at hand
    Decisions out;                     // of the event at hand
    std::vector<CallId> newly_waiting; // in the event at hand

    explicit Switchboard(State initial) : state(std::move(initial)), index(state) {}

    Decisions step(const Event &event, Instant at);

    // --- one event (switchboard.cpp)
    void settle();
    void send_away_whom_nobody_serves();
    void distribute();
    void ring(const Pairing &pairing);

    // --- a caller's way (calls.cpp)
    Outcome on(const CallOffered &e);
    Outcome on(const CallerHungUp &e);
    Outcome on(const AnnouncementFinished &e);
    [[nodiscard]] Arrival describe(const Call &call, bool office_tried) const;
    void route(Call &call, bool office_tried);
    void carry_out(Call &call, const Verdict &verdict);
    void announce(Call &call, Announcement announcement, Rule rule, const Figures &figures);
    void join_queue(Call &call, const Verdict &verdict);
    void wait_again(Call &call);
    void end(Call &call, EndReason reason, Rule rule);
    [[nodiscard]] std::optional<Instant> next_change(const Call &call) const; // while it waits
    [[nodiscard]] bool may_go_to_partner(const Call &call) const;
    [[nodiscard]] const Overflow *overflow_by_wait(const Call &call) const;
    [[nodiscard]] static Instant waits_since(const Call &call); // while it waits
    [[nodiscard]] const std::vector<Relaxation> &relaxations_of(const Call &call) const;
    [[nodiscard]] std::int64_t relaxations_due(const Call &call) const;

    // --- who is there (agents.cpp)
    Outcome on(const AgentSignedIn &e);
    Outcome on(const AgentSignedOut &e);
    Outcome on(const AgentReady &e);
    Outcome on(const AgentPaused &e);
    Outcome on(const SkillsAssigned &e);
    [[nodiscard]] bool belongs(const Agent &agent) const;
    void become_ready(Agent &agent, Instant idle_since, Rule rule);
    void sign_out(Agent &agent, Rule rule);
    void go_on_after_work(Agent &agent, Instant at, Rule rule);
    bool withdraw_wishes(Agent &agent);
    void dismiss(Agent &agent, Rule rule);
    void erase(AgentId agent);

    // --- an agent and a call (talking.cpp)
    Outcome on(const AgentAnswered &e);
    Outcome on(const AgentDeclined &e);
    Outcome on(const AgentHungUp &e);
    Outcome on(const HoldRequested &e);
    Outcome on(const ResumeRequested &e);
    Outcome on(const TenantCorrected &e);
    Outcome on(const WrapUpExtended &e);
    Outcome on(const WrapUpFinished &e);
    void give_back(Agent &agent, Rule rule);
    void miss(Agent &agent, Rule rule);
    void take_back(Call &call, Rule rule);
    void go_on_talking_as(Agent &agent, CallState call_state, AgentState agent_state, Rule rule);
    void count_answer(const Call &call);
    void begin_wrap_up(Agent &agent);
    void finish_work(Agent &agent, Rule rule);

    // --- passing on (passing_on.cpp)
    Outcome on(const TransferRequested &e);
    Outcome on(const TransferAnswered &e);
    Outcome on(const TransferFailed &e);
    Outcome on(const TransferTargetHungUp &e);
    Outcome on(const ConsultRequested &e);
    Outcome on(const ConsultAnswered &e);
    Outcome on(const ConsultFailed &e);
    Outcome on(const ConsultTargetHungUp &e);
    Outcome on(const ConsultEnded &e);
    Outcome on(const ConferenceRequested &e);
    Outcome on(const HandOverRequested &e);
    Outcome on(const OfficeSwitched &e);
    void leave_for_target(Call &call);
    void hand_over(Agent &agent, Rule rule);
    void end_consult(Call &call, Rule rule);
    void forward(Call &call, const PhoneNumber &target, Outside purpose, const Partner *partner,
                 Duration ring_for, Rule rule, const Figures &figures);
    void come_back(Call &call, Rule rule);
    [[nodiscard]] bool is_office_absent(const Number &number) const;

    // --- callbacks (callbacks.cpp)
    Outcome on(const CallbackRequested &e);
    Outcome on(const CallbackAnswered &e);
    Outcome on(const CallbackFailed &e);
    Outcome on(const CallbackWithdrawn &e);
    void dial_citizen(Call &call, Agent &agent);
    void attempt_failed(Call &call, Duration retry_after, Rule rule);
    void not_dialled(Call &call, Rule rule);
    void stop_dialling(Call &call, Duration retry_after, bool waits_on, Rule rule);
    void wake(Call &call);
    [[nodiscard]] bool put_to_sleep_out_of_hours(Call &call);
    [[nodiscard]] bool may_ring_now(const Call &call) const;
    [[nodiscard]] std::optional<Instant> next_opening_for(const Call &call) const;
    [[nodiscard]] const Call *callback_before(const Call &call) const;
    void take_place_of_callback(Call &call);

    // --- crisis (crisis.cpp)
    Outcome on(const CrisisBegan &e);
    Outcome on(const CrisisEnded &e);
    Outcome on(const HelperJoined &e);
    [[nodiscard]] const Crisis *crisis_for(const Call &call) const;
    // None if it does not run, or began only after this answer.
    [[nodiscard]] CrisisFacts *facts_of(CrisisId crisis, std::optional<Instant> answered_at = {});
    [[nodiscard]] bool is_open_by(const Crisis &crisis) const; // its hours, beside the usual ones
    [[nodiscard]] std::vector<CallId> callbacks_out_of_hours() const;
    void sleep_by_new_hours(Call &call);
    std::int64_t sort_waiting_calls_anew(Rule rule, const Crisis &changed);
    [[nodiscard]] Duration head_start_of(const Call &call, const Crisis *crisis) const;
    [[nodiscard]] Duration moved_up_by(const Call &call, const Crisis &crisis) const;
    void enter_crisis(Call &call, const Crisis *crisis) const; // or none; a place it has
    void leave_crisis(Call &call, const Crisis &left) const;
    void follow_crisis(Call &call);
    void move_to_crisis(Call &call, const Crisis *crisis, const Crisis *left, Rule rule);
    void tell_sorted(const Call &call, const Crisis *crisis, Rule rule);
    [[nodiscard]] static CrisisId id_of(const Crisis *crisis) { // none: none
        return crisis ? crisis->id : CrisisId{};
    }

    // --- time (clock.cpp) and rules (new_rules.cpp)
    Outcome on(const TimePassed &e);
    void time_is_over(Call &call);
    void time_is_over(Agent &agent);
    [[nodiscard]] bool is_partner_due(const Call &call) const;
    void waited_longer(Call &call);
    void still_waits(const Call &call);
    void help_by_partner(Call &call, const Overflow &overflow, const Figures &figures);
    Outcome on(const RulesChanged &e);

    // --- look-ups
    [[nodiscard]] Call *find_call(CallId id) {
        const auto found = state.calls.find(id);
        return found == state.calls.end() ? nullptr : &found->second;
    }
    [[nodiscard]] Agent *find_agent(AgentId id) {
        const auto found = state.agents.find(id);
        return found == state.agents.end() ? nullptr : &found->second;
    }
    [[nodiscard]] static bool in_conversation(const Agent &agent) {
        return agent.state == AgentState::talking || agent.state == AgentState::held;
    }
    [[nodiscard]] static bool talks(const Agent &agent, CallId call) {
        return in_conversation(agent) && agent.call == call;
    }
    [[nodiscard]] Agent *partner_of(const Call &call) {
        const bool talking = call.state == CallState::talking || call.state == CallState::held;
        return talking ? find_agent(*call.agent) : nullptr;
    }

    // --- plumbing
    template <class Subject, class Change>
    void update(Subject &subject, Change change) {
        index.remove(subject);
        change(subject);
        index.add(subject);
    }
    template <class Change>
    void enter(Agent &agent, AgentState next, Rule rule, Change change) {
        update(agent, [&](Agent &a) {
            a.state = next;
            a.state_since = now;
            change(a);
        });
        tell(agent, rule);
    }
    void tell(const Agent &agent, Rule rule) {
        decide(AgentStateChanged{agent.id, agent.state, agent.call, agent.until}, rule);
    }
    template <class E>
    void decide(E effect, Rule rule) {
        out.push_back(Decision{std::move(effect), rule});
    }
    static void clear_call(Agent &agent) {
        agent.call.reset();
        agent.municipality.reset();
        agent.until.reset();
        agent.crisis = {};
        agent.working_since.reset();
    }
    [[nodiscard]] static Rule rule_of(HangUpCause cause, Rule normal) {
        return cause == HangUpCause::restart ? Rule::recovery : normal;
    }
};

} // namespace fernamt::routing
