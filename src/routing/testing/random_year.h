// SPDX-License-Identifier: EUPL-1.2
// A simulated year in a small joint centre, drawn from one seed: callers with their patience,
// agents with their shifts and moods, offices, partners, callbacks, consultations, new rules,
// crises, steps of the clock in both directions, messages that are lost or come twice. Only for
// tests and benchmarks; the same seed gives the same year on every machine. Knows no promises:
// those are in year_watcher.h.
#pragma once

#include "base/calendar.h"
#include "routing/machine.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace fernamt::routing::testing {

class Draw { // SplitMix64: the same on every machine
  public:
    explicit Draw(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
    bool percent(int chance) { return below(100) < chance; }
    // Mostly short, sometimes long, around this mean; whole milliseconds.
    Duration around(Duration mean) {
        const int times = 1 + below(10) * below(10); // 1..82, mean about 21
        return std::chrono::milliseconds{mean.count() / 1'000 * times / 21 + below(1'000)};
    }

  private:
    std::uint64_t state_;
};

struct Moment {
    Event event;
    Instant at;
};

struct YearSize {
    int calls_per_day = 6;
    int days = 365;
    int agents = 6;
    bool clock_steps = true; // forward, and back again
};

class RandomYear {
  public:
    explicit RandomYear(std::uint64_t seed, const YearSize &size = {})
        : draw_(seed), days_(size.days), calls_per_day_(size.calls_per_day), agents_(size.agents),
          callers_(12 * size.agents / 6), clock_steps_(size.clock_steps) {
        const LocalDate first{2026, 1, 1};
        for (int day = 0; day < days_; ++day)
            plan_day(add_days(first, day));
        now_ = to_instant(first, 0);
        plan(now_, RulesChanged{make_rules(), UserId{1}});
    }

    // The next thing that happens; empty when the year is over.
    std::optional<Moment> next(const std::optional<Instant> &deadline) {
        if (planned_.empty() && !deadline) return std::nullopt;
        if (clock_steps_ && draw_.below(500) == 0) step_clock();
        const bool timer =
            deadline && (planned_.empty() || *deadline <= shown_at(planned_.top().at));
        if (timer) { // sometimes late, then perhaps after what was planned meanwhile
            now_ = std::max(now_, *deadline - ahead_);
            if (draw_.percent(5)) now_ = now_ + draw_.around(2s);
            return Moment{TimePassed{}, shown_at(now_)};
        }
        Planned planned = planned_.top();
        planned_.pop();
        now_ = std::max(now_, planned.at);
        Moment moment{std::move(planned.event), shown_at(now_)};
        if (draw_.below(400) == 0) { // the clock steps back for one event
            moment.at = moment.at - draw_.around(600s);
        }
        if (draw_.below(200) == 0) plan(now_ + draw_.around(3s), moment.event); // comes twice
        return moment;
    }

    // What people and phones do about what was decided.
    void react(const Decisions &decisions) {
        for (const Decision &decision : decisions)
            std::visit([this](const auto &effect) { on(effect); }, decision.effect);
    }

    [[nodiscard]] Draw &draw() { return draw_; }

  private:
    struct Planned {
        Instant at;
        std::int64_t order = 0;
        Event event;
        bool operator<(const Planned &other) const { // the earliest on top
            return std::pair(other.at, other.order) < std::pair(at, order);
        }
    };

    void plan(Instant at, Event event) { planned_.push({at, ++order_, std::move(event)}); }
    // A message on its way; one in a hundred is lost.
    void soon(Duration after, Event event) {
        if (draw_.below(100) != 0) plan(now_ + after, std::move(event));
    }

    // ---------------------------------------------------------------------------------- the clock

    [[nodiscard]] Instant shown_at(Instant real) const { return real + ahead_; }

