// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_endpoint.h"

#include "base/log.h"
#include "base/text.h"
#include "telephony/dialled_headers.h"
#include "telephony/sofia_trunk.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

std::string bare(std::string host) { // without the brackets of an IPv6 reference
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

std::string bracketed(const std::string &host) {
    return host.find(':') == std::string::npos || host.front() == '[' ? host : "[" + host + "]";
}

// "10.0.0.0/8", "10.0.0.1", "::1", "2001:db8::/32"
bool lies_in(const std::string &address, const std::string &range) {
    const auto slash = range.find('/');
    const std::string net = bare(range.substr(0, slash));
    unsigned char a[16];
    unsigned char b[16];
    const int family = net.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (inet_pton(family, address.c_str(), a) != 1 || inet_pton(family, net.c_str(), b) != 1)
        return false;
    int bits = family == AF_INET ? 32 : 128;
    if (slash != std::string::npos) {
        int wanted = -1;
        std::from_chars(range.data() + slash + 1, range.data() + range.size(), wanted);
        if (wanted < 0 || wanted > bits) return false;
        bits = wanted;
    }
    for (int i = 0; i < bits; ++i) {
        const int mask = 0x80 >> (i % 8);
        if ((a[i / 8] & mask) != (b[i / 8] & mask)) return false;
    }
    return true;
}

struct Target {
    std::string transport; // "udp", "tcp", "tls"
    std::string host;      // without brackets
};

std::optional<Target> target_of(const std::string &uri) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    std::optional<Target> result;
    if (const url_t *url = url_make(home, uri.c_str());
        url != nullptr && (url->url_type == url_sip || url->url_type == url_sips) &&
        url->url_host != nullptr && url->url_host[0] != '\0') {
        char transport[16] = "";
        if (url->url_params != nullptr)
            url_param(url->url_params, "transport", transport, sizeof transport);
        result = Target{transport, bare(url->url_host)};
        if (url->url_type == url_sips) result->transport = "tls";
        result->transport = lower_ascii(result->transport);
        if (result->transport.empty()) result->transport = "udp";
    }
    su_home_deinit(home);
    return result;
}

std::string quoted_display(const std::string &name) {
    if (name.empty()) return {};
    std::string result = "\"";
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20) continue;
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\" ";
}

std::string escaped_user(const std::string &user) { // RFC 3261 25.1: user
    std::string result;
    for (const char c : user) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                           std::strchr("-_.!~*'()&=+$,;?/", c) != nullptr;
        if (plain && c != '\0')
            result += c;
        else
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
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
            return fail(ProblemKind::unavailable, "sip.cannot_listen",
                        {{"uri", shown},
                         {"reason", std::strerror(su_errno())},
                         {"remedy", "free the port or choose another with sip.listen (demo: "
                                    "--sip-port)"}});
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
        local.host = bare(via->v_host);
        const bool tls = local.transport == "tls";
        local.port = via->v_port != nullptr ? std::atoi(via->v_port) : (tls ? 5061 : 5060);
        locals_.push_back(std::move(local));
    }
}

std::string SofiaEndpoint::contact_for(const std::string &transport,
                                       const std::string &host) const {
    const bool six = host.find(':') != std::string::npos;
    const bool loopback = host.starts_with("127.") || bare(host) == "::1";
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
        config.public_host.empty() || loopback ? best->host : bare(config.public_host);
    const bool tls = transport == "tls";
    // sips implies TLS; the library refuses a transport parameter beside it.
    if (tls) return fmt::format("sips:fernamt@{}:{}", bracketed(shown), best->port);
    return fmt::format("sip:fernamt@{}:{};transport={}", bracketed(shown), best->port, transport);
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
        if (listed || (!trunk.proxy.empty() && bare(uri_host(trunk.proxy)) == source.host))
            return &trunk;
    }
    return nullptr;
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
        far.request_uri = binding->contact;
        far.next_hop = binding->next_hop;
        way = binding->next_hop;
    }
    if (is_uri) { // through the trunk that the host belongs to
        for (const auto &trunk : config.trunks)
            if (far.trunk == nullptr && !trunk.proxy.empty() &&
                uri_host(trunk.proxy) == uri_host(call.target)) {
                far.trunk = &trunk;
                far.next_hop = trunk.proxy;
                way = trunk.proxy;
            }
    }
    const auto target = target_of(way);
    if (!target || !target_of(far.request_uri)) return refuse(404);
    far.contact = contact_for(target->transport, target->host);
    if (far.contact.empty()) return refuse(503); // we do not speak this transport

    const std::string host = far.trunk != nullptr ? uri_host(far.trunk->proxy)
                                                  : own_host(target->transport, target->host);
    const bool hidden = call.from_user.empty() || call.from_user == "anonymous";
    if (hidden) { // RFC 3323 4.1
        far.from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
        far.headers.emplace_back("Privacy", "id");
    } else {
        far.from = fmt::format("{}<sip:{}@{}>", quoted_display(call.display_name),
                               escaped_user(call.from_user), host);
    }
    far.to = "<" + far.request_uri + ">";
    for (const auto &header : call.headers)
        far.headers.push_back(header);

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

