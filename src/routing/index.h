// SPDX-License-Identifier: EUPL-1.2
// The orders in which the machine looks at its state: who waits longest, who is idle longest, what
// is due next, who could serve whom. Calls that ask for the same form a kind, agents who can do the
// same form a team, so a decision looks at kinds and teams and never at every call or agent.
// Derived from State alone, kept up at each change, equal to a fresh one at any time. Decides
// nothing.
#pragma once

#include "routing/machine.h"

#include <ext/pb_ds/assoc_container.hpp>

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

namespace fernamt::routing {

struct WaitingCall { // longest effective wait first; the id decides within one microsecond
    Instant place;
    CallId call;
    friend auto operator<=>(const WaitingCall &, const WaitingCall &) = default;
};

struct IdleAgent { // longest idle first
    Instant idle_since;
    AgentId agent;
    friend auto operator<=>(const IdleAgent &, const IdleAgent &) = default;
};

struct Deadline {
    enum class Of { agent, call };
    Instant at;
    Of of = Of::agent;
    std::int64_t id = 0;
    friend auto operator<=>(const Deadline &, const Deadline &) = default;
};

struct Requirement { // what a kind of calls asks for
    std::vector<SkillLevel> demands;
    std::vector<SkillLevel> prefers;
    CrisisId crisis;
    friend auto operator<=>(const Requirement &, const Requirement &) = default;
};

struct Profile { // what a team can do
    std::vector<SkillLevel> skills;
    CrisisId helps;
    friend auto operator<=>(const Profile &, const Profile &) = default;
};

class Index {
  public:
    // Knows how many come before a key.
    template <class Key>
    using OrderedSet =
        __gnu_pbds::tree<Key, __gnu_pbds::null_type, std::less<Key>, __gnu_pbds::rb_tree_tag,
                         __gnu_pbds::tree_order_statistics_node_update>;
    static constexpr int kUnable = -1;

    // The state must outlive the index.
    explicit Index(const State &state);

    void add(const Call &call);
    void remove(const Call &call);
    void add(const Agent &agent);
    void remove(const Agent &agent);
    void forget(AgentId agent); // before its skills change, or it is erased; not while added

    // Calls in the order in which they will be served. For people; the machine never lists them.
    [[nodiscard]] std::vector<WaitingCall> waiting() const;
    [[nodiscard]] std::int64_t waiting_in(QueueId queue) const;
    [[nodiscard]] InLine in_line() const;
    [[nodiscard]] std::int64_t ahead_of(const WaitingCall &place) const; // of every kind
    [[nodiscard]] bool someone_signed_in_for(QueueId queue, CrisisId crisis) const;
    [[nodiscard]] std::optional<CallId> callback_of(CallerKey caller) const;
    [[nodiscard]] std::optional<Instant> next_deadline() const;
    [[nodiscard]] std::optional<Deadline> due(Instant now) const;
    [[nodiscard]] WaitEstimate estimate(const Call &call) const; // without mean and wait

    // True once after a team has lost its last agent who was signed in.
    [[nodiscard]] bool take_staff_left();

    // For distribution.cpp. The longest-waiting call for which an idle agent exists: only what
    // changed since the last search can have made a pair possible.
    struct Servable {
        WaitingCall call;
        int kind = 0;
    };
    [[nodiscard]] std::optional<Servable> longest_waiting_servable();
    [[nodiscard]] int best_suitability(int kind) const; // of the idle ones; kUnable: nobody
    [[nodiscard]] std::optional<IdleAgent> longest_idle(int kind, int at_least) const;

    friend bool operator==(const Index &a, const Index &b);

  private:
    struct Kind {
        Requirement requirement;
        OrderedSet<WaitingCall> waiting;
    };
    struct Team {
        Profile profile;
        std::set<IdleAgent> idle;
        std::int64_t signed_in = 0;
        std::int64_t working = 0; // signed in, and neither in a pause nor away
    };
    struct QueueKinds { // its kinds by the number of relaxations in force
        QueueId queue;
        std::vector<int> kinds;
        std::int64_t waiting = 0;
    };
    struct Fresh { // what changed since the last search, each once
        std::vector<int> list;
        std::vector<char> marked;
        void mark(int id);
        void drop(std::size_t at);
    };

    int make_kind(const Requirement &requirement);
    int make_team(const Profile &profile);
    [[nodiscard]] QueueKinds *find_queue(QueueId queue);
    [[nodiscard]] const QueueKinds *find_queue(QueueId queue) const;
    // By the number of relaxations in force; of the crisis if that runs.
    [[nodiscard]] const std::vector<int> &kinds_of(QueueId queue, CrisisId crisis) const;
    [[nodiscard]] int kind_of(const Call &call) const;
    [[nodiscard]] int team_of(const Agent &agent);
    [[nodiscard]] std::optional<Servable> best_for_team(int team) const;
    [[nodiscard]] bool someone_idle_for(int kind) const;
    void update_head(int kind);
    void update_idle_head(int team);

    const State *state_;
    std::deque<Kind> kinds_;
    std::map<Requirement, int> kind_ids_;
    std::vector<WaitingCall> heads_; // per kind; call 0: nobody waits
    std::deque<Team> teams_;
    std::map<Profile, int> team_ids_;
    std::vector<IdleAgent> idle_heads_;                 // per team; agent 0: nobody is idle
    std::vector<std::vector<std::int8_t>> suits_kind_;  // [kind][team], and the same turned over
    std::vector<std::vector<std::int8_t>> suits_team_;  // [team][kind]
    std::vector<QueueKinds> queues_;                    // sorted; the first is "none"
    std::map<CrisisId, std::vector<int>> crisis_kinds_; // as a queue's
    bool individual_ = false; // does anybody have skills or help in a crisis?
    std::unordered_map<AgentId, int> team_of_;
    std::unordered_map<CallerKey, CallId> callbacks_;
    struct OnLine { // in line and on the line, longest first
        Instant since;
        CallId call;
        friend auto operator<=>(const OnLine &, const OnLine &) = default;
    };
    std::set<OnLine> on_line_;
    std::set<Deadline> deadlines_;
    Fresh fresh_kinds_;
    Fresh fresh_teams_;
    std::vector<int> left_; // teams that had nobody signed in for a moment
};

} // namespace fernamt::routing
