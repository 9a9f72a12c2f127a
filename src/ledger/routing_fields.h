// SPDX-License-Identifier: EUPL-1.2
// Which members of routing's structs stand in the ledger, and under which names: one line each, for
// writing and for reading. A new member of a struct needs a line here (routing_codec_test counts).
// Names are stored for years: never change one. Internal to the ledger.
#pragma once

#include "routing/machine.h"

#include <concepts>
#include <type_traits>

namespace fernamt::routing {

template <class T, class Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

// rules.h

template <class F, Is<OpeningPeriod> T>
void fields(F &f, T &v) {
    f("weekday", v.weekday);
    f("from_second", v.from_second);
    f("to_second", v.to_second);
}

template <class F, Is<Municipality> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("land", v.land);
    f("hours", v.hours);
    f("closed_on_public_holidays", v.closed_on_public_holidays);
}

template <class F, Is<Number> T>
void fields(F &f, T &v) {
    f("number", v.number);
    f("municipality", v.municipality);
}

template <class F, Is<Rules> T>
void fields(F &f, T &v) {
    f("version", v.version);
    f("municipalities", v.municipalities);
    f("numbers", v.numbers);
    f("agents", v.agents);
    f("ring_timeout", v.ring_timeout);
    f("wrap_up", v.wrap_up);
    f("wrap_up_extension", v.wrap_up_extension);
    f("transfer_timeout", v.transfer_timeout);
}

template <class F, Is<DialledNumber> T>
void fields(F &f, T &v) {
    f("number", v.number);
    f("source", v.source);
    f("municipality", v.municipality);
}

// event.h

// One text for both: "+49511..." or the commitment.
inline std::string ledger_text(const TransferTarget &target) {
    return target.number ? target.number->e164 : target.sealed.value_or("");
}
inline bool read_ledger_text(std::string_view text, TransferTarget &target) {
    constexpr std::size_t kCommitment = 64;
    target = {};
    if (text.starts_with('+')) {
        target.number = PhoneNumber{std::string(text)};
    } else if (!text.empty()) {
        target.sealed = text;
    }
    return !target.sealed || text.size() == kCommitment;
}

template <class F, Is<RulesChanged> T>
void fields(F &f, T &v) {
    f("rules", v.rules);
    f("by", v.by);
}

template <class F, Is<CallOffered> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("dialled", v.dialled);
}

template <class F, Is<CallerHungUp> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("cause", v.cause);
}

template <class F, class T>
    requires Is<T, AnnouncementFinished> || Is<T, TransferAnswered> ||
             Is<T, TransferTargetHungUp> || Is<T, ConnectTransfer> || Is<T, Requeue>
void fields(F &f, T &v) {
    f("call", v.call);
}

template <class F, Is<AgentSignedIn> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("device", v.device);
}

template <class F, class T>
    requires Is<T, AgentSignedOut> || Is<T, AgentReady> || Is<T, AgentPaused> ||
             Is<T, WrapUpExtended> || Is<T, WrapUpFinished>
void fields(F &f, T &v) {
    f("agent", v.agent);
}

template <class F, class T>
    requires Is<T, AgentAnswered> || Is<T, HoldRequested> || Is<T, ResumeRequested> ||
             Is<T, StopRinging> || Is<T, Hold> || Is<T, Resume>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
}

template <class F, class T>
    requires Is<T, AgentDeclined> || Is<T, AgentHungUp>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("cause", v.cause);
}

template <class F, class T>
    requires Is<T, TransferRequested> || Is<T, Transfer>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("target", v.target);
}

template <class F, Is<TransferFailed> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("cause", v.cause);
}

template <class F, Is<TimePassed> T>
void fields(F &, T &) {}

// decision.h

template <class F, Is<Announce> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("announcement", v.announcement);
}

template <class F, Is<Queue> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("municipality", v.municipality);
}

template <class F, Is<Ring> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("device", v.device);
}

template <class F, Is<Connect> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("waited", v.waited);
}

template <class F, Is<End> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("reason", v.reason);
    f("municipality", v.municipality);
    f("number", v.number);
    f("offered_at", v.offered_at);
    f("answered_at", v.answered_at);
    f("talk", v.talk);
    f("transferred", v.transferred);
}

template <class F, Is<AgentStateChanged> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("state", v.state);
    f("call", v.call);
    f("until", v.until);
}

template <class F, Is<WrapUpDone> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("municipality", v.municipality);
    f("duration", v.duration);
}

template <class F, Is<Refused> T>
void fields(F &f, T &v) {
    f("code", v.code);
}

// machine.h

template <class F, Is<Call> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("state", v.state);
    f("municipality", v.municipality);
    f("number", v.number);
    f("announcement", v.announcement);
    f("offered_at", v.offered_at);
    f("answered_at", v.answered_at);
    f("agent", v.agent);
    f("state_since", v.state_since);
    f("talk", v.talk);
    f("transferred", v.transferred);
}

template <class F, Is<Agent> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("state", v.state);
    f("device", v.device);
    f("call", v.call);
    f("municipality", v.municipality);
    f("state_since", v.state_since);
    f("idle_since", v.idle_since);
    f("until", v.until);
    f("pause_after_call", v.pause_after_call);
    f("sign_out_after_call", v.sign_out_after_call);
}

template <class F, Is<State> T>
void fields(F &f, T &v) {
    f("rules", v.rules);
    f("calls", v.calls);
    f("agents", v.agents);
    f("now", v.now);
}

} // namespace fernamt::routing
