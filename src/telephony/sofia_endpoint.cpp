// SPDX-License-Identifier: EUPL-1.2
// The agent, its addresses and trunks, the queue of reports, outgoing calls.
// sofia_endpoint_arrivals.cpp: what arrives outside dialogs; sofia_endpoint_phones.cpp: who phones
// are and where they are.
#include "telephony/sofia_endpoint.h"

#include "base/address_range.h"
#include "base/text.h"
#include "telephony/dialled_headers.h"
#include "telephony/sofia_address.h"
#include "telephony/sofia_trunk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fernamt::telephony {

namespace {

Registrar::Settings registrar_settings(const SipConfig &config) {
    Registrar::Settings settings;
    settings.min_expires = config.min_register_expires;
    settings.save = config.save_binding;
    settings.forget = config.forget_binding;
    settings.load = config.load_bindings;
    return settings;
}

const char *remedy_for(int reason, bool tls) {
    if (reason == EADDRINUSE) {
        return "free the port or choose another with sip.listen (demo: --sip-port)";
    }
    if (reason == EACCES || reason == EPERM) {
        return "choose a port from 1024 on with sip.listen, or allow the service the lower ones";
    }
    if (reason == EADDRNOTAVAIL || !tls) {
        return "name an address of this machine with sip.listen: sip:ADDRESS:PORT;transport=udp";
    }
    return "put agent.pem (certificate and key) and cafile.pem into sip.certificate_directory";
}

} // namespace

SofiaEndpoint::SofiaEndpoint(SofiaLoop &l, SipConfig c)
    : loop(l), config(std::move(c)), registrar(registrar_settings(config)), digest_(config.realm) {}

SofiaEndpoint::~SofiaEndpoint() {
    loop.cancel(registration_timer_);
    trunks_.clear();
    legs_.clear();
    graveyard_.clear();
    buried_clients_.clear();
    if (agent != nullptr) nta_agent_destroy(agent);
}

Expected<void> SofiaEndpoint::open() {
    agent = nta_agent_create(loop.root(), reinterpret_cast<url_string_t *>(-1), on_message, this,
                             NTATAG_UA(1), NTATAG_UDP_MTU(65535), NTATAG_PASS_100(1),
                             NTATAG_MAXSIZE(65536), TAG_END());
    if (agent == nullptr) return fail(ProblemKind::internal, "sip.agent");
    for (auto uri : config.listen) {
        const std::string shown = uri;
        // The library's word for "any free port".
        if (const auto at = uri.rfind(":0");
            at != std::string::npos && at > 4 && (at + 2 == uri.size() || uri[at + 2] == ';'))
            uri.replace(at + 1, 1, "*");
        const bool tls = uri.starts_with("sips:");
        const unsigned policy = config.verify_tls_out ? TPTLS_VERIFY_OUT : TPTLS_VERIFY_NONE;
        const int added =
            tls ? nta_agent_add_tport(
                      agent, as_url(uri), TPTAG_CERTIFICATE(config.certificate_dir.c_str()),
                      TPTAG_TLS_VERIFY_POLICY(policy), TPTAG_PONG2PING(1), TAG_END())
                : nta_agent_add_tport(agent, as_url(uri), TPTAG_PONG2PING(1), TAG_END());
        if (added < 0) {
            const int reason = su_errno();
            return fail(ProblemKind::unavailable, "sip.cannot_listen",
                        {{"uri", shown},
                         {"reason", std::strerror(reason)},
                         {"remedy", remedy_for(reason, tls)}});
        }
    }
    read_addresses();
    for (const auto &trunk : config.trunks) {
        if (trunk.proxy.empty()) continue; // calls only come from it
        if (!target_of(trunk.proxy))
            return fail(ProblemKind::invalid_input, "sip.trunk_proxy", {{"trunk", trunk.name}});
        trunks_.push_back(std::make_unique<SofiaTrunk>(*this, trunk));
        if (!trunks_.back()->start())
            return fail(ProblemKind::invalid_input, "sip.trunk_transport", {{"trunk", trunk.name}});
    }
    arm_registrations();
    return {};
}

void SofiaEndpoint::read_addresses() {
    for (const sip_via_t *via = nta_agent_via(agent); via != nullptr; via = via->v_next) {
        const char *slash = std::strrchr(via->v_protocol, '/');
        SipListenAddress local;
        local.transport = lower_ascii(slash != nullptr ? slash + 1 : "udp");
        local.host = without_brackets(via->v_host);
        const bool tls = local.transport == "tls";
        local.port = via->v_port != nullptr ? std::atoi(via->v_port) : (tls ? 5061 : 5060);
        locals_.push_back(std::move(local));
    }
}

