// SPDX-License-Identifier: EUPL-1.2
#include "telephony/session.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony::session {

using routing::HangUpCause;

namespace {

constexpr Duration kGuard = 40s; // longer than 64*T1: the transaction layer comes first
constexpr Duration kBusyRetry = 2s;
constexpr const char *kSessionTimeout = "SIP;cause=408;text=\"Session timeout\"";

bool is_final(int status) {
    return status >= 200;
}
bool is_success(int status) {
    return status >= 200 && status < 300;
}
// RFC 3261 12.2.1.2: these end the dialog, whatever the request was.
bool ends_dialog(int status) {
    return status == 408 || status == 481;
}

} // namespace

std::pair<Session, std::vector<Action>> Session::restore(const Record &record, Settings settings) {
    Session session(record.outgoing, settings);
    session.state_ = State::confirmed;
    session.peer_update_ = record.peer_update;
    session.local_sdp_ = record.local_sdp;
    session.agree_timer(record.expires, record.we_refresh);
    // The far end's interval began before the crash; ours to refresh: do it soon.
    if (record.expires > 0 && record.we_refresh) session.set_timer(Timer::refresh, 5s);
    return {session, std::exchange(session.actions_, {})};
}

Record Session::record() const {
    return {outgoing_, expires_, we_refresh_, peer_update_, local_sdp_};
}

std::vector<Action> Session::handle(const Input &input, std::uint32_t random) {
    actions_.clear();
    if (state_ == State::terminated) return {};
    random_ = random;
    std::visit([this](const auto &what) { on(what); }, input);
    return std::exchange(actions_, {});
}

// ---------------------------------------------------------------- outgoing call

void Session::on(const Invite &invite) {
    if (state_ != State::idle || !outgoing_) return;
    state_ = State::calling;
    ring_timeout_ = invite.ring_timeout;
    local_sdp_ = invite.offer;
    asked_expires_ = settings_.session_expires;
    client_invite_ = ClientInvite{};
    client_invite_->initial = true;
    client_invite_->offer = invite.offer;
    send_initial_invite();
    set_timer(Timer::ring, ring_timeout_);
}

void Session::send_initial_invite() {
    client_invite_->id = next_id();
    client_invite_->provisional = false;
    SendRequest request{client_invite_->id, Method::invite, client_invite_->offer};
    request.timer = {asked_expires_, Refresher::none, asked_min_se_};
    // A reliable 1xx to a late offer would carry the offer, and the PRACK our answer (RFC 3262 5),
    // which nobody can give yet: so it is not offered there.
    request.reliable = !client_invite_->offer.empty();
    out(std::move(request));
}

void Session::on(const Response &response) {
    if (response.id == bye_ && bye_ != 0) {
        if (!is_final(response.status)) return;
        bye_ = 0;
        return finish_when_done();
    }
    if (client_invite_ && response.id == client_invite_->id) {
        return client_invite_->initial ? on_initial_response(response)
                                       : on_reinvite_response(response);
    }
    if (response.id == update_ && update_ != 0) return on_update_response(response);
    // PRACK and NOTIFY: only the end of the dialog matters.
    if (ends_dialog(response.status) && state_ == State::confirmed) {
        refer_open_ = false;
        end_by(HangUpCause::signalling);
    }
}

void Session::on_initial_response(const Response &response) {
    if (!is_final(response.status)) return on_provisional(response);
    if (is_success(response.status)) return on_initial_answer(response);

    const bool cancelled = client_invite_->cancel_wanted;
    const bool raise = response.status == 422 && response.timer.min_se > asked_expires_ &&
                       retries_422_ < 2 && !cancelled;
    if (raise) { // RFC 4028 7.1: same Call-ID, higher CSeq
        ++retries_422_;
        asked_expires_ = response.timer.min_se;
        asked_min_se_ = response.timer.min_se;
        return send_initial_invite();
    }
    client_invite_.reset();
    fail_report(response.status); // 3xx too: a phone must not make us dial (toll fraud)
    finish_when_done();
}

