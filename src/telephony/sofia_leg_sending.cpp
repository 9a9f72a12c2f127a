// SPDX-License-Identifier: EUPL-1.2
// What a leg's Session wants done: requests (again, with credentials, when a trunk asks),
// responses, timers, and the reports to the switchboard.
#include "telephony/digest.h"
#include "telephony/sofia_endpoint.h"
#include "telephony/sofia_leg.h"
#include "telephony/sofia_leg_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::telephony {

using session::Method;

namespace {

struct MethodName {
    sip_method_t method;
    const char *name;
};

MethodName name_of(Method method) {
    switch (method) {
    case Method::invite:
        return {SIP_METHOD_INVITE};
    case Method::prack:
        return {SIP_METHOD_PRACK};
    case Method::update:
        return {SIP_METHOD_UPDATE};
    case Method::refer:
        return {SIP_METHOD_REFER};
    case Method::notify:
        return {SIP_METHOD_NOTIFY};
    default:
        return {SIP_METHOD_BYE};
    }
}

} // namespace

const char *SofiaLeg::supported() const {
    return far_.phone.empty() ? kSupported : kSupportedByPhones;
}

void SofiaLeg::add_timer_headers(Tags &tags, const session::SessionTimer &timer) const {
    if (timer.expires > 0) {
        const char *refresher = timer.refresher == session::Refresher::uac   ? ";refresher=uac"
                                : timer.refresher == session::Refresher::uas ? ";refresher=uas"
                                                                             : "";
        tags.header("Session-Expires", fmt::format("{}{}", timer.expires, refresher));
    }
    if (timer.min_se > 0) tags.header("Min-SE", std::to_string(timer.min_se));
}

void SofiaLeg::carry_out(const session::SendRequest &request) {
    auto client = std::make_unique<Client>(*this, request);
    Client &sent = *client;
    clients_[request.id] = std::move(client);
    if (request.method == Method::prack) return send_prack(sent);
    send(sent);
}

void SofiaLeg::send(Client &client) {
    const auto &request = client.request;
    const bool initial = request.method == Method::invite && nta_leg_get_rtag(leg_) == nullptr;
    Tags tags;
    if (request.method == Method::invite || request.method == Method::update) {
        tags.header("Contact", "<" + far_.contact + ">");
        tags.header("Allow", kAllow);
        tags.header("Supported", initial && !request.reliable ? "timer" : supported());
        add_timer_headers(tags, request.timer);
    }
    if (initial) {
        tags.add(SIPTAG_MAX_FORWARDS_STR(tags.keep(std::to_string(far_.max_forwards))));
        for (const auto &[name, value] : far_.headers)
            tags.header(name, value);
    }
    if (!request.reason.empty()) tags.header("Reason", request.reason);
    if (!client.authorization.empty()) tags.header(client.authorization_name, client.authorization);
    if (request.method == Method::refer) {
        tags.header("Contact", "<" + far_.contact + ">");
        tags.header("Refer-To", "<" + request.refer_to + ">");
    }
    if (request.method == Method::notify) {
        tags.header("Contact", "<" + far_.contact + ">");
        tags.header("Event", "refer");
        tags.header("Subscription-State",
                    request.notify_last ? "terminated;reason=noresource" : "active;expires=60");
        const char *phrase = sip_status_phrase(request.notify_status);
        tags.body("message/sipfrag", fmt::format("SIP/2.0 {} {}\r\n", request.notify_status,
                                                 phrase != nullptr ? phrase : "Progress"));
    } else {
        tags.body("application/sdp", request.sdp);
    }
    const auto method = name_of(request.method);
    const std::string hop = route_url();
    client.drop();
    client.orq = nta_outgoing_tcreate(
        leg_, NtaClient::callback, &client, as_url(hop), method.method, method.name,
        initial ? as_url(far_.request_uri) : nullptr, TAG_NEXT(tags.list()));
    if (client.orq != nullptr) return;
    // An address that cannot be used at all: as if the far end had said so.
    endpoint_.loop.post([endpoint = &endpoint_, id = id_, request_id = request.id] {
        if (SofiaLeg *leg = endpoint->find(id))
            leg->handle(session::Response{request_id, 503, {}, {}, {}, {}, 0});
    });
}

std::string SofiaLeg::route_url() const {
    const sip_route_t *route = nullptr;
    const sip_contact_t *target = nullptr;
    if (nta_leg_get_route(leg_, &route, &target) >= 0 && route != nullptr) return {};
    // A trunk's proxy is for the first INVITE only; afterwards the dialog knows the way.
    if (trunk_ != nullptr && nta_leg_get_rtag(leg_) != nullptr) return {};
    return far_.next_hop;
}

