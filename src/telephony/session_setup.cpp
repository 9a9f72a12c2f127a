// SPDX-License-Identifier: EUPL-1.2
// A Session until it is answered, refused or given up (RFC 3261 13 and 9, RFC 3262).
#include "telephony/session.h"
#include "telephony/session_status.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony::session {

using routing::HangUpCause;

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

} // namespace fernamt::telephony::session
