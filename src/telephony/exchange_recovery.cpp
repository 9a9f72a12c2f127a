// SPDX-License-Identifier: EUPL-1.2
// After a restart: routing's state says which calls should live, the journal which legs did, and
// rtpengine which sound still flows. What fits together goes on as if nothing had happened; what
// does not is ended truthfully, with the cause "restart" in the ledger.
#include "base/log.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {

LegRole role_of(const std::string &text) {
    if (text == "agent") return LegRole::agent;
    return text == "target" ? LegRole::target : LegRole::caller;
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

// Ids grow with each call, so the last one that was offered has the highest: near the ledger's end
// in any living house.
CallId last_offered(ledger::Ledger &ledger) {
    CallId last;
    const std::int64_t end = ledger.last_seq();
    for (std::int64_t back = 1'000; !last; back *= 10) {
        const std::int64_t from = std::max<std::int64_t>(1, end + 1 - back);
        const auto read = ledger.each(from, [&](const ledger::Entry &entry) {
            if (entry.type == "call.offered" && entry.call) last = std::max(last, *entry.call);
            return true;
        });
        if (!read || from == 1) break;
    }
    return last;
}

} // namespace

void ExchangeCore::recover() {
    last_call_ = std::max(last_call_, last_offered(parts_.ledger)); // the clock may have gone back
    parts_.media.list([this](Expected<std::vector<CallId>> running) {
        const auto journal = journal_.live(); // a copy: taking up writes to it
        const auto state = machine_.state();
        std::int64_t taken_up = 0;
        for (const auto &[id, call] : state.calls) {
            const auto entry = journal.find(id);
            if (call.callback && !call.callback->reached) {
                take_up_callback(call, entry == journal.end() ? nullptr : &entry->second);
                ++taken_up;
                continue;
            }
            const bool sound =
                running && std::find(running->begin(), running->end(), id) != running->end();
            if (entry == journal.end() || !sound) {
                end_lost(call);
                continue;
            }
            take_up(call, entry->second);
            taken_up += calls_.contains(id) ? 1 : 0;
        }
        for (const auto &[id, live] : journal) {
            if (!state.calls.contains(id)) journal_.end(id);
        }
        for (const CallId id : running.value_or(std::vector<CallId>{})) {
            if (!state.calls.contains(id)) parts_.media.end(id);
        }
        recovered_ = true;
        count_live();
        schedule_deadline();
        log::info("exchange.ready",
                  {{"calls_taken_up", taken_up},
                   {"calls_lost", static_cast<std::int64_t>(state.calls.size()) - taken_up}});
        changed_situation();
    });
}

// Nobody is on the line any more: every party's leg is gone with the old process. The call ends at
// the last moment we know of (snapshots write one every few minutes): nobody talked, and no town
// pays, for the hours in which a machine was off.
void ExchangeCore::end_lost(const routing::Call &call) {
    submit_at(machine_.state().now, routing::CallerHungUp{call.id, routing::HangUpCause::restart});
}

// Losing the control of rtpengine for a while cuts nobody off; losing rtpengine itself does:
// silence is no conversation, so those calls end, and the citizen can dial again.
void ExchangeCore::end_calls_without_sound() {
    parts_.media.list([this](Expected<std::vector<CallId>> running) {
        if (!running) return;
        std::vector<CallId> silent;
        for (auto &[id, call] : calls_) {
            const bool sounds = std::find(running->begin(), running->end(), id) != running->end();
            const LiveLeg *caller = call.of_role(LegRole::caller);
            if (!sounds && caller != nullptr && caller->media_up) silent.push_back(id);
        }
        for (const CallId id : silent) {
            submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
        }
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
        end_lost(call);
        return;
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
// later, by the rule for a busy line.
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
        submit(routing::CallbackFailed{call.id, routing::DeclineCause::busy});
    }
}

} // namespace fernamt::telephony