std::string SofiaEndpoint::contact_for(const std::string &transport,
                                       const std::string &host) const {
    const bool six = host.find(':') != std::string::npos;
    const bool loopback = host.starts_with("127.") || without_brackets(host) == "::1";
    const SipListenAddress *best = nullptr;
    for (const auto &local : locals_) {
        if (local.transport != transport) continue;
        if ((local.host.find(':') != std::string::npos) != six) continue;
        const bool is_loopback = local.host.starts_with("127.") || local.host == "::1";
        if (best == nullptr || is_loopback == loopback) best = &local;
        if (is_loopback == loopback) break;
    }
    if (best == nullptr) return {};
    const std::string shown =
        config.public_host.empty() || loopback ? best->host : without_brackets(config.public_host);
    const bool tls = transport == "tls";
    // sips implies TLS; the library refuses a transport parameter beside it.
    if (tls) return fmt::format("sips:fernamt@{}:{}", with_brackets(shown), best->port);
    return fmt::format("sip:fernamt@{}:{};transport={}", with_brackets(shown), best->port,
                       transport);
}

std::string SofiaEndpoint::own_host(const std::string &transport, const std::string &host) const {
    const std::string contact = contact_for(transport, host);
    return contact.empty() ? "localhost" : uri_host(contact);
}

session::Settings SofiaEndpoint::session_settings() const {
    return {config.session_expires, config.min_se};
}

const TrunkConfig *SofiaEndpoint::trunk_of(const SourceAddress &source) const {
    for (const auto &trunk : config.trunks) {
        const bool listed = std::any_of(trunk.sources.begin(), trunk.sources.end(),
                                        [&](const auto &r) { return lies_in(source.host, r); });
        if (listed ||
            (!trunk.proxy.empty() && without_brackets(uri_host(trunk.proxy)) == source.host))
            return &trunk;
    }
    return nullptr;
}

// The one with this very address, else one at the same host: two may share it (a border
// controller).
const TrunkConfig *SofiaEndpoint::trunk_to(const std::string &target) const {
    const std::string address = target.substr(target.find('@') + 1); // all of it if there is none
    const std::string host = uri_host(target);
    const TrunkConfig *same_host = nullptr;
    for (const auto &trunk : config.trunks) {
        if (trunk.proxy.empty()) continue;
        if (trunk.proxy.substr(trunk.proxy.find(':') + 1) == address) return &trunk;
        if (same_host == nullptr && uri_host(trunk.proxy) == host) same_host = &trunk;
    }
    return same_host;
}

const TrunkConfig *SofiaEndpoint::trunk_named(const std::string &name) const {
    for (const auto &trunk : config.trunks)
        if (trunk.name == name) return &trunk;
    return nullptr;
}

bool SofiaEndpoint::trunk_up(const std::string &name) const {
    for (const auto &trunk : trunks_)
        if (trunk->config().name == name) return trunk->up();
    return false;
}

// ---------------------------------------------------------------- reports

void SofiaEndpoint::leave(Scope::From from) {
    if (--depth_ > 0) return;
    if (from == Scope::From::network) return deliver();
    graveyard_.clear();
    buried_clients_.clear();
    if (reports_.empty() || delivering_) return;
    loop.post([this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) deliver();
    });
}

void SofiaEndpoint::deliver() {
    if (delivering_) return;
    delivering_ = true;
    graveyard_.clear();
    buried_clients_.clear();
    while (!reports_.empty()) {
        auto next = std::move(reports_.front());
        reports_.pop_front();
        if (auto *call = std::get_if<IncomingCall>(&next)) {
            if (incoming_handler)
                incoming_handler(std::move(*call));
            else if (SofiaLeg *leg = find(call->leg))
                leg->handle(session::Reject{480, {}, 0});
            continue;
        }
        auto &queued = std::get<Queued>(next);
        const auto found = listeners_.find(queued.leg.value);
        if (found == listeners_.end()) continue;
        if (!found->second.known) {
            found->second.waiting.emplace_back(std::move(queued.report), queued.is_final);
            continue;
        }
        LegListener *listener = found->second.listener;
        if (queued.is_final) listeners_.erase(found);
        if (listener != nullptr) queued.report(*listener);
    }
    delivering_ = false;
}

void SofiaEndpoint::report(LegId leg, Report what, bool is_final) {
    reports_.emplace_back(Queued{leg, std::move(what), is_final});
}

void SofiaEndpoint::report_incoming(IncomingCall call) {
    reports_.emplace_back(std::move(call));
}