void Session::on_provisional(const Response &response) {
    client_invite_->provisional = true;
    if (client_invite_->cancel_wanted && !client_invite_->cancel_sent)
        cancel_invite(client_invite_->elsewhere);
    if (response.status == 100) return;
    if (response.rseq != 0) {
        auto &last = rseq_[response.tag];
        if (last != 0 && response.rseq != last + 1) return; // repeated or out of order: RFC 3262 4
        last = response.rseq;
        SendRequest prack{next_id(), Method::prack};
        prack.tag = response.tag;
        prack.rseq = response.rseq;
        out(std::move(prack));
    }
    if (!response.sdp.empty()) early_sdp_[response.tag] = response.sdp;
    if (state_ == State::terminating) return;
    state_ = State::early;
    if (ringing_reported_) return;
    ringing_reported_ = true;
    out(ReportRinging{});
}

void Session::on_initial_answer(const Response &response) {
    if (ack_held_) return; // repeated, because our ACK waits
    const ClientInvite invite = *client_invite_;
    client_invite_.reset();
    clear_timer(Timer::ring);
    clear_timer(Timer::guard);
    out(Establish{invite.id, response.tag});
    std::string sdp = response.sdp;
    if (sdp.empty()) sdp = early_sdp_[response.tag]; // the answer came in a 1xx
    if (invite.cancel_wanted || sdp.empty()) {
        // RFC 3261 9.1: their 200 crossed our CANCEL. Or an answer without a session.
        out(SendAck{invite.id, {}});
        fail_report(488);
        return send_bye();
    }
    state_ = State::confirmed;
    learn(response.peer);
    if (response.timer.expires > 0)
        agree_timer(response.timer.expires, response.timer.refresher != Refresher::uas);
    if (invite.offer.empty()) {
        ack_held_ = true; // until AnswerOffer
        client_invite_ = invite;
    } else {
        out(SendAck{invite.id, {}});
    }
    out(DialogChanged{});
    out(ReportAnswered{sdp});
}

void Session::cancel_invite(bool elsewhere) {
    auto &invite = *client_invite_;
    invite.cancel_wanted = true;
    invite.elsewhere = elsewhere;
    state_ = State::terminating;
    clear_timer(Timer::ring);
    set_timer(Timer::guard, kGuard);
    if (!invite.provisional || invite.cancel_sent) return; // RFC 3261 9.1: not before a provisional
    invite.cancel_sent = true;
    out(SendCancel{invite.id, elsewhere});
}

// ---------------------------------------------------------------- incoming call

void Session::on(const Incoming &incoming) {
    if (state_ != State::idle || outgoing_) return;
    state_ = State::early;
    if (refuse_short_timer(incoming.id, incoming.timer, incoming.peer)) {
        final_reported_ = true; // the switchboard has never heard of it
        return finish();
    }
    initial_ = incoming.id;
    initial_offer_ = incoming.offer;
    initial_timer_ = incoming.timer;
    initial_peer_ = incoming.peer;
    learn(incoming.peer);
    out(ReportIncoming{});
}

void Session::on(const Ring &) {
    if (initial_ == 0 || reliable_pending_) return;
    if (initial_peer_.requires_reliable) {
        // Reliably and once. Not at all for a late offer: it would have to carry our offer.
        if (initial_offer_.empty() || ringing_reported_) return;
        reliable_pending_ = true;
        ringing_reported_ = true;
        SendResponse ringing{initial_, 180};
        ringing.reliable = true;
        return out(std::move(ringing));
    }
    out(SendResponse{initial_, 180});
}

void Session::on(const Answer &answer) {
    if (initial_ == 0 || held_answer_) return;
    if (reliable_pending_) {
        held_answer_ = answer.sdp; // the 200 waits for the PRACK
        return;
    }
    send_final_answer(answer.sdp);
}

void Session::send_final_answer(const std::string &sdp) {
    const RequestId id = std::exchange(initial_, 0);
    state_ = State::answering;
    awaiting_ack_ = true;
    answer_in_ack_ = initial_offer_.empty();
    local_sdp_ = sdp;
    respond_with_timer(id, sdp, initial_timer_, initial_peer_);
    out(DialogChanged{});
}

void Session::on(const Reject &reject) {
    if (initial_ == 0) return;
    SendResponse response{std::exchange(initial_, 0), std::clamp(reject.status, 300, 699)};
    response.reason = reject.reason;
    response.retry_after = reject.retry_after;
    out(std::move(response));
    end_report(HangUpCause::normal);
    finish_when_done();
}

void Session::on(const Cancel &cancel) {
    if (server_offer_ && server_offer_->id == cancel.id) { // a re-INVITE: the session goes on
        server_offer_.reset();
        respond(cancel.id, 487);
        return send_pending_offer();
    }
    if (initial_ == 0 || initial_ != cancel.id) return; // too late: RFC 3261 9.2
    respond(std::exchange(initial_, 0), 487);
    end_report(HangUpCause::normal);
    finish_when_done();
}

