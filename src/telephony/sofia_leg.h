// SPDX-License-Identifier: EUPL-1.2
// One leg: carries out what its Session decides by nta's dialogs and transactions, and tells the
// Session what arrives. Decides nothing about calls itself, except digest for its trunk.
#pragma once

#include "telephony/call_leg.h"
#include "telephony/loop.h"
#include "telephony/session.h"
#include "telephony/sip_dialog_record.h"
#include "telephony/sofia_nta.h"

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fernamt::telephony {

struct TrunkConfig;

class SofiaLeg {
  public:
    struct Far { // where an outgoing call goes
        std::string request_uri;
        std::string from; // name-addr without tag
        std::string to;
        std::string contact;
        std::string next_hop; // URI; empty: by the Request-URI
        const TrunkConfig *trunk = nullptr;
        std::string phone; // user of the phone registered with us; empty: none
        std::vector<std::pair<std::string, std::string>> headers;
        int max_forwards = kMaxForwards;
    };

    SofiaLeg(SofiaEndpoint &endpoint, LegId id, session::Session session);
    ~SofiaLeg();
    SofiaLeg(const SofiaLeg &) = delete;
    SofiaLeg &operator=(const SofiaLeg &) = delete;

    // False: out of memory or an address that cannot be used.
    [[nodiscard]] bool open_outgoing(const Far &far);
    // Takes msg in any case.
    [[nodiscard]] bool open_incoming(msg_t *msg, sip_t *sip, const std::string &contact,
                                     const std::string &next_hop, const TrunkConfig *trunk,
                                     IncomingCall call);
    [[nodiscard]] bool reopen(const DialogRecord &record, const TrunkConfig *trunk);

    void handle(const session::Input &input);
    void perform(const std::vector<session::Action> &actions);

    [[nodiscard]] LegId id() const { return id_; }
    // RFC 3891 3: 0 if this user's phone may take the place of this leg, else the status that says
    // why not.
    [[nodiscard]] int refuses_replacement(const std::string &user, bool early_only) const;
    // By Call-ID and both tags, to-tag ours; also an early dialog, by any of the 1xx.
    [[nodiscard]] bool is_named(const sip_replaces_t &replaces) const;

    static int on_request(SofiaLeg *self, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *sip);
    static int on_ack_cancel(SofiaLeg *self, nta_incoming_t *irq, const sip_t *sip);
    static int on_prack(SofiaLeg *self, nta_reliable_t *reliable, nta_incoming_t *prack,
                        const sip_t *sip);

  private:
    class Client;

    void carry_out(const session::SendRequest &request);
    void carry_out(const session::SendResponse &response);
    void carry_out(const session::SendAck &ack);
    void carry_out(const session::SendCancel &cancel);
    void carry_out(const session::Establish &establish);
    void carry_out(const session::SetTimer &timer);
    void carry_out(const session::ClearTimer &timer);
    void carry_out(const session::ReportIncoming &);
    void carry_out(const session::ReportRinging &);
    void carry_out(const session::ReportAnswered &report);
    void carry_out(const session::ReportFailed &report);
    void carry_out(const session::ReportEnded &report);
    void carry_out(const session::ReportOffer &report);
    void carry_out(const session::ReportOfferAnswered &report);
    void carry_out(const session::ReportRefer &report);
    void carry_out(const session::DialogChanged &);
    void carry_out(const session::Finished &);

    void send(Client &client);
    void send_prack(Client &client);
    void on_response(Client &client, const sip_t *sip);
    bool answer_challenge(Client &client, const sip_t *sip);
    [[nodiscard]] nta_leg_t *early_leg(const std::string &tag);
    [[nodiscard]] nta_leg_t *create_leg(const std::string &from, const std::string &to,
                                        std::uint32_t local_cseq, std::uint32_t remote_cseq);
    [[nodiscard]] std::string route_url() const; // next_hop, unless there is a route set
    [[nodiscard]] DialogRecord record() const;
    // Whose dialog a Refer-To replaces (RFC 3891); 0: none of ours.
    [[nodiscard]] LegId replaced_by(const url_t *refer_to) const;
    [[nodiscard]] const char *supported() const;
    void add_timer_headers(Tags &tags, const session::SessionTimer &timer) const;

    SofiaEndpoint &endpoint_;
    LegId id_;
    session::Session session_;
    nta_leg_t *leg_ = nullptr;
    std::map<std::string, nta_leg_t *> early_; // by To-tag, forks with reliable 1xx
    std::set<std::string> ringing_tags_;       // To-tags of all 1xx
    std::map<session::RequestId, std::unique_ptr<Client>> clients_;
    std::map<session::RequestId, nta_incoming_t *> servers_;
    nta_reliable_t *reliable_ = nullptr;
    session::RequestId last_server_ = 0;
    std::array<Loop::TimerId, session::kTimers> timers_{};
    const sip_t *response_ = nullptr; // the one being handled
    Far far_;
    std::string call_id_;
    std::string tag_;        // ours
    std::string remote_tag_; // of the confirmed dialog
    IncomingCall incoming_;  // until it is reported
    const TrunkConfig *trunk_ = nullptr;
    LegId replaced_; // of the REFER that is being handled
    bool finished_ = false;
};

} // namespace fernamt::telephony
