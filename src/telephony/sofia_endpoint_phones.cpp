// SPDX-License-Identifier: EUPL-1.2
// Phones: digest, REGISTER, and when their registrations end.
#include "telephony/dialled_headers.h"
#include "telephony/sofia_address.h"
#include "telephony/sofia_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace fernamt::telephony {
namespace {

constexpr std::size_t kLongestUser = 64; // bytes; more than any account has, as it is remembered

} // namespace

void SofiaEndpoint::challenge(msg_t *msg, const std::string &user, bool stale) {
    const auto secret = config.phone_secret ? config.phone_secret(user) : std::nullopt;
    // A stranger is asked like everybody; only a phone that is known to fail on SHA-256 is not.
    const bool with_sha256 = config.offer_sha256 && (!secret || !secret->ha1_sha256.empty());
    Tags tags;
    for (const auto &value : digest_.challenges(with_sha256, stale, clock.now()))
        tags.header("WWW-Authenticate", value);
    reply(msg, 401, tags);
}

// Not 403: a phone whose password has been put right must come back by itself.
void SofiaEndpoint::reply_slowed(msg_t *msg, Duration wait) {
    Tags tags;
    tags.header("Retry-After",
                std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
    reply(msg, 503, tags);
}

std::optional<std::string> SofiaEndpoint::authenticated_user(msg_t *msg, sip_t *sip,
                                                             const url_t *identity) {
    const std::string user = uri_user(text_of(identity));
    if (user.empty() || user.size() > kLongestUser) {
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
        const std::string from = source_of(msg, sip).host;
        if (const auto wait = slowing_.attempt(user, from, clock.now())) {
            reply_slowed(msg, *wait);
            return std::nullopt;
        }
        const auto secret = config.phone_secret ? config.phone_secret(user) : std::nullopt;
        const auto check =
            digest_.check(value, sip->sip_request->rq_method_name, secret, clock.now());
        if (check == DigestCheck::stale) slowing_.withdrawn(user, from);
        if (check == DigestCheck::accepted) {
            slowing_.succeeded(user, from);
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