void Session::on(const Prack &) {
    reliable_pending_ = false;
    if (initial_ == 0 || !held_answer_) return;
    const std::string sdp = *std::exchange(held_answer_, std::nullopt);
    send_final_answer(sdp);
}

void Session::on(const PrackMissing &) {
    if (initial_ == 0) return;
    respond(std::exchange(initial_, 0), 504); // RFC 3262 3: reject with a 5xx
    end_report(HangUpCause::signalling);
    finish_when_done();
}

void Session::on(const Ack &ack) {
    if (!awaiting_ack_) return;
    awaiting_ack_ = false;
    const bool was_initial = state_ == State::answering;
    if (was_initial) state_ = State::confirmed;
    if (bye_wanted_) {
        bye_wanted_ = false;
        return send_bye(bye_reason_);
    }
    if (!std::exchange(answer_in_ack_, false)) return send_pending_offer();
    if (was_initial && ack.sdp.empty())
        return end_by(HangUpCause::signalling); // no answer: no call
    if (was_initial)
        out(ReportAnswered{ack.sdp});
    else if (!ack.sdp.empty())
        out(ReportOfferAnswered{ack.sdp});
    send_pending_offer();
}

void Session::on(const AckMissing &) {
    if (!awaiting_ack_) return;
    awaiting_ack_ = false;
    bye_wanted_ = false;
    end_report(HangUpCause::signalling);
    send_bye(); // RFC 3261 13.3.1.4
}

// ---------------------------------------------------------------- the switchboard in the dialog

void Session::on(const HangUp &hang_up) {
    if (state_ == State::idle) {
        end_report(HangUpCause::normal);
        return finish();
    }
    if (initial_ != 0) {
        respond(std::exchange(initial_, 0), 480);
        end_report(HangUpCause::normal);
        return finish_when_done();
    }
    if (state_ == State::calling || (state_ == State::early && outgoing_)) {
        fail_report(487);
        return cancel_invite(hang_up.answered_elsewhere);
    }
    if (state_ == State::confirmed || state_ == State::answering) end_by(HangUpCause::normal);
}

void Session::end_by(HangUpCause cause, const std::string &reason) {
    end_report(cause);
    release_server_offer();
    if (refer_open_) send_notify(200, true); // the transfer was taken over: the phone may forget it
    if (ack_held_) {
        out(SendAck{client_invite_->id, {}});
        ack_held_ = false;
        client_invite_.reset();
    }
    if (awaiting_ack_) {
        state_ = State::terminating;
        bye_wanted_ = true;
        bye_reason_ = reason;
        return;
    }
    send_bye(reason);
}

void Session::send_bye(const std::string &reason) {
    state_ = State::terminating;
    clear_timer(Timer::refresh);
    clear_timer(Timer::expiry);
    clear_timer(Timer::offer_retry);
    bye_ = next_id();
    SendRequest bye{bye_, Method::bye};
    bye.reason = reason;
    out(std::move(bye));
    set_timer(Timer::guard, kGuard);
}

void Session::on(const Offer &offer) {
    if (state_ != State::confirmed && state_ != State::answering) return;
    pending_offer_ = offer.sdp;
    has_pending_offer_ = true;
    send_pending_offer();
}

void Session::send_pending_offer() {
    if (!has_pending_offer_ || state_ != State::confirmed || offer_in_flight()) return;
    if ((timers_set_ >> static_cast<unsigned>(Timer::offer_retry)) & 1U) return;
    has_pending_offer_ = false;
    send_reinvite(std::exchange(pending_offer_, {}), false);
}

bool Session::offer_in_flight() const {
    return client_invite_ || update_ != 0 || server_offer_ || awaiting_ack_ || ack_held_;
}

void Session::send_reinvite(const std::string &sdp, bool is_refresh) {
    client_invite_ = ClientInvite{};
    client_invite_->id = next_id();
    client_invite_->refresh = is_refresh;
    client_invite_->offer = sdp;
    SendRequest request{client_invite_->id, Method::invite, sdp};
    if (expires_ > 0)
        request.timer = {expires_, we_refresh_ ? Refresher::uac : Refresher::uas, asked_min_se_};
    out(std::move(request));
}

