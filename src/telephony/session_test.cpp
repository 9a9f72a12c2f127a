// SPDX-License-Identifier: EUPL-1.2
#include "telephony/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace fernamt::telephony::session {
namespace {

using routing::HangUpCause;

const char *name(Method method) {
    constexpr const char *kNames[] = {"INVITE", "PRACK",   "UPDATE", "BYE",  "REFER",
                                      "NOTIFY", "OPTIONS", "INFO",   "OTHER"};
    return kNames[static_cast<int>(method)];
}

const char *name(Timer timer) {
    constexpr const char *kNames[] = {"ring", "refresh", "expiry", "offer_retry", "guard"};
    return kNames[static_cast<int>(timer)];
}

// One word or two per action, so that a test reads like the ladder diagram it stands for.
struct Writer {
    std::string operator()(const SendRequest &r) const {
        std::string text = fmt::format("{}", name(r.method));
        if (!r.sdp.empty()) text += " " + r.sdp;
        if (r.notify_status != 0)
            text += fmt::format(" {}{}", r.notify_status, r.notify_last ? " last" : "");
        if (!r.reason.empty()) text += " (reason)";
        if (r.method == Method::prack) text += fmt::format(" {}/{}", r.tag, r.rseq);
        return text;
    }
    std::string operator()(const SendResponse &r) const {
        std::string text = std::to_string(r.status);
        if (!r.sdp.empty()) text += " " + r.sdp;
        if (r.reliable) text += " reliable";
        return text;
    }
    std::string operator()(const SendAck &a) const {
        return a.sdp.empty() ? "ACK" : "ACK " + a.sdp;
    }
    std::string operator()(const SendCancel &c) const {
        return c.answered_elsewhere ? "CANCEL elsewhere" : "CANCEL";
    }
    std::string operator()(const Establish &e) const { return "dialog " + e.tag; }
    std::string operator()(const SetTimer &t) const {
        return fmt::format("set {} {}", name(t.timer), t.after.count() / 1000);
    }
    std::string operator()(const ClearTimer &t) const {
        return fmt::format("clear {}", name(t.timer));
    }
    std::string operator()(const ReportIncoming &) const { return "=incoming"; }
    std::string operator()(const ReportRinging &) const { return "=ringing"; }
    std::string operator()(const ReportAnswered &r) const { return "=answered " + r.sdp; }
    std::string operator()(const ReportFailed &r) const {
        return fmt::format("=failed {}", r.status);
    }
    std::string operator()(const ReportEnded &r) const {
        return r.cause == HangUpCause::normal ? "=ended" : "=ended signalling";
    }
    std::string operator()(const ReportOffer &r) const { return "=offer " + r.sdp; }
    std::string operator()(const ReportOfferAnswered &r) const {
        return "=offer_answered " + r.sdp;
    }
    std::string operator()(const ReportRefer &r) const { return "=refer " + r.target; }
    std::string operator()(const DialogChanged &) const { return "=dialog"; }
    std::string operator()(const Finished &) const { return "=finished"; }
};

// A session under test: remembers the ids of what it sent, hides session timers unless asked.
class Script {
  public:
    explicit Script(bool outgoing, Settings settings = {0, 90}) : session(outgoing, settings) {}

    std::string operator()(const Input &input, std::uint32_t random = 7) {
        std::string text;
        for (const auto &action : session.handle(input, random)) {
            if (const auto *sent = std::get_if<SendRequest>(&action)) {
                last[sent->method] = sent->id;
                last_request = *sent;
            }
            if (const auto *sent = std::get_if<SendResponse>(&action)) last_response = *sent;
            if (!text.empty()) text += ", ";
            text += std::visit(Writer{}, action);
        }
        return text;
    }
    std::string response(Method method, int status, const std::string &sdp = {},
                         const std::string &tag = "t", std::uint32_t rseq = 0,
                         SessionTimer timer = {}, Abilities peer = {}) {
        return (*this)(Response{last[method], status, tag, sdp, timer, peer, rseq});
    }
    std::string request(Method method, const std::string &sdp = {}, SessionTimer timer = {},
                        Abilities peer = {}) {
        Request r;
        r.id = ++requests;
        r.method = method;
        r.sdp = sdp;
        r.timer = timer;
        r.peer = peer;
        return (*this)(r);
    }
    void call_established() {
        if (session.outgoing()) {
            (*this)(Invite{"offer", 60s});
            response(Method::invite, 200, "answer");
        } else {
            (*this)(Incoming{++requests, "offer", {}, {}});
            (*this)(Answer{"answer"});
            (*this)(Ack{});
        }
        ASSERT_EQ(session.state(), State::confirmed);
    }

