// SPDX-License-Identifier: EUPL-1.2
// The endpoint against a scripted peer on raw UDP: races, forks, repeated and malformed messages,
// which no second well-behaved endpoint would ever send.
#include "telephony/sip_peers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <thread>

namespace fernamt::telephony {
namespace {

using namespace sip_test;
using Message = RawPeer::Message;

OutgoingCall call_to(const RawPeer &peer) {
    OutgoingCall call;
    call.target = peer.uri("agent");
    call.from_user = "+493023125321";
    call.offer = sdp(4000);
    return call;
}

class SofiaOut : public testing::Test { // the endpoint calls the peer
  protected:
    Endpoint us{plain_config()};
    RawPeer peer;

    Message invited() {
        leg = us.invite(call_to(peer));
        return peer.receive("INVITE");
    }
    Message talking(const std::string &extra = {}) {
        Message invite = invited();
        peer.reply(invite, 200, "tag1", extra, sdp(5000));
        EXPECT_EQ(us.expect("answered"), "answered 5000");
        EXPECT_FALSE(peer.receive("ACK").text.empty());
        return invite;
    }
    void hang_up() {
        us.on_loop([&] { us.legs->hang_up(leg, false); });
        const Message bye = peer.receive("BYE");
        ASSERT_FALSE(bye.text.empty());
        peer.reply(bye, 200, "");
        us.wait_until_no_legs();
    }
    LegId leg;
};

TEST_F(SofiaOut, cancel_waits_for_a_provisional_and_carries_the_reason) {
    const Message invite = invited();
    us.on_loop([&] { us.legs->hang_up(leg, true); });
    EXPECT_EQ(us.expect("failed"), "failed 487");
    EXPECT_TRUE(peer.nothing("CANCEL", std::chrono::milliseconds(300)));
    peer.reply(invite, 180, "tag1");
    const Message cancel = peer.receive("CANCEL");
    ASSERT_FALSE(cancel.text.empty());
    EXPECT_EQ(cancel.header("Reason"), "SIP;cause=200;text=\"Call completed elsewhere\"");
    peer.reply(cancel, 200, "tag1");
    peer.reply(invite, 487, "tag1");
    EXPECT_FALSE(peer.receive("ACK").text.empty());
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, a_200_that_crosses_the_cancel_is_acknowledged_and_ended) {
    const Message invite = invited();
    peer.reply(invite, 180, "tag1");
    EXPECT_EQ(us.expect("ringing"), "ringing");
    us.on_loop([&] { us.legs->hang_up(leg, false); });
    const Message cancel = peer.receive("CANCEL");
    peer.reply(invite, 200, "tag1", {}, sdp(5000));
    peer.reply(cancel, 481, "tag1");
    const Message ack = peer.receive("ACK");
    const Message bye = peer.receive("BYE");
    ASSERT_FALSE(ack.text.empty());
    ASSERT_FALSE(bye.text.empty());
    EXPECT_EQ(ack.to_tag(), "tag1");
    EXPECT_EQ(bye.to_tag(), "tag1");
    peer.reply(bye, 200, "");
    EXPECT_EQ(us.expect("failed"), "failed 487");
    us.wait_until_no_legs();
    for (const auto &event : us.all())
        EXPECT_FALSE(event.starts_with("answered")) << event;
}

TEST_F(SofiaOut, a_second_fork_that_answers_is_acknowledged_and_ended_and_the_call_goes_on) {
    const Message invite = invited();
    peer.reply(invite, 180, "tag1");
    peer.reply(invite, 180, "tag2");
    peer.reply(invite, 200, "tag1", {}, sdp(5000));
    EXPECT_EQ(us.expect("answered"), "answered 5000");
    EXPECT_EQ(peer.receive("ACK").to_tag(), "tag1");
    peer.reply(invite, 200, "tag2", {}, sdp(5001));
    EXPECT_EQ(peer.receive("ACK").to_tag(), "tag2");
    const Message bye = peer.receive("BYE");
    ASSERT_EQ(bye.to_tag(), "tag2");
    peer.reply(bye, 200, "");
    EXPECT_EQ(us.open_legs(), 1U);
    hang_up();
}

TEST_F(SofiaOut, a_repeated_200_gets_its_ack_again) {
    const Message invite = talking();
    for (int i = 0; i < 3; ++i) {
        peer.reply(invite, 200, "tag1", {}, sdp(5000));
        const Message ack = peer.receive("ACK", std::chrono::seconds(3));
        ASSERT_FALSE(ack.text.empty()) << "repetition " << i;
        EXPECT_EQ(ack.to_tag(), "tag1");
    }
    EXPECT_TRUE(peer.nothing("BYE", std::chrono::milliseconds(100)));
    hang_up();
}

TEST_F(SofiaOut, redirections_are_never_followed) {
    RawPeer elsewhere;
    for (const int status : {300, 301, 302, 305, 380}) {
        const Message invite = invited();
        peer.reply(invite, status, "tag1",
                   fmt::format("Contact: <{}>\r\n", elsewhere.uri("+1900123")));
        EXPECT_EQ(us.expect("failed"), fmt::format("failed {}", status));
        EXPECT_FALSE(peer.receive("ACK").text.empty());
    }
    EXPECT_TRUE(elsewhere.nothing("INVITE", std::chrono::milliseconds(300)));
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, reliable_provisionals_get_a_prack_in_their_own_dialog) {
    const Message invite = invited();
    EXPECT_NE(invite.header("Supported").find("100rel"), std::string::npos);
    peer.reply(invite, 183, "tag1", "Require: 100rel\r\nRSeq: 7\r\n", sdp(5000));
    const Message prack = peer.receive("PRACK");
    ASSERT_FALSE(prack.text.empty());
    EXPECT_EQ(prack.to_tag(), "tag1");
    const std::string cseq = invite.header("CSeq");
    EXPECT_EQ(prack.header("RAck"), "7 " + cseq);
    peer.reply(prack, 200, "");
    peer.reply(invite, 183, "tag2", "Require: 100rel\r\nRSeq: 1\r\n", sdp(5001)); // a fork
    const Message other = peer.receive("PRACK");
    EXPECT_EQ(other.to_tag(), "tag2");
    EXPECT_EQ(other.header("RAck"), "1 " + cseq);
    peer.reply(other, 200, "");
    peer.reply(invite, 200, "tag1"); // the answer came in the 183
    EXPECT_EQ(us.expect("answered"), "answered 5000");
    const Message ack = peer.receive("ACK");
    EXPECT_EQ(ack.to_tag(), "tag1");
    EXPECT_EQ(ack.header("CSeq"), cseq.substr(0, cseq.find(' ')) + " ACK");
    us.on_loop([&] { us.legs->hang_up(leg, false); });
    const Message bye = peer.receive("BYE");
    EXPECT_GT(std::stoul(bye.header("CSeq")), std::stoul(prack.header("CSeq")));
    peer.reply(bye, 200, "");
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, late_offer_holds_back_the_ack_until_the_answer_is_there) {
    auto call = call_to(peer);
    call.offer.clear();
    leg = us.invite(call);
    const Message invite = peer.receive("INVITE");
    EXPECT_EQ(invite.body(), "");
    peer.reply(invite, 200, "tag1", {}, sdp(5000));
    EXPECT_EQ(us.expect("answered"), "answered 5000");
    peer.reply(invite, 200, "tag1", {}, sdp(5000)); // impatient
    EXPECT_TRUE(peer.nothing("ACK", std::chrono::milliseconds(200)));
    us.on_loop([&] { us.legs->answer_offer(leg, sdp(4010)); });
    const Message ack = peer.receive("ACK");
    EXPECT_EQ(ack.body(), sdp(4010));
    hang_up();
}

TEST_F(SofiaOut, glare_is_refused_and_our_offer_repeated) {
    const Message invite = talking();
    us.on_loop([&] { us.legs->offer(leg, sdp(4002)); });
    const Message ours = peer.receive("INVITE");
    ASSERT_FALSE(ours.text.empty());
    peer.send_to(us.port("udp"), peer.in_dialog(invite, "tag1", "INVITE", 10, {}, sdp(5002)));
    const Message refused = peer.receive("491");
    ASSERT_FALSE(refused.text.empty());
    peer.send_to(us.port("udp"), peer.in_dialog(invite, "tag1", "ACK", 10));
    peer.send_to(us.port("udp"), peer.in_dialog(invite, "tag1", "UPDATE", 11, {}, sdp(5002)));
    EXPECT_FALSE(peer.receive("491 UPDATE").text.empty());
    peer.reply(ours, 491, "");
    EXPECT_FALSE(peer.receive("ACK").text.empty());
    const Message again = peer.receive("INVITE"); // we own the Call-ID: 2.1 to 4 s
    ASSERT_FALSE(again.text.empty());
    EXPECT_GT(std::stoul(again.header("CSeq")), std::stoul(ours.header("CSeq")));
    peer.reply(again, 200, "", {}, sdp(5000));
    EXPECT_EQ(us.expect("offer_answered"), "offer_answered 5000");
    EXPECT_FALSE(peer.receive("ACK").text.empty());
    hang_up();
}

TEST_F(SofiaOut, session_timer_422_then_our_refresh_then_expiry) {
    const Message first = invited();
    EXPECT_EQ(first.header("Session-Expires"), "1800");
    peer.reply(first, 422, "tag0", "Min-SE: 2000\r\n");
    EXPECT_FALSE(peer.receive("ACK").text.empty());
    const Message second = peer.receive("INVITE");
    ASSERT_FALSE(second.text.empty());
    EXPECT_EQ(second.header("Call-ID"), first.header("Call-ID"));
    EXPECT_GT(std::stoul(second.header("CSeq")), std::stoul(first.header("CSeq")));
    EXPECT_EQ(second.header("Min-SE"), "2000");
    // A short interval, as no peer should give it: half of it later we refresh.
    peer.reply(second, 200, "tag1",
               "Session-Expires: 3;refresher=uac\r\nRequire: timer\r\nAllow: INVITE, UPDATE\r\n",
               sdp(5000));
    EXPECT_EQ(us.expect("answered"), "answered 5000");
    const Message update = peer.receive("UPDATE");
    ASSERT_FALSE(update.text.empty());
    EXPECT_EQ(update.body(), "");
    EXPECT_EQ(update.header("Session-Expires"), "3;refresher=uac");
    peer.reply(update, 200, "", "Session-Expires: 3;refresher=uas\r\n"); // now it is their turn
    const Message bye = peer.receive("BYE");                             // and they do nothing
    ASSERT_FALSE(bye.text.empty());
    EXPECT_NE(bye.header("Reason").find("cause=408"), std::string::npos);
    peer.reply(bye, 200, "");
    EXPECT_EQ(us.expect("ended"), "ended signalling");
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, bye_against_bye) {
    const Message invite = talking();
    us.on_loop([&] { us.legs->hang_up(leg, false); });
    const Message bye = peer.receive("BYE");
    peer.send_to(us.port("udp"), peer.in_dialog(invite, "tag1", "BYE", 10));
    EXPECT_FALSE(peer.receive("200 BYE").text.empty());
    peer.reply(bye, 481, "");
    EXPECT_EQ(us.expect("ended"), "ended normal");
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, a_dialog_the_peer_has_forgotten_ends) {
    const Message invite = talking();
    us.on_loop([&] { us.legs->offer(leg, sdp(4002)); });
    peer.reply(peer.receive("INVITE"), 481, "");
    EXPECT_EQ(us.expect("ended"), "ended signalling");
    peer.reply(peer.receive("BYE"), 481, "");
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, refer_in_the_dialog_is_told_how_it_goes) {
    const Message invite = talking();
    peer.send_to(us.port("udp"), peer.in_dialog(invite, "tag1", "REFER", 10,
                                                "Refer-To: <sip:+493023125777@example.org>\r\n"));
    EXPECT_EQ(us.expect("refer"), "refer sip:+493023125777@example.org");
    us.on_loop([&] { us.legs->answer_refer(leg, true); });
    EXPECT_FALSE(peer.receive("202 REFER").text.empty());
    Message notify = peer.receive("NOTIFY");
    EXPECT_EQ(notify.body(), "SIP/2.0 100 Trying\r\n");
    EXPECT_TRUE(notify.header("Subscription-State").starts_with("active"));
    peer.reply(notify, 200, "");
    us.on_loop([&] { us.legs->refer_progress(leg, 200); });
    notify = peer.receive("NOTIFY");
    EXPECT_EQ(notify.body(), "SIP/2.0 200 OK\r\n");
    EXPECT_TRUE(notify.header("Subscription-State").starts_with("terminated"));
    peer.reply(notify, 200, "");
    peer.send_to(us.port("udp"),
                 peer.in_dialog(invite, "tag1", "REFER", 11,
                                "Refer-To: <sip:x@example.org?Replaces=a%3Bto-tag%3Db>\r\n"));
    EXPECT_FALSE(peer.receive("603 REFER").text.empty());
    hang_up();
}

// RFC 3891, 3: to-tag is ours, from-tag the phone's.
TEST_F(SofiaOut, an_attended_refer_names_another_dialog_of_ours) {
    us.take_attended = true;
    const Message first = talking();
    const LegId other = us.invite(call_to(peer));
    const Message second = peer.receive("INVITE");
    peer.reply(second, 200, "tag2", "Contact: <" + peer.uri("agent") + ">\r\n", sdp(5002));
    EXPECT_EQ(us.expect("answered"), "answered 5002");
    ASSERT_FALSE(peer.receive("ACK").text.empty());
    const std::string from = second.header("From");
    const std::string our_tag = from.substr(from.find("tag=") + 4);
    const auto refer = [&](int cseq, const std::string &to_tag) {
        peer.send_to(us.port("udp"),
                     peer.in_dialog(first, "tag1", "REFER", cseq,
                                    fmt::format("Refer-To: <sip:x@example.org?Replaces={}%3B"
                                                "to-tag%3D{}%3Bfrom-tag%3Dtag2>\r\n",
                                                second.header("Call-ID"), to_tag)));
    };
    refer(10, "foreign");
    EXPECT_EQ(us.expect("attended"), fmt::format("attended {} 0", leg.value));
    EXPECT_FALSE(peer.receive("202 REFER").text.empty());
    refer(11, our_tag);
    EXPECT_EQ(us.expect("attended"), fmt::format("attended {} {}", leg.value, other.value));
    us.on_loop([&] { us.legs->hang_up(other, false); });
    peer.reply(peer.receive("BYE"), 200, "");
}

TEST_F(SofiaOut, nobody_there_ends_by_the_ring_timeout) {
    auto call = call_to(peer);
    call.ring_timeout = 200ms;
    leg = us.invite(call); // the peer never says a word
    EXPECT_EQ(us.expect("failed"), "failed 408");
    const Message invite = peer.receive("INVITE");
    EXPECT_EQ(us.open_legs(), 1U) << "until the transaction is over";
    peer.reply(invite, 486, "x");
    us.wait_until_no_legs();
}

TEST_F(SofiaOut, unusable_targets_fail_soon) {
    for (const char *target : {"nobody", "sip:", "sip:@", "tel:+493023125001",
                               "sip:a@127.0.0.1;transport=tcp", "sips:a@127.0.0.1"}) {
        auto call = call_to(peer);
        call.target = target;
        static_cast<void>(us.invite(call));
        EXPECT_TRUE(us.expect("failed").starts_with("failed ")) << target;
    }
    us.wait_until_no_legs();
}

// ---------------------------------------------------------------- the peer calls us

class SofiaIn : public testing::Test {
  protected:
    explicit SofiaIn(const SipConfig &config = plain_config()) : us(config) {}
    Endpoint us;
    RawPeer peer;
    int calls = 0;