void Session::send_update() {
    update_ = next_id();
    SendRequest request{update_, Method::update};
    request.timer = {expires_, Refresher::uac, asked_min_se_};
    out(std::move(request));
}

void Session::on_reinvite_response(const Response &response) {
    if (!is_final(response.status)) return;
    const ClientInvite invite = *client_invite_;
    if (is_success(response.status)) {
        if (ack_held_) return; // the initial 200 again
        client_invite_.reset();
        out(SendAck{invite.id, {}}); // also when the leg has ended meanwhile
        if (state_ != State::confirmed) return finish_when_done();
        learn(response.peer);
        if (response.timer.expires > 0)
            agree_timer(response.timer.expires, response.timer.refresher != Refresher::uas);
        else if (expires_ > 0)
            agree_timer(expires_, we_refresh_);
        local_sdp_ = invite.offer;
        out(DialogChanged{});
        if (!invite.refresh) out(ReportOfferAnswered{response.sdp});
        return send_pending_offer();
    }
    client_invite_.reset();
    if (state_ != State::confirmed) return finish_when_done();
    if (ends_dialog(response.status)) return end_by(HangUpCause::signalling);
    if (response.status == 491) {
        if (invite.refresh) refresh_due_ = true;
        if (!invite.refresh && !has_pending_offer_) {
            has_pending_offer_ = true;
            pending_offer_ = invite.offer;
        }
        return retry_later(response);
    }
    if (response.status == 422 && response.timer.min_se > expires_ && retries_422_ < 4) {
        ++retries_422_;
        expires_ = response.timer.min_se;
        asked_min_se_ = response.timer.min_se;
        return send_reinvite(invite.offer, invite.refresh);
    }
    if (!invite.refresh) out(ReportOfferAnswered{{}});
    send_pending_offer();
}

// RFC 3261 14.1: the owner of the Call-ID waits 2.1 to 4 s, the other one 0 to 2 s, in 10 ms steps.
void Session::retry_later(const Response &) {
    const auto steps = outgoing_ ? 210 + random_ % 191 : random_ % 201;
    set_timer(Timer::offer_retry, std::chrono::milliseconds(10 * steps));
}

void Session::on_update_response(const Response &response) {
    if (!is_final(response.status)) return;
    update_ = 0;
    if (state_ != State::confirmed) return;
    if (is_success(response.status)) {
        learn(response.peer);
        const int expires = response.timer.expires > 0 ? response.timer.expires : expires_;
        agree_timer(expires, response.timer.refresher != Refresher::uas);
        out(DialogChanged{});
        return send_pending_offer();
    }
    if (ends_dialog(response.status)) return end_by(HangUpCause::signalling);
    if (response.status == 491 || response.status == 500) {
        refresh_due_ = true;
        return retry_later(response);
    }
    if (response.status == 422 && response.timer.min_se > expires_ && retries_422_ < 4) {
        ++retries_422_;
        expires_ = response.timer.min_se;
        asked_min_se_ = response.timer.min_se;
        return send_update();
    }
    if (response.status == 405 || response.status == 501) {
        peer_update_ = false; // its Allow was not true
        return refresh();
    }
    send_pending_offer();
}

void Session::on(const AnswerOffer &answer) {
    if (ack_held_) {
        const RequestId id = client_invite_->id;
        client_invite_.reset();
        ack_held_ = false;
        out(SendAck{id, answer.sdp});
        if (answer.sdp.empty()) return end_by(HangUpCause::normal);
        local_sdp_ = answer.sdp;
        out(DialogChanged{});
        return send_pending_offer();
    }
    if (!server_offer_ || state_ == State::terminating) return;
    const ServerOffer offer = *std::exchange(server_offer_, std::nullopt);
    if (answer.sdp.empty()) {
        respond(offer.id, 488);
        return send_pending_offer();
    }
    local_sdp_ = answer.sdp;
    if (offer.method == Method::invite) awaiting_ack_ = true;
    respond_with_timer(offer.id, answer.sdp, offer.timer, offer.peer);
    out(DialogChanged{});
    send_pending_offer();
}

// ---------------------------------------------------------------- requests of the far end

