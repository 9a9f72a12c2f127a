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

} // namespace

void ExchangeCore::recover() {
    parts_.media.list([this](Expected<std::vector<CallId>> running) {
        const auto journal = journal_.live(); // a copy: taking up writes to it
        const auto state = machine_.state();
        std::int64_t taken_up = 0;
        for (const auto &[id, call] : state.calls) {
            last_call_ = std::max(last_call_, id);
            const auto entry = journal.find(id);
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
        for (const auto &[id, call] : calls_) {
            const bool sounds = std::find(running->begin(), running->end(), id) != running->end();
            const LiveLeg *caller = call.legs.empty() ? nullptr : &call.legs.front();
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
                .media_up = true};
    // A browser's replacement that was not answered yet: its page asks again.
    if (leg.role == LegRole::agent && live.of_agent(leg.agent) != nullptr) return false;
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

void ExchangeCore::take_up(const routing::Call &call, const LegJournal::LiveCall &journal) {
    LiveCall &live = calls_[call.id];
    live.id = call.id;
    live.municipality = call.municipality;
    live.answered = true;
    if (!journal.caller.empty()) {
        const auto caller = parts_.ledger.reveal(journal.caller);
        if (caller && *caller) live.caller = **caller;
    }
    const auto caller_leg = journal.legs.find(kCallerTag);
    const bool restored = caller_leg != journal.legs.end() &&
                          parts_.media.restore(call.id, journal.media) &&
                          restore_leg(live, caller_leg->second);
    if (!restored) {
        end_lost(call);
        return;
    }
    // Of the other legs only those of an established conversation can go on.
    const bool talks = call.state == routing::CallState::talking ||
                       call.state == routing::CallState::held ||
                       call.state == routing::CallState::transferred;
    bool partner = false;
    for (const LegJournal::Leg &leg : oldest_first(journal.legs)) {
        live.next_tag = std::max(live.next_tag, number_of(leg.tag) + 1);
        if (leg.tag == kCallerTag) continue;
        if (talks && restore_leg(live, leg)) {
            live.legs.back().talks = call.state != routing::CallState::held;
            partner = true;
        } else {
            parts_.media.drop(call.id, leg.tag);
            journal_.remove_leg(call.id, leg.tag);
        }
    }
    switch (call.state) {
    case routing::CallState::waiting:
        play_music(call.id);
        break;
    case routing::CallState::announcing:
        carry_out(routing::Announce{call.id, call.announcement});
        break;
    case routing::CallState::ringing: // the INVITE was lost with the process: ring again
        play_music(call.id);
        submit(routing::AgentDeclined{*call.agent, call.id, routing::DeclineCause::unreachable});
        submit(routing::AgentReady{*call.agent});
        break;
    case routing::CallState::transferring:
        play_music(call.id);
        submit(routing::TransferFailed{call.id, routing::DeclineCause::unreachable});
        break;
    case routing::CallState::held:
    case routing::CallState::talking:
        if (!partner) {
            submit(routing::AgentHungUp{*call.agent, call.id, routing::HangUpCause::restart});
        }
        break;
    case routing::CallState::transferred:
        if (!partner) submit(routing::TransferTargetHungUp{call.id});
        break;
    }
}

} // namespace fernamt::telephony
