// SPDX-License-Identifier: EUPL-1.2
// CallLeg: one dialog with one far end, as the switchboard sees it: offers and answers as SDP text,
// endings with a cause. No SIP library type appears here. Legs are named by id and looked up on
// each use, because a leg may vanish at any time; an operation on a vanished leg does nothing.
// Everything happens on the telephony loop.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/redacted.h"
#include "routing/event.h"
#include "routing/rules.h"
#include "telephony/diversion.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fernamt::telephony {

using LegId = Id<struct LegTag>;

// The value of a Reason header (RFC 3326) for a SIP status. text: plain words, no quotes.
[[nodiscard]] inline std::string reason_header(int sip_status, const std::string &text) {
    return "SIP;cause=" + std::to_string(sip_status) + ";text=\"" + text + "\"";
}

struct IncomingCall {
    LegId leg;
    std::vector<routing::DialledCandidate> dialled; // in the order of resolve_dialled
    Redacted<std::string>
        caller;         // P-Asserted-Identity, else From; empty if withheld (RFC 3323, anonymous)
    std::string offer;  // SDP; empty for a late offer (then answer() carries our offer)
    std::string source; // "trunk:NAME" or "phone:USER" (a registered phone dials)
    WayHere way = {};
    bool caller_asserted = false; // by the trunk's operator (P-Asserted-Identity), not only From
    // Not a new call: it takes the place of this leg (INVITE with Replaces, RFC 3891), which is
    // alive and belongs to the same phone user, proven by digest. 0: a call like any other.
    LegId replaces = {};
};

// What a leg reports. Exactly one of on_failed and on_ended comes last, and nothing after it; also
// after hang_up() and reject() (soon, without waiting for the far end). Never from inside a call of
// a CallLegs function.
class LegListener {
  public:
    virtual ~LegListener() = default;
    virtual void on_ringing(LegId leg) = 0; // outgoing: 18x
    // Outgoing: 2xx with SDP (our late offer, invite() without one: it is their offer, reply by
    // answer_offer()). Incoming: only after a late offer of theirs, the ACK's SDP.
    virtual void on_answered(LegId leg, const std::string &sdp) = 0;
    virtual void
    on_failed(LegId leg,
              int sip_status) = 0; // outgoing: never answered (408: our time-out, 487: cancelled)
    virtual void
    on_ended(LegId leg,
             routing::HangUpCause cause) = 0; // BYE, CANCEL, session timer, 408/481 in dialog
    virtual void
    on_offer(LegId leg, const std::string &sdp) = 0; // re-INVITE or UPDATE: reply by answer_offer()
    // The far end asks us to transfer it (REFER without Replaces): target is the user part or URI.
    // Reply by answer_refer(); the far end is never transferred by itself.
    virtual void on_refer(LegId leg, const std::string &target) = 0;
    // The far end asks us to connect this leg's other side with that of `other`, another dialog of
    // ours (REFER with Replaces, attended transfer); 0: not one of ours. True: taken, answered by
    // answer_refer(); false: refused.
    virtual bool on_refer_replaces(LegId, LegId /*other*/) { return false; }
    // The dialog as it must be stored to take the leg up again after a crash; on every change.
    virtual void on_dialog(LegId leg, const std::string &dialog_record) = 0;
    // The answer to offer(); empty if the far end refused and everything stays as it was.
    virtual void on_offer_answered(LegId, const std::string &) {}
};

struct OutgoingCall {
    std::string target;       // SIP URI, or the user name of a phone registered with us
    std::string from_user;    // shown number (E.164 of the municipality) or "anonymous"
    std::string display_name; // e.g. "Wedemark" for an agent's desk phone; no personal data
    std::string offer;        // SDP
    Duration ring_timeout = 60s;
    std::vector<std::pair<std::string, std::string>> headers; // e.g. Alert-Info
    int max_forwards = kMaxForwards;
};

class CallLegs {
  public:
    virtual ~CallLegs() = default;
    virtual void on_incoming(std::function<void(IncomingCall)> handler) = 0;
    virtual void listen(LegId leg, LegListener *listener) = 0; // once per incoming leg

    [[nodiscard]] virtual LegId invite(const OutgoingCall &call, LegListener *listener) = 0;
    virtual void ring(LegId leg) = 0;                           // 180
    virtual void answer(LegId leg, const std::string &sdp) = 0; // 200
    // Before the answer. retry_after > 0 adds Retry-After (503); reason: by reason_header(), or
    // empty: none.
    virtual void reject(LegId leg, int sip_status, const std::string &reason,
                        Duration retry_after = 0s) = 0;
    // Whatever fits the state: CANCEL, BYE, or 487/480 to an unanswered incoming leg.
    // answered_elsewhere: "Reason: SIP;cause=200;text=\"Call completed elsewhere\"".
    virtual void hang_up(LegId leg, bool answered_elsewhere = false) = 0;
    virtual void answer_offer(LegId leg, const std::string &sdp) = 0; // empty: refused (488)
    virtual void answer_refer(LegId leg, bool accepted) = 0;
    // A new offer of ours in a running call (re-INVITE); repeated by itself after a glare.
    virtual void offer(LegId, const std::string & /*sdp*/) {}
    // After answer_refer(true): tells the far end how its transfer goes (180, 200, 486 ...).
    // Without it, hang_up() tells 200.
    virtual void refer_progress(LegId, int /*sip_status*/) {}

    // After a restart: the same dialog, silently, from on_dialog's text. Empty if it is unusable.
    [[nodiscard]] virtual std::optional<LegId> restore(const std::string &dialog_record,
                                                       LegListener *listener) = 0;
    [[nodiscard]] virtual bool is_registered(const std::string &user) const = 0;
    [[nodiscard]] virtual std::size_t open_legs() const = 0; // for leak checks and metrics
};

} // namespace fernamt::telephony
