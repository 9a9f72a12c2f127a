// SPDX-License-Identifier: EUPL-1.2
// A call arrives: what routing must know of it (whose number, which caller by pseudonym, from which
// partner, how often diverted), and the refusals that need no state.
#include "base/log.h"
#include "telephony/diversion.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {

// 2020-01-01T00:00:00Z: call ids are milliseconds since then, so they stay unique over restarts,
// fit into a JSON number for 285,000 years, and need no counter on disk.
constexpr std::int64_t kCallIdEpochMs = 1'577'836'800'000;

} // namespace

std::optional<std::string> ExchangeCore::refusal() const {
    if (stopped_ || !recovered_) return "Service is restarting";
    if (!parts_.media.available()) return "Media is unavailable";
    if (!parts_.ledger.accepting()) return "Ledger is unavailable";
    return std::nullopt;
}

CallId ExchangeCore::new_call_id() {
    const std::int64_t ms = parts_.clock.now().us / 1000 - kCallIdEpochMs;
    last_call_ = CallId{std::max(last_call_.value + 1, ms)};
    return last_call_;
}

// A partner with a trunk of its own is known by that trunk alone: a caller's number and a diversion
// can be forged, and a partner is billed. One without is known by its number as the caller, if the
// trunk's operator vouches for it, or among those who passed the call on; never from a phone.
PartnerId ExchangeCore::partner_of(const IncomingCall &incoming, const LiveCall &call) const {
    const std::string of_trunk =
        parts_.partner_number ? parts_.partner_number(incoming.source) : std::string();
    const bool from_trunk = incoming.source.starts_with("trunk:");
    const Diverted diverted = diverted_of(call.way);
    const auto says_so = [&](const PhoneNumber &number) {
        if (!from_trunk || (parts_.partner_has_trunk && parts_.partner_has_trunk(number)))
            return false;
        const bool calls =
            incoming.caller_asserted && parse_phone_number(incoming.caller.reveal()) == number;
        return calls || was_at(diverted, number);
    };
    for (const routing::Partner &partner : machine_.state().rules.partners) {
        if (partner.number.e164.empty()) continue;
        const bool is_it =
            of_trunk.empty() ? says_so(partner.number) : partner.number.e164 == of_trunk;
        if (is_it) return partner.id;
    }
    return {};
}

// An agent's desk phone opens its second line during a call: a consultation, as by the desk's key.
bool ExchangeCore::consult_by_phone(const IncomingCall &incoming) {
    constexpr std::string_view kPhone = "phone:";
    if (!incoming.source.starts_with(kPhone) || incoming.dialled.empty()) return false;
    const std::string user = incoming.source.substr(kPhone.size());
    for (const auto &[id, agent] : machine_.state().agents) {
        if (!agent.call || parts_.phone_user(id) != user) continue;
        LiveCall *call = find(*agent.call);
        const LiveLeg *first = call != nullptr ? call->of_agent(id) : nullptr;
        if (first == nullptr || first->kind != LegKind::plain) return false;
        const auto target = parse_phone_number(incoming.dialled.front().user);
        const bool possible = target && !parts_.outside_uri(*target).empty() &&
                              !incoming.offer.empty() && call->second_line() == nullptr;
        if (possible) {
            open_second_line(*call, id, incoming, *target);
        } else {
            parts_.legs.reject(incoming.leg, 403, reason_header(403, "Not allowed"));
        }
        return true;
    }
    return false;
}

void ExchangeCore::open_second_line(LiveCall &call, AgentId agent, const IncomingCall &incoming,
                                    const PhoneNumber &target) {
    const CallId id = call.id;
    const Media::Tag tag = new_tag(call, kSecondLine);
    call.legs.push_back({.tag = tag, .role = LegRole::agent, .agent = agent, .dialled = true});
    call.way.max_forwards = std::min(call.way.max_forwards, incoming.way.max_forwards);
    journal_.put_way(id, call.way);
    attach(call, call.legs.back(), incoming.leg);
    parts_.legs.ring(incoming.leg);
    parts_.legs.listen(incoming.leg, this);
    const auto give_up = [this, id, tag] {
        if (LiveCall *live = find(id)) drop_leg(*live, tag, false);
    };
    parts_.media.leg_in(
        id, tag, LegKind::plain, incoming.offer,
        [this, id, tag, agent, target, give_up](Expected<std::string> answer) {
            LiveCall *live = find(id);
            LiveLeg *leg = live != nullptr ? live->find(tag) : nullptr;
            if (leg == nullptr) return; // cancelled meanwhile
            if (!answer) return give_up();
            leg->offer = std::move(*answer); // goes out when the other one answers
            leg->media_up = true;
            submit_passing_on(PassOn::consult, agent, id, target, [give_up](Expected<void> done) {
                if (!done) give_up(); // not now: another consultation, or nobody is on the line
            });
        });
}

void ExchangeCore::incoming(IncomingCall incoming) {
    if (incoming.replaces) return replace(incoming);
    offered_.fetch_add(1, std::memory_order_relaxed);
    if (const auto reason = refusal()) {
        (parts_.media.available() ? rejected_ledger_ : rejected_media_)
            .fetch_add(1, std::memory_order_relaxed);
        parts_.legs.reject(incoming.leg, 503, reason_header(503, *reason), 5s);
        return;
    }
    if (consult_by_phone(incoming) || switch_office_by_phone(incoming)) return;
    const CallId id = new_call_id();
    const Instant now = parts_.clock.now();
    const auto dialled = routing::resolve_dialled(machine_.state().rules, incoming.dialled, now);
    if (!dialled) log::warning("call.unknown_number", {{"call", id.value}});

    LiveCall &call = calls_[id];
    call.id = id;
    call.way = std::move(incoming.way);
    journal_.put_way(id, call.way);
    call.caller_offer = std::move(incoming.offer);
    call.caller = incoming.caller;
    if (dialled) call.municipality = dialled->municipality;
    call.legs.push_back({.tag = kCallerTag, .role = LegRole::caller});
    attach(call, call.legs.back(), incoming.leg);
    count_live();

    routing::CallOffered event{id, dialled, {}, partner_of(incoming, call), 0};
    event.hops = hops_of(diverted_of(call.way));
    Personal caller;
    if (!incoming.caller.reveal().empty()) { // a withheld number is not stored at all
        caller = seal(ledger::kSealedCaller, incoming.caller);
        if (caller) journal_.put_caller(id, caller->commitment);
        if (const auto number = parse_phone_number(incoming.caller.reveal())) {
            event.caller = keys_.of(*number);
            call.caller_key = event.caller.value;
        }
    }
    parts_.legs.ring(incoming.leg);
    parts_.legs.listen(incoming.leg, this);
    submit(event, {}, std::move(caller));
}

} // namespace fernamt::telephony