// ---------------------------------------------------------------- outside dialogs

int SofiaEndpoint::on_message(SofiaEndpoint *self, nta_agent_t *, msg_t *msg, sip_t *sip) {
    const Scope scope(*self, Scope::From::network);
    if (sip->sip_status != nullptr)
        self->on_stray_response(msg, sip);
    else
        self->on_request(msg, sip);
    return 0;
}

// Responses that belong to no transaction: late forks of a call that is over.
void SofiaEndpoint::on_stray_response(msg_t *msg, sip_t *sip) {
    const bool is_answer = sip->sip_cseq != nullptr &&
                           sip->sip_cseq->cs_method == sip_method_invite &&
                           sip->sip_status->st_status / 100 == 2;
    const bool ours = is_answer && sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr &&
                      nta_leg_by_dialog(agent, nullptr, sip->sip_call_id, sip->sip_to->a_tag,
                                        nullptr, sip->sip_from->a_tag, nullptr) != nullptr;
    if (is_answer && !ours) {
        nta_msg_ackbye(agent, msg);
        return;
    }
    nta_msg_discard(agent, msg);
}

void SofiaEndpoint::reply(msg_t *msg, int status, Tags &tags) {
    nta_msg_treply(agent, msg, status, sip_status_phrase(status), TAG_NEXT(tags.list()));
}

void SofiaEndpoint::reply(msg_t *msg, int status) {
    Tags tags;
    if (status == 405) tags.header("Allow", kAllow);
    reply(msg, status, tags);
}

void SofiaEndpoint::reply_busy(msg_t *msg) {
    Tags tags;
    tags.header("Retry-After", accepting ? "5" : "30");
    reply(msg, 503, tags);
}

bool SofiaEndpoint::admit(const std::string &source) {
    if (config.calls_per_second_per_source <= 0) return true;
    constexpr std::size_t kMostSources = 20'000;
    const Instant now = clock.now();
    if (buckets_.size() > kMostSources)
        std::erase_if(buckets_, [&](const auto &entry) { return now - entry.second.at > 10s; });
    auto [entry, is_new] = buckets_.try_emplace(source, Bucket{config.burst_per_source, now});
    auto &bucket = entry->second;
    const double seconds = static_cast<double>((now - bucket.at).count()) / 1e6;
    bucket.tokens = std::min(config.burst_per_source,
                             bucket.tokens + seconds * config.calls_per_second_per_source);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
}

void SofiaEndpoint::on_request(msg_t *msg, sip_t *sip) {
    const auto method = sip->sip_request->rq_method;
    if (method == sip_method_ack) return nta_msg_discard(agent, msg);
    if (sip->sip_to->a_tag != nullptr) return reply(msg, 481);
    switch (method) {
    case sip_method_invite:
        return on_invite(msg, sip);
    case sip_method_options:
        return on_options(msg);
    case sip_method_register:
        return on_register(msg, sip);
    case sip_method_refer:
        return reply(msg, 403); // would dial for anybody
    case sip_method_bye:
    case sip_method_cancel:
    case sip_method_prack:
    case sip_method_update:
    case sip_method_info:
    case sip_method_notify:
        return reply(msg, 481);
    case sip_method_message:
    case sip_method_subscribe:
    case sip_method_publish:
        return reply(msg, 405);
    default:
        return reply(msg, 501);
    }
}

void SofiaEndpoint::on_options(msg_t *msg) {
    if (!accepting) return reply_busy(msg);
    Tags tags;
    tags.header("Allow", kAllow);
    tags.header("Supported", kSupported);
    tags.header("Accept", "application/sdp");
    reply(msg, 200, tags);
}