    std::string call_id() { return fmt::format("raw-{}-{}", peer.port(), ++calls); }
    Message call(const std::string &extra = {}, const std::string &body = sdp(5000)) {
        peer.send_to(us.port("udp"),
                     peer.request("INVITE", us.port("udp"), call_id(), extra, body));
        EXPECT_EQ(us.expect("incoming"), "incoming trunk:test");
        leg = us.last_incoming().leg;
        return {};
    }
    Message answered() {
        us.on_loop([&] { us.legs->answer(leg, sdp(4000)); });
        const Message ok = peer.receive("200 INVITE");
        EXPECT_FALSE(ok.text.empty());
        return ok;
    }
    void ack(const Message &ok, const std::string &body = {}) {
        peer.send_to(us.port("udp"), peer.caller_request(ok, "ACK", 1, {}, body));
    }
    void bye(const Message &ok, int cseq) {
        peer.send_to(us.port("udp"), peer.caller_request(ok, "BYE", cseq));
        EXPECT_FALSE(peer.receive("200 BYE").text.empty());
        us.wait_until_no_legs();
    }
    LegId leg;
};

TEST_F(SofiaIn, a_lost_ack_repeats_the_200) {
    call();
    const Message ok = answered();
    EXPECT_FALSE(peer.receive("200 INVITE", std::chrono::seconds(5)).text.empty());
    ack(ok);
    bye(ok, 2);
    EXPECT_EQ(us.expect("ended"), "ended normal");
}

TEST_F(SofiaIn, our_bye_waits_for_the_ack) {
    call();
    const Message ok = answered();
    us.on_loop([&] { us.legs->hang_up(leg, false); });
    EXPECT_TRUE(peer.nothing("BYE", std::chrono::milliseconds(200)));
    ack(ok);
    const Message bye = peer.receive("BYE");
    ASSERT_FALSE(bye.text.empty());
    peer.reply(bye, 200, "");
    EXPECT_EQ(us.expect("ended"), "ended normal");
    us.wait_until_no_legs();
}

TEST_F(SofiaIn, cancel_while_ringing) {
    const std::string id = call_id();
    const std::string invite = peer.request("INVITE", us.port("udp"), id, {}, sdp(5000));
    peer.send_to(us.port("udp"), invite);
    EXPECT_EQ(us.expect("incoming"), "incoming trunk:test");
    us.on_loop([&] { us.legs->ring(us.last_incoming().leg); });
    EXPECT_FALSE(peer.receive("180").text.empty());
    std::string cancel = invite.substr(0, invite.find("Contact:"));
    cancel.replace(0, 6, "CANCEL");
    cancel.replace(cancel.find("1 INVITE"), 8, "1 CANCEL");
    peer.send_to(us.port("udp"), cancel + "Content-Length: 0\r\n\r\n");
    EXPECT_FALSE(peer.receive("200 CANCEL").text.empty());
    EXPECT_FALSE(peer.receive("487 INVITE").text.empty());
    EXPECT_EQ(us.expect("ended"), "ended normal");
    us.wait_until_no_legs();
}

TEST_F(SofiaIn, late_offer) {
    call({}, {});
    EXPECT_EQ(us.last_incoming().offer, "");
    const Message ok = answered();
    EXPECT_EQ(ok.body(), sdp(4000));
    ack(ok, sdp(5005));
    EXPECT_EQ(us.expect("answered"), "answered 5005");
    bye(ok, 2);
}

TEST_F(SofiaIn, reliable_ringing_when_the_caller_demands_it) {
    call("Require: 100rel\r\n");
    us.on_loop([&] {
        us.legs->ring(leg);
        us.legs->answer(leg, sdp(4000));
    });
    const Message ringing = peer.receive("180");
    ASSERT_FALSE(ringing.text.empty());
    EXPECT_EQ(ringing.header("Require"), "100rel");
    EXPECT_TRUE(peer.nothing("200 INVITE", std::chrono::milliseconds(200)));
    peer.send_to(us.port("udp"),
                 peer.caller_request(ringing, "PRACK", 2,
                                     "RAck: " + ringing.header("RSeq") + " 1 INVITE\r\n"));
    EXPECT_FALSE(peer.receive("200 PRACK").text.empty());
    const Message ok = peer.receive("200 INVITE");
    ASSERT_FALSE(ok.text.empty());
    ack(ok);
    bye(ok, 3);
}

TEST_F(SofiaIn, session_timer_as_the_called_side) {
    peer.send_to(us.port("udp"),
                 peer.request("INVITE", us.port("udp"), call_id(),
                              "Supported: timer\r\nSession-Expires: 30\r\n", sdp(5000)));
    const Message refused = peer.receive("422");
    EXPECT_EQ(refused.header("Min-SE"), "90");
    call("Supported: timer\r\nSession-Expires: 90\r\nMin-SE: 90\r\n");
    const Message ok = answered();
    EXPECT_EQ(ok.header("Session-Expires"), "90;refresher=uac");
    EXPECT_EQ(ok.header("Require"), "timer");
    ack(ok);
    peer.send_to(
        us.port("udp"),
        peer.caller_request(ok, "UPDATE", 2, "Supported: timer\r\nSession-Expires: 90\r\n"));
    EXPECT_EQ(peer.receive("200 UPDATE").header("Session-Expires"), "90;refresher=uac");
    bye(ok, 3);
}

TEST_F(SofiaIn, hold_by_reinvite_and_update_and_a_refused_offer) {
    call();
    const Message ok = answered();
    ack(ok);
    peer.send_to(us.port("udp"), peer.caller_request(ok, "INVITE", 2, {}, sdp(5010)));
    EXPECT_EQ(us.expect("offer"), "offer 5010");
    const Message held = peer.receive("200 INVITE");
    EXPECT_EQ(held.header("CSeq"), "2 INVITE");
    EXPECT_EQ(held.body(), sdp(4999));
    peer.send_to(us.port("udp"), peer.caller_request(ok, "ACK", 2));
    peer.send_to(us.port("udp"), peer.caller_request(ok, "UPDATE", 3, {}, sdp(5012)));
    EXPECT_EQ(us.expect("offer"), "offer 5012");
    EXPECT_EQ(peer.receive("200 UPDATE").body(), sdp(4999));
    us.on_loop([&] { us.auto_answer_offers = false; });
    peer.send_to(us.port("udp"), peer.caller_request(ok, "INVITE", 4, {}, sdp(5014)));
    EXPECT_EQ(us.expect("offer"), "offer 5014");
    us.on_loop([&] { us.legs->answer_offer(leg, {}); });
    EXPECT_FALSE(peer.receive("488").text.empty());
    bye(ok, 5);
}

TEST_F(SofiaIn, methods_bodies_and_extensions_that_we_do_not_take) {
    struct Case {
        const char *method;
        const char *extra;
        const char *body;
        int status;
    };
    const std::string good = sdp(5000);
    const Case cases[] = {
        {"INVITE", "Require: pizza\r\n", good.c_str(), 420},
        {"INVITE", "Content-Type: application/isup\r\n", "xyz", 415},
        {"INVITE", "", "v=0 this is no session", 488},
        {"INVITE", "", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n", 488},
        {"INVITE", "Replaces: unknown;to-tag=a;from-tag=b\r\n", good.c_str(), 481},
        {"REFER", "Refer-To: <sip:+1900@example.org>\r\n", "", 403},
        {"BYE", "", "", 481},
        {"INFO", "", "", 481},
        {"UPDATE", "", "", 481},
        {"MESSAGE", "", "", 405},
        {"SUBSCRIBE", "Event: presence\r\n", "", 405},
        {"PUBLISH", "", "", 405},
        {"DANCE", "", "", 501},
        {"OPTIONS", "", "", 200},
    };
    int n = 0;
    for (const auto &c : cases) {
        peer.send_to(us.port("udp"),
                     peer.request(c.method, us.port("udp"), call_id(), c.extra, c.body));
        const Message reply =
            peer.receive(fmt::format("{} {}", c.status, c.method), std::chrono::seconds(3));
        EXPECT_FALSE(reply.text.empty()) << "case " << n << " " << c.method << " " << c.extra;
        if (c.status == 405 || c.status == 200) {
            EXPECT_NE(reply.header("Allow"), "");
        }
        if (c.status == 415) {
            EXPECT_EQ(reply.header("Accept"), "application/sdp");
        }
        if (c.status == 420) {
            EXPECT_EQ(reply.header("Unsupported"), "pizza");
        }
        ++n;
    }
    us.wait_until_no_legs();
    EXPECT_TRUE(us.all().empty());
}

TEST_F(SofiaIn, info_and_unknown_methods_in_the_dialog) {
    call();
    const Message ok = answered();
    ack(ok);
    peer.send_to(us.port("udp"),
                 peer.caller_request(ok, "INFO", 2, "Content-Type: application/dtmf-relay\r\n",
                                     "Signal=5\r\nDuration=160\r\n"));
    EXPECT_FALSE(peer.receive("200 INFO").text.empty());
    peer.send_to(us.port("udp"), peer.caller_request(ok, "DANCE", 3));
    EXPECT_FALSE(peer.receive("501 DANCE").text.empty());
    peer.send_to(us.port("udp"), peer.caller_request(ok, "OPTIONS", 4));
    EXPECT_FALSE(peer.receive("200 OPTIONS").text.empty());
    peer.send_to(us.port("udp"),
                 peer.caller_request(ok, "INFO", 5, "Content-Type: application/poetry\r\n", "o"));
    EXPECT_FALSE(peer.receive("415 INFO").text.empty());
    peer.send_to(us.port("udp"), peer.caller_request(ok, "BYE", 1)); // an old number
    EXPECT_FALSE(peer.receive("500 BYE").text.empty());
    bye(ok, 6);
}

TEST_F(SofiaIn, an_offer_beside_other_parts_is_found) {
    const std::string body = "--x\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--x\r\n"
                             "Content-Type: application/sdp\r\n\r\n" +
                             sdp(5000) + "\r\n--x--\r\n";
    peer.send_to(us.port("udp"),
                 peer.request("INVITE", us.port("udp"), "parts",
                              "Content-Type: multipart/mixed;boundary=\"x\"\r\n", body));
    EXPECT_EQ(us.expect("incoming"), "incoming trunk:test");
    EXPECT_TRUE(us.last_incoming().offer.starts_with(sdp(5000)));
    const LegId theirs = us.last_incoming().leg;
    us.on_loop([&] { us.legs->reject(theirs, 486, {}, 0s); });
    EXPECT_FALSE(peer.receive("486 INVITE").text.empty());
}

TEST_F(SofiaIn, a_known_dialog_is_not_given_away_by_replaces) {
    call();
    const Message ok = answered();
    ack(ok);
    peer.send_to(us.port("udp"), peer.request("INVITE", us.port("udp"), call_id(),
                                              fmt::format("Replaces: {};to-tag={};from-tag=raw\r\n",
                                                          ok.header("Call-ID"), ok.to_tag()),
                                              sdp(5000)));
    EXPECT_FALSE(peer.receive("403 INVITE").text.empty());
    bye(ok, 2);
}

// RFC 3261 16.3 and RFC 7332: a loop of switchboards ends.
TEST_F(SofiaIn, a_call_that_has_gone_round_too_often_is_refused) {
    const auto with_hops = [&](const std::string &hops) {
        std::string text =
            peer.request("INVITE", us.port("udp"), call_id(), hops.empty() ? "" : hops, sdp(5000));
        const std::string usual = "Max-Forwards: 70\r\n";
        text.erase(text.find(usual), usual.size());
        peer.send_to(us.port("udp"), text);
    };
    with_hops("Max-Forwards: 0\r\n");
    EXPECT_FALSE(peer.receive("483 INVITE").text.empty());
    EXPECT_EQ(us.open_legs(), 0U);
    const std::vector<std::pair<std::string, int>> cases = {{"Max-Forwards: 1\r\n", 1},
                                                            {"Max-Forwards: 69\r\n", 69},
                                                            {"Max-Forwards: 255\r\n", 70},
                                                            {"", 70}};
    for (const auto &[hops, expected] : cases) {
        with_hops(hops);
        EXPECT_EQ(us.expect("incoming"), "incoming trunk:test") << hops;
        EXPECT_EQ(us.last_incoming().way.max_forwards, expected) << hops;
        us.on_loop([&] { us.legs->reject(us.last_incoming().leg, 404, {}, 0s); });
        EXPECT_FALSE(peer.receive("404 INVITE").text.empty());
    }
    peer.send_to(us.port("udp"), peer.request("OPTIONS", us.port("udp"), call_id()));
    EXPECT_FALSE(peer.receive("200 OPTIONS").text.empty());
}

TEST_F(SofiaOut, what_goes_out_says_how_often_it_may_still_go_on) {
    for (const int hops : {70, 12, 0}) {
        auto call = call_to(peer);
        call.max_forwards = hops;
        call.from_user = "anonymous";
        call.headers = {{"Privacy", "history"}};
        leg = us.invite(call);
        const Message invite = peer.receive("INVITE");
        EXPECT_EQ(invite.headers("Max-Forwards"), std::vector{std::to_string(hops)});
        EXPECT_EQ(invite.headers("Privacy"), std::vector<std::string>{"id;history"});
        peer.reply(invite, 486, "tag1");
        EXPECT_EQ(us.expect("failed"), "failed 486");
    }
    us.wait_until_no_legs();
}

TEST_F(SofiaIn, the_dialled_number_and_the_caller_are_read_from_the_headers) {
    call("History-Info: <sip:+493023125012@x>;index=1.1, <sip:+493023125011@x>;index=1\r\n"
         "Diversion: <sip:+493023125013@x>;reason=unconditional\r\n"
         "Diversion: <tel:+493023125014>\r\n"
         "P-Called-Party-ID: <sip:+493023125015@x>\r\n"
         "P-Asserted-Identity: \"Erika\" <sip:+491713920034@x>\r\n");
    const auto incoming = us.last_incoming();
    using routing::DialledSource;
    const std::vector<std::pair<DialledSource, std::string>> expected = {
        {DialledSource::request_uri, "+493023125321"},
        {DialledSource::called_party_id, "+493023125015"},
        {DialledSource::history_info, "+493023125011"},
        {DialledSource::diversion, "+493023125014"},
        {DialledSource::to, "+493023125321"},
    };
    ASSERT_EQ(incoming.dialled.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(incoming.dialled[i].source, expected[i].first);
        EXPECT_EQ(incoming.dialled[i].user, expected[i].second);
    }
    EXPECT_EQ(incoming.caller.reveal(), "+491713920034");
    us.on_loop([&] { us.legs->reject(incoming.leg, 404, {}, 0s); });
    call("Privacy: id\r\nP-Asserted-Identity: <sip:+491713920034@x>\r\n");
    EXPECT_EQ(us.last_incoming().caller.reveal(), "");
    us.on_loop([&] { us.legs->reject(us.last_incoming().leg, 404, {}, 0s); });
    us.wait_until_no_legs();
}

TEST_F(SofiaIn, draining_refuses_new_calls_and_serves_running_ones) {
    call();
    const Message ok = answered();
    ack(ok);
    us.on_loop([&] { us.legs->set_accepting(false); });
    peer.send_to(us.port("udp"), peer.request("INVITE", us.port("udp"), call_id(), {}, sdp(1)));
    const Message busy = peer.receive("503 INVITE");
    EXPECT_NE(busy.header("Retry-After"), "");
    peer.send_to(us.port("udp"), peer.request("OPTIONS", us.port("udp"), call_id()));
    EXPECT_FALSE(peer.receive("503 OPTIONS").text.empty());
    bye(ok, 2);
}

SipConfig limited() {
    auto config = plain_config();
    config.calls_per_second_per_source = 0.001;
    config.burst_per_source = 3;
    return config;
}

class SofiaFlood : public SofiaIn {
  protected:
    SofiaFlood() : SofiaIn(limited()) {}
};

TEST_F(SofiaFlood, more_than_a_source_may_send_is_refused_without_state) {
    for (int i = 0; i < 10; ++i)
        peer.send_to(us.port("udp"), peer.request("INVITE", us.port("udp"), call_id(), {}, sdp(1)));
    for (int i = 0; i < 7; ++i) {
        const Message busy = peer.receive("503 INVITE");
        ASSERT_FALSE(busy.text.empty());
        EXPECT_EQ(busy.header("Retry-After"), "5");
    }
    EXPECT_EQ(us.open_legs(), 3U);
}

// Each of them below its own limit.
SipConfig limited_in_all() {
    auto config = plain_config();
    config.calls_per_second_per_source = 1000;
    config.burst_per_source = 1000;
    config.calls_per_second = 0.001;
    config.burst = 3;
    return config;
}

class SofiaOverload : public SofiaIn {
  protected:
    SofiaOverload() : SofiaIn(limited_in_all()) {}
};

TEST_F(SofiaOverload, more_than_we_carry_is_refused_wherever_it_comes_from) {
    call();
    const Message ok = answered();
    ack(ok);
    std::deque<RawPeer> others(4); // each an address of its own
    for (RawPeer &other : others) {
        for (int i = 0; i < 5; ++i)
            other.send_to(us.port("udp"),
                          other.request("INVITE", us.port("udp"),
                                        fmt::format("o-{}-{}", other.port(), i), {}, sdp(5000)));
    }
    for (RawPeer &other : others) { // what comes first is taken
        for (int i = &other == &others.front() ? 2 : 0; i < 5; ++i) {
            const Message busy = other.receive("503 INVITE");
            ASSERT_FALSE(busy.text.empty());
            EXPECT_EQ(busy.header("Retry-After"), "5");
        }
    }
    EXPECT_EQ(us.open_legs(), 3U) << "the others left nothing behind";
    // What talks goes on: a new offer, a session refresh, its end.
    peer.send_to(us.port("udp"), peer.caller_request(ok, "INVITE", 2, {}, sdp(5010)));
    EXPECT_EQ(us.expect("offer"), "offer 5010");
    EXPECT_FALSE(peer.receive("200 INVITE").text.empty());
    peer.send_to(us.port("udp"), peer.caller_request(ok, "ACK", 2));
    peer.send_to(us.port("udp"), peer.caller_request(ok, "BYE", 3));
    EXPECT_FALSE(peer.receive("200 BYE").text.empty());
}

// They get no further than a challenge and take no call's place.
TEST(SofiaStrangersInAFlood, leave_the_trunks_room_as_it_is) {
    auto config = limited_in_all();
    config.trunks[0].sources = {"127.0.0.9"};
    Endpoint us(config);
    RawPeer stranger;
    for (int i = 0; i < 20; ++i) {
        stranger.send_to(us.port("udp"), stranger.request("INVITE", us.port("udp"),
                                                          fmt::format("s-{}", i), {}, sdp(5000)));
        EXPECT_FALSE(stranger.receive("401 INVITE").text.empty());
    }
    auto trunk_config = plain_config("sip:127.0.0.9:0;transport=udp");
    Endpoint trunk(trunk_config);
    OutgoingCall call;
    call.target = fmt::format("sip:+493023125321@127.0.0.1:{}", us.port("udp"));
    call.from_user = "+493023125099";
    call.offer = sdp(5000);
    for (int i = 0; i < 3; ++i) {
        (void)trunk.invite(call);
        EXPECT_EQ(us.expect("incoming"), "incoming trunk:test");
    }
    (void)trunk.invite(call);
    EXPECT_EQ(trunk.expect("failed"), "failed 503");
}

// ---------------------------------------------------------------- nonsense

TEST_F(SofiaIn, malformed_messages_are_refused_or_dropped_and_the_process_goes_on) {
    const std::string good = peer.request("INVITE", us.port("udp"), "torture", {}, sdp(5000));
    const auto with = [&](const std::string &what, const std::string &instead) {
        std::string text = good;
        const auto at = text.find(what);
        EXPECT_NE(at, std::string::npos) << what;
        text.replace(at, what.size(), instead);
        text.replace(text.find("torture"), 7, call_id());
        return text;
    };
    const std::vector<std::string> odd = {
        with("From: <sip:+493023125099@127.0.0.1>;tag=raw", "From: <sip:;tag=raw"),
        with("To: <sip:", "To: <<<sip:"),
        with("CSeq: 1 INVITE", "CSeq: 1 REGISTER"),
        with("CSeq: 1 INVITE", "CSeq: 99999999999 INVITE"),
        with("CSeq: 1 INVITE", "CSeq: minus"),
        with("Content-Length: ", "Content-Length: -"),
        with("Content-Length: ", "Content-Length: 9"),
        with("Call-ID: torture\r\n", "Call-ID: torture\r\nCall-ID: other\r\n"),
        with("Max-Forwards: 70", "Max-Forwards: 999999999999"),
        with("Contact: <sip:", "Contact: <<sip:"),
        with("Contact: <", "X-Nothing: <"),
        with(" SIP/2.0\r\n", " SIP/7.0\r\n"),
        with("INVITE sip:", "INVITE <sip:"),
        with("INVITE sip:", "INVITE http:"),
        with("INVITE sip:+493023125321@", "INVITE sip:%00%0d%0a@"),
        with("Via: SIP/2.0/UDP", "Via: SIP/2.0/PIGEON"),
        with("m=audio 5000 RTP/AVP 8", std::string("m=audio ") + std::string(30'000, '9')),
        with("From: <sip:+493023125099@127.0.0.1>",
             "From: \"" + std::string(20'000, 'x') + "\" <sip:a@b>"),
        "INVITE",
        "\r\n\r\n",
        "\0\0\0\0",
        std::string(60'000, 'A'),
        "SIP/2.0 200 OK\r\n\r\n",
        "SIP/2.0 999999 What\r\nVia: SIP/2.0/UDP x\r\n\r\n",
    };
    for (const auto &text : odd)
        peer.send_to(us.port("udp"), text);
    // Cut and twisted anywhere.
    std::uint32_t state = 1;
    const auto next = [&] { return state = state * 1'664'525U + 1'013'904'223U; };
    for (int i = 0; i < 2000; ++i) {
        std::string text = good;
        text.replace(text.find("torture"), 7, fmt::format("mutant{}", i % 50));
        const int changes = static_cast<int>(next() >> 24) % 6 + 1;
        for (int change = 0; change < changes; ++change) {
            const std::size_t at = (next() >> 8) % text.size();
            switch ((next() >> 16) % 3) {
            case 0:
                text[at] = static_cast<char>(next() >> 24);
                break;
            case 1:
                text.erase(at, (next() >> 16) % 20);
                break;
            default:
                text.insert(at, text.substr((next() >> 8) % text.size(), 15));
                break;
            }
            if (text.empty()) text = "x";
        }
        peer.send_to(us.port("udp"), text);
        if (i % 100 == 99) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    Message alive; // our own socket may have overflowed meanwhile: ask more than once
    for (int i = 0; i < 10 && alive.text.empty(); ++i) {
        peer.send_to(us.port("udp"), peer.request("OPTIONS", us.port("udp"), "alive"));
        alive = peer.receive("200 OPTIONS", std::chrono::seconds(2));
        if (!alive.text.empty() && alive.header("Call-ID") != "alive") alive.text.clear();
    }
    EXPECT_FALSE(alive.text.empty());
    // What was taken for a call can be refused like any other.
    us.on_loop([&] {
        for (std::int64_t id = 1; id < 5000; ++id)
            us.legs->reject(LegId{id}, 480, {}, 0s);
    });
    us.wait_until_no_legs();
}

// ---------------------------------------------------------------- restart

TEST(SofiaRestore, an_outgoing_call_goes_on_in_a_new_endpoint_with_nothing_sent_for_it) {
    auto config = plain_config();
    RawPeer peer;
    auto first = std::make_unique<Endpoint>(config);
    const int port = first->port("udp");
    const LegId old = first->invite(call_to(peer));
    const Message invite = peer.receive("INVITE");
    peer.reply(invite, 200, "tag1",
               "Record-Route: <sip:127.0.0.1:" + std::to_string(peer.port()) + ";lr>\r\n",
               sdp(5000));
    EXPECT_EQ(first->expect("answered"), "answered 5000");
    EXPECT_FALSE(peer.receive("ACK").text.empty());
    const std::string record = first->dialog(old);
    ASSERT_FALSE(record.empty());
    first.reset(); // no BYE
    EXPECT_TRUE(peer.nothing("BYE", std::chrono::milliseconds(100)));

    config.listen = {fmt::format("sip:127.0.0.1:{};transport=udp", port)};
    Endpoint second(config);
    std::optional<LegId> leg;
    second.on_loop([&] { leg = second.legs->restore(record, &second); });
    ASSERT_TRUE(leg);
    EXPECT_TRUE(peer.nothing("INVITE", std::chrono::milliseconds(200))) << "silently";

    second.on_loop([&] { second.legs->offer(*leg, sdp(4020)); });
    const Message reinvite = peer.receive("INVITE");
    ASSERT_FALSE(reinvite.text.empty());
    EXPECT_EQ(reinvite.header("Call-ID"), invite.header("Call-ID"));
    EXPECT_EQ(reinvite.header("From"),
              invite.header("From").substr(invite.header("From").find('<')));
    EXPECT_EQ(reinvite.to_tag(), "tag1");
    EXPECT_GT(std::stoul(reinvite.header("CSeq")), std::stoul(invite.header("CSeq")));
    EXPECT_NE(reinvite.header("Route").find(";lr"), std::string::npos);
    EXPECT_TRUE(reinvite.first_line.starts_with("INVITE " + peer.uri("peer")))
        << reinvite.first_line;
    peer.reply(reinvite, 200, "", {}, sdp(5000));
    EXPECT_EQ(second.expect("offer_answered"), "offer_answered 5000");
    EXPECT_FALSE(peer.receive("ACK").text.empty());

    peer.send_to(port, peer.in_dialog(invite, "tag1", "INVITE", 10, {}, sdp(5030)));
    EXPECT_EQ(second.expect("offer"), "offer 5030");
    EXPECT_FALSE(peer.receive("200 INVITE").text.empty());
    peer.send_to(port, peer.in_dialog(invite, "tag1", "ACK", 10));
    peer.send_to(port, peer.in_dialog(invite, "tag1", "BYE", 11));
    EXPECT_FALSE(peer.receive("200 BYE").text.empty());
    EXPECT_EQ(second.expect("ended"), "ended normal");
    second.wait_until_no_legs();
}

TEST(SofiaRestore, an_incoming_call_too_and_twice_in_a_row) {
    auto config = plain_config();
    RawPeer peer;
    auto us = std::make_unique<Endpoint>(config);
    const int port = us->port("udp");
    config.listen = {fmt::format("sip:127.0.0.1:{};transport=udp", port)};
    peer.send_to(port, peer.request("INVITE", port, "restored-in", {}, sdp(5000)));
    EXPECT_EQ(us->expect("incoming"), "incoming trunk:test");
    LegId leg = us->last_incoming().leg;
    us->on_loop([&] { us->legs->answer(leg, sdp(4000)); });
    const Message ok = peer.receive("200 INVITE");
    peer.send_to(port, peer.caller_request(ok, "ACK", 1));
    for (int round = 0; round < 2; ++round) {
        us->on_loop([] {});
        const std::string record = us->dialog(leg);
        us.reset();
        us = std::make_unique<Endpoint>(config);
        std::optional<LegId> again;
        us->on_loop([&] { again = us->legs->restore(record, us.get()); });
        ASSERT_TRUE(again);
        leg = *again;
        us->on_loop([&] { us->legs->offer(leg, sdp(4020 + round)); });
        const Message reinvite = peer.receive("INVITE");
        ASSERT_FALSE(reinvite.text.empty()) << round;
        EXPECT_EQ(reinvite.to_tag(), "raw");
        peer.reply(reinvite, 200, "", {}, sdp(5000));
        EXPECT_EQ(us->expect("offer_answered"), "offer_answered 5000");
        EXPECT_FALSE(peer.receive("ACK").text.empty());
    }
    us->on_loop([&] { us->legs->hang_up(leg, false); });
    const Message bye = peer.receive("BYE");
    EXPECT_EQ(bye.header("Call-ID"), "restored-in");
    peer.reply(bye, 200, "");
    us->wait_until_no_legs();
}

TEST(SofiaRestore, unusable_records_are_refused) {
    Endpoint us(plain_config());
    for (const char *record :
         {"", "{}", "[]", "nonsense", R"({"call_id":"a"})",
          R"({"call_id":"a","local":"<sip:a@b>","remote":"<sip:c@d>","local_cseq":1,)"
          R"("remote_cseq":1,"route":[],"target":"<sip:x@127.0.0.1>","contact":"","next_hop":"",)"
          R"("trunk":"","outgoing":true,"expires":0,"we_refresh":false,"peer_update":false,)"
          R"("local_sdp":""})"}) {
        us.on_loop([&] { EXPECT_FALSE(us.legs->restore(record, &us)) << record; });
    }
    us.wait_until_no_legs();
}

} // namespace
} // namespace fernamt::telephony
