// SPDX-License-Identifier: EUPL-1.2
// A Session in its dialog: offers of both sides and their glare (RFC 3261 14, RFC 3264, RFC 3311),
// transfers (RFC 3515), BYE.
#include "telephony/session.h"
#include "telephony/session_status.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony::session {

using routing::HangUpCause;

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
        if (response.timer.expires > 0) {
            agree_timer(response.timer.expires, response.timer.refresher != Refresher::uas);
        } else if (expires_ > 0) {
            agree_timer(expires_, we_refresh_);
        }
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

} // namespace fernamt::telephony::session
