// SPDX-License-Identifier: EUPL-1.2
// SofiaCallLegs: CallLegs over sofia-sip's nta (transports, transactions, dialog ids) with our own
// session layer (session.h), registrar, trunks and digest. All of it belongs to the loop:
// construct, use and destroy it there (SofiaLoop: before start(), after stop(), or by
// run_on_loop()). Calls are taken from trunks (by source address) and from phones that
// authenticate; everybody else gets a challenge. Nothing is followed, forked or dialled by the far
// end's wish.
#pragma once

#include "telephony/call_leg.h"
#include "telephony/digest.h"
#include "telephony/registrar.h"
#include "telephony/sofia_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::telephony {

class SofiaEndpoint; // sofia_endpoint.h

struct TrunkConfig {
    std::string name;
    std::string proxy;                // "sip:10.0.0.1:5060;transport=tcp"
    std::vector<std::string> sources; // "10.0.0.1", "10.0.0.0/8", "::1"; the proxy's address is one
    std::string user;                 // digest; empty: none
    std::string password;
    bool register_there = false;
    int expires = 300;
    Duration options_interval = 30s; // 0: no keep-alive
};

struct SipConfig {
    // "sip:127.0.0.1:5115;transport=udp", "sip:[::1]:5115;transport=tcp", "sips:127.0.0.1:5116";
    // port 0: any free one.
    std::vector<std::string> listen;
    std::string public_host;     // in Contact, when it differs from the listening address
    std::string certificate_dir; // agent.pem and cafile.pem, for sips
    bool verify_tls_out = true;  // refuse servers whose certificate cafile.pem does not know
    std::vector<TrunkConfig> trunks;

    std::string realm = "fernamt";
    std::function<std::optional<PhoneSecret>(const std::string &user)> phone_secret;
    // Phones are challenged with SHA-256 too (RFC 8760). Many of them, baresip 1.0 among them, give
    // up at the sight of an algorithm they do not know, so an operator may have to switch it off.
    bool offer_sha256 = true;
    std::function<void(const Binding &)> save_binding;
    std::function<void(const std::string &user)> forget_binding;
    std::function<std::vector<Binding>()> load_bindings;
    int min_register_expires = 60;

    int session_expires = 1800; // RFC 4028; 0: none of our own
    int min_se = 90;
    double calls_per_second_per_source = 50; // above it: 503 without state; 0: no limit
    double burst_per_source = 100;
    // From all trunks and phones together, whatever each of them may: what this machine carries.
    // Above it: 503 without state; what belongs to running calls passes. 0: no limit.
    double calls_per_second = 0;
    double burst = 0;
};

struct SipListenAddress {
    std::string transport; // "udp", "tcp", "tls"
    std::string host;
    int port = 0;
};

class SofiaCallLegs final : public CallLegs {
  public:
    [[nodiscard]] static Expected<std::unique_ptr<SofiaCallLegs>> create(SofiaLoop &loop,
                                                                         SipConfig config);
    ~SofiaCallLegs() override; // sends nothing: dialogs stay open for restore()

    void on_incoming(std::function<void(IncomingCall)> handler) override;
    void listen(LegId leg, LegListener *listener) override;
    [[nodiscard]] LegId invite(const OutgoingCall &call, LegListener *listener) override;
    void ring(LegId leg) override;
    void answer(LegId leg, const std::string &sdp) override;
    void reject(LegId leg, int sip_status, const std::string &reason,
                Duration retry_after) override;
    void hang_up(LegId leg, bool answered_elsewhere) override;
    void answer_offer(LegId leg, const std::string &sdp) override;
    void answer_refer(LegId leg, bool accepted) override;
    void offer(LegId leg, const std::string &sdp) override;
    void refer_progress(LegId leg, int sip_status) override;
    void refer(LegId leg, const std::string &to_uri); // asks the far end: what a phone does
    [[nodiscard]] std::optional<LegId> restore(const std::string &dialog_record,
                                               LegListener *listener) override;
    [[nodiscard]] bool is_registered(const std::string &user) const override;
    [[nodiscard]] std::size_t open_legs() const override;

    void set_accepting(bool accepting); // false: new calls and OPTIONS get 503
    // Called on the loop when a desk phone comes or goes.
    void on_registration(std::function<void(const std::string &user, bool registered)> handler);
    // Accounts have changed: drops the phones whose account is gone or has a new password.
    void recheck_phones();
    [[nodiscard]] std::vector<SipListenAddress> addresses() const; // with the real ports
    [[nodiscard]] bool trunk_up(const std::string &name) const;    // answers OPTIONS, is registered

  private:
    explicit SofiaCallLegs(std::unique_ptr<SofiaEndpoint> endpoint);
    std::unique_ptr<SofiaEndpoint> endpoint_;
};

} // namespace fernamt::telephony
