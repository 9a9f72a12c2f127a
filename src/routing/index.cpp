// SPDX-License-Identifier: EUPL-1.2
#include "routing/index.h"

#include <algorithm>
#include <limits>

namespace fernamt::routing {

namespace {

bool is_working(const Agent &agent) {
    switch (agent.state) {
    case AgentState::signed_out:
    case AgentState::paused:
    case AgentState::missed:
        return false;
    case AgentState::ready:
    case AgentState::ringing:
    case AgentState::talking:
    case AgentState::held:
    case AgentState::after_call_work:
        break;
    }
    return true;
}

bool stands_in_line(const Call &call) {
    const bool asleep = call.callback && call.callback->sleeps_until;
    return call.state == CallState::waiting && call.place && !asleep;
}

// For who looks on, not for what is due (Switchboard::waits_since): what was spoken, here or at an
// office, is no wait, nor the time until a callback was answered.
Instant on_line_since(const Call &call) {
    const Instant came =
        call.callback ? call.answered_at.value_or(call.offered_at) : call.offered_at;
    return came + call.talk + call.transferred;
}

} // namespace

void Index::Fresh::mark(int id) {
    const auto at = static_cast<std::size_t>(id);
    if (marked.size() <= at) marked.resize(at + 1);
    if (marked[at]) return;
    marked[at] = 1;
    list.push_back(id);
}

void Index::Fresh::drop(std::size_t at) {
    marked[static_cast<std::size_t>(list[at])] = 0;
    list[at] = list.back();
    list.pop_back();
}

// ---------------------------------------------------------------------------------- kinds, teams

Index::Index(const State &state) : state_(&state) {
    const Rules &rules = state.rules;
    queues_.push_back({QueueId{}, {make_kind({})}, 0});
    for (const CallQueue &queue : rules.queues) {
        QueueKinds kinds{queue.id, {make_kind({queue.demands, queue.prefers, {}})}, 0};
        for (const Relaxation &relaxed : queue.relaxations)
            kinds.kinds.push_back(make_kind({relaxed.demands, queue.prefers, {}}));
        queues_.push_back(std::move(kinds));
    }
    for (const auto &[id, crisis] : state.crises) {
        std::vector<int> kinds{make_kind({crisis.plan.demands, {}, id})};
        for (const Relaxation &relaxed : crisis.plan.relaxations)
            kinds.push_back(make_kind({relaxed.demands, {}, id}));
        crisis_kinds_.emplace(id, std::move(kinds));
    }
    individual_ = !rules.skills.empty();
    (void)make_team({});
    for (const auto &[id, agent] : state.agents)
        add(agent);
    for (const auto &[id, call] : state.calls)
        add(call);
}

int Index::make_kind(const Requirement &requirement) {
    const auto [at, added] = kind_ids_.try_emplace(requirement, static_cast<int>(kinds_.size()));
    if (!added) return at->second;
    kinds_.emplace_back().requirement = requirement;
    heads_.emplace_back();
    suits_kind_.emplace_back();
    return at->second;
}

int Index::make_team(const Profile &profile) {
    const auto [at, added] = team_ids_.try_emplace(profile, static_cast<int>(teams_.size()));
    if (!added) return at->second;
    teams_.emplace_back().profile = profile;
    idle_heads_.emplace_back();
    auto &row = suits_team_.emplace_back();
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        const Requirement &wanted = kinds_[kind].requirement;
        const bool elsewhere = profile.helps && profile.helps != wanted.crisis;
        const auto suits = suitability(profile.skills, wanted.demands, wanted.prefers);
        const int value = elsewhere || !suits ? kUnable : std::min(*suits, 127);
        row.push_back(static_cast<std::int8_t>(value));
        suits_kind_[kind].push_back(static_cast<std::int8_t>(value));
    }
    return at->second;
}

