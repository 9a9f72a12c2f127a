// SPDX-License-Identifier: EUPL-1.2
// A leg's life and what arrives for it; sofia_leg_sending.cpp: what its Session wants done.
#include "telephony/sofia_leg.h"

#include "telephony/dialled_headers.h"
#include "telephony/digest.h"
#include "telephony/sofia_endpoint.h"
#include "telephony/sofia_leg_client.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <random>

namespace fernamt::telephony {

using session::Method;

namespace {

constexpr std::string_view kPhoneSource = "phone:";
constexpr std::size_t kMostRingingTags = 16; // forks of one INVITE

std::uint32_t random_number() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return static_cast<std::uint32_t>(generator());
}

std::string with_tag(const std::string &address, const std::string &tag) {
    return tag.empty() ? address : address + ";tag=" + tag;
}

// The URI of a name-addr: a name of a person has no place in a record.
std::string address_of(const std::string &name_addr) {
    const auto addresses = split_addresses(name_addr);
    return addresses.empty() ? std::string() : addresses.front().uri;
}

} // namespace

SofiaLeg::SofiaLeg(SofiaEndpoint &endpoint, LegId id, session::Session session)
    : endpoint_(endpoint), id_(id), session_(std::move(session)) {}

SofiaLeg::~SofiaLeg() {
    for (auto &timer : timers_)
        endpoint_.loop.cancel(timer);
    clients_.clear();
    if (reliable_ != nullptr) nta_reliable_destroy(reliable_);
    for (auto &[id, irq] : servers_)
        nta_incoming_destroy(irq);
    for (auto &[tag, leg] : early_)
        if (leg != leg_) nta_leg_destroy(leg);
    if (leg_ != nullptr) nta_leg_destroy(leg_);
}

// ---------------------------------------------------------------- opening

bool SofiaLeg::open_outgoing(const Far &far) {
    far_ = far;
    trunk_ = far.trunk;
    call_id_ = random_hex(16);
    tag_ = random_hex(8);
    leg_ = create_leg(far_.from, far_.to, 0, 0);
    return leg_ != nullptr;
}

nta_leg_t *SofiaLeg::create_leg(const std::string &from, const std::string &to,
                                std::uint32_t local_cseq, std::uint32_t remote_cseq) {
    Tags tags;
    tags.add(SIPTAG_CALL_ID_STR(tags.keep(call_id_)));
    tags.add(SIPTAG_FROM_STR(tags.keep(from)));
    tags.add(SIPTAG_TO_STR(tags.keep(to)));
    if (local_cseq != 0) tags.add(SIPTAG_CSEQ_STR(tags.keep(fmt::format("{} X", local_cseq))));
    if (remote_cseq != 0) tags.add(NTATAG_REMOTE_CSEQ(remote_cseq));
    nta_leg_t *leg = nta_leg_tcreate(endpoint_.agent, on_request, this, TAG_NEXT(tags.list()));
    if (leg != nullptr) nta_leg_tag(leg, tag_.empty() ? nullptr : tag_.c_str());
    return leg;
}

