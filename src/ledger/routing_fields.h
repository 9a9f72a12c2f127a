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
    const std::remove_const_t<T> before{};
    f.added("valid_from", v.valid_from, before.valid_from);
    f.added("valid_until", v.valid_until, before.valid_until);
}

template <class F, Is<SkillLevel> T>
void fields(F &f, T &v) {
    f("skill", v.skill);
    f("level", v.level);
}

template <class F, Is<HoursException> T>
void fields(F &f, T &v) {
    f("first", v.first);
    f("last", v.last);
    f("open", v.open);
    f("from_second", v.from_second);
    f("to_second", v.to_second);
}

template <class F, Is<OpeningHours> T>
void fields(F &f, T &v) {
    f("periods", v.periods);
    f("closed_on_public_holidays", v.closed_on_public_holidays);
    f("exceptions", v.exceptions);
    f.added("towns_days", v.towns_days, std::remove_const_t<T>{}.towns_days);
}

template <class F, Is<OfficeFirst> T>
void fields(F &f, T &v) {
    f("office", v.office);
    f("ring_for", v.ring_for);
    f("absent", v.absent);
}

template <class F, Is<Relaxation> T>
void fields(F &f, T &v) {
    f("after", v.after);
    f("demands", v.demands);
}

template <class F, Is<CallQueue> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("demands", v.demands);
    f("prefers", v.prefers);
    f("relaxations", v.relaxations);
    f("head_start", v.head_start);
    f("max_waiting", v.max_waiting);
    f("offers_callback", v.offers_callback);
}

template <class F, Is<Partner> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("number", v.number);
}

template <class F, Is<Overflow> T>
void fields(F &f, T &v) {
    f("when", v.when);
    f("partner", v.partner);
    f("queue", v.queue);
    f("waiting", v.waiting);
    f("wait", v.wait);
    f("from", v.from);
    f("until", v.until);
}

template <class F, Is<AgentSkills> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("skills", v.skills);
}

template <class F, Is<CallbackRules> T>
void fields(F &f, T &v) {
    f("ring_for", v.ring_for);
    f("attempts", v.attempts);
    f("retry_after", v.retry_after);
    f("retry_when_busy", v.retry_when_busy);
    f.added("retry_when_not_dialled", v.retry_when_not_dialled, Duration{}); // then it counted
}

template <class F, Is<WaitingInformation> T>
void fields(F &f, T &v) {
    f("first", v.first);
    f("every", v.every);
}

template <class F, Is<Municipality> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("land", v.land);
    f("hours", v.hours);
    f("closed_on_public_holidays", v.closed_on_public_holidays);
    const std::remove_const_t<T> before{};
    f.added("exceptions", v.exceptions, before.exceptions);
    f.added("joins", v.joins, before.joins);
    f.added("leaves", v.leaves, before.leaves);
    f.added("information", v.information, before.information);
}

template <class F, Is<Number> T>
void fields(F &f, T &v) {
    f("number", v.number);
    f("municipality", v.municipality);
    const std::remove_const_t<T> before{};
    f.added("scope", v.scope, before.scope);
    f.added("queue", v.queue, before.queue);
    f.added("price_class", v.price_class, before.price_class);
    f.added("hours", v.hours, before.hours);
    f.added("valid_from", v.valid_from, before.valid_from);
    f.added("valid_until", v.valid_until, before.valid_until);
    f.added("office", v.office, before.office);
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
    const std::remove_const_t<T> before{};
    f.added("queues", v.queues, before.queues);
    f.added("skills", v.skills, before.skills);
    f.added("partners", v.partners, before.partners);
    f.added("overflows", v.overflows, before.overflows);
    f.added("max_hops", v.max_hops, before.max_hops);
    f.added("max_partners", v.max_partners, std::int64_t{1});
    f.added("partners_last", v.partners_last, false);
    auto counted_all = before.callbacks; // what was left out before that was told apart
    counted_all.retry_when_not_dialled = {};
    f.added("callbacks", v.callbacks, counted_all);
    f.added("typical_handling", v.typical_handling, before.typical_handling);
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
    const std::remove_const_t<T> before{};
    f.added("caller_key", v.caller, before.caller);
    f.added("from", v.from, before.from);
    f.added("hops", v.hops, before.hops);
}

template <class F, Is<CallerHungUp> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("cause", v.cause);
}