void SofiaEndpoint::on_invite(msg_t *msg, sip_t *sip) {
    const SourceAddress source = source_of(msg, sip);
    if (!accepting || !admit(source.host)) return reply_busy(msg);
    const auto scheme = sip->sip_request->rq_url->url_type;
    if (scheme != url_sip && scheme != url_sips && scheme != url_tel) return reply(msg, 416);

    const TrunkConfig *trunk = trunk_of(source);
    IncomingCall call;
    if (trunk != nullptr) {
        call.source = "trunk:" + trunk->name;
    } else {
        const auto user = authenticated_user(msg, sip, sip->sip_from->a_url);
        if (!user) return;
        call.source = "phone:" + *user;
    }
    if (sip->sip_contact == nullptr) return reply(msg, 400);
    if (sip->sip_require != nullptr) {
        sip_unsupported_t *unsupported = sip_has_unsupported(
            msg_home(msg), sip_supported_make(msg_home(msg), kSupported), sip->sip_require);
        if (unsupported != nullptr) {
            nta_msg_treply(agent, msg, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED(unsupported),
                           TAG_END());
            return;
        }
    }
    if (sip->sip_replaces != nullptr) // RFC 3891 3: a dialog of ours that may not be taken, or none
        return reply(msg, nta_leg_by_replaces(agent, sip->sip_replaces) != nullptr ? 486 : 481);
    if (has_foreign_body(sip)) {
        Tags tags;
        tags.header("Accept", "application/sdp");
        return reply(msg, 415, tags);
    }
    call.offer = sdp_of(sip);
    if (!call.offer.empty() && !is_plausible_sdp(call.offer)) return reply(msg, 488);

    DialledHeaders dialled;
    dialled.request_uri = text_of(sip->sip_request->rq_url);
    dialled.called_party = values_of(sip, "P-Called-Party-ID");
    dialled.history_info = values_of(sip, "History-Info");
    dialled.diversion = values_of(sip, "Diversion");
    dialled.to = value_of(sip->sip_to);
    call.dialled = dialled_candidates(dialled);
    call.history_info = std::move(dialled.history_info);
    call.diversion = std::move(dialled.diversion);
    CallerHeaders caller;
    caller.asserted = values_of(sip, "P-Asserted-Identity");
    caller.from = value_of(sip->sip_from);
    caller.privacy = value_of(sip->sip_privacy);
    caller.trusted = trunk != nullptr;
    call.caller = Redacted<std::string>(caller_of(caller));
    call.caller_asserted = is_asserted(caller);

    const std::string contact = contact_for(source.transport, source.host);
    if (contact.empty()) return reply(msg, 503);
    // A phone is reached where it called from; a trunk says itself where (Contact, Record-Route).
    const std::string next_hop = trunk == nullptr ? source.uri() : std::string();
    const LegId id{++last_leg_};
    auto leg = std::make_unique<SofiaLeg>(*this, id, session::Session(false, session_settings()));
    SofiaLeg &opened = *leg;
    legs_[id.value] = std::move(leg);
    listeners_[id.value] = {};
    if (!opened.open_incoming(msg, sip, contact, next_hop, trunk, std::move(call))) retire(id);
    // Refused by the session itself (422): nobody will ever listen.
    if (legs_.find(id.value) == legs_.end()) listeners_.erase(id.value);
}

// ---------------------------------------------------------------- phones

void SofiaEndpoint::challenge(msg_t *msg, const std::string &user, bool stale) {
    const auto secret = config.phone_secret ? config.phone_secret(user) : std::nullopt;
    // A stranger is asked like everybody; only a phone that is known to fail on SHA-256 is not.
    const bool with_sha256 = config.offer_sha256 && (!secret || !secret->ha1_sha256.empty());
    Tags tags;
    for (const auto &value : digest_.challenges(with_sha256, stale, clock.now()))
        tags.header("WWW-Authenticate", value);
    reply(msg, 401, tags);
}

