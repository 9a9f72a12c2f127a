// SPDX-License-Identifier: EUPL-1.2
#include "reporting/what_if.h"

#include "base/money.h"
#include "ledger/routing_codec.h"
#include "routing/machine.h"

#include <algorithm>
#include <functional>
#include <type_traits>

namespace fernamt::reporting {

namespace {

using namespace routing;

constexpr Duration kDay = std::chrono::hours{24};
constexpr Duration kBefore = std::chrono::hours{12}; // a shift began there at the earliest
constexpr std::int64_t kEntriesBefore = 2'000; // of the ledger: who signed in before the first call
constexpr Duration kPickUp = 5s;
constexpr Duration kListen = 8s;                      // to a closing announcement
constexpr Duration kLongest = std::chrono::hours{48}; // what has not ended then, never will

template <class E>
constexpr bool is_other = std::is_same_v<E, AgentSignedIn> || std::is_same_v<E, AgentSignedOut> ||
                          std::is_same_v<E, AgentReady> || std::is_same_v<E, AgentPaused> ||
                          std::is_same_v<E, SkillsAssigned> || std::is_same_v<E, OfficeSwitched> ||
                          std::is_same_v<E, CrisisBegan> || std::is_same_v<E, CrisisEnded> ||
                          std::is_same_v<E, HelperJoined>;

class Collector {
  public:
    explicit Collector(Past &past) : past_(past) {}

    Expected<bool> take(const ledger::Entry &entry) {
        if (entry.at >= past_.period.to + kDay) return false;
        if (ledger::is_event(entry)) {
            const auto event = ledger::to_event(entry);
            if (!event) return tl::unexpected(event.error());
            std::visit([&](const auto &e) { take_event(e, *event, entry.at); }, *event);
        } else if (ledger::is_decision(entry)) {
            const auto decision = ledger::to_decision(entry);
            if (!decision) return tl::unexpected(decision.error());
            if (const auto *end = std::get_if<End>(&decision->effect)) take_end(*end, entry.at);
            if (const auto *work = std::get_if<WrapUpDone>(&decision->effect)) {
                work_ += work->duration;
                ++works_;
            }
        }
        return true;
    }

    void finish() {
        Duration talk{};
        std::int64_t answered = 0;
        for (const PastCall &call : past_.calls) {
            if (!call.talk) continue;
            talk += *call.talk;
            ++answered;
        }
        if (answered > 0) past_.mean_talk = talk / answered;
        if (works_ > 0) past_.mean_work = work_ / works_;
    }

  private:
    template <class E>
    void take_event(const E &e, const Event &event, Instant at) {
        if constexpr (std::is_same_v<E, CallOffered>) {
            if (at < past_.period.from || at >= past_.period.to) return;
            places_[e.call] = past_.calls.size();
            past_.calls.push_back({e, at, {}, {}});
        } else if constexpr (std::is_same_v<E, CallbackRequested>) {
            const auto place = places_.find(e.call);
            if (place == places_.end()) return;
            PastCall &call = past_.calls[place->second];
            call.chose_callback = at - call.at;
            call.callback_to = e.caller;
        } else if constexpr (is_other<E>) {
            if (at < past_.period.to) past_.others.emplace_back(at, event);
        }
    }
    void take_end(const End &end, Instant at) {
        const auto place = places_.find(end.call);
        if (place == places_.end()) return;
        PastCall &call = past_.calls[place->second];
        if (end.answered_at) call.talk = end.talk;
        if (end.reason == EndReason::abandoned) call.gave_up = at - end.offered_at;
    }

    Past &past_;
    std::map<CallId, std::size_t> places_;
    Duration work_{};
    std::int64_t works_ = 0;
};

// One play: the machine, what is due when, and what became of the calls.
class Play {
  public:
    Play(const Past &past, const Rules &rules, const std::optional<CrisisPlan> &crisis)
        : past_(past) {
        const Instant begin = past.others.empty() || past.calls.empty()
                                  ? past.period.from
                                  : std::min(past.others.front().first, past.calls.front().at);
        step(RulesChanged{rules, {}}, begin);
        if (crisis) step(CrisisBegan{*crisis, {}}, begin);
        for (const auto &[at, event] : past.others) {
            const auto *ended = std::get_if<CrisisEnded>(&event);
            if (crisis && ended && ended->crisis == crisis->id) continue;
            due_.emplace(at, [this, e = event, when = at] { step(e, when); });
        }
        for (const PastCall &call : past.calls)
            due_.emplace(call.at, [this, &call, &rules] { offer(call, rules); });
    }

    Fates run() {
        while (true) {
            const auto deadline = machine_.next_deadline();
            const bool scheduled = !due_.empty();
            if (!scheduled && (!deadline || machine_.state().calls.empty())) return fates_;
            if (!scheduled || (deadline && *deadline <= due_.begin()->first)) {
                if (*deadline > past_.period.to + kLongest) return fates_;
                step(TimePassed{}, *deadline);
                continue;
            }
            const auto next = due_.extract(due_.begin());
            next.mapped()();
        }
    }