template <class F, class T>
    requires Is<T, AnnouncementFinished> || Is<T, TransferAnswered> ||
             Is<T, TransferTargetHungUp> || Is<T, ConnectTransfer> || Is<T, Requeue> ||
             Is<T, ConsultAnswered> || Is<T, ConsultTargetHungUp> || Is<T, EndConsult> ||
             Is<T, CallbackAnswered> || Is<T, CallbackWithdrawn> || Is<T, StopTarget>
void fields(F &f, T &v) {
    f("call", v.call);
}

template <class F, Is<AgentSignedIn> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("device", v.device);
    const std::remove_const_t<T> before{};
    f.added("paused", v.paused, before.paused);
}

template <class F, class T>
    requires Is<T, AgentSignedOut> || Is<T, AgentReady> || Is<T, AgentPaused> ||
             Is<T, WrapUpExtended> || Is<T, WrapUpFinished>
void fields(F &f, T &v) {
    f("agent", v.agent);
}

template <class F, class T>
    requires Is<T, AgentAnswered> || Is<T, HoldRequested> || Is<T, ResumeRequested> ||
             Is<T, StopRinging> || Is<T, Hold> || Is<T, Resume> || Is<T, ConsultEnded> ||
             Is<T, ConferenceRequested> || Is<T, HandOverRequested> || Is<T, CallBack> ||
             Is<T, ConnectConsult> || Is<T, Conference> || Is<T, HandOver>
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

template <class F, Is<ConsultRequested> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("target", v.target);
}

template <class F, Is<ConsultFailed> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("cause", v.cause);
}

template <class F, Is<TenantCorrected> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("municipality", v.municipality);
}

template <class F, Is<CallbackRequested> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("caller_key", v.caller);
}

template <class F, Is<CallbackFailed> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("cause", v.cause);
    f.added("ours", v.ours, std::remove_const_t<T>{}.ours);
}

template <class F, Is<OfficeSwitched> T>
void fields(F &f, T &v) {
    f("municipality", v.municipality);
    f("absent", v.absent);
    f("until", v.until);
}

template <class F, Is<SkillsAssigned> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("skills", v.skills);
    f("by", v.by);
}

template <class F, Is<CrisisPlan> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("municipality", v.municipality);
    f("queue", v.queue);
    f("head_start", v.head_start);
    f("always_open", v.always_open);
    f("hours", v.hours);
    f("demands", v.demands);
    f.added("relaxations", v.relaxations, std::remove_const_t<T>{}.relaxations);
    f.added("own_steps", v.own_steps, false);
}

template <class F, Is<CrisisBegan> T>
void fields(F &f, T &v) {
    f("plan", v.plan);
    f("by", v.by);
}

template <class F, Is<CrisisEnded> T>
void fields(F &f, T &v) {
    f("crisis", v.crisis);
    f("by", v.by);
}

template <class F, Is<HelperJoined> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("crisis", v.crisis);
}

template <class F, Is<TimePassed> T>
void fields(F &, T &) {}

// decision.h

template <class F, Is<Figures> T>
void fields(F &f, T &v) {
    f("waiting", v.waiting);
    f("most_waiting", v.most_waiting);
    f("waited", v.waited);
    f("most_wait", v.most_wait);
    f("head_start", v.head_start);
    f("signed_in", v.signed_in);
    f("from", v.from);
    f("until", v.until);
    f("opens", v.opens);
}

template <class F, Is<Announce> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("announcement", v.announcement);
    f.added("figures", v.figures, Figures{});
}

template <class F, Is<Queue> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("municipality", v.municipality);
    const std::remove_const_t<T> before{};
    f.added("queue", v.queue, before.queue);
    f.added("crisis", v.crisis, before.crisis);
    f.added("ahead", v.ahead, before.ahead);
    f.added("figures", v.figures, before.figures);
}

template <class F, Is<Ring> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("device", v.device);
    const std::remove_const_t<T> before{};
    f.added("waited", v.waited, before.waited);
    f.added("idle", v.idle, before.idle);
    f.added("relaxations", v.relaxations, before.relaxations);
    f.added("callback", v.callback, before.callback);
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
    const std::remove_const_t<T> before{};
    f.added("queue", v.queue, before.queue);
    f.added("scope", v.scope, before.scope);
    f.added("crisis", v.crisis, before.crisis);
    f.added("from", v.from, before.from);
    f.added("to", v.to, before.to);
    f.added("dialled", v.dialled, before.dialled);
    f.added("transfers", v.transfers, before.transfers);
    f.added("callback_at", v.callback_at, before.callback_at);
    f.added("callback_attempts", v.callback_attempts, before.callback_attempts);
    f.added("price_class", v.price_class, before.price_class);
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