std::optional<std::string> SofiaEndpoint::authenticated_user(msg_t *msg, sip_t *sip,
                                                             const url_t *identity) {
    const std::string user = uri_user(text_of(identity));
    if (user.empty()) {
        reply(msg, 403);
        return std::nullopt;
    }
    for (const msg_auth_t *auth = sip->sip_authorization; auth != nullptr; auth = auth->au_next) {
        msg_auth_t one = *auth;
        one.au_next = nullptr;
        const std::string value = value_of(&one);
        const auto params = parse_digest(value);
        const auto realm = params.find("realm");
        if (realm == params.end() || realm->second != digest_.realm()) continue;
        const auto named = params.find("username");
        if (named == params.end() || named->second != user) {
            reply(msg, 403);
            return std::nullopt;
        }
        const auto secret = config.phone_secret ? config.phone_secret(user) : std::nullopt;
        const auto check =
            digest_.check(value, sip->sip_request->rq_method_name, secret, clock.now());
        if (check == DigestCheck::accepted) {
            if (sip->sip_request->rq_method == sip_method_register) proven_[user] = secret->ha1_md5;
            return user;
        }
        challenge(msg, user, check == DigestCheck::stale);
        return std::nullopt;
    }
    challenge(msg, user, false);
    return std::nullopt;
}

void SofiaEndpoint::on_register(msg_t *msg, sip_t *sip) {
    const auto user = authenticated_user(msg, sip, sip->sip_to->a_url);
    if (user) answer_register(msg, sip, *user);
}

void SofiaEndpoint::answer_register(msg_t *msg, sip_t *sip, const std::string &user) {
    RegisterRequest request;
    request.user = user;
    request.call_id = sip->sip_call_id->i_id;
    request.cseq = sip->sip_cseq->cs_seq;
    request.next_hop = source_of(msg, sip).uri();
    constexpr unsigned long kDay = 86'400;
    if (sip->sip_expires != nullptr)
        request.expires =
            static_cast<int>(std::min<unsigned long>(sip->sip_expires->ex_delta, kDay));
    for (const sip_contact_t *contact = sip->sip_contact; contact != nullptr;
         contact = contact->m_next) {
        if (contact->m_url->url_type == url_any) {
            request.star = true;
            continue;
        }
        RegisterRequest::Contact one{text_of(contact->m_url), std::nullopt};
        if (contact->m_expires != nullptr)
            one.expires =
                static_cast<int>(std::min(std::strtoul(contact->m_expires, nullptr, 10), kDay));
        if (!target_of(one.uri)) return reply(msg, 400);
        request.contacts.push_back(std::move(one));
    }
    const RegisterReply answer = registrar.handle(request, clock.now());
    Tags tags;
    if (answer.min_expires > 0) tags.header("Min-Expires", std::to_string(answer.min_expires));
    for (const auto &[uri, seconds] : answer.contacts)
        tags.header("Contact", fmt::format("<{}>;expires={}", uri, seconds));
    // With a transaction, so that a repeated REGISTER is not taken for a replayed nonce.
    if (nta_incoming_t *irq = nta_incoming_create(agent, nullptr, msg, sip, TAG_END())) {
        nta_incoming_treply(irq, answer.status, sip_status_phrase(answer.status),
                            TAG_NEXT(tags.list()));
        nta_incoming_destroy(irq);
    }
    if (registration_handler && (answer.registered_now || answer.unregistered_now))
        registration_handler(user, answer.registered_now);
    arm_registrations();
}

void SofiaEndpoint::recheck_phones() {
    const auto dropped = registrar.keep([this](const std::string &user) {
        const auto secret = config.phone_secret ? config.phone_secret(user) : std::nullopt;
        if (!secret) return false;
        const auto proof = proven_.find(user); // none: registered before a restart
        return proof == proven_.end() || proof->second == secret->ha1_md5;
    });
    for (const auto &user : dropped) {
        proven_.erase(user);
        if (registration_handler) registration_handler(user, false);
    }
    arm_registrations();
}

void SofiaEndpoint::arm_registrations() {
    loop.cancel(std::exchange(registration_timer_, Loop::TimerId::none));
    const auto next = registrar.next_expiry();
    if (!next) return;
    const Duration wait = std::max<Duration>(*next - clock.now(), 10ms);
    registration_timer_ = loop.after(wait, [this] {
        registration_timer_ = Loop::TimerId::none;
        for (const auto &user : registrar.expire(clock.now()))
            if (registration_handler) registration_handler(user, false);
        arm_registrations();
    });
}

} // namespace fernamt::telephony