void SofiaEndpoint::listen(LegId leg, LegListener *listener) {
    const Scope scope(*this, Scope::From::switchboard);
    const auto found = listeners_.find(leg.value);
    if (found == listeners_.end() || found->second.known) return;
    found->second.listener = listener;
    found->second.known = true;
    for (auto &[what, is_final] : std::exchange(found->second.waiting, {}))
        reports_.emplace_back(Queued{leg, std::move(what), is_final});
}

void SofiaEndpoint::retire(LegId leg) {
    const auto found = legs_.find(leg.value);
    if (found == legs_.end()) return;
    graveyard_.push_back(std::move(found->second));
    legs_.erase(found);
}

void SofiaEndpoint::bury(std::unique_ptr<NtaClient> client) {
    buried_clients_.push_back(std::move(client));
}

SofiaLeg *SofiaEndpoint::find(LegId leg) {
    const auto found = legs_.find(leg.value);
    return found == legs_.end() ? nullptr : found->second.get();
}

// Not by nta_leg_by_replaces(): while a dialog of ours is early any tag of the far end is right to
// it.
SofiaLeg *SofiaEndpoint::find(const sip_replaces_t &replaces) {
    for (const auto &[id, leg] : legs_)
        if (leg->is_named(replaces)) return leg.get();
    return nullptr;
}

// ---------------------------------------------------------------- outgoing

LegId SofiaEndpoint::invite(const OutgoingCall &call, LegListener *listener) {
    const Scope scope(*this, Scope::From::switchboard);
    const LegId id{++last_leg_};
    listeners_[id.value] = {listener, true, {}};
    const auto refuse = [&](int status) {
        report(id, [id, status](LegListener &l) { l.on_failed(id, status); }, true);
        return id;
    };

    SofiaLeg::Far far;
    far.request_uri = call.target;
    std::string way = call.target;
    const bool is_uri = call.target.starts_with("sip:") || call.target.starts_with("sips:");
    if (!is_uri) {
        const Binding *binding = registrar.find(call.target, clock.now());
        if (binding == nullptr)
            return refuse(404); // not 480: that is a phone that does not want to
        far.phone = call.target;
        far.request_uri = binding->contact;
        far.next_hop = binding->next_hop;
        way = binding->next_hop;
    }
    if (is_uri) far.trunk = trunk_to(call.target);
    if (far.trunk != nullptr) {
        far.next_hop = far.trunk->proxy;
        way = far.trunk->proxy;
    }
    const auto target = target_of(way);
    if (!target || !target_of(far.request_uri)) return refuse(404);
    far.contact = contact_for(target->transport, target->host);
    if (far.contact.empty()) return refuse(503); // we do not speak this transport

    const std::string host = far.trunk != nullptr ? uri_host(far.trunk->proxy)
                                                  : own_host(target->transport, target->host);
    const bool hidden = call.from_user.empty() || call.from_user == "anonymous";
    std::string privacy = hidden ? "id" : "";
    if (hidden) { // RFC 3323 4.1
        far.from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
    } else {
        far.from = fmt::format("{}<sip:{}@{}>", quoted_display(call.display_name),
                               escaped_user(call.from_user), host);
    }
    far.to = "<" + far.request_uri + ">";
    for (const auto &header : call.headers) {
        if (header.first != "Privacy")
            far.headers.push_back(header);
        else // there is only one
            privacy += (privacy.empty() ? "" : ";") + header.second;
    }
    if (!privacy.empty()) far.headers.emplace_back("Privacy", privacy);
    far.max_forwards = std::max(call.max_forwards, 0);

    auto leg = std::make_unique<SofiaLeg>(*this, id, session::Session(true, session_settings()));
    if (!leg->open_outgoing(far)) return refuse(404);
    SofiaLeg &opened = *leg;
    legs_[id.value] = std::move(leg);
    opened.handle(session::Invite{call.offer, call.ring_timeout});
    return id;
}

std::optional<LegId> SofiaEndpoint::restore(const std::string &text, LegListener *listener) {
    const Scope scope(*this, Scope::From::switchboard);
    const auto record = parse_dialog_record(text);
    if (!record) return std::nullopt;
    const TrunkConfig *trunk = record->trunk.empty() ? nullptr : trunk_named(record->trunk);
    const LegId id{++last_leg_};
    auto [session, actions] = session::Session::restore(record->session, session_settings());
    auto leg = std::make_unique<SofiaLeg>(*this, id, std::move(session));
    if (!leg->reopen(*record, trunk)) return std::nullopt;
    SofiaLeg &opened = *leg;
    listeners_[id.value] = {listener, true, {}};
    legs_[id.value] = std::move(leg);
    opened.perform(actions);
    return id;
}

} // namespace fernamt::telephony