void SofiaLeg::send_prack(Client &client) {
    nta_outgoing_t *invite = nullptr;
    for (auto &[id, other] : clients_)
        if (other->request.method == Method::invite) invite = other->orq;
    nta_leg_t *leg = response_ != nullptr ? early_leg(client.request.tag) : nullptr;
    if (leg == nullptr || invite == nullptr) return;
    const sip_route_t *route = nullptr;
    const sip_contact_t *target = nullptr;
    const bool routed = nta_leg_get_route(leg, &route, &target) >= 0 && route != nullptr;
    const std::string hop = routed || trunk_ != nullptr ? std::string() : far_.next_hop;
    // Not nta_outgoing_prack(): it wants a transaction per fork. The Session keeps the order.
    Tags tags;
    tags.header("RAck",
                fmt::format("{} {} INVITE", client.request.rseq, nta_outgoing_cseq(invite)));
    client.orq = nta_outgoing_tcreate(leg, NtaClient::callback, &client, as_url(hop),
                                      SIP_METHOD_PRACK, nullptr, TAG_NEXT(tags.list()));
}

void SofiaLeg::carry_out(const session::SendResponse &response) {
    const auto found = servers_.find(response.id);
    if (found == servers_.end()) return;
    nta_incoming_t *irq = found->second;
    const auto method = nta_incoming_method(irq);
    Tags tags;
    const bool opens = method == sip_method_invite || method == sip_method_update;
    if (opens && response.status < 300) {
        tags.header("Contact", "<" + far_.contact + ">");
        tags.header("Allow", kAllow);
        tags.header("Supported", supported());
    }
    if (method == sip_method_refer && response.status == 202)
        tags.header("Contact", "<" + far_.contact + ">");
    add_timer_headers(tags, response.timer);
    std::string require = response.require_timer ? "timer" : "";
    if (!require.empty()) tags.header("Require", require);
    if (!response.reason.empty()) tags.header("Reason", response.reason);
    if (response.retry_after > 0) tags.header("Retry-After", std::to_string(response.retry_after));
    if (response.status == 405 || method == sip_method_options) tags.header("Allow", kAllow);
    if (response.status == 415)
        tags.header("Accept", method == sip_method_info ? "application/dtmf-relay, application/dtmf"
                                                        : "application/sdp");
    tags.body("application/sdp", response.sdp);
    const char *phrase = sip_status_phrase(response.status);
    if (response.reliable) {
        reliable_ = nta_reliable_treply(irq, on_prack, this, response.status, phrase,
                                        TAG_NEXT(tags.list()));
        return;
    }
    nta_incoming_treply(irq, response.status, phrase, TAG_NEXT(tags.list()));
    const bool waits_for_ack = method == sip_method_invite && response.status < 300;
    if (response.status < 200 || waits_for_ack) return;
    servers_.erase(found);
    nta_incoming_destroy(irq);
}

void SofiaLeg::carry_out(const session::SendAck &ack) {
    const auto found = clients_.find(ack.invite);
    if (found == clients_.end() || found->second->orq == nullptr) return;
    Client &invite = *found->second;
    Tags tags;
    tags.add(SIPTAG_CSEQ_STR(tags.keep(fmt::format("{} ACK", nta_outgoing_cseq(invite.orq)))));
    tags.add(NTATAG_ACK_BRANCH(tags.keep(nta_outgoing_branch(invite.orq))));
    if (!invite.authorization.empty()) tags.header(invite.authorization_name, invite.authorization);
    tags.body("application/sdp", ack.sdp);
    const std::string hop = route_url();
    nta_outgoing_t *orq = nta_outgoing_tcreate(leg_, nullptr, nullptr, as_url(hop), SIP_METHOD_ACK,
                                               nullptr, TAG_NEXT(tags.list()));
    // nta keeps both long enough to answer a repeated 2xx by a repeated ACK.
    nta_outgoing_destroy(orq);
    invite.drop();
    endpoint_.bury(std::move(found->second));
    clients_.erase(found);
}

void SofiaLeg::carry_out(const session::SendCancel &cancel) {
    const auto found = clients_.find(cancel.invite);
    if (found == clients_.end() || found->second->orq == nullptr) return;
    found->second->cancelled = true;
    Tags tags;
    if (cancel.answered_elsewhere)
        tags.header("Reason", "SIP;cause=200;text=\"Call completed elsewhere\"");
    nta_outgoing_t *orq =
        nta_outgoing_tcancel(found->second->orq, nullptr, nullptr, TAG_NEXT(tags.list()));
    static_cast<void>(orq); // nta frees it
}