  private:
    void offer(const PastCall &call, const Rules &rules) {
        CallOffered offered = call.offered;
        if (offered.dialled) {
            const DialledCandidate candidate{offered.dialled->source, offered.dialled->number.e164};
            offered.dialled = resolve_dialled(rules, {candidate}, call.at);
        }
        calls_[offered.call] = &call;
        fates_[offered.call] = {};
        step(offered, call.at);
        const auto id = offered.call;
        if (call.chose_callback) {
            later(call.at + *call.chose_callback, [this, id, key = call.callback_to](Instant at) {
                if (!is_in(id, CallState::waiting)) return;
                step(CallbackRequested{id, key}, at);
                const auto now = machine_.state().calls.find(id);
                const bool is_offered = now == machine_.state().calls.end() || now->second.callback;
                if (!is_offered) step(CallerHungUp{id}, at);
            });
        }
        if (call.gave_up) {
            later(call.at + *call.gave_up, [this, id](Instant at) {
                const bool waits = is_in(id, CallState::waiting) || is_in(id, CallState::ringing);
                if (waits) step(CallerHungUp{id}, at);
            });
        }
    }

    [[nodiscard]] bool is_in(CallId id, CallState state) const {
        const auto found = machine_.state().calls.find(id);
        return found != machine_.state().calls.end() && found->second.state == state;
    }

    template <class Do>
    void later(Instant at, Do what) {
        due_.emplace(at, [at, what] { what(at); });
    }
    void after(Instant now, Duration wait, Event event) {
        later(now + wait, [this, e = std::move(event)](Instant at) { step(e, at); });
    }

    [[nodiscard]] Duration talk_of(CallId id) const {
        const auto call = calls_.find(id);
        return call == calls_.end() ? past_.mean_talk
                                    : call->second->talk.value_or(past_.mean_talk);
    }

    void step(const Event &event, Instant at) {
        for (const Decision &decision : machine_.step(event, at))
            std::visit([&](const auto &effect) { follow(effect, at); }, decision.effect);
    }

    void follow(const Ring &e, Instant at) { after(at, kPickUp, AgentAnswered{e.agent, e.call}); }
    void follow(const CallBack &e, Instant at) { after(at, kPickUp, CallbackAnswered{e.call}); }
    void follow(const Announce &e, Instant at) { after(at, kListen, AnnouncementFinished{e.call}); }
    void follow(const Connect &e, Instant at) { after(at, talk_of(e.call), CallerHungUp{e.call}); }
    void follow(const Forward &e, Instant at) {
        after(at, kPickUp, TransferAnswered{e.call});
        after(at, kPickUp + talk_of(e.call), CallerHungUp{e.call});
    }
    void follow(const AgentStateChanged &e, Instant at) {
        if (e.state == AgentState::after_call_work)
            after(at, past_.mean_work, WrapUpFinished{e.agent});
    }
    void follow(const End &e, Instant) {
        Fate fate{e.reason, e.queue, e.municipality, {}};
        if (e.answered_at && !e.callback_at) fate.waited = *e.answered_at - e.offered_at;
        fates_[e.call] = fate;
    }
    template <class Other>
    void follow(const Other &, Instant) {}

    const Past &past_;
    Machine machine_;
    std::multimap<Instant, std::function<void()>> due_; // equal instants: in order of insertion
    std::map<CallId, const PastCall *> calls_;
    Fates fates_;
};

} // namespace

Expected<Past> collect(ledger::Ledger &ledger, Reports &reports, Instant now) {
    Past past;
    const auto latest = reports.latest_call(now);
    if (!latest) return tl::unexpected(latest.error());
    if (!*latest) return past;
    const Instant to = now - **latest <= kDay ? now : **latest + 1us;
    past.period = {to - kDay, to};
    const auto first = reports.first_seq_since(past.period.from - kBefore);
    if (!first) return tl::unexpected(first.error());

    Collector collector(past);
    Expected<bool> more = true;
    auto read = ledger.each(std::max<std::int64_t>(*first - kEntriesBefore, 1),
                            [&](const ledger::Entry &entry) {
                                more = collector.take(entry);
                                return more && *more;
                            });
    if (!read) return tl::unexpected(read.error());
    if (!more) return tl::unexpected(more.error());
    collector.finish();
    return past;
}

Fates play(const Past &past, const Rules &rules, const std::optional<CrisisPlan> &crisis) {
    return Play(past, rules, crisis).run();
}

Outcome sum_up(const Fates &fates) {
    Outcome outcome;
    Duration waited{}, longest{};
    std::int64_t answered = 0;
    for (const auto &[call, fate] : fates) {
        fate.reason ? ++outcome.calls[*fate.reason] : ++outcome.unfinished;
        if (!fate.waited) continue;
        ++answered;
        waited += *fate.waited;
        longest = std::max(longest, *fate.waited);
    }
    if (answered > 0)
        outcome.average_wait_seconds =
            mul_div(waited.count(), 1, answered * 1'000'000, Rounding::half_up);
    outcome.longest_wait_seconds = mul_div(longest.count(), 1, 1'000'000, Rounding::half_up);
    return outcome;
}

std::int64_t count_changed(const Fates &before, const Fates &after) {
    return std::ranges::count_if(before, [&](const auto &one) {
        const auto other = after.find(one.first);
        if (other == after.end()) return true;
        Fate fate = one.second;
        fate.waited = other->second.waited;
        return fate != other->second;
    });
}

} // namespace fernamt::reporting
