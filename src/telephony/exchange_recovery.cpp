// SPDX-License-Identifier: EUPL-1.2
// After a restart: routing's state says which calls should live, the journal which legs did, and
// rtpengine which sound still flows. What fits together goes on as if nothing had happened; what
// does not is ended truthfully, with the cause "restart" in the ledger.
#include "base/log.h"
#include "ledger/routing_codec.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {

LegRole role_of(const std::string &text) {
    if (text == "agent") return LegRole::agent;
    return text == "target" ? LegRole::target : LegRole::caller;
}

bool contains(const std::vector<CallId> &calls, CallId id) {
    return std::find(calls.begin(), calls.end(), id) != calls.end();
}

int number_of(const Media::Tag &tag) { // "A12" -> 12, "C" -> 0
    return tag.size() > 1 ? std::atoi(tag.c_str() + 1) : 0;
}

std::vector<LegJournal::Leg> oldest_first(const std::map<std::string, LegJournal::Leg> &legs) {
    std::vector<LegJournal::Leg> sorted;
    for (const auto &[tag, leg] : legs)
        sorted.push_back(leg);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto &a, const auto &b) { return number_of(a.tag) < number_of(b.tag); });
    return sorted;
}

// The ledger's end as the process before us left it. Ids grow with each call, so the last one that
// was offered has the highest: near the end in any living house. A running house writes an event
// every few minutes, if only that time has passed (save_snapshot).
struct Past {
    CallId last_offered;
    Instant last_event;
};

Past read_past(ledger::Ledger &ledger) {
    Past past;
    const std::int64_t end = ledger.last_seq();
    for (std::int64_t back = 1'000; !past.last_offered; back *= 10) {
        const std::int64_t from = std::max<std::int64_t>(1, end + 1 - back);
        const auto read = ledger.each(from, [&](const ledger::Entry &entry) {
            if (ledger::is_event(entry)) past.last_event = std::max(past.last_event, entry.at);
            if (entry.type == "call.offered" && entry.call)
                past.last_offered = std::max(past.last_offered, *entry.call);
            return true;
        });
        if (!read || from == 1) break;
    }
    return past;
}

// If so long after the last we know of nobody knows whether sound flows, a machine was off: a
// crashed service is back sooner.
constexpr auto kMayStillTalk = std::chrono::minutes(10);

} // namespace

void ExchangeCore::recover() {
    const Past past = read_past(parts_.ledger);
    last_call_ = std::max(last_call_, past.last_offered); // the clock may have gone back
    last_known_ = std::max(past.last_event, machine_.state().now);
    const bool was_off = parts_.clock.now() - last_known_ > kMayStillTalk;
    if (was_off && !parts_.media.available()) return take_up_all(std::vector<CallId>{});
    parts_.media.list(
        [this](Expected<std::vector<CallId>> running) { take_up_all(std::move(running)); });
}

// No answer about what runs means that nobody knows, not that nothing does: people may be talking.
// Their calls are taken up, and looked at as soon as rtpengine answers.
void ExchangeCore::take_up_all(const Expected<std::vector<CallId>> &running) {
    const auto journal = journal_.live(); // copies: taking up writes to both
    const auto state = machine_.state();
    for (const auto &[id, call] : state.calls) {
        const auto found = journal.find(id);
        const auto *entry = found == journal.end() ? nullptr : &found->second;
        if (!routing::is_on_line(call)) {
            take_up_callback(call, entry);
            continue;
        }
        const bool may_sound = !running || contains(*running, id);
        if (entry == nullptr || !may_sound) {
            end_lost(call, entry);
            continue;
        }
        take_up(call, *entry);
        if (!running && calls_.contains(id)) unproven_.insert(id);
    }
    for (const auto &[id, live] : journal) { // killed between a call's end and the BYEs
        if (!state.calls.contains(id)) let_go(id, live.legs);
    }
    if (running) end_unknown(*running);
    recovered_ = true;
    count_live();
    schedule_deadline();
    const auto taken_up = static_cast<std::int64_t>(calls_.size());
    log::info("exchange.ready",
              {{"calls_taken_up", taken_up},
               {"calls_lost", static_cast<std::int64_t>(state.calls.size()) - taken_up},
               {"sound_unknown", static_cast<std::int64_t>(unproven_.size())}});
    changed_situation();
}

// What runs at rtpengine and is no call of ours any more.
void ExchangeCore::end_unknown(const std::vector<CallId> &running) {
    for (const CallId id : running) {
        if (!machine_.state().calls.contains(id) && !calls_.contains(id)) parts_.media.end(id);
    }
}