void SofiaLeg::carry_out(const session::Establish &establish) {
    if (response_ == nullptr) return;
    remote_tag_ = establish.tag;
    const auto found = early_.find(establish.tag);
    if (found != early_.end()) { // its CSeq has counted on by the PRACKs
        nta_leg_destroy(leg_);
        leg_ = found->second;
        early_.erase(found);
    } else {
        nta_leg_rtag(leg_, establish.tag.c_str());
    }
    nta_leg_client_reroute(leg_, response_->sip_record_route, response_->sip_contact, 1);
    for (auto &[tag, leg] : early_)
        nta_leg_destroy(leg);
    early_.clear();
}

void SofiaLeg::carry_out(const session::SetTimer &timer) {
    auto &slot = timers_[static_cast<std::size_t>(timer.timer)];
    endpoint_.loop.cancel(slot);
    slot = endpoint_.loop.after(timer.after, [this, which = timer.timer] {
        timers_[static_cast<std::size_t>(which)] = Loop::TimerId::none;
        handle(session::TimerFired{which});
    });
}

void SofiaLeg::carry_out(const session::ClearTimer &timer) {
    auto &slot = timers_[static_cast<std::size_t>(timer.timer)];
    endpoint_.loop.cancel(std::exchange(slot, Loop::TimerId::none));
}

void SofiaLeg::carry_out(const session::ReportIncoming &) {
    endpoint_.report_incoming(std::move(incoming_));
}
void SofiaLeg::carry_out(const session::ReportRinging &) {
    endpoint_.report(id_, [id = id_](LegListener &l) { l.on_ringing(id); });
}
void SofiaLeg::carry_out(const session::ReportAnswered &report) {
    endpoint_.report(id_, [id = id_, sdp = report.sdp](LegListener &l) { l.on_answered(id, sdp); });
}
void SofiaLeg::carry_out(const session::ReportFailed &report) {
    endpoint_.report(
        id_, [id = id_, status = report.status](LegListener &l) { l.on_failed(id, status); }, true);
}
void SofiaLeg::carry_out(const session::ReportEnded &report) {
    endpoint_.report(
        id_, [id = id_, cause = report.cause](LegListener &l) { l.on_ended(id, cause); }, true);
}
void SofiaLeg::carry_out(const session::ReportOffer &report) {
    endpoint_.report(id_, [id = id_, sdp = report.sdp](LegListener &l) { l.on_offer(id, sdp); });
}
void SofiaLeg::carry_out(const session::ReportOfferAnswered &report) {
    endpoint_.report(
        id_, [id = id_, sdp = report.sdp](LegListener &l) { l.on_offer_answered(id, sdp); });
}
void SofiaLeg::carry_out(const session::ReportRefer &report) {
    if (report.replaces) {
        endpoint_.report(id_, [endpoint = &endpoint_, id = id_, other = replaced_](LegListener &l) {
            if (l.on_refer_replaces(id, other)) return;
            if (SofiaLeg *leg = endpoint->find(id)) leg->handle(session::AnswerRefer{false});
        });
        return;
    }
    endpoint_.report(
        id_, [id = id_, target = report.target](LegListener &l) { l.on_refer(id, target); });
}
void SofiaLeg::carry_out(const session::DialogChanged &) {
    endpoint_.report(
        id_, [id = id_, text = to_text(record())](LegListener &l) { l.on_dialog(id, text); });
}
void SofiaLeg::carry_out(const session::Finished &) {
    finished_ = true;
    endpoint_.retire(id_);
}

bool SofiaLeg::answer_challenge(Client &client, const sip_t *sip) {
    if (trunk_ == nullptr || trunk_->user.empty() || client.cancelled) return false;
    if (++client.challenges > 2) return false;
    std::vector<std::string> challenges;
    const bool proxy = sip->sip_status->st_status == 407;
    for (const msg_auth_t *auth = proxy ? sip->sip_proxy_authenticate : sip->sip_www_authenticate;
         auth != nullptr; auth = auth->au_next) {
        msg_auth_t one = *auth;
        one.au_next = nullptr;
        challenges.push_back(value_of(&one));
    }
    // A second challenge is only worth an answer if the nonce was merely too old (RFC 7616 3.3).
    if (client.challenges == 2) {
        bool stale = false;
        for (const auto &challenge : challenges) {
            const auto params = parse_digest(challenge);
            const auto found = params.find("stale");
            stale = stale ||
                    (found != params.end() && (found->second == "true" || found->second == "TRUE"));
        }
        if (!stale) return false;
    }
    const auto method = name_of(client.request.method);
    const url_t *uri = nta_outgoing_request_uri(client.orq);
    const auto answer = telephony::answer_challenge(challenges, {trunk_->user, trunk_->password},
                                                    method.name, text_of(uri), random_hex(8));
    if (!answer) return false;
    client.authorization_name = proxy ? "Proxy-Authorization" : "Authorization";
    client.authorization = *answer;
    send(client);
    return true;
}

} // namespace fernamt::telephony
