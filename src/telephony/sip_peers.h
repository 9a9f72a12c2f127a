// SPDX-License-Identifier: EUPL-1.2
// For the SIP tests only: an endpoint with a loop of its own that records what it is told, and a
// scripted peer that sends and receives raw SIP over UDP.
#pragma once

#include "telephony/sofia_call_legs.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace fernamt::telephony::sip_test {

inline constexpr auto kSoon = std::chrono::seconds(20); // how long a test waits before it fails

[[nodiscard]] std::string sdp(int port);

// What a listener was told, as one line each: "ringing", "answered PORT", "failed 486",
// "ended normal", "offer PORT", "offer_answered PORT", "refer TARGET", "incoming SOURCE".
class Endpoint : public LegListener {
  public:
    explicit Endpoint(SipConfig config);
    ~Endpoint() override;

    // Waits until an event that starts with `start` has come (after the ones taken before).
    [[nodiscard]] std::string expect(const std::string &start);
    [[nodiscard]] bool has(const std::string &start); // has come, without waiting
    void on_loop(const std::function<void()> &work) { loop.run_on_loop(work); }
    [[nodiscard]] LegId invite(OutgoingCall call);
    [[nodiscard]] std::string uri(const std::string &user, const std::string &transport = "udp");
    [[nodiscard]] int port(const std::string &transport);
    [[nodiscard]] std::size_t open_legs();
    void wait_until_no_legs(); // and no timer
    void wait_until_no_legs_but_registrations();
    [[nodiscard]] std::string dialog(LegId leg); // the last record
    [[nodiscard]] IncomingCall last_incoming();
    [[nodiscard]] std::vector<std::string> all();
    void destroy(); // as a crash would: nothing is sent

    SofiaLoop loop;
    std::unique_ptr<SofiaCallLegs> legs;
    bool auto_answer_offers = true; // with the SDP of port 4999
    bool take_attended = false;     // transfers; answered by answer_refer(true)

  private:
    void note(std::string what);
    void on_ringing(LegId leg) override;
    void on_answered(LegId leg, const std::string &text) override;
    void on_failed(LegId leg, int sip_status) override;
    void on_ended(LegId leg, routing::HangUpCause cause) override;
    void on_offer(LegId leg, const std::string &text) override;
    void on_refer(LegId leg, const std::string &target) override;
    bool on_refer_replaces(LegId leg, LegId other) override;
    void on_dialog(LegId leg, const std::string &record) override;
    void on_offer_answered(LegId leg, const std::string &text) override;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> events_;
    std::size_t taken_ = 0;
    std::map<std::int64_t, std::string> dialogs_;
    std::map<std::int64_t, int> finals_;
    IncomingCall incoming_;
};

[[nodiscard]] SipConfig plain_config(const std::string &listen = "sip:127.0.0.1:0;transport=udp");

// A SIP peer without any stack.
class RawPeer {
  public:
    RawPeer();
    ~RawPeer();
    RawPeer(const RawPeer &) = delete;
    RawPeer &operator=(const RawPeer &) = delete;

    struct Message {
        std::string text;
        std::string first_line;
        [[nodiscard]] std::string header(const std::string &name) const; // first one
        [[nodiscard]] std::vector<std::string> headers(const std::string &name) const;
        [[nodiscard]] std::string body() const;
        [[nodiscard]] std::string method() const; // of the request, or CSeq's
        [[nodiscard]] int status() const;         // 0: a request
        [[nodiscard]] std::string to_tag() const;
        [[nodiscard]] std::string contact_uri() const;
    };

    void send_to(int port, const std::string &text);
    void reply(const Message &request, int status, const std::string &to_tag,
               const std::string &extra_headers = {}, const std::string &body = {});
    // The next message that is `what`: a method, or a status ("200") with the CSeq's method
    // ("200 INVITE"). Others before it are kept for later. Empty text: none came in time.
    [[nodiscard]] Message receive(const std::string &what,
                                  std::chrono::milliseconds wait = std::chrono::seconds(15));
    [[nodiscard]] bool nothing(const std::string &what, std::chrono::milliseconds wait);
    [[nodiscard]] std::string uri(const std::string &user) const;
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string new_branch();

    // A request in the dialog that began with `invite` from the endpoint, answered with our_tag.
    [[nodiscard]] std::string in_dialog(const Message &invite, const std::string &our_tag,
                                        const std::string &method, int cseq,
                                        const std::string &extra = {},
                                        const std::string &body = {});
    // A complete initial request to the endpoint's port.
    [[nodiscard]] std::string request(const std::string &method, int to_port,
                                      const std::string &call_id, const std::string &extra = {},
                                      const std::string &body = {}, int cseq = 1,
                                      const std::string &user = "+493023125321");
    // The ACK or another request of a caller in the dialog of `answer` (a 2xx to request()).
    [[nodiscard]] std::string caller_request(const Message &answer, const std::string &method,
                                             int cseq, const std::string &extra = {},
                                             const std::string &body = {});

  private:
    std::set<std::string> seen_; // method and top Via of the requests
    int fd_ = -1;
    int port_ = 0;
    int branches_ = 0;
    int last_port_ = 0;
    std::deque<Message> kept_;
};

} // namespace fernamt::telephony::sip_test