void Session::on(const Request &request) {
    if (request.method == Method::bye) return on_bye(request);
    if (state_ == State::terminating) return respond(request.id, 481);
    if (request.unsupported_body) return respond(request.id, 415);
    switch (request.method) {
    case Method::invite:
        return on_reinvite(request);
    case Method::update:
        return on_update(request);
    case Method::refer:
        return on_refer(request);
    case Method::options:
        return respond(request.id, 200);
    case Method::notify:
        return respond(request.id, refer_sent_ ? 200 : 481); // no subscription: RFC 6665 4.1.3
    case Method::prack:
        return respond(request.id, 481); // a matching one is not given to us
    case Method::info: // keys of a phone (application/dtmf-relay): taken, nobody asks for them yet
        return respond(request.id, 200);
    case Method::message:
        return respond(request.id, 405);
    default:
        return respond(request.id, 501);
    }
}

void Session::on_bye(const Request &request) {
    if (outgoing_ && (state_ == State::calling || state_ == State::early))
        return respond(request.id, 481); // RFC 3261 15: the callee has no BYE before its 200
    respond(request.id, 200);
    if (initial_ != 0) respond(std::exchange(initial_, 0), 487);
    release_server_offer();
    end_report(HangUpCause::normal);
    state_ = State::terminating;
    awaiting_ack_ = false;
    bye_wanted_ = false;
    refer_open_ = false;
    if (ack_held_) {
        out(SendAck{client_invite_->id, {}});
        ack_held_ = false;
        client_invite_.reset();
    }
    finish_when_done();
}

void Session::release_server_offer() {
    if (refer_ != 0) respond(std::exchange(refer_, 0), 481);
    if (!server_offer_) return;
    respond(server_offer_->id, 487); // RFC 3261 15.1.2
    server_offer_.reset();
}

void Session::on_reinvite(const Request &request) {
    const int retry_after = static_cast<int>(random_ % 11); // RFC 3261 14.2: 0 to 10 s
    if (initial_ != 0 || server_offer_ || awaiting_ack_)
        return respond(request.id, 500, std::max(retry_after, 1));
    if (client_invite_ || update_ != 0) return respond(request.id, 491);
    if (refuse_short_timer(request.id, request.timer, request.peer)) return;
    learn(request.peer);
    if (!request.sdp.empty()) {
        server_offer_ = ServerOffer{request.id, Method::invite, request.timer, request.peer};
        return out(ReportOffer{request.sdp});
    }
    awaiting_ack_ = true; // late offer: what we have is what we offer
    answer_in_ack_ = true;
    respond_with_timer(request.id, local_sdp_, request.timer, request.peer);
    out(DialogChanged{});
}

void Session::on_update(const Request &request) {
    const bool own_offer_open = client_invite_ || (awaiting_ack_ && answer_in_ack_);
    const bool their_offer_open = server_offer_ || (initial_ != 0 && !initial_offer_.empty());
    if (!request.sdp.empty()) { // RFC 3311 5.2
        if (own_offer_open) return respond(request.id, 491);
        if (their_offer_open)
            return respond(request.id, 500, std::max(static_cast<int>(random_ % 11), 1));
        if (initial_ != 0) return respond(request.id, 488); // no session yet that could change
    }
    if (refuse_short_timer(request.id, request.timer, request.peer)) return;
    learn(request.peer);
    if (request.sdp.empty()) {
        if (state_ != State::confirmed) return respond(request.id, 200);
        respond_with_timer(request.id, {}, request.timer, request.peer);
        return out(DialogChanged{});
    }
    server_offer_ = ServerOffer{request.id, Method::update, request.timer, request.peer};
    out(ReportOffer{request.sdp});
}

void Session::on_refer(const Request &request) {
    if (state_ != State::confirmed || refer_ != 0) return respond(request.id, 491);
    if (request.refer_to.empty()) return respond(request.id, 400);
    refer_ = request.id;
    out(ReportRefer{request.refer_to, request.refer_replaces});
}

void Session::on(const AnswerRefer &answer) {
    if (refer_ == 0) return;
    respond(std::exchange(refer_, 0), answer.accepted ? 202 : 603);
    if (!answer.accepted) return;
    refer_open_ = true; // RFC 3515 2.4.4: a NOTIFY at once
    send_notify(100, false);
}

void Session::on(const ReferProgress &progress) {
    if (!refer_open_ || state_ != State::confirmed) return;
    send_notify(progress.status, is_final(progress.status));
}

void Session::on(const Refer &refer) {
    if (state_ != State::confirmed || refer.to.empty()) return;
    refer_sent_ = true;
    SendRequest request{next_id(), Method::refer};
    request.refer_to = refer.to;
    out(std::move(request));
}