    // The wall clock steps forward by minutes or hours, now and then past midnight: what is due by
    // it is due together, and people and phones are where they were. Later it is put right; or it
    // was right all the time, and what should have happened meanwhile happens late and at once; or
    // it steps on.
    void step_clock() {
        const bool far_ahead = ahead_ > 24h;
        if (far_ahead || (ahead_ > 0s && draw_.percent(40))) {
            ahead_ = {};
        } else if (ahead_ > 0s && draw_.percent(50)) {
            now_ = shown_at(now_);
            ahead_ = {};
        } else {
            const LocalTime shown = to_local(shown_at(now_));
            const Duration to_midnight = std::chrono::seconds{86'460 - shown.second_of_day};
            ahead_ += draw_.percent(25) ? to_midnight : draw_.around(3'600s);
        }
    }

    // ------------------------------------------------------------------------------------ the day

    void plan_day(const LocalDate &date) {
        const auto at = [&](int second) { return to_instant(date, second); };
        for (int agent = 1; agent <= agents_; ++agent) {
            if (draw_.percent(25)) continue; // not on duty
            const int from = 7 * 3600 + draw_.below(3 * 3600);
            plan(at(from), AgentSignedIn{AgentId{agent}, static_cast<Device>(draw_.below(2)),
                                         draw_.percent(20)});
            plan(at(from + 4 * 3600), AgentPaused{AgentId{agent}});
            plan(at(from + 4 * 3600 + 1'800), AgentReady{AgentId{agent}});
            plan(at(16 * 3600 + draw_.below(5 * 3600)), AgentSignedOut{AgentId{agent}});
        }
        // Calls come in bursts, so that queues build up.
        const int burst = 8 * 3600 + draw_.below(9 * 3600);
        const int burst_seconds = 240 * std::max(1, calls_per_day_ / 50);
        const int calls = draw_.below(2 * calls_per_day_ + 1);
        for (int i = 0; i < calls; ++i) {
            const bool in_burst = draw_.percent(60);
            const int second = in_burst ? burst + draw_.below(burst_seconds) : draw_.below(86'400);
            plan(at(second), offer());
        }
        if (draw_.below(15) == 0) plan(at(9 * 3600 + draw_.below(20'000)), rules_change());
        if (draw_.below(30) == 0) {
            const int second = draw_.below(86'400);
            if (second % 2 == 0) { // at any time, or while a target keeps a caller
                plan(at(second), crisis());
            } else {
                crises_to_come_.push_back({crisis(), at(second)});
            }
        }
        if (draw_.below(10) == 0) plan(at(10 * 3600), office_switch());
        if (draw_.below(10) == 0) plan(at(11 * 3600), lead());
        if (draw_.below(20) == 0) plan(at(12 * 3600), nonsense());
    }

    CallOffered offer() {
        CallOffered call;
        call.call = CallId{++last_call_};
        if (draw_.percent(70)) call.caller = CallerKey{1 + draw_.below(callers_)};
        const bool usual = call.caller && draw_.percent(70); // people call their own town hall
        const int which = usual ? static_cast<int>(call.caller.value) % 7 : draw_.below(8);
        if (which < 7) {
            call.dialled = DialledNumber{number(which), DialledSource::request_uri,
                                         MunicipalityId{1 + which % 3}};
        }
        if (draw_.below(25) == 0) call.from = PartnerId{1};
        call.hops = draw_.below(4);
        offers_[call.call] = call;
        return call;
    }
    CallOffered again(CallOffered call) { // the same person, and the same number
        call.call = CallId{++last_call_};
        offers_[call.call] = call;
        return call;
    }

    static PhoneNumber number(int which) { return {"+49221471010" + std::to_string(which)}; }

    CrisisBegan crisis() {
        CrisisPlan plan;
        plan.id = CrisisId{1 + draw_.below(3)};
        if (draw_.percent(50)) {
            plan.municipality = MunicipalityId{1 + draw_.below(3)};
        } else {
            plan.queue = QueueId{1 + draw_.below(3)};
        }
        plan.head_start = std::chrono::seconds{draw_.below(900)};
        plan.always_open = draw_.percent(50);
        if (draw_.percent(50)) { // also at the week-end, and in the evening
            for (int day = 0; day < 7; ++day)
                plan.hours.push_back(
                    {static_cast<Weekday>(day), (9 + draw_.below(4)) * 3600, 21 * 3600, {}, {}});
        }
        if (draw_.percent(50)) plan.demands = some_skills();
        plan.own_steps = draw_.below(10) != 0; // or a plan of before
        if (plan.own_steps) plan.relaxations = some_relaxations(plan.demands);
        return {plan, UserId{1}};
    }

    OfficeSwitched office_switch() {
        OfficeSwitched sw{MunicipalityId{1 + draw_.below(3)}, {}, {}};
        if (draw_.percent(70)) sw.absent = draw_.percent(50);
        return sw;
    }

    SkillsAssigned lead() {
        SkillsAssigned assigned{AgentId{1 + draw_.below(agents_)}, {}, UserId{1}};
        if (draw_.percent(60)) assigned.skills = some_skills();
        return assigned;
    }

    Event nonsense() { // of nobody, about nothing, at the wrong time
        const AgentId agent{1 + draw_.below(agents_ + 2)};
        const CallId call{1 + draw_.below(static_cast<int>(last_call_) + 1)};
        switch (draw_.below(8)) {
        case 0:
            return AgentAnswered{agent, call};
        case 1:
            return ConferenceRequested{agent, call};
        case 2:
            return HandOverRequested{agent, call};
        case 3:
            return CallbackAnswered{call};
        case 4:
            return TransferAnswered{call};
        case 5:
            return HelperJoined{agent, CrisisId{1}};
        case 6:
            return CallbackWithdrawn{call};
        default:
            return CallerHungUp{call, static_cast<HangUpCause>(draw_.below(5))};
        }
    }

    // ---------------------------------------------------------------------------------- the rules

    RulesChanged rules_change() { return {make_rules(), UserId{1}}; }

    std::vector<SkillLevel> some_skills() {
        std::vector<SkillLevel> skills;
        for (int skill = 1; skill <= 3; ++skill) {
            if (draw_.percent(45)) skills.push_back({SkillId{skill}, 1 + draw_.below(3)});
        }
        return sorted(skills);
    }

    Rules make_rules() {
        Rules rules;
        rules.version = ++version_;
        for (int i = 1; i <= 3; ++i) {
            if (i == 3 && draw_.below(6) == 0) continue; // has left
            rules.municipalities.push_back(make_town(i));
        }
        for (int i = 0; i < 7; ++i)
            rules.numbers.push_back(make_number(i));
        for (int i = 1; i <= agents_; ++i) {
            if (draw_.below(12) != 0) rules.agents.push_back(AgentId{i});
            if (draw_.percent(70)) rules.skills.push_back({AgentId{i}, some_skills()});
        }
        for (int i = 1; i <= 3; ++i)
            rules.queues.push_back(make_queue(i));
        for (int i = 1; i <= 3; ++i)
            rules.partners.push_back({PartnerId{i}, {"+49221471070" + std::to_string(i)}});
        rules.max_partners = 1 + draw_.below(3);
        rules.partners_last = version_ % 2 == 0;
        for (int i = draw_.below(4); i > 0; --i) {
            Overflow overflow;
            overflow.when = static_cast<OverflowWhen>(draw_.below(4));
            overflow.partner = PartnerId{1 + draw_.below(3)};
            overflow.waiting = draw_.below(4);
            overflow.wait = std::chrono::seconds{60 + draw_.below(200)};
            if (draw_.percent(50)) overflow.queue = QueueId{1 + draw_.below(3)};
            if (draw_.percent(50)) overflow.from = some_moment();
            if (draw_.percent(50)) overflow.until = some_moment();
            rules.overflows.push_back(overflow);
        }
        rules.ring_timeout = std::chrono::seconds{15 + draw_.below(10)};
        rules.callbacks.retry_after = std::chrono::seconds{300 + draw_.below(2'000)};
        return rules;
    }

    Municipality make_town(int id) {
        Municipality town{MunicipalityId{id}, id == 2 ? Land::NW : Land::NI, {}, true, {}, {}, {}};
        for (int day = 0; day < 5 + id % 2; ++day) {
            const auto weekday = static_cast<Weekday>(day);
            town.hours.push_back({weekday, 8 * 3600, 12 * 3600 + 1'800, {}, {}});
            town.hours.push_back({weekday, 13 * 3600, (16 + id) * 3600, {}, {}});
        }
        for (int i = 0; i < 8; ++i) {
            const LocalDate day{2026, 1 + draw_.below(12), 1 + draw_.below(28)};
            town.exceptions.push_back({day, day, draw_.percent(50), 0, 86'400});
        }
        if (id == 3 && draw_.percent(30)) {
            town.joins = to_instant({2026, 1 + draw_.below(12), 1}, 0);
        }
        if (id == 2 && draw_.percent(30)) town.leaves = some_moment();
        return town;
    }

    Instant some_moment() { // mostly while people call
        return to_instant({2026, 1 + draw_.below(12), 1 + draw_.below(28)},
                          8 * 3600 + draw_.below(36'000));
    }

    Number make_number(int which) {
        Number made{number(which), MunicipalityId{1 + which % 3}};
        made.queue = QueueId{which % 4}; // none, 1, 2, 3
        made.scope = static_cast<Scope>(which % 5);
        if (which == 4 && draw_.percent(50)) {
            made.valid_until = to_instant({2026, 1 + draw_.below(12), 1}, 0);
        }
        if (which == 5) {
            made.office = OfficeFirst{{"+492214710900"}, 20s, {}};
            for (int day = 0; day < 5; ++day) {
                if (draw_.percent(40)) continue; // is there all day
                made.office->absent.push_back(
                    {static_cast<Weekday>(day), 11 * 3600, 14 * 3600, {}, {}});
            }
        }
        if (which == 6) { // round the clock, also at night and on holidays
            made.hours = OpeningHours{};
            made.hours->closed_on_public_holidays = false;
            for (int day = 0; day < 7; ++day)
                made.hours->periods.push_back({static_cast<Weekday>(day), 0, 86'400, {}, {}});
        }
        return made;
    }

    // Each step demands less than the one before, as people/skills.h asks for.
    std::vector<Relaxation> some_relaxations(std::vector<SkillLevel> demands) {
        std::vector<Relaxation> steps;
        Duration after{};
        while (!demands.empty() && draw_.percent(70)) {
            after += std::chrono::seconds{20 + draw_.below(100)};
            SkillLevel &last = demands.back();
            if (last.level > 1 && draw_.percent(60)) {
                --last.level;
            } else {
                demands.pop_back();
            }
            steps.push_back({after, demands});
        }
        return steps;
    }

    CallQueue make_queue(int id) {
        CallQueue queue;
        queue.id = QueueId{id};
        if (draw_.percent(60)) queue.demands = {{SkillId{id}, 1 + draw_.below(2)}};
        if (draw_.percent(60)) queue.prefers = {{SkillId{1 + id % 3}, 1}};
        queue.relaxations = some_relaxations(queue.demands);
        queue.head_start = std::chrono::seconds{draw_.below(3) * 60};
        queue.max_waiting = draw_.percent(40) ? 1 + draw_.below(2) : 0;
        queue.offers_callback = draw_.percent(80);
        return queue;
    }

    // --------------------------------------------------------------------------------- reactions

    void on(const Announce &e) {
        soon(8s, AnnouncementFinished{e.call});
        plan(now_ + 600s, CallerHungUp{e.call, HangUpCause::signalling});
    }
    void on(const Queue &e) {
        // Whatever is lost on the way, no line stays open for ever (RFC 4028).
        plan(now_ + 7'200s, CallerHungUp{e.call, HangUpCause::signalling});
        if (draw_.percent(35)) {
            soon(draw_.around(40s), CallbackRequested{e.call, offers_[e.call].caller});
        }
        soon(draw_.around(240s), CallerHungUp{e.call});
    }
    void on(const Ring &e) {
        const Duration after = draw_.around(6s);
        const int mood = draw_.below(20);
        if (mood == 0) return soon(after, AgentDeclined{e.agent, e.call});
        if (mood == 1) return soon(0s, AgentDeclined{e.agent, e.call, DeclineCause::unreachable});
        if (mood == 2) return; // lets it ring
        soon(after, AgentAnswered{e.agent, e.call});
    }
    void on(const Connect &e) {
        const Duration talk = draw_.around(120s);
        plan(now_ + 7'200s, CallerHungUp{e.call, HangUpCause::signalling});
        switch (draw_.below(12)) {
        case 0:
            soon(talk / 3, HoldRequested{e.agent, e.call});
            soon(talk / 2, ResumeRequested{e.agent, e.call});
            break;
        case 1:
            soon(talk / 2, TransferRequested{e.agent, e.call, target()});
            break;
        case 2:
        case 3:
            soon(talk / 2, ConsultRequested{e.agent, e.call, target()});
            break;
        case 4:
            soon(talk / 2, TenantCorrected{e.agent, e.call, MunicipalityId{1 + draw_.below(3)}});
            break;
        case 5:
            soon(talk / 2, AgentPaused{e.agent});
            break;
        case 6:
            if (draw_.percent(20)) soon(talk / 2, AgentSignedOut{e.agent});
            break;
        default:
            break;
        }
        if (draw_.percent(50)) return soon(talk, CallerHungUp{e.call});
        HangUpCause cause = HangUpCause::normal; // now and then the line fails
        if (draw_.percent(8)) cause = static_cast<HangUpCause>(1 + draw_.below(3));
        soon(talk, AgentHungUp{e.agent, e.call, cause});
    }
    void on(const Transfer &e) {
        if (!crises_to_come_.empty() && crises_to_come_.front().at <= now_) {
            plan(now_ + 2s, crises_to_come_.front().event);
            crises_to_come_.pop_front();
        }
        dialled(e.call);
    }
    void on(const Forward &e) {
        plan(now_ + 7'200s, CallerHungUp{e.call, HangUpCause::signalling});
        dialled(e.call);
    }
    void on(const HandOver &e) {
        dialled(e.call); // if it still rings
        soon(draw_.around(90s), TransferTargetHungUp{e.call});
    }
    void on(const ConnectTransfer &e) {
        const Duration talk = draw_.around(120s);
        if (draw_.percent(50)) return soon(talk, CallerHungUp{e.call});
        soon(talk, TransferTargetHungUp{e.call});
    }
    void on(const CallBack &e) {
        const int mood = draw_.below(4);
        if (mood == 0) return; // nobody answers
        if (mood == 1) {
            const auto cause = static_cast<DeclineCause>(draw_.below(3));
            return soon(5s, CallbackFailed{e.call, cause, draw_.percent(40)});
        }
        soon(draw_.around(8s), CallbackAnswered{e.call});
    }
    void on(const CallbackNoted &e) {
        soon(1s, CallerHungUp{e.call}); // the caller has hung up, as asked
        if (draw_.percent(15)) soon(draw_.around(60s), CallbackWithdrawn{e.call});
        if (draw_.percent(10)) soon(draw_.around(300s), again(offers_[e.call]));
    }
    void on(const Consult &e) {
        const int mood = draw_.below(4);
        if (mood == 0) return;
        if (mood == 1) return soon(4s, ConsultFailed{e.call});
        soon(draw_.around(6s), ConsultAnswered{e.call});
    }
    void on(const ConnectConsult &e) {
        const Duration talk = draw_.around(30s);
        switch (draw_.below(5)) {
        case 0:
            return soon(talk, HandOverRequested{e.agent, e.call});
        case 1:
            soon(talk / 2, ConferenceRequested{e.agent, e.call});
            return soon(talk, ConsultTargetHungUp{e.call});
        case 2:
            return soon(talk, ConsultEnded{e.agent, e.call});
        case 3:
            return soon(talk, AgentHungUp{e.agent, e.call, HangUpCause::media_lost});
        default:
            return soon(talk, ConsultTargetHungUp{e.call});
        }
    }
    void on(const EndConsult &e) { soon(draw_.around(60s), CallerHungUp{e.call}); }
    void on(const AgentStateChanged &e) {
        switch (e.state) {
        case AgentState::after_call_work:
            if (draw_.percent(30)) soon(draw_.around(10s), WrapUpFinished{e.agent});
            if (draw_.below(15) == 0) soon(5s, WrapUpExtended{e.agent});
            break;
        case AgentState::missed:
            soon(draw_.around(60s), AgentReady{e.agent});
            break;
        case AgentState::paused:
            if (draw_.percent(50)) soon(draw_.around(600s), AgentReady{e.agent});
            break;
        default:
            break;
        }
    }
    void on(const CrisisStarted &e) {
        plan(now_ + draw_.around(40'000s), CrisisEnded{e.crisis, UserId{1}});
        for (int i = 0; i < 3; ++i) {
            const AgentId helper{100 + 10 * e.crisis.value + i};
            soon(draw_.around(600s), HelperJoined{helper, e.crisis});
            soon(1'800s, AgentSignedIn{helper});
        }
    }
    template <class Other>
    void on(const Other &) {}

    void dialled(CallId call) {
        const int mood = draw_.below(4);
        if (mood == 0) return;
        if (mood == 1) {
            return soon(4s, TransferFailed{call, static_cast<DeclineCause>(draw_.below(3))});
        }
        soon(draw_.around(8s), TransferAnswered{call});
    }

    static TransferTarget target() { return {PhoneNumber{"+492214710300"}, {}}; }

    Draw draw_;
    int days_;
    int calls_per_day_;
    int agents_;
    int callers_;
    bool clock_steps_;
    Instant now_;      // as time really passes
    Duration ahead_{}; // of it, the clock that the machine is told
    std::int64_t last_call_ = 0;
    std::map<CallId, CallOffered> offers_;
    std::int64_t order_ = 0;
    int version_ = 0;
    std::priority_queue<Planned> planned_;
    std::deque<Moment> crises_to_come_; // begin at the first transfer from then on
};

} // namespace fernamt::routing::testing