// Nobody hears anybody any more, or the caller's leg is gone with the old process. The call ends at
// the last moment we know of: nobody talked, and no town pays, for the hours in which a machine was
// off. Its far ends are told as soon as that is written.
void ExchangeCore::end_lost(const routing::Call &call, const LegJournal::LiveCall *journal) {
    const auto legs = journal == nullptr ? JournalledLegs{} : journal->legs;
    submit_at(last_known_, routing::CallerHungUp{call.id, routing::HangUpCause::restart},
              [this, id = call.id, legs](const Expected<void> &) {
                  let_go(id, legs);
                  parts_.media.end(id);
              });
}

void ExchangeCore::let_go(CallId call, const JournalledLegs &legs) {
    for (const auto &[tag, leg] : legs)
        hang_up_lost(leg);
    journal_.end(call);
}

// Losing the control of rtpengine for a while cuts nobody off; losing rtpengine itself does:
// silence is no conversation, so those calls end, and the citizen can dial again.
void ExchangeCore::end_calls_without_sound() {
    parts_.media.list([this](const Expected<std::vector<CallId>> &running) {
        if (!running) return;
        std::vector<CallId> silent;
        for (auto &[id, call] : calls_) {
            const LiveLeg *caller = call.of_role(LegRole::caller);
            const bool was_heard = caller != nullptr && caller->media_up;
            if (was_heard && !contains(*running, id)) silent.push_back(id);
        }
        const auto unproven = std::exchange(unproven_, {});
        for (const CallId id : silent) {
            if (unproven.contains(id)) { // it was lost before we came
                submit_at(last_known_, routing::CallerHungUp{id, routing::HangUpCause::restart});
            } else {
                submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
            }
        }
        end_unknown(*running);
        if (!silent.empty()) {
            log::warning("media.calls_lost", {{"calls", static_cast<std::int64_t>(silent.size())}});
        }
    });
}

bool ExchangeCore::restore_leg(LiveCall &live, const LegJournal::Leg &journal) {
    LiveLeg leg{.tag = journal.tag,
                .role = role_of(journal.role),
                .kind = journal.browser ? LegKind::browser : LegKind::plain,
                .agent = journal.agent,
                .media_up = true,
                .holds = journal.holds};
    // A browser's replacement that was not answered yet: its page asks again.
    leg.dialled = leg.role == LegRole::agent && leg.tag.front() == kSecondLine;
    if (leg.role == LegRole::agent && !leg.dialled && live.of_agent(leg.agent) != nullptr)
        return false;
    if (journal.browser) {
        live.legs.push_back(std::move(leg));
        return true;
    }
    if (journal.dialog.empty()) return false;
    const auto sip = parts_.legs.restore(journal.dialog, this);
    if (!sip) return false;
    live.legs.push_back(std::move(leg));
    attach(live, live.legs.back(), *sip);
    return true;
}

// An established dialog whose leg does not go on: its far end would wait for ever.
void ExchangeCore::hang_up_lost(const LegJournal::Leg &leg) {
    if (leg.dialog.empty()) return;
    if (const auto sip = parts_.legs.restore(leg.dialog, this)) parts_.legs.hang_up(*sip);
}

void ExchangeCore::take_up(const routing::Call &call, const LegJournal::LiveCall &journal) {
    LiveCall &live = calls_[call.id];
    live.id = call.id;
    live.municipality = call.municipality;
    live.way = journal.way;
    live.prepared = true;
    live.answered = true;
    if (call.callback) {
        live.caller = callback_number(call.id);
        live.caller_key = call.callback->caller.value;
    } else if (!journal.caller.empty()) {
        const auto caller = parts_.ledger.reveal(journal.caller);
        if (caller && *caller) live.caller = **caller;
        if (const auto number = parse_phone_number(live.caller.reveal())) {
            live.caller_key = keys_.of(*number).value;
        }
    }
    const auto caller_leg =
        std::find_if(journal.legs.begin(), journal.legs.end(),
                     [](const auto &leg) { return leg.second.role == "caller"; });
    const bool restored = caller_leg != journal.legs.end() &&
                          parts_.media.restore(call.id, journal.media) &&
                          restore_leg(live, caller_leg->second);
    if (!restored) {
        calls_.erase(call.id);
        return end_lost(call, &journal);
    }
    restore_others(live, call, journal);
    go_on(live, call);
}