    Session session;
    std::map<Method, RequestId> last;
    SendRequest last_request;
    SendResponse last_response;
    RequestId requests = 0;
};

// ---------------------------------------------------------------- outgoing

TEST(SessionOutgoing, rings_is_answered_and_hung_up_by_us) {
    Script s(true);
    EXPECT_EQ(s(Invite{"offer", 20s}), "INVITE offer, set ring 20000");
    EXPECT_EQ(s.response(Method::invite, 100), "");
    EXPECT_EQ(s.response(Method::invite, 180), "=ringing");
    EXPECT_EQ(s.response(Method::invite, 180), "") << "once";
    EXPECT_EQ(s.response(Method::invite, 200, "answer"),
              "clear ring, dialog t, ACK, =dialog, =answered answer");
    EXPECT_EQ(s(HangUp{}), "=ended, BYE, set guard 40000");
    EXPECT_EQ(s.response(Method::bye, 200), "clear guard, =finished");
    EXPECT_EQ(s(HangUp{}), "") << "nothing after the end";
}

TEST(SessionOutgoing, cancel_waits_for_a_provisional_answer) {
    Script s(true);
    s(Invite{"offer", 20s});
    EXPECT_EQ(s(HangUp{true}), "=failed 487, clear ring, set guard 40000");
    EXPECT_EQ(s.response(Method::invite, 100), "set guard 40000, CANCEL elsewhere");
    EXPECT_EQ(s.response(Method::invite, 180), "")
        << "one CANCEL, and no report after the last one";
    EXPECT_EQ(s.response(Method::invite, 487), "clear guard, =finished");
}

TEST(SessionOutgoing, an_answer_that_crosses_our_cancel_is_acknowledged_and_ended) {
    Script s(true);
    s(Invite{"offer", 20s});
    s.response(Method::invite, 180);
    EXPECT_EQ(s(HangUp{}), "=failed 487, clear ring, set guard 40000, CANCEL");
    EXPECT_EQ(s.response(Method::invite, 200, "answer"),
              "clear guard, dialog t, ACK, BYE, set guard 40000");
    EXPECT_EQ(s.response(Method::bye, 481), "clear guard, =finished");
}

TEST(SessionOutgoing, ring_timeout_cancels_and_reports_408) {
    Script s(true);
    s(Invite{"offer", 20s});
    s.response(Method::invite, 180);
    EXPECT_EQ(s(TimerFired{Timer::ring}), "=failed 408, set guard 40000, CANCEL");
    EXPECT_EQ(s.response(Method::invite, 487), "clear guard, =finished");
}

TEST(SessionOutgoing, a_cancelled_call_that_never_ends_is_given_up) {
    Script s(true);
    s(Invite{"offer", 20s});
    s(HangUp{});
    EXPECT_EQ(s(TimerFired{Timer::guard}), "=finished");
}

TEST(SessionOutgoing, redirections_and_refusals_are_failures) {
    for (const int status :
         {300, 301, 302, 305, 380, 404, 408, 480, 486, 488, 491, 500, 503, 603}) {
        Script s(true);
        s(Invite{"offer", 20s});
        EXPECT_EQ(s.response(Method::invite, status),
                  fmt::format("=failed {}, clear ring, =finished", status));
    }
}

TEST(SessionOutgoing, reliable_provisional_answers_get_a_prack_each_and_repeated_ones_none) {
    Script s(true);
    s(Invite{"offer", 20s});
    EXPECT_TRUE(s.last_request.reliable);
    EXPECT_EQ(s.response(Method::invite, 183, "early", "a", 5), "PRACK a/5, =ringing");
    EXPECT_EQ(s.response(Method::invite, 183, "early", "a", 5), "");
    EXPECT_EQ(s.response(Method::invite, 180, "", "a", 7), "") << "6 is missing: RFC 3262 4";
    EXPECT_EQ(s.response(Method::invite, 180, "", "a", 6), "PRACK a/6");
    EXPECT_EQ(s.response(Method::invite, 183, "other", "b", 9), "PRACK b/9") << "another fork";
    EXPECT_EQ(s.response(Method::invite, 200, "", "a"),
              "clear ring, dialog a, ACK, =dialog, =answered early")
        << "the answer came in the 183";
}

TEST(SessionOutgoing, the_answer_of_another_fork_is_not_taken) {
    Script s(true);
    s(Invite{"offer", 20s});
    s.response(Method::invite, 183, "early a", "a");
    EXPECT_EQ(s.response(Method::invite, 200, "", "b"),
              "clear ring, dialog b, ACK, =failed 488, BYE, set guard 40000");
}

TEST(SessionOutgoing, late_offer_holds_the_ack_back) {
    Script s(true);
    EXPECT_EQ(s(Invite{"", 20s}), "INVITE, set ring 20000");
    EXPECT_FALSE(s.last_request.reliable) << "a reliable 183 would carry their offer";
    EXPECT_EQ(s.response(Method::invite, 200, "their offer"),
              "clear ring, dialog t, =dialog, =answered their offer");
    EXPECT_EQ(s.response(Method::invite, 200, "their offer"), "") << "repeated";
    EXPECT_EQ(s(AnswerOffer{"our answer"}), "ACK our answer, =dialog");
    EXPECT_EQ(s.session.record().local_sdp, "our answer");
}

TEST(SessionOutgoing, late_offer_hung_up_before_the_answer_is_acknowledged_first) {
    Script s(true);
    s(Invite{"", 20s});
    s.response(Method::invite, 200, "their offer");
    EXPECT_EQ(s(HangUp{}), "=ended, ACK, BYE, set guard 40000");
    Script t(true);
    t(Invite{"", 20s});
    t.response(Method::invite, 200, "their offer");
    EXPECT_EQ(t(AnswerOffer{""}), "ACK, =ended, BYE, set guard 40000");
}

TEST(SessionOutgoing, a_bye_before_the_answer_is_refused) {
    Script s(true);
    s(Invite{"offer", 20s});
    s.response(Method::invite, 180);
    EXPECT_EQ(s.request(Method::bye), "481");
    EXPECT_EQ(s.request(Method::invite, "x"), "491");
    EXPECT_EQ(s.request(Method::update, "x"), "491");
}

TEST(SessionOutgoing, a_too_short_session_interval_is_raised_with_a_new_invite) {
    Script s(true, {1800, 90});
    s(Invite{"offer", 20s});
    EXPECT_EQ(s.last_request.timer, (SessionTimer{1800, Refresher::none, 0}));
    EXPECT_EQ(s.response(Method::invite, 422, "", "t", 0, {0, Refresher::none, 3600}),
              "INVITE offer");
    EXPECT_EQ(s.last_request.timer, (SessionTimer{3600, Refresher::none, 3600}));
    EXPECT_EQ(s.response(Method::invite, 422, "", "t", 0, {0, Refresher::none, 600}),
              "=failed 422, clear ring, =finished")
        << "nonsense is no reason to go on for ever";
}

// ---------------------------------------------------------------- incoming

TEST(SessionIncoming, rings_answers_and_is_hung_up_by_the_caller) {
    Script s(false);
    EXPECT_EQ(s(Incoming{1, "offer", {}, {}}), "=incoming");
    EXPECT_EQ(s(Ring{}), "180");
    EXPECT_EQ(s(Answer{"answer"}), "200 answer, =dialog");
    EXPECT_EQ(s(Ack{}), "");
    EXPECT_EQ(s.request(Method::bye), "200, =ended, =finished");
}

TEST(SessionIncoming, is_cancelled_rejected_or_dropped_before_the_answer) {
    Script cancelled(false);
    cancelled(Incoming{1, "offer", {}, {}});
    EXPECT_EQ(cancelled(Cancel{1}), "487, =ended, =finished");
    Script rejected(false);
    rejected(Incoming{1, "offer", {}, {}});
    EXPECT_EQ(rejected(Reject{503, "why", 5}), "503, =ended, =finished");
    EXPECT_EQ(rejected.last_response.retry_after, 5);
    Script dropped(false);
    dropped(Incoming{1, "offer", {}, {}});
    EXPECT_EQ(dropped(HangUp{}), "480, =ended, =finished");
    Script early_bye(false);
    early_bye(Incoming{1, "offer", {}, {}});
    EXPECT_EQ(early_bye.request(Method::bye), "200, 487, =ended, =finished");
}

TEST(SessionIncoming, cancel_after_the_answer_changes_nothing) {
    Script s(false);
    s(Incoming{1, "offer", {}, {}});
    s(Answer{"answer"});
    EXPECT_EQ(s(Cancel{1}), "");
    EXPECT_EQ(s(Ack{}), "");
    EXPECT_EQ(s.session.state(), State::confirmed);
}

TEST(SessionIncoming, our_bye_waits_for_the_ack) { // RFC 3261 15
    Script s(false);
    s(Incoming{1, "offer", {}, {}});
    s(Answer{"answer"});
    EXPECT_EQ(s(HangUp{}), "=ended");
    EXPECT_EQ(s(Ack{}), "BYE, set guard 40000");
    EXPECT_EQ(s.response(Method::bye, 200), "clear guard, =finished");
}

TEST(SessionIncoming, a_missing_ack_ends_the_call) {
    Script s(false);
    s(Incoming{1, "offer", {}, {}});
    s(Answer{"answer"});
    EXPECT_EQ(s(AckMissing{}), "=ended signalling, BYE, set guard 40000");
    EXPECT_EQ(s.response(Method::bye, 408), "clear guard, =finished");
}

TEST(SessionIncoming, late_offer_gets_our_offer_and_the_ack_brings_the_answer) {
    Script s(false);
    s(Incoming{1, "", {}, {}});
    EXPECT_EQ(s(Answer{"our offer"}), "200 our offer, =dialog");
    EXPECT_EQ(s.request(Method::update, "x"), "491") << "our offer is still open";
    EXPECT_EQ(s(Ack{"their answer"}), "=answered their answer");
    Script without(false);
    without(Incoming{1, "", {}, {}});
    without(Answer{"our offer"});
    EXPECT_EQ(without(Ack{}), "=ended signalling, BYE, set guard 40000");
}

TEST(SessionIncoming, reliable_ringing_only_if_required_and_the_answer_waits_for_the_prack) {
    Script s(false);
    s(Incoming{1, "offer", {}, {false, false, true}});
    EXPECT_EQ(s(Ring{}), "180 reliable");
    EXPECT_EQ(s(Ring{}), "");
    EXPECT_EQ(s(Answer{"answer"}), "");
    EXPECT_EQ(s(Prack{}), "200 answer, =dialog");
    Script late(false);
    late(Incoming{1, "", {}, {false, false, true}});
    EXPECT_EQ(late(Ring{}), "") << "it would have to carry an offer";
    Script lost(false);
    lost(Incoming{1, "offer", {}, {false, false, true}});
    lost(Ring{});
    EXPECT_EQ(lost(PrackMissing{}), "504, =ended signalling, =finished");
}

TEST(SessionIncoming, a_too_short_session_interval_is_refused_before_anybody_hears_of_it) {
    Script s(false, {1800, 90});
    EXPECT_EQ(s(Incoming{1, "offer", {60, Refresher::none, 0}, {true, true, false}}),
              "422, =finished");
    EXPECT_EQ(s.last_response.timer.min_se, 90);
}

// ---------------------------------------------------------------- in the dialog

class SessionInDialog : public testing::TestWithParam<bool> {};

TEST_P(SessionInDialog, offers_of_the_far_end_are_passed_up_and_answered) {
    Script s(GetParam());
    s.call_established();
    EXPECT_EQ(s.request(Method::invite, "hold"), "=offer hold");
    EXPECT_EQ(s.request(Method::update, "x"), "500") << "their own offer is open: RFC 3311 5.2";
    EXPECT_EQ(s.request(Method::invite, "x"), "500") << "RFC 3261 14.2";
    EXPECT_GE(s.last_response.retry_after, 1);
    EXPECT_LE(s.last_response.retry_after, 10);
    EXPECT_EQ(s(AnswerOffer{"held"}), "200 held, =dialog");
    EXPECT_EQ(s(AnswerOffer{"again"}), "");
    EXPECT_EQ(s(Ack{}), "");
    EXPECT_EQ(s.request(Method::update, "resume"), "=offer resume");
    EXPECT_EQ(s(AnswerOffer{""}), "488");
    EXPECT_EQ(s.session.record().local_sdp, "held");
}

TEST_P(SessionInDialog, a_reinvite_without_an_offer_gets_what_we_have) {
    Script s(GetParam());
    s.call_established();
    const std::string ours = s.session.record().local_sdp;
    EXPECT_EQ(s.request(Method::invite), "200 " + ours + ", =dialog");
    EXPECT_EQ(s(Ack{"theirs"}), "=offer_answered theirs");
}

TEST_P(SessionInDialog, a_cancelled_reinvite_leaves_the_session_alone) {
    Script s(GetParam());
    s.call_established();
    s.request(Method::invite, "new");
    EXPECT_EQ(s(Cancel{s.requests}), "487");
    EXPECT_EQ(s(AnswerOffer{"late"}), "");
    EXPECT_EQ(s.session.state(), State::confirmed);
}

TEST_P(SessionInDialog, glare_is_refused_and_ours_repeated_after_the_waiting_time_of_its_owner) {
    Script s(GetParam());
    s.call_established();
    EXPECT_EQ(s(Offer{"ours"}), "INVITE ours");
    EXPECT_EQ(s.request(Method::invite, "theirs"), "491");
    EXPECT_EQ(s.request(Method::update, "theirs"), "491");
    const RequestId id = s.last[Method::invite];
    for (const std::uint32_t random : {0U, 190U, 200U, 4'294'967'295U}) {
        Script t(s);
        const auto actions = t.session.handle(Response{id, 491, "t", "", {}, {}, 0}, random);
        ASSERT_EQ(actions.size(), 1U);
        const auto after = std::get<SetTimer>(actions[0]).after;
        if (GetParam()) { // owner of the Call-ID
            EXPECT_GE(after, 2100ms);
            EXPECT_LE(after, 4000ms);
        } else {
            EXPECT_GE(after, 0ms);
            EXPECT_LE(after, 2000ms);
        }
    }
    s.response(Method::invite, 491);
    EXPECT_EQ(s.request(Method::invite, "theirs"), "=offer theirs") << "theirs may come first";
    EXPECT_EQ(s(TimerFired{Timer::offer_retry}), "") << "not while theirs is open";
    s(AnswerOffer{"ok"});
    EXPECT_EQ(s(Ack{}), "INVITE ours") << "and now ours again";
    EXPECT_EQ(s.response(Method::invite, 200, "answer"), "ACK, =dialog, =offer_answered answer");
}

TEST_P(SessionInDialog, a_refused_offer_leaves_the_session_alone) {
    Script s(GetParam());
    s.call_established();
    s(Offer{"ours"});
    EXPECT_EQ(s.response(Method::invite, 488), "=offer_answered ");
    EXPECT_EQ(s.session.state(), State::confirmed);
}

TEST_P(SessionInDialog, offers_wait_their_turn_and_the_newest_counts) {
    Script s(GetParam());
    s.call_established();
    s(Offer{"one"});
    EXPECT_EQ(s(Offer{"two"}), "");
    EXPECT_EQ(s(Offer{"three"}), "");
    EXPECT_EQ(s.response(Method::invite, 200, "a1"),
              "ACK, =dialog, =offer_answered a1, INVITE three");
}

TEST_P(SessionInDialog, a_dialog_that_the_far_end_does_not_know_has_ended) {
    for (const int status : {408, 481}) {
        Script s(GetParam());
        s.call_established();
        s(Offer{"ours"});
        EXPECT_EQ(s.response(Method::invite, status), "=ended signalling, BYE, set guard 40000");
    }
}

TEST_P(SessionInDialog, bye_against_bye) {
    Script s(GetParam());
    s.call_established();
    s(HangUp{});
    EXPECT_EQ(s.request(Method::bye), "200");
    EXPECT_EQ(s.response(Method::bye, 481), "clear guard, =finished");
}

TEST_P(SessionInDialog, their_bye_while_our_reinvite_is_open_is_answered_and_its_200_acknowledged) {
    Script s(GetParam());
    s.call_established();
    s(Offer{"ours"});
    EXPECT_EQ(s.request(Method::bye), "200, =ended, set guard 40000");
    EXPECT_EQ(s.response(Method::invite, 200, "late"), "ACK, clear guard, =finished");
}

TEST_P(SessionInDialog, their_bye_while_their_reinvite_is_open_ends_that_too) {
    Script s(GetParam());
    s.call_established();
    s.request(Method::invite, "new");
    EXPECT_EQ(s.request(Method::bye), "200, 487, =ended, =finished");
}

TEST_P(SessionInDialog, requests_after_our_bye_find_no_dialog) {
    Script s(GetParam());
    s.call_established();
    s(HangUp{});
    EXPECT_EQ(s.request(Method::invite, "x"), "481");
    EXPECT_EQ(s.request(Method::update), "481");
    EXPECT_EQ(s.request(Method::options), "481");
}

TEST_P(SessionInDialog, methods_and_bodies_that_we_do_not_take) {
    Script s(GetParam());
    s.call_established();
    EXPECT_EQ(s.request(Method::info), "200");
    EXPECT_EQ(s.request(Method::message), "405");
    EXPECT_EQ(s.request(Method::other), "501");
    EXPECT_EQ(s.request(Method::notify), "481");
    EXPECT_EQ(s.request(Method::options), "200");
    Request odd;
    odd.id = 99;
    odd.method = Method::invite;
    odd.unsupported_body = true;
    EXPECT_EQ(s(odd), "415");
}

TEST_P(SessionInDialog, refer_is_passed_up_and_told_how_it_goes) {
    Script s(GetParam());
    s.call_established();
    Request refer;
    refer.method = Method::refer;
    refer.id = 50;
    EXPECT_EQ(s(refer), "400") << "to whom?";
    refer.refer_to = "sip:123@x";
    refer.id = 51;
    EXPECT_EQ(s(refer), "=refer sip:123@x");
    Request second = refer;
    second.id = 52;
    EXPECT_EQ(s(second), "491");
    EXPECT_EQ(s(AnswerRefer{true}), "202, NOTIFY 100");
    EXPECT_EQ(s(ReferProgress{180}), "NOTIFY 180");
    EXPECT_EQ(s(ReferProgress{486}), "NOTIFY 486 last");
    EXPECT_EQ(s(ReferProgress{200}), "") << "that was the last one";

    Script refused(GetParam());
    refused.call_established();
    refused(refer);
    EXPECT_EQ(refused(AnswerRefer{false}), "603");
    EXPECT_EQ(refused(ReferProgress{200}), "");

    Script replaced(GetParam());
    replaced.call_established();
    EXPECT_EQ(refused(Refer{"sip:office@x"}), "REFER") << "our own";
    Request told;
    told.method = Method::notify;
    told.id = 60;
    EXPECT_EQ(refused(told), "200");
    told.id = 61;
    EXPECT_EQ(s(told), "481") << "nobody has asked";

    Request attended = refer;
    attended.refer_replaces = true;
    EXPECT_EQ(replaced(attended), "=refer sip:123@x"); // whether it is ours is seen outside
    EXPECT_EQ(replaced(AnswerRefer{false}), "603");

    Script taken_over(GetParam());
    taken_over.call_established();
    taken_over(refer);
    taken_over(AnswerRefer{true});
    EXPECT_EQ(taken_over(HangUp{}), "=ended, NOTIFY 200 last, BYE, set guard 40000");
}

// ---------------------------------------------------------------- session timer

TEST_P(SessionInDialog, timers_follow_what_the_far_end_can_do) {
    const Abilities able{true, true, false};
    if (GetParam()) {
        Script s(true, {1800, 90});
        s(Invite{"offer", 20s});
        EXPECT_EQ(s.response(Method::invite, 200, "a", "t", 0, {600, Refresher::uac, 0}, able),
                  "clear ring, dialog t, set refresh 300000, set expiry 568000, ACK, =dialog, "
                  "=answered a");
        EXPECT_EQ(s(TimerFired{Timer::refresh}), "UPDATE");
        EXPECT_EQ(s.last_request.timer.expires, 600);
        EXPECT_EQ(s.response(Method::update, 200, "", "t", 0, {600, Refresher::uac, 0}, able),
                  "set refresh 300000, set expiry 568000, =dialog");
        Script without(true, {1800, 90});
        without(Invite{"offer", 20s});
        EXPECT_EQ(without.response(Method::invite, 200, "a"),
                  "clear ring, dialog t, ACK, =dialog, =answered a")
            << "no Session-Expires in the 200: no timer";
        return;
    }
    Script s(false, {1800, 90});
    s(Incoming{1, "offer", {600, Refresher::none, 0}, able});
    EXPECT_EQ(s(Answer{"a"}), "set expiry 568000, 200 a, =dialog");
    EXPECT_EQ(s.last_response.timer, (SessionTimer{600, Refresher::uac, 0}));
    EXPECT_TRUE(s.last_response.require_timer);
    Script plain(false, {1800, 90}); // it knows no timer: we refresh (RFC 4028 table 2)
    plain(Incoming{1, "offer", {}, {}});
    EXPECT_EQ(plain(Answer{"a"}), "set refresh 900000, set expiry 1768000, 200 a, =dialog");
    EXPECT_EQ(plain.last_response.timer, (SessionTimer{1800, Refresher::uas, 0}));
    EXPECT_FALSE(plain.last_response.require_timer);
}

TEST_P(SessionInDialog, expiry_ends_the_call_with_a_reason) {
    Record record{GetParam(), 600, false, true, "sdp"};
    auto [session, actions] = Session::restore(record, {1800, 90});
    const auto out = session.handle(TimerFired{Timer::expiry}, 0);
    ASSERT_GE(out.size(), 2U);
    EXPECT_EQ(std::get<ReportEnded>(out[0]).cause, HangUpCause::signalling);
    EXPECT_NE(std::get<SendRequest>(out[1]).reason.find("cause=408"), std::string::npos);
}

TEST_P(SessionInDialog, refresh_by_reinvite_with_the_same_sdp_where_update_is_unknown) {
    Script s(GetParam(), {1800, 90});
    s.session = Session::restore({GetParam(), 600, true, true, "mine"}, {1800, 90}).first;
    EXPECT_EQ(s(TimerFired{Timer::refresh}), "UPDATE");
    EXPECT_EQ(s.response(Method::update, 501), "INVITE mine");
    EXPECT_EQ(s.response(Method::invite, 200, "same", "t", 0, {600, Refresher::uac, 0}),
              "ACK, set refresh 300000, set expiry 568000, =dialog")
        << "a refresh is nobody's business above";
    s(TimerFired{Timer::refresh});
    EXPECT_EQ(s.response(Method::invite, 422, "", "t", 0, {0, Refresher::none, 900}),
              "INVITE mine");
    EXPECT_EQ(s.last_request.timer.expires, 900);
}

TEST_P(SessionInDialog, refresh_glare_is_repeated) {
    Script s(GetParam(), {1800, 90});
    s.session = Session::restore({GetParam(), 600, true, true, "mine"}, {1800, 90}).first;
    s(TimerFired{Timer::refresh});
    EXPECT_TRUE(s.response(Method::update, 491).starts_with("set offer_retry"));
    EXPECT_EQ(s(TimerFired{Timer::offer_retry}), "UPDATE");
}

TEST_P(SessionInDialog, a_refresh_of_theirs_starts_the_interval_again) {
    Script s(GetParam(), {1800, 90});
    s.session = Session::restore({GetParam(), 600, false, true, "mine"}, {1800, 90}).first;
    EXPECT_EQ(s.request(Method::update, "", {600, Refresher::uac, 0}, {true, true, false}),
              "set expiry 568000, 200, =dialog");
    EXPECT_EQ(s.request(Method::update, "", {30, Refresher::uac, 0}, {true, true, false}), "422");
}

TEST(Session, restored_record_is_the_same) {
    const Record record{true, 600, true, true, "mine"};
    EXPECT_EQ(Session::restore(record, {}).first.record(), record);
}

INSTANTIATE_TEST_SUITE_P(Session, SessionInDialog, testing::Bool(), [](const auto &p) {
    return p.param ? std::string("caller") : std::string("called");
});

// ---------------------------------------------------------------- any sequence at all

// Keeps the promises of session.h under whatever comes, sensible or not.
class Anything {
  public:
    explicit Anything(std::uint32_t seed)
        : random_(seed), outgoing_(seed % 2 == 0),
          session_(outgoing_, {pick(2) == 0 ? 0 : 600, 90}) {}

    void run() {
        if (outgoing_)
            feed(Invite{text("offer"), 20s});
        else
            feed(Incoming{++requests_, text("offer"), timer(), peer()});
        for (int step = 0; step < 60 && !finished_; ++step)
            feed(anything());
        // Whoever hangs up and lets all time pass gets rid of it.
        feed(HangUp{});
        for (int round = 0; round < 5 && !finished_; ++round) {
            if (session_.state() == State::terminating) feed(AckMissing{});
            for (const Timer timer : std::set<Timer>(timers_))
                feed(TimerFired{timer});
            for (const RequestId id : std::set<RequestId>(open_))
                feed(Response{id, 408, "t", "", {}, {}, 0});
        }
        EXPECT_TRUE(finished_) << log_;
        EXPECT_EQ(finals_, reported_ ? 1 : 0) << log_;
        EXPECT_TRUE(timers_.empty()) << log_;
        EXPECT_TRUE(session_.handle(HangUp{}, 0).empty());
    }

  private:
    std::uint32_t pick(std::uint32_t below) {
        return static_cast<std::uint32_t>(random_()) % below;
    }
    std::string text(const char *what) { return pick(3) == 0 ? "" : what; }
    SessionTimer timer() {
        constexpr int kExpires[] = {0, 30, 600, 3600};
        return {kExpires[pick(4)], static_cast<Refresher>(pick(3)),
                static_cast<int>(pick(2) * 1000)};
    }
    Abilities peer() { return {pick(2) == 0, pick(2) == 0, pick(3) == 0}; }

    Input anything() {
        switch (pick(20)) {
        case 0:
            return Ring{};
        case 1:
            return Answer{text("answer")};
        case 2:
            return pick(8) == 0 ? Input(Reject{486, {}, 0}) : Input(Ring{});
        case 3:
            return pick(8) == 0 ? Input(HangUp{pick(2) == 0}) : Input(Ack{text("sdp")});
        case 4:
            return Offer{"new"};
        case 5:
            return AnswerOffer{text("ours")};
        case 6:
            return AnswerRefer{pick(2) == 0};
        case 7:
            return pick(4) == 0 ? Input{Refer{"sip:office@x"}}
                                : Input{ReferProgress{pick(2) == 0 ? 180 : 200}};
        case 8:
            return Ack{text("sdp")};
        case 9:
            return pick(6) == 0 ? Input(AckMissing{}) : Input(Ack{});
        case 10:
            return Cancel{static_cast<RequestId>(pick(static_cast<std::uint32_t>(requests_) + 1))};
        case 11:
            return Prack{};
        case 12:
            return pick(4) == 0 ? Input(PrackMissing{}) : Input(Prack{});
        case 13: {
            if (timers_.empty()) return Ring{};
            auto it = timers_.begin();
            std::advance(it, pick(static_cast<std::uint32_t>(timers_.size())));
            return TimerFired{*it};
        }
        case 14:
        case 15: {
            Request request;
            request.id = ++requests_;
            request.method = static_cast<Method>(pick(9));
            if (request.method == Method::bye && pick(4) != 0) request.method = Method::update;
            request.sdp = text("theirs");
            request.unsupported_body = pick(10) == 0;
            request.timer = timer();
            request.peer = peer();
            request.refer_to = text("sip:x");
            return request;
        }
        default: {
            if (open_.empty()) return Ring{};
            auto it = open_.begin();
            std::advance(it, pick(static_cast<std::uint32_t>(open_.size())));
            constexpr int kStatus[] = {100, 180, 183, 200, 200, 200, 202,
                                       302, 408, 422, 481, 486, 491, 500};
            return Response{
                *it,    kStatus[pick(14)],         pick(2) == 0 ? "a" : "b", text("sdp"), timer(),
                peer(), pick(3) == 0 ? pick(5) : 0};
        }
        }
    }

    void feed(const Input &input) {
        log_ += fmt::format("{} ", input.index());
        if (const auto *response = std::get_if<Response>(&input);
            response != nullptr && response->status >= 200 && response->id == invite_)
            invite_ = 0;
        const auto actions = session_.handle(input, static_cast<std::uint32_t>(random_()));
        if (const auto *fired = std::get_if<TimerFired>(&input)) timers_.erase(fired->timer);
        if (const auto *response = std::get_if<Response>(&input);
            response != nullptr && response->status >= 200) {
            open_.erase(response->id);
        }
        for (const auto &action : actions)
            check(action);
    }

    void check(const Action &action) {
        ASSERT_FALSE(finished_) << "after Finished: " << std::visit(Writer{}, action) << " "
                                << log_;
        const bool is_report = std::holds_alternative<ReportAnswered>(action) ||
                               std::holds_alternative<ReportRinging>(action) ||
                               std::holds_alternative<ReportOffer>(action) ||
                               std::holds_alternative<ReportRefer>(action);
        if (is_report) {
            EXPECT_EQ(finals_, 0) << "a report after the last one: " << log_;
        }
        if (std::holds_alternative<ReportIncoming>(action)) reported_ = true;
        if (std::holds_alternative<ReportFailed>(action) ||
            std::holds_alternative<ReportEnded>(action))
            ++finals_;
        if (const auto *set = std::get_if<SetTimer>(&action)) timers_.insert(set->timer);
        if (const auto *clear = std::get_if<ClearTimer>(&action)) timers_.erase(clear->timer);
        if (const auto *sent = std::get_if<SendRequest>(&action)) {
            EXPECT_TRUE(sent_.insert(sent->id).second) << "an id twice";
            open_.insert(sent->id);
            if (sent->method == Method::invite) {
                EXPECT_EQ(invite_, 0) << "two INVITEs at once: " << log_;
                invite_ = sent->id;
            }
        }
        if (const auto *sent = std::get_if<SendResponse>(&action)) {
            EXPECT_GT(sent->id, 0);
            if (sent->status >= 200) {
                EXPECT_TRUE(answered_.insert(sent->id).second) << "two final answers: " << log_;
            }
        }
        if (std::holds_alternative<Finished>(action)) finished_ = true;
    }

    std::mt19937 random_;
    bool outgoing_;
    Session session_;
    bool reported_ = outgoing_;
    bool finished_ = false;
    int finals_ = 0;
    RequestId requests_ = 0;
    RequestId invite_ = 0;
    std::set<Timer> timers_;
    std::set<RequestId> open_;
    std::set<RequestId> sent_;
    std::set<RequestId> answered_;
    std::string log_;
};

TEST(SessionProperty, any_sequence_ends_once_and_leaves_nothing_behind) {
    for (std::uint32_t seed = 0; seed < 15'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Anything(seed).run();
    }
}

} // namespace
} // namespace fernamt::telephony::session