Index::QueueKinds *Index::find_queue(QueueId queue) {
    if (!queue) return queues_.data();
    const auto at =
        std::lower_bound(queues_.begin(), queues_.end(), queue,
                         [](const QueueKinds &one, QueueId wanted) { return one.queue < wanted; });
    return at != queues_.end() && at->queue == queue ? &*at : queues_.data();
}

const Index::QueueKinds *Index::find_queue(QueueId queue) const {
    return const_cast<Index *>(this)->find_queue(queue);
}

const std::vector<int> &Index::kinds_of(QueueId queue, CrisisId crisis) const {
    if (crisis) {
        const auto found = crisis_kinds_.find(crisis);
        if (found != crisis_kinds_.end()) return found->second;
    }
    return find_queue(queue)->kinds;
}

int Index::kind_of(const Call &call) const {
    const std::vector<int> &kinds = kinds_of(call.queue, call.waits_in);
    const auto step = static_cast<std::size_t>(std::max<std::int64_t>(call.relaxations, 0));
    return kinds[std::min(step, kinds.size() - 1)];
}

int Index::team_of(const Agent &agent) {
    individual_ = individual_ || agent.skills || agent.helps;
    if (!individual_) return 0;
    const auto [at, added] = team_of_.try_emplace(agent.id, 0);
    if (added) {
        const auto &skills = agent.skills ? *agent.skills : skills_of(state_->rules, agent.id);
        at->second = make_team({skills, agent.helps});
    }
    return at->second;
}

void Index::forget(AgentId agent) {
    team_of_.erase(agent);
}

// -------------------------------------------------------------------------------------- keeping up

void Index::update_head(int kind) {
    const auto at = static_cast<std::size_t>(kind);
    const auto &waiting = kinds_[at].waiting;
    heads_[at] = waiting.empty() ? WaitingCall{} : *waiting.begin();
}

void Index::update_idle_head(int team) {
    const auto at = static_cast<std::size_t>(team);
    const auto &idle = teams_[at].idle;
    idle_heads_[at] = idle.empty() ? IdleAgent{} : *idle.begin();
}

void Index::add(const Call &call) {
    if (call.until) deadlines_.insert({*call.until, Deadline::Of::call, call.id.value});
    if (!is_on_line(call)) callbacks_.emplace(call.callback->caller, call.id);
    if (!stands_in_line(call)) return;
    const int kind = kind_of(call);
    kinds_[static_cast<std::size_t>(kind)].waiting.insert({*call.place, call.id});
    ++find_queue(call.queue)->waiting;
    if (is_on_line(call)) on_line_.insert({on_line_since(call), call.id});
    update_head(kind);
    fresh_kinds_.mark(kind);
}

void Index::remove(const Call &call) {
    if (call.until) deadlines_.erase({*call.until, Deadline::Of::call, call.id.value});
    if (!is_on_line(call)) callbacks_.erase(call.callback->caller);
    if (!stands_in_line(call)) return;
    const int kind = kind_of(call);
    kinds_[static_cast<std::size_t>(kind)].waiting.erase({*call.place, call.id});
    --find_queue(call.queue)->waiting;
    if (is_on_line(call)) on_line_.erase({on_line_since(call), call.id});
    update_head(kind);
}

void Index::add(const Agent &agent) {
    if (agent.until) deadlines_.insert({*agent.until, Deadline::Of::agent, agent.id.value});
    if (agent.state == AgentState::signed_out) return;
    const int id = team_of(agent);
    Team &team = teams_[static_cast<std::size_t>(id)];
    ++team.signed_in;
    team.working += is_working(agent) ? 1 : 0;
    if (agent.state != AgentState::ready) return;
    team.idle.insert({agent.idle_since, agent.id});
    update_idle_head(id);
    fresh_teams_.mark(id);
}

