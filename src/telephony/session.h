// SPDX-License-Identifier: EUPL-1.2
// One INVITE session (RFC 3261 13-15, 3262, 3264, 3311, 3515, 4028) as a pure state machine: inputs
// are what arrives, what the switchboard wants and which timer fired; outputs are what to send,
// which timers to set and what to report. No clock, no random (given in), no SIP library, no
// network. Promises: exactly one final report; nothing is sent after Finished, and no timer is left
// then. Does not know addresses, digest, header syntax: sofia_call_legs.cpp does.
#pragma once

#include "base/time.h"
#include "routing/event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace fernamt::telephony::session {

using RequestId = std::int64_t; // ours are negative, the far end's positive; 0: none

enum class Method { invite, prack, update, bye, refer, notify, options, info, message, other };
enum class Refresher { none, uac, uas };
enum class Timer {
    ring,        // outgoing: nobody answered
    refresh,     // session timer, our turn
    expiry,      // session timer, nobody refreshed
    offer_retry, // after 491
    guard,       // a transaction that never ends
};
inline constexpr int kTimers = 5;

struct SessionTimer { // the headers of RFC 4028; 0: absent
    int expires = 0;
    Refresher refresher = Refresher::none;
    int min_se = 0;
    friend bool operator==(const SessionTimer &, const SessionTimer &) = default;
};

struct Abilities { // of the far end, from Supported, Require and Allow
    bool timer = false;
    bool update = false;
    bool requires_reliable = false; // Require: 100rel
};

// ---- inputs: the switchboard
struct Invite {
    std::string offer{};
    Duration ring_timeout = 60s;
}; // empty offer: late offer
struct Ring {};
struct Answer {
    std::string sdp{};
};
struct Reject {
    int status = 480;
    std::string reason{};
    int retry_after = 0;
};
struct HangUp {
    bool answered_elsewhere = false;
};
struct Offer {
    std::string sdp{};
}; // our re-INVITE
struct AnswerOffer {
    std::string sdp{};
}; // empty: refused (488)
struct AnswerRefer {
    bool accepted = false;
};
struct ReferProgress {
    int status = 200;
}; // how the transfer went on: NOTIFY
struct Refer {
    std::string to{};
}; // we ask the far end to transfer itself (simulated colleagues do)

// ---- inputs: the network
struct Incoming {
    RequestId id = 0;
    std::string offer{};
    SessionTimer timer{};
    Abilities peer{};
};
struct Request { // in the dialog
    RequestId id = 0;
    Method method = Method::other;
    std::string sdp{};
    bool unsupported_body = false;
    SessionTimer timer{};
    Abilities peer{};
    std::string refer_to{};
    bool refer_replaces = false;
};
struct Response {
    RequestId id = 0;
    int status = 0;
    std::string tag{}; // To-tag
    std::string sdp{};
    SessionTimer timer{};
    Abilities peer{};
    std::uint32_t rseq = 0; // reliable 1xx
};
struct Ack {
    std::string sdp{};
};
struct AckMissing {}; // 64*T1 after our 2xx
struct Cancel {       // of an INVITE (its 200 is given by the transaction layer)
    RequestId id = 0;
};
struct Prack {};        // our reliable 1xx has arrived
struct PrackMissing {}; // it has not
struct TimerFired {
    Timer timer{};
};

using Input = std::variant<Invite, Ring, Answer, Reject, HangUp, Offer, AnswerOffer, AnswerRefer,
                           ReferProgress, Refer, Incoming, Request, Response, Ack, AckMissing,
                           Cancel, Prack, PrackMissing, TimerFired>;

// ---- outputs
struct SendRequest {
    RequestId id = 0;
    Method method = Method::bye;
    std::string sdp{};
    SessionTimer timer{};
    std::string reason{};   // RFC 3326
    std::string tag{};      // PRACK: of which early dialog
    std::uint32_t rseq = 0; // PRACK
    bool reliable = false;  // INVITE: may be answered with reliable 1xx
    int notify_status = 0;  // NOTIFY: the sipfrag
    bool notify_last = false;
    std::string refer_to{}; // REFER
};
struct SendResponse {
    RequestId id = 0;
    int status = 0;
    std::string sdp{};
    SessionTimer timer{};
    bool require_timer = false;
    bool reliable = false;
    std::string reason{};
    int retry_after = 0;
};
struct SendAck {
    RequestId invite = 0;
    std::string sdp{};
};
struct SendCancel {
    RequestId invite = 0;
    bool answered_elsewhere = false;
};
struct Establish {
    RequestId invite = 0;
    std::string tag{};
}; // the dialog is the one with this To-tag
struct SetTimer {
    Timer timer{};
    Duration after{};
}; // replaces one of the same name
struct ClearTimer {
    Timer timer{};
};
struct ReportIncoming {};
struct ReportRinging {};
struct ReportAnswered {
    std::string sdp{};
};
struct ReportFailed {
    int status = 0;
};
struct ReportEnded {
    routing::HangUpCause cause = routing::HangUpCause::normal;
};
struct ReportOffer {
    std::string sdp{};
};
struct ReportOfferAnswered {
    std::string sdp{};
}; // empty: refused
struct ReportRefer {
    std::string target{};
    bool replaces = false; // attended: another dialog of ours is named in it
};
struct DialogChanged {}; // store it
struct Finished {};      // free everything; comes last

using Action =
    std::variant<SendRequest, SendResponse, SendAck, SendCancel, Establish, SetTimer, ClearTimer,
                 ReportIncoming, ReportRinging, ReportAnswered, ReportFailed, ReportEnded,
                 ReportOffer, ReportOfferAnswered, ReportRefer, DialogChanged, Finished>;

