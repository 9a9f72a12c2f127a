// SPDX-License-Identifier: EUPL-1.2
// The inside of SofiaCallLegs: the nta agent, the legs by id, what arrives outside dialogs, and the
// queue of reports (so that no listener is called in the middle of a change). Only sofia_*.cpp
// include it.
#pragma once

#include "base/slowing.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/sofia_leg.h"
#include "telephony/sofia_nta.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace fernamt::telephony {

class SofiaTrunk;

inline constexpr const char *kAllow =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, INFO";
inline constexpr const char *kSupported = "timer, 100rel";
// Phones registered with us may take the place of their own legs (RFC 3891); trunks may not.
inline constexpr const char *kSupportedByPhones = "timer, 100rel, replaces";

class SofiaEndpoint {
  public:
    SofiaEndpoint(SofiaLoop &loop, SipConfig config);
    ~SofiaEndpoint();
    SofiaEndpoint(const SofiaEndpoint &) = delete;
    SofiaEndpoint &operator=(const SofiaEndpoint &) = delete;
    [[nodiscard]] Expected<void> open();

    // While one exists, reports wait; the outermost one delivers them at its end. From a call of
    // the switchboard they are delivered later, from the loop.
    class Scope {
      public:
        enum class From { network, switchboard };
        Scope(SofiaEndpoint &endpoint, From from) : endpoint_(endpoint), from_(from) {
            ++endpoint_.depth_;
        }
        ~Scope() { endpoint_.leave(from_); }
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

      private:
        SofiaEndpoint &endpoint_;
        From from_;
    };

    using Report = std::function<void(LegListener &)>;
    void report(LegId leg, Report report, bool is_final = false);
    void report_incoming(IncomingCall call);
    void retire(LegId leg);                       // freed at the end of the outermost scope
    void bury(std::unique_ptr<NtaClient> client); // the same
    [[nodiscard]] SofiaLeg *find(LegId leg);
    [[nodiscard]] SofiaLeg *find(const sip_replaces_t &replaces); // nullptr: no dialog of ours

    void listen(LegId leg, LegListener *listener);
    [[nodiscard]] LegId invite(const OutgoingCall &call, LegListener *listener);
    [[nodiscard]] std::optional<LegId> restore(const std::string &record, LegListener *listener);

    // "sip:host:port;transport=..." of ours, for a far end reached by this transport.
    [[nodiscard]] std::string contact_for(const std::string &transport,
                                          const std::string &host) const;
    [[nodiscard]] std::string own_host(const std::string &transport, const std::string &host) const;
    [[nodiscard]] const TrunkConfig *trunk_of(const SourceAddress &source) const;
    [[nodiscard]] const TrunkConfig *trunk_to(const std::string &target) const; // SIP URI
    [[nodiscard]] const TrunkConfig *trunk_named(const std::string &name) const;
    [[nodiscard]] bool trunk_up(const std::string &name) const;
    [[nodiscard]] std::vector<SipListenAddress> addresses() const { return locals_; }
    [[nodiscard]] session::Settings session_settings() const;
    void recheck_phones();

    SofiaLoop &loop;
    SipConfig config;
    SystemClock clock;
    nta_agent_t *agent = nullptr;
    Registrar registrar;
    bool accepting = true;
    std::function<void(IncomingCall)> incoming_handler;
    std::function<void(const std::string &, bool)> registration_handler;
    [[nodiscard]] std::size_t open_legs() const { return legs_.size(); }

  private:
    struct Listener {
        LegListener *listener = nullptr;
        bool known = false; // listen() was called, or the leg is outgoing
        std::vector<std::pair<Report, bool>> waiting;
    };
    struct Bucket {
        double tokens = 0;
        Instant at;
        [[nodiscard]] bool take(double per_second, double burst, Instant now);
    };

    static int on_message(SofiaEndpoint *self, nta_agent_t *agent, msg_t *msg, sip_t *sip);
    void on_request(msg_t *msg, sip_t *sip);
    void on_stray_response(msg_t *msg, sip_t *sip);
    void on_invite(msg_t *msg, sip_t *sip);
    void on_options(msg_t *msg);
    void on_register(msg_t *msg, sip_t *sip);
    void answer_register(msg_t *msg, sip_t *sip, const std::string &user);
    void reply(msg_t *msg, int status, Tags &tags); // stateless
    void reply(msg_t *msg, int status);
    void reply_busy(msg_t *msg);
    void reply_slowed(msg_t *msg, Duration wait);
    void challenge(msg_t *msg, const std::string &user, bool stale);
    // The user who proved to be one; empty: the request has been answered.
    [[nodiscard]] std::optional<std::string> authenticated_user(msg_t *msg, sip_t *sip,
                                                                const url_t *identity);
    [[nodiscard]] bool admit(const std::string &source);
    [[nodiscard]] bool admit_call(); // one more, from whomever
    void read_addresses();
    void arm_registrations();

    void leave(Scope::From from);
    void deliver();

    DigestServer digest_;
    // Wrong passwords of phones. Generous to an address: a town hall's phones have one in common,
    // and one of them that was set up wrongly tries for ever. Few entries: they are looked through
    // on the loop when a stranger floods us with names.
    Slowing slowing_{{.free_attempts = 5,
                      .longest_delay = 1min,
                      .free_per_address = 1'000,
                      .most_entries = 2'000}};
    std::vector<SipListenAddress> locals_;
    std::vector<std::unique_ptr<SofiaTrunk>> trunks_;
    std::map<std::string, Bucket> buckets_;     // by source host
    std::optional<Bucket> calls_;               // of all of them
    std::int64_t refused_ = 0;                  // calls above it that no line of the log tells yet
    Instant told_;                              // the last such line
    std::map<std::string, std::string> proven_; // HA1 by which each user registered
    Loop::TimerId registration_timer_ = Loop::TimerId::none;

    std::int64_t last_leg_ = 0;
    std::unordered_map<std::int64_t, std::unique_ptr<SofiaLeg>> legs_;
    std::vector<std::unique_ptr<SofiaLeg>> graveyard_;
    std::vector<std::unique_ptr<NtaClient>> buried_clients_;
    std::unordered_map<std::int64_t, Listener> listeners_;
    struct Queued {
        LegId leg;
        Report report;
        bool is_final = false;
    };
    std::deque<std::variant<Queued, IncomingCall>> reports_;
    int depth_ = 0;
    bool delivering_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace fernamt::telephony