void Index::remove(const Agent &agent) {
    if (agent.until) deadlines_.erase({*agent.until, Deadline::Of::agent, agent.id.value});
    if (agent.state == AgentState::signed_out) return;
    const int id = team_of(agent);
    Team &team = teams_[static_cast<std::size_t>(id)];
    if (--team.signed_in == 0) left_.push_back(id); // perhaps only to be added again
    team.working -= is_working(agent) ? 1 : 0;
    if (agent.state != AgentState::ready) return;
    team.idle.erase({agent.idle_since, agent.id});
    update_idle_head(id);
}

// -------------------------------------------------------------------------------------- questions

std::vector<WaitingCall> Index::waiting() const {
    std::vector<WaitingCall> all;
    for (const Kind &kind : kinds_)
        all.insert(all.end(), kind.waiting.begin(), kind.waiting.end());
    std::sort(all.begin(), all.end());
    return all;
}

std::int64_t Index::waiting_in(QueueId queue) const {
    return find_queue(queue)->waiting;
}

InLine Index::in_line() const {
    InLine line;
    for (const QueueKinds &queue : queues_)
        line.calls += queue.waiting;
    line.callbacks = line.calls - static_cast<std::int64_t>(on_line_.size());
    if (!on_line_.empty()) line.longest_since = on_line_.begin()->since;
    return line;
}

std::int64_t Index::ahead_of(const WaitingCall &place) const {
    std::size_t ahead = 0;
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        if (heads_[kind].call && heads_[kind] < place)
            ahead += kinds_[kind].waiting.order_of_key(place);
    }
    return static_cast<std::int64_t>(ahead);
}

bool Index::someone_signed_in_for(QueueId queue, CrisisId crisis) const {
    const int most_relaxed = kinds_of(queue, crisis).back();
    const auto &suits = suits_kind_[static_cast<std::size_t>(most_relaxed)];
    for (std::size_t team = 0; team < teams_.size(); ++team) {
        if (teams_[team].signed_in > 0 && suits[team] != kUnable) return true;
    }
    return false;
}

std::optional<CallId> Index::callback_of(CallerKey caller) const {
    const auto found = callbacks_.find(caller);
    if (!caller || found == callbacks_.end()) return std::nullopt;
    return found->second;
}

std::optional<Instant> Index::next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->at;
}

std::optional<Deadline> Index::due(Instant now) const {
    if (deadlines_.empty() || deadlines_.begin()->at > now) return std::nullopt;
    return *deadlines_.begin();
}

WaitEstimate Index::estimate(const Call &call) const {
    WaitEstimate estimate;
    const auto &mine = suits_kind_[static_cast<std::size_t>(kind_of(call))];
    std::vector<std::size_t> servers;
    for (std::size_t team = 0; team < teams_.size(); ++team) {
        if (mine[team] == kUnable || teams_[team].working == 0) continue;
        servers.push_back(team);
        estimate.working += teams_[team].working;
    }
    // While all of them pause it is they who will serve: nobody is told to be next who is not.
    for (std::size_t team = 0; estimate.working == 0 && team < teams_.size(); ++team) {
        if (mine[team] != kUnable && teams_[team].signed_in > 0) servers.push_back(team);
    }
    const WaitingCall place{*call.place, call.id};
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        if (!heads_[kind].call || !(heads_[kind] < place)) continue;
        const bool competes = std::any_of(servers.begin(), servers.end(), [&](std::size_t team) {
            return suits_kind_[kind][team] != kUnable;
        });
        if (!competes) continue;
        estimate.ahead += static_cast<std::int64_t>(kinds_[kind].waiting.order_of_key(place));
    }
    return estimate;
}

bool Index::take_staff_left() {
    const bool left = std::any_of(left_.begin(), left_.end(), [this](int team) {
        return teams_[static_cast<std::size_t>(team)].signed_in == 0;
    });
    left_.clear();
    return left;
}

// ----------------------------------------------------------------------------------- distribution

std::optional<Index::Servable> Index::best_for_team(int team) const {
    const auto &suits = suits_team_[static_cast<std::size_t>(team)];
    std::optional<Servable> best;
    for (std::size_t kind = 0; kind < heads_.size(); ++kind) {
        if (!heads_[kind].call || suits[kind] == kUnable) continue;
        if (!best || heads_[kind] < best->call) best = {heads_[kind], static_cast<int>(kind)};
    }
    return best;
}