struct Settings {
    int session_expires = 1800; // RFC 4028 4; 0: no session timer of our own
    int min_se = 90;
    friend bool operator==(const Settings &, const Settings &) = default;
};

// What a restart needs besides the dialog's addresses.
struct Record {
    bool outgoing = false;
    int expires = 0;
    bool we_refresh = false;
    bool peer_update = false;
    std::string local_sdp{};
    friend bool operator==(const Record &, const Record &) = default;
};

enum class State { idle, calling, early, answering, confirmed, terminating, terminated };

class Session {
  public:
    Session(bool outgoing, Settings settings) : settings_(settings), outgoing_(outgoing) {}
    // A confirmed session after a restart; actions are the timers to set.
    [[nodiscard]] static std::pair<Session, std::vector<Action>> restore(const Record &record,
                                                                         Settings settings);

    // random: any value, different each time (491 waiting times, Retry-After).
    [[nodiscard]] std::vector<Action> handle(const Input &input, std::uint32_t random);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool outgoing() const { return outgoing_; }
    [[nodiscard]] Record record() const;

  private:
    static constexpr Duration kGuard = 40s; // longer than 64*T1: the transaction layer comes first

    struct ClientInvite {
        RequestId id = 0;
        bool initial = false;
        bool refresh = false; // carries no new offer: only the session timer
        bool provisional = false;
        bool cancel_wanted = false;
        bool cancel_sent = false;
        bool elsewhere = false;
        std::string offer;
    };
    struct ServerOffer {
        RequestId id = 0;
        Method method = Method::invite;
        SessionTimer timer;
        Abilities peer;
    };

    void on(const Invite &invite);
    void on(const Ring &);
    void on(const Answer &answer);
    void on(const Reject &reject);
    void on(const HangUp &hang_up);
    void on(const Offer &offer);
    void on(const AnswerOffer &answer);
    void on(const AnswerRefer &answer);
    void on(const ReferProgress &progress);
    void on(const Refer &refer);
    void on(const Incoming &incoming);
    void on(const Request &request);
    void on(const Response &response);
    void on(const Ack &ack);
    void on(const AckMissing &);
    void on(const Cancel &cancel);
    void on(const Prack &);
    void on(const PrackMissing &);
    void on(const TimerFired &fired);

    void on_bye(const Request &request);
    void on_reinvite(const Request &request);
    void on_update(const Request &request);
    void on_refer(const Request &request);
    void on_initial_response(const Response &response);
    void on_provisional(const Response &response);
    void on_initial_answer(const Response &response);
    void on_reinvite_response(const Response &response);
    void on_update_response(const Response &response);
    void retry_later(const Response &response);

    void send_initial_invite();
    void send_reinvite(const std::string &sdp, bool refresh);
    void send_update();
    void send_final_answer(const std::string &sdp);
    void send_bye(const std::string &reason = {});
    void send_notify(int status, bool last);
    void send_pending_offer();
    void refresh();
    void cancel_invite(bool elsewhere);
    void respond(RequestId id, int status, int retry_after = 0);
    void respond_with_timer(RequestId id, const std::string &sdp, const SessionTimer &asked,
                            const Abilities &peer);
    bool refuse_short_timer(RequestId id, const SessionTimer &asked, const Abilities &peer);

    void agree_timer(int expires, bool we_refresh);
    void learn(const Abilities &peer);
    void fail_report(int status);
    void end_report(routing::HangUpCause cause);
    void end_by(routing::HangUpCause cause, const std::string &reason = {}); // BYE and report
    void release_server_offer();
    void finish_when_done();
    void finish();
    void set_timer(Timer timer, Duration after);
    void clear_timer(Timer timer);
    [[nodiscard]] bool offer_in_flight() const;
    [[nodiscard]] RequestId next_id() { return --last_id_; }
    template <class T>
    void out(T action) {
        actions_.emplace_back(std::move(action));
    }

    Settings settings_;
    bool outgoing_;
    State state_ = State::idle;
    std::vector<Action> actions_;
    std::uint32_t random_ = 0;
    RequestId last_id_ = 0;

    std::optional<ClientInvite> client_invite_;
    RequestId update_ = 0; // our UPDATE under way
    RequestId bye_ = 0;
    RequestId initial_ = 0; // incoming INVITE without a final answer
    std::string initial_offer_;
    SessionTimer initial_timer_;
    Abilities initial_peer_;
    std::optional<ServerOffer> server_offer_;
    bool awaiting_ack_ = false;
    bool answer_in_ack_ = false; // our 2xx carried an offer
    bool ack_held_ = false;      // late offer: their 2xx carried the offer, our ACK waits
    bool bye_wanted_ = false;    // held until the ACK (RFC 3261 15)
    std::string bye_reason_;
    bool reliable_pending_ = false;
    std::optional<std::string> held_answer_;
    std::string pending_offer_; // to be sent when nothing is in flight
    bool has_pending_offer_ = false;
    bool refresh_due_ = false;
    Duration ring_timeout_ = 60s;
    int retries_422_ = 0;
    int asked_expires_ = 0;
    int asked_min_se_ = 0;
    bool ringing_reported_ = false;
    bool final_reported_ = false;
    RequestId refer_ = 0; // unanswered REFER
    bool refer_open_ = false;
    bool refer_sent_ = false;                      // ours: the far end tells us how it goes
    std::map<std::string, std::uint32_t> rseq_;    // per early dialog
    std::map<std::string, std::string> early_sdp_; // per early dialog

    int expires_ = 0;
    bool we_refresh_ = false;
    bool peer_update_ = false;
    std::string local_sdp_;
    unsigned timers_set_ = 0; // bit per Timer
};

} // namespace fernamt::telephony::session