// Of the other legs only those of an established conversation can go on.
void ExchangeCore::restore_others(LiveCall &live, const routing::Call &call,
                                  const LegJournal::LiveCall &journal) {
    const bool agent_talks =
        call.state == routing::CallState::talking || call.state == routing::CallState::held;
    const bool asked = call.consult && call.consult->state != routing::Consultation::State::ringing;
    for (const LegJournal::Leg &leg : oldest_first(journal.legs)) {
        live.next_tag = std::max(live.next_tag, number_of(leg.tag) + 1);
        const LegRole role = role_of(leg.role);
        if (role == LegRole::caller) continue;
        const bool goes_on = role == LegRole::agent
                                 ? agent_talks
                                 : asked || call.state == routing::CallState::transferred;
        if (goes_on && restore_leg(live, leg)) continue;
        hang_up_lost(leg); // whoever waited for news of a transfer, or answered in that second
        parts_.media.drop(call.id, leg.tag);
        journal_.remove_leg(call.id, leg.tag);
    }
    live.target_is_consulted = call.consult.has_value();
    // What a page has heard before is not written down: its next change of source is a fresh leg.
    if (LiveLeg *agent = live.of_role(LegRole::agent)) {
        agent->heard = {live.of_role(LegRole::caller)->tag};
        if (const LiveLeg *target = live.of_role(LegRole::target))
            agent->heard.push_back(target->tag);
    }
}

void ExchangeCore::go_on(LiveCall &live, const routing::Call &call) {
    const CallId id = call.id;
    const bool agent = live.of_role(LegRole::agent) != nullptr;
    const bool target = live.of_role(LegRole::target) != nullptr;
    switch (call.state) {
    case routing::CallState::waiting:
        return tell_place(id);
    case routing::CallState::announcing:
        return carry_out(routing::Announce{id, call.announcement});
    case routing::CallState::ringing:
        play_music(id);
        return ring_again(call);
    case routing::CallState::transferring:
        play_music(id);
        return submit(routing::TransferFailed{id, routing::DeclineCause::unreachable});
    case routing::CallState::transferred:
        if (!target) return submit(routing::TransferTargetHungUp{id});
        live.coupling = Coupling::target; // media knows it and commands it again
        return;
    case routing::CallState::held:
    case routing::CallState::talking:
        break;
    }
    if (!agent) { // in a consultation the one who was asked takes over
        return submit(routing::AgentHungUp{*call.agent, id, routing::HangUpCause::restart});
    }
    if (call.state == routing::CallState::held) play_music(id);
    if (!call.consult) {
        live.coupling =
            call.state == routing::CallState::talking ? Coupling::agent : Coupling::none;
        return;
    }
    if (call.consult->state == routing::Consultation::State::ringing) { // its INVITE was lost
        return submit(routing::ConsultFailed{id, routing::DeclineCause::unreachable});
    }
    const bool joined = call.consult->state == routing::Consultation::State::joined;
    if (!target) {
        live.coupling = joined ? Coupling::conference : Coupling::none;
        return submit(routing::ConsultTargetHungUp{id});
    }
    live.coupling = joined ? Coupling::conference : Coupling::consult; // media rebuilds it
}

// The INVITE was lost with the process.
void ExchangeCore::ring_again(const routing::Call &call) {
    submit(routing::AgentDeclined{*call.agent, call.id, routing::DeclineCause::unreachable});
    submit(routing::AgentReady{*call.agent});
}

// Nobody is on the line: only the number is needed. Whoever was being dialled is dialled again
// later, and it was no attempt of theirs.
void ExchangeCore::take_up_callback(const routing::Call &call,
                                    const LegJournal::LiveCall *journal) {
    LiveCall &live = calls_[call.id];
    live.id = call.id;
    live.municipality = call.municipality;
    live.caller = callback_number(call.id);
    live.caller_key = call.callback->caller.value;
    live.prepared = true;
    live.answered = true;
    if (journal != nullptr) {
        live.way = journal->way;
        for (const auto &[tag, leg] : journal->legs) {
            live.next_tag = std::max(live.next_tag, number_of(tag) + 1);
            // Their far ends hear that it is over: the agent who waited, the citizen who was told.
            hang_up_lost(leg);
            journal_.remove_leg(call.id, tag);
        }
    }
    parts_.media.end(call.id);
    if (call.state == routing::CallState::ringing) return ring_again(call);
    if (call.callback->dialling) {
        submit(routing::CallbackFailed{call.id, routing::DeclineCause::unreachable, true});
    }
}

} // namespace fernamt::telephony
