// SPDX-License-Identifier: EUPL-1.2
// The frame of a Session: what comes in is handed on, restart, session timer, and how it ends.
// session_setup.cpp: until it is answered; session_dialog.cpp: what happens in the conversation.
#include "telephony/session.h"

#include "telephony/session_status.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony::session {

using routing::HangUpCause;

namespace {

constexpr Duration kBusyRetry = 2s;
constexpr const char *kSessionTimeout = "SIP;cause=408;text=\"Session timeout\"";

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