bool SofiaLeg::open_incoming(msg_t *msg, sip_t *sip, const std::string &contact,
                             const std::string &next_hop, const TrunkConfig *trunk,
                             IncomingCall call) {
    far_.contact = contact;
    far_.next_hop = next_hop;
    if (call.source.starts_with(kPhoneSource)) far_.phone = call.source.substr(kPhoneSource.size());
    trunk_ = trunk;
    incoming_ = std::move(call);
    incoming_.leg = id_;
    tag_ = random_hex(8);
    call_id_ = sip->sip_call_id->i_id;
    far_.from = "<" + text_of(sip->sip_to->a_url) + ">";
    far_.to = "<" + text_of(sip->sip_from->a_url) + ">";
    remote_tag_ = sip->sip_from->a_tag != nullptr ? sip->sip_from->a_tag : "";
    leg_ = nta_leg_tcreate(endpoint_.agent, on_request, this, SIPTAG_CALL_ID(sip->sip_call_id),
                           SIPTAG_FROM(sip->sip_to), SIPTAG_TO(sip->sip_from),
                           NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
    if (leg_ == nullptr) {
        nta_msg_treply(endpoint_.agent, msg, SIP_500_INTERNAL_SERVER_ERROR, TAG_END());
        return false;
    }
    nta_leg_tag(leg_, tag_.c_str());
    nta_leg_server_route(leg_, sip->sip_record_route, sip->sip_contact);
    const auto offer = sdp_of(sip);
    const auto timer = timer_of(sip);
    const auto peer = abilities_of(sip);
    nta_incoming_t *irq = nta_incoming_create(endpoint_.agent, leg_, msg, sip, TAG_END());
    if (irq == nullptr) return false;
    nta_incoming_bind(irq, on_ack_cancel, this);
    nta_incoming_treply(irq, SIP_100_TRYING, TAG_END());
    const auto request = ++last_server_;
    servers_[request] = irq;
    handle(session::Incoming{request, offer, timer, peer});
    return true;
}

bool SofiaLeg::reopen(const DialogRecord &record, const TrunkConfig *trunk) {
    const auto local = split_addresses(record.local);
    const auto remote = split_addresses(record.remote);
    if (local.size() != 1 || remote.size() != 1 || record.call_id.empty()) return false;
    if (param_of(local[0].params, "tag").empty() || param_of(remote[0].params, "tag").empty())
        return false;
    trunk_ = trunk;
    call_id_ = record.call_id;
    far_.contact = record.contact;
    far_.next_hop = record.next_hop;
    far_.phone = record.phone;
    far_.from = "<" + local[0].uri + ">";
    far_.to = "<" + remote[0].uri + ">";
    remote_tag_ = param_of(remote[0].params, "tag");
    constexpr std::uint32_t kJump = 1000; // requests of the old process that were not stored
    // The tags come with the addresses: tag_ stays empty.
    leg_ = create_leg(record.local, record.remote, record.local_cseq + kJump, record.remote_cseq);
    if (leg_ == nullptr) return false;
    tag_ = param_of(local[0].params, "tag");

    su_home_t home[1] = {SU_HOME_INIT(home)};
    std::string list;
    for (const auto &hop : record.route)
        list += (list.empty() ? "" : ", ") + hop;
    sip_record_route_t *route = list.empty() ? nullptr : sip_record_route_make(home, list.c_str());
    sip_contact_t *target = sip_contact_make(home, record.target.c_str());
    const bool usable = target != nullptr && (list.empty() || route != nullptr);
    // Not by SIPTAG_ROUTE: a leg made so forgets that the route is loose (measured).
    if (usable) nta_leg_server_route(leg_, route, target);
    su_home_deinit(home);
    return usable;
}

nta_leg_t *SofiaLeg::early_leg(const std::string &tag) {
    const auto found = early_.find(tag);
    if (found != early_.end()) return found->second;
    nta_leg_t *leg = create_leg(far_.from, with_tag(far_.to, tag), nta_leg_get_seq(leg_), 0);
    if (leg == nullptr) return nullptr;
    nta_leg_client_reroute(leg, response_->sip_record_route, response_->sip_contact, 1);
    return early_[tag] = leg;
}

// ---------------------------------------------------------------- the session

void SofiaLeg::handle(const session::Input &input) {
    const SofiaEndpoint::Scope scope(endpoint_, SofiaEndpoint::Scope::From::network);
    if (finished_) return;
    perform(session_.handle(input, random_number()));
}

void SofiaLeg::perform(const std::vector<session::Action> &actions) {
    for (const auto &action : actions)
        std::visit([this](const auto &what) { carry_out(what); }, action);
}

DialogRecord SofiaLeg::record() const {
    DialogRecord record;
    record.call_id = call_id_;
    record.local_cseq = nta_leg_get_seq(leg_);
    record.remote_cseq = nta_leg_get_rseq(leg_);
    record.contact = far_.contact;
    record.next_hop = far_.next_hop;
    if (trunk_ != nullptr) record.trunk = trunk_->name;
    record.phone = far_.phone;
    record.session = session_.record();
    const sip_route_t *route = nullptr;
    const sip_contact_t *target = nullptr;
    if (nta_leg_get_route(leg_, &route, &target) >= 0) {
        for (; route != nullptr; route = route->r_next) {
            su_home_t home[1] = {SU_HOME_INIT(home)};
            sip_route_t one = *route;
            one.r_next = nullptr;
            record.route.push_back(value_of(&one));
            su_home_deinit(home);
        }
        if (target != nullptr) record.target = "<" + text_of(target->m_url) + ">";
    }
    // nta does not give its addresses back: they are those we made the leg from.
    record.local = with_tag("<" + address_of(far_.from) + ">", tag_);
    record.remote = with_tag("<" + address_of(far_.to) + ">", remote_tag_);
    return record;
}

// ---------------------------------------------------------------- what arrives

void SofiaLeg::on_response(Client &client, const sip_t *sip) {
    const SofiaEndpoint::Scope scope(endpoint_, SofiaEndpoint::Scope::From::network);
    if (finished_ || client.orq == nullptr) return;
    const int status = sip != nullptr && sip->sip_status != nullptr
                           ? sip->sip_status->st_status
                           : nta_outgoing_status(client.orq);
    if ((status == 401 || status == 407) && sip != nullptr && answer_challenge(client, sip)) return;

    session::Response response;
    response.id = client.request.id;
    response.status = status;
    const bool opens =
        client.request.method == Method::invite || client.request.method == Method::update;
    if (sip != nullptr && !nta_sip_is_internal(sip)) {
        if (sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr)
            response.tag = sip->sip_to->a_tag;
        response.sdp = sdp_of(sip);
        if (!response.sdp.empty() && !is_plausible_sdp(response.sdp)) response.sdp.clear();
        response.timer = timer_of(sip);
        response.peer = abilities_of(sip);
        if (sip->sip_rseq != nullptr && status < 200) response.rseq = sip->sip_rseq->rs_response;
        // A target refresh (RFC 3261 12.2.1.2); never the route set.
        if (opens && status >= 200 && status < 300 && sip->sip_contact != nullptr &&
            nta_leg_get_rtag(leg_) != nullptr)
            nta_leg_client_reroute(leg_, nullptr, sip->sip_contact, 0);
        response_ = sip;
        if (status > 100 && status < 200 && !response.tag.empty() &&
            ringing_tags_.size() < kMostRingingTags)
            ringing_tags_.insert(response.tag);
    }
    perform(session_.handle(response, random_number()));
    response_ = nullptr;
    if (status < 200) return;
    const auto found = clients_.find(client.request.id);
    if (found == clients_.end() || found->second.get() != &client) return;
    const bool held = client.request.method == Method::invite && status < 300;
    if (held) return; // a late offer: nta must know it until the ACK
    client.drop();
    endpoint_.bury(std::move(found->second));
    clients_.erase(found);
}

LegId SofiaLeg::replaced_by(const url_t *refer_to) const {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    LegId found;
    const char *headers = url_query_as_header_string(home, refer_to->url_headers);
    const std::string text = headers != nullptr ? headers : "";
    std::size_t at = 0;
    while (at < text.size()) { // one header to a line
        const auto end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        const auto colon = line.find(':');
        if (colon == std::string::npos ||
            strcasecmp(line.substr(0, colon).c_str(), "Replaces") != 0)
            continue;
        const sip_replaces_t *replaces = sip_replaces_make(home, line.c_str() + colon + 1);
        const SofiaLeg *owner = replaces != nullptr ? endpoint_.find(*replaces) : nullptr;
        if (owner != nullptr) found = owner->id_;
    }
    su_home_deinit(home);
    return found;
}

int SofiaLeg::refuses_replacement(const std::string &user, bool early_only) const {
    if (far_.phone.empty() || far_.phone != user) return 403;
    switch (session_.state()) {
    case session::State::confirmed:
        return early_only ? 486 : 0;
    case session::State::calling:
    case session::State::early:
        return session_.outgoing() ? 0 : 481; // early, and not begun by us: RFC 3891, section 3
    case session::State::idle:
    case session::State::answering:
        return 481;
    case session::State::terminating:
    case session::State::terminated:
        break;
    }
    return 603; // over
}

bool SofiaLeg::is_named(const sip_replaces_t &replaces) const {
    const auto text = [](const char *value) { return std::string(value != nullptr ? value : ""); };
    const std::string theirs = text(replaces.rp_from_tag);
    if (theirs.empty() || text(replaces.rp_call_id) != call_id_ || text(replaces.rp_to_tag) != tag_)
        return false;
    return remote_tag_.empty() ? ringing_tags_.contains(theirs) : remote_tag_ == theirs;
}

int SofiaLeg::on_request(SofiaLeg *self, nta_leg_t *, nta_incoming_t *irq, const sip_t *sip) {
    const SofiaEndpoint::Scope scope(self->endpoint_, SofiaEndpoint::Scope::From::network);
    if (irq == nullptr || sip->sip_request->rq_method == sip_method_ack) {
        self->handle(session::Ack{sdp_of(sip)});
        return 0;
    }
    if (self->finished_) return 481;
    session::Request request;
    request.method = method_of(sip);
    const bool opens = request.method == Method::invite || request.method == Method::update;
    if (opens && sip->sip_require != nullptr) {
        su_home_t home[1] = {SU_HOME_INIT(home)};
        sip_unsupported_t *unsupported = sip_has_unsupported(
            home, sip_supported_make(home, self->supported()), sip->sip_require);
        if (unsupported != nullptr)
            nta_incoming_treply(irq, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED(unsupported),
                                TAG_END());
        su_home_deinit(home);
        if (unsupported != nullptr) return 420;
    }
    request.sdp = opens ? sdp_of(sip) : std::string();
    if (!request.sdp.empty() && !is_plausible_sdp(request.sdp)) return 488;
    request.unsupported_body = (opens && has_foreign_body(sip)) ||
                               (request.method == Method::info && has_foreign_info(sip));
    request.timer = timer_of(sip);
    request.peer = abilities_of(sip);
    if (sip->sip_refer_to != nullptr) {
        const url_t *target = sip->sip_refer_to->r_url;
        request.refer_replaces =
            target->url_headers != nullptr &&
            std::string_view(target->url_headers).find("eplaces=") != std::string_view::npos;
        request.refer_to = text_of(target);
        self->replaced_ = request.refer_replaces ? self->replaced_by(target) : LegId{};
    }
    // A target refresh request (RFC 3261 12.2.2).
    if (opens && sip->sip_contact != nullptr)
        nta_leg_server_route(self->leg_, nullptr, sip->sip_contact);
    request.id = ++self->last_server_;
    self->servers_[request.id] = irq;
    if (request.method == Method::invite) nta_incoming_bind(irq, on_ack_cancel, self);
    self->handle(request);
    return 0;
}

int SofiaLeg::on_ack_cancel(SofiaLeg *self, nta_incoming_t *irq, const sip_t *sip) {
    const SofiaEndpoint::Scope scope(self->endpoint_, SofiaEndpoint::Scope::From::network);
    session::RequestId id = 0;
    for (const auto &[known, other] : self->servers_)
        if (other == irq) id = known;
    if (id == 0) return 0;
    if (sip != nullptr && sip->sip_request != nullptr &&
        sip->sip_request->rq_method == sip_method_cancel) {
        self->handle(session::Cancel{id});
        return 0;
    }
    self->servers_.erase(id);
    if (sip == nullptr) {
        self->handle(session::AckMissing{});
    } else {
        std::string sdp = sdp_of(sip);
        if (!sdp.empty() && !is_plausible_sdp(sdp)) sdp.clear();
        self->handle(session::Ack{sdp});
    }
    nta_incoming_destroy(irq);
    return 0;
}

int SofiaLeg::on_prack(SofiaLeg *self, nta_reliable_t *reliable, nta_incoming_t *prack,
                       const sip_t *sip) {
    const SofiaEndpoint::Scope scope(self->endpoint_, SofiaEndpoint::Scope::From::network);
    if (self->reliable_ == reliable) self->reliable_ = nullptr;
    if (prack == nullptr || sip == nullptr) {
        self->handle(session::PrackMissing{});
        nta_reliable_destroy(reliable);
        return 0;
    }
    nta_incoming_treply(prack, SIP_200_OK, TAG_END()); // before the 200 to the INVITE
    self->handle(session::Prack{});
    nta_reliable_destroy(reliable);
    return 200;
}

} // namespace fernamt::telephony