template <class F, Is<Forward> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("target", v.target);
    f("purpose", v.purpose);
    f("partner", v.partner);
    f.added("figures", v.figures, Figures{});
}

template <class F, Is<StillWaits> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("relaxations", v.relaxations);
    f("sleeps_until", v.sleeps_until);
    f.added("figures", v.figures, Figures{});
}

template <class F, Is<SortedAnew> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("crisis", v.crisis);
    f.added("figures", v.figures, Figures{});
}

template <class F, Is<CallbackNoted> T>
void fields(F &f, T &v) {
    f("call", v.call);
    f("ahead", v.ahead);
}

template <class F, Is<Consult> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("target", v.target);
}

template <class F, Is<Corrected> T>
void fields(F &f, T &v) {
    f("agent", v.agent);
    f("call", v.call);
    f("from", v.from);
    f("to", v.to);
}

template <class F, Is<CrisisStarted> T>
void fields(F &f, T &v) {
    f("crisis", v.crisis);
    f("calls", v.calls);
}

template <class F, Is<CrisisFacts> T>
void fields(F &f, T &v) {
    f("offered", v.offered);
    f("answered", v.answered);
    f("abandoned", v.abandoned);
    f("helpers", v.helpers);
    f("talk", v.talk);
    f("after_call_work", v.after_call_work);
    f("waited", v.waited);
    f("longest_wait", v.longest_wait);
    const std::remove_const_t<T> before{};
    f.added("waiting", v.waiting, before.waiting);
}

template <class F, Is<CrisisReport> T>
void fields(F &f, T &v) {
    f("crisis", v.crisis);
    f("began_at", v.began_at);
    f("facts", v.facts);
}

template <class F, Is<Refused> T>
void fields(F &f, T &v) {
    f("code", v.code);
}

// machine.h

template <class F, Is<Consultation> T>
void fields(F &f, T &v) {
    f("state", v.state);
}

template <class F, Is<Callback> T>
void fields(F &f, T &v) {
    f("caller_key", v.caller);
    f("requested_at", v.requested_at);
    f("attempts", v.attempts);
    f("dialling", v.dialling);
    f("reached", v.reached);
    f("sleeps_until", v.sleeps_until);
    f.added("not_dialled", v.not_dialled, std::remove_const_t<T>{}.not_dialled);
}

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
    f("place", v.place);
    f("queued", v.queued);
    f("queue", v.queue);
    f("scope", v.scope);
    f("crisis", v.crisis);
    f("relaxations", v.relaxations);
    f("until", v.until);
    f("outside", v.outside);
    f("from", v.from);
    f("to", v.to);
    f("hops", v.hops);
    f("dialled", v.dialled);
    f("transfers", v.transfers);
    f("consult", v.consult);
    f("callback", v.callback);
    const std::remove_const_t<T> before{};
    f.added("price_class", v.price_class, before.price_class);
    f.added("caller_key", v.caller, before.caller);
    f.added("waits_in", v.waits_in, v.crisis); // as before they could differ
    f.added("asked", v.asked, v.to ? std::vector{v.to} : std::vector<PartnerId>{});
    f("moved_up", v.moved_up); // not known before: by the rules of the moment
    f("crisis_changed_by", v.crisis_changed_by);
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
    f("skills", v.skills);
    f("helps", v.helps);
    f("crisis", v.crisis);
    f("working_since", v.working_since);
}

template <class F, Is<Crisis> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("plan", v.plan);
    f("began_at", v.began_at);
    f("facts", v.facts);
}

template <class F, Is<OfficeSwitch> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("absent", v.absent);
    f("until", v.until);
}

template <class F, Is<Handling> T>
void fields(F &f, T &v) {
    f("calls", v.calls);
    f("mean", v.mean);
}

template <class F, Is<State> T>
void fields(F &f, T &v) {
    f("rules", v.rules);
    f("calls", v.calls);
    f("agents", v.agents);
    f("now", v.now);
    f("crises", v.crises);
    f("offices", v.offices);
    f("handling", v.handling);
}

} // namespace fernamt::routing

namespace fernamt {

template <class F, routing::Is<LocalDate> T>
void fields(F &f, T &v) {
    f("year", v.year);
    f("month", v.month);
    f("day", v.day);
}

} // namespace fernamt