bool Index::someone_idle_for(int kind) const {
    return best_suitability(kind) != kUnable;
}

std::optional<Index::Servable> Index::longest_waiting_servable() {
    std::optional<Servable> best;
    const auto consider = [&best](const Servable &one) {
        if (!best || one.call < best->call) best = one;
    };
    for (std::size_t i = 0; i < fresh_teams_.list.size();) {
        const int team = fresh_teams_.list[i];
        const bool idle{idle_heads_[static_cast<std::size_t>(team)].agent};
        const auto found = idle ? best_for_team(team) : std::nullopt;
        if (found) {
            consider(*found);
            ++i;
        } else {
            fresh_teams_.drop(i);
        }
    }
    for (std::size_t i = 0; i < fresh_kinds_.list.size();) {
        const int kind = fresh_kinds_.list[i];
        const WaitingCall &head = heads_[static_cast<std::size_t>(kind)];
        if (head.call && someone_idle_for(kind)) {
            consider({head, kind});
            ++i;
        } else {
            fresh_kinds_.drop(i);
        }
    }
    return best;
}

int Index::best_suitability(int kind) const {
    const auto &suits = suits_kind_[static_cast<std::size_t>(kind)];
    int best = kUnable;
    for (std::size_t team = 0; team < suits.size(); ++team) {
        if (suits[team] > best && idle_heads_[team].agent) best = suits[team];
    }
    return best;
}

std::optional<IdleAgent> Index::longest_idle(int kind, int at_least) const {
    const auto &suits = suits_kind_[static_cast<std::size_t>(kind)];
    std::optional<IdleAgent> best;
    for (std::size_t team = 0; team < suits.size(); ++team) {
        if (suits[team] < at_least || suits[team] == kUnable || !idle_heads_[team].agent) continue;
        if (!best || idle_heads_[team] < *best) best = idle_heads_[team];
    }
    return best;
}

// Ids of kinds and teams depend on history; what they hold must not.
bool operator==(const Index &a, const Index &b) {
    const auto lines = [](const Index &index) {
        std::map<Requirement, std::vector<WaitingCall>> all;
        for (const auto &kind : index.kinds_) {
            if (kind.waiting.empty()) continue;
            all[kind.requirement].assign(kind.waiting.begin(), kind.waiting.end());
        }
        return all;
    };
    const auto staff = [](const Index &index) {
        std::map<Profile, std::pair<std::set<IdleAgent>, std::pair<std::int64_t, std::int64_t>>>
            all;
        for (const auto &team : index.teams_) {
            if (team.signed_in == 0) continue;
            all[team.profile] = {team.idle, {team.signed_in, team.working}};
        }
        return all;
    };
    const auto lengths = [](const Index &index) {
        std::map<QueueId, std::int64_t> all;
        for (const auto &queue : index.queues_)
            all[queue.queue] = queue.waiting;
        return all;
    };
    const auto heads = [](const Index &index) {
        for (std::size_t i = 0; i < index.kinds_.size(); ++i) {
            const auto &line = index.kinds_[i].waiting;
            if (index.heads_[i] != (line.empty() ? WaitingCall{} : *line.begin())) return false;
        }
        for (std::size_t i = 0; i < index.teams_.size(); ++i) {
            const auto &idle = index.teams_[i].idle;
            const bool nobody = idle.empty();
            if (index.idle_heads_[i] != (nobody ? IdleAgent{} : *idle.begin())) return false;
        }
        return true;
    };
    return a.deadlines_ == b.deadlines_ && lines(a) == lines(b) && staff(a) == staff(b) &&
           lengths(a) == lengths(b) && a.callbacks_ == b.callbacks_ && a.on_line_ == b.on_line_ &&
           heads(a) && heads(b);
}

} // namespace fernamt::routing