void Session::send_notify(int status, bool last) {
    SendRequest notify{next_id(), Method::notify};
    notify.notify_status = status;
    notify.notify_last = last;
    if (last) refer_open_ = false;
    out(std::move(notify));
}

// ---------------------------------------------------------------- session timer (RFC 4028)

bool Session::refuse_short_timer(RequestId id, const SessionTimer &asked, const Abilities &peer) {
    if (asked.expires == 0 || asked.expires >= settings_.min_se || !peer.timer) return false;
    SendResponse refusal{id, 422};
    refusal.timer.min_se = settings_.min_se;
    out(std::move(refusal));
    return true;
}

// RFC 4028 9 and table 2: who refreshes, and what the 2xx says.
void Session::respond_with_timer(RequestId id, const std::string &sdp, const SessionTimer &asked,
                                 const Abilities &peer) {
    SendResponse response{id, 200, sdp};
    int expires = asked.expires;
    if (expires == 0) expires = expires_ > 0 ? expires_ : settings_.session_expires;
    if (expires > 0) expires = std::max({expires, asked.min_se, settings_.min_se});
    if (expires > 0) {
        const bool they = peer.timer && asked.refresher != Refresher::uas;
        response.timer = {expires, they ? Refresher::uac : Refresher::uas, 0};
        response.require_timer = peer.timer;
        agree_timer(expires, !they);
    }
    out(std::move(response));
}

void Session::agree_timer(int expires, bool we_refresh) {
    expires_ = expires;
    we_refresh_ = we_refresh;
    refresh_due_ = false;
    if (expires <= 0) return;
    const auto interval = std::chrono::seconds(expires);
    if (we_refresh)
        set_timer(Timer::refresh, interval / 2);
    else
        clear_timer(Timer::refresh);
    // RFC 4028 10: BYE shortly before the end, min(32 s, a third) earlier.
    set_timer(Timer::expiry, interval - std::min<Duration>(32s, interval / 3));
}

void Session::refresh() {
    refresh_due_ = false;
    if (state_ != State::confirmed) return;
    if (offer_in_flight()) {
        set_timer(Timer::refresh, kBusyRetry);
        return;
    }
    if (peer_update_ || local_sdp_.empty()) return send_update();
    send_reinvite(local_sdp_, true);
}

void Session::learn(const Abilities &peer) {
    peer_update_ = peer_update_ || peer.update;
}

void Session::on(const TimerFired &fired) {
    const unsigned bit = 1U << static_cast<unsigned>(fired.timer);
    if ((timers_set_ & bit) == 0) return;
    timers_set_ &= ~bit;
    switch (fired.timer) {
    case Timer::ring:
        fail_report(408);
        return cancel_invite(false);
    case Timer::refresh:
        return refresh();
    case Timer::expiry:
        if (state_ == State::confirmed) end_by(HangUpCause::signalling, kSessionTimeout);
        return;
    case Timer::offer_retry:
        if (refresh_due_) refresh();
        return send_pending_offer();
    case Timer::guard:
        return finish();
    }
}

// ---------------------------------------------------------------- small parts

void Session::respond(RequestId id, int status, int retry_after) {
    SendResponse response{id, status};
    response.retry_after = retry_after;
    out(std::move(response));
}

void Session::fail_report(int status) {
    if (std::exchange(final_reported_, true)) return;
    out(ReportFailed{status});
}

void Session::end_report(HangUpCause cause) {
    if (std::exchange(final_reported_, true)) return;
    out(ReportEnded{cause});
}

void Session::finish_when_done() {
    if (initial_ != 0 || bye_ != 0 || awaiting_ack_) return;
    if (client_invite_) { // its answer must still be acknowledged
        set_timer(Timer::guard, kGuard);
        return;
    }
    finish();
}

void Session::finish() {
    end_report(HangUpCause::signalling);
    for (int timer = 0; timer < kTimers; ++timer)
        clear_timer(static_cast<Timer>(timer));
    state_ = State::terminated;
    out(Finished{});
}

void Session::set_timer(Timer timer, Duration after) {
    timers_set_ |= 1U << static_cast<unsigned>(timer);
    out(SetTimer{timer, after});
}

void Session::clear_timer(Timer timer) {
    const unsigned bit = 1U << static_cast<unsigned>(timer);
    if ((timers_set_ & bit) == 0) return;
    timers_set_ &= ~bit;
    out(ClearTimer{timer});
}

} // namespace fernamt::telephony::session
