// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_trunk.h"

#include "base/log.h"
#include "telephony/dialled_headers.h"
#include "telephony/sofia_endpoint.h"

#include <fmt/format.h>

#include <random>

namespace fernamt::telephony {

using Question = TrunkKeeper::Question;

class SofiaTrunk::Client final : public NtaClient {
  public:
    Client(SofiaTrunk &owner, TrunkKeeper::Ask asked) : trunk(owner), ask(asked) {}
    ~Client() override {
        if (orq != nullptr) nta_outgoing_destroy(orq);
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;
    void on_response(const sip_t *sip) override { trunk.on_response(*this, sip); }

    SofiaTrunk &trunk;
    TrunkKeeper::Ask ask;
    nta_outgoing_t *orq = nullptr;
    int challenges = 0;
    std::string authorization_name;
    std::string authorization;
};

SofiaTrunk::SofiaTrunk(SofiaEndpoint &endpoint, const TrunkConfig &config)
    : endpoint_(endpoint), config_(config),
      keeper_({config.register_there, config.expires, config.options_interval}) {}

SofiaTrunk::~SofiaTrunk() {
    endpoint_.loop.cancel(register_timer_);
    endpoint_.loop.cancel(options_timer_);
    register_.reset();
    options_.reset();
    if (register_leg_ != nullptr) nta_leg_destroy(register_leg_);
    if (options_leg_ != nullptr) nta_leg_destroy(options_leg_);
}

bool SofiaTrunk::start() {
    if (!config_.register_there && config_.options_interval <= 0s) return true; // nothing to ask
    const bool tls = config_.proxy.starts_with("sips:");
    std::string transport = param_of(config_.proxy, "transport");
    if (transport.empty()) transport = "udp";
    contact_ = endpoint_.contact_for(tls ? "tls" : transport, uri_host(config_.proxy));
    if (contact_.empty()) return false;
    if (!config_.user.empty()) { // the trunk finds us by the user of the contact
        const auto colon = contact_.find(':');
        const auto at = contact_.find('@');
        contact_ = contact_.substr(0, colon + 1) + config_.user + contact_.substr(at);
    }
    register_leg_ = create_leg();
    options_leg_ = create_leg();
    if (register_leg_ == nullptr || options_leg_ == nullptr) return false;
    tell(TrunkKeeper::Start{});
    return true;
}

nta_leg_t *SofiaTrunk::create_leg() const {
    const std::string user = config_.user.empty() ? "fernamt" : config_.user;
    Tags tags;
    const std::string address = fmt::format("<sip:{}@{}>", user, uri_host(config_.proxy));
    tags.add(SIPTAG_FROM_STR(tags.keep(address)));
    tags.add(SIPTAG_TO_STR(tags.keep(address)));
    tags.add(SIPTAG_CALL_ID_STR(tags.keep(random_hex(16))));
    nta_leg_t *leg = nta_leg_tcreate(endpoint_.agent, nullptr, nullptr, TAG_NEXT(tags.list()));
    if (leg != nullptr) nta_leg_tag(leg, random_hex(8).c_str());
    return leg;
}

void SofiaTrunk::tell(const TrunkKeeper::Input &input) {
    for (const auto &action : keeper_.handle(input, std::random_device{}())) {
        if (const auto *ask = std::get_if<TrunkKeeper::Ask>(&action)) {
            auto &slot = ask->question == Question::registration ? register_ : options_;
            if (slot) endpoint_.bury(std::move(slot));
            slot = std::make_unique<Client>(*this, *ask);
            send(*slot);
        } else if (const auto *later = std::get_if<TrunkKeeper::AskLater>(&action)) {
            auto &timer =
                later->question == Question::registration ? register_timer_ : options_timer_;
            endpoint_.loop.cancel(timer);
            timer = endpoint_.loop.after(later->after, [this, question = later->question] {
                const SofiaEndpoint::Scope scope(endpoint_, SofiaEndpoint::Scope::From::network);
                tell(TrunkKeeper::Due{question});
            });
        } else if (std::get<TrunkKeeper::Changed>(action).up) {
            log::info("sip.trunk_up", {{"trunk", config_.name}});
        } else {
            log::warning("sip.trunk_down", {{"trunk", config_.name}});
        }
    }
}

void SofiaTrunk::send(Client &client) {
    const bool registration = client.ask.question == Question::registration;
    Tags tags;
    tags.header("Allow", kAllow);
    if (registration) {
        tags.header("Contact", "<" + contact_ + ">");
        tags.header("Expires", std::to_string(client.ask.expires));
    }
    if (!client.authorization.empty()) tags.header(client.authorization_name, client.authorization);
    const std::string uri = registration ? "sip:" + uri_host(config_.proxy) : config_.proxy;
    if (client.orq != nullptr) nta_outgoing_destroy(std::exchange(client.orq, nullptr));
    client.orq = registration ? nta_outgoing_tcreate(register_leg_, NtaClient::callback, &client,
                                                     as_url(config_.proxy), SIP_METHOD_REGISTER,
                                                     as_url(uri), TAG_NEXT(tags.list()))
                              : nta_outgoing_tcreate(options_leg_, NtaClient::callback, &client,
                                                     as_url(config_.proxy), SIP_METHOD_OPTIONS,
                                                     as_url(uri), TAG_NEXT(tags.list()));
    if (client.orq == nullptr) tell(TrunkKeeper::Answered{client.ask.question, 503, 0, 0, 0});
}

void SofiaTrunk::on_response(Client &client, const sip_t *sip) {
    const SofiaEndpoint::Scope scope(endpoint_, SofiaEndpoint::Scope::From::network);
    const int status = sip != nullptr && sip->sip_status != nullptr
                           ? sip->sip_status->st_status
                           : nta_outgoing_status(client.orq);
    if (status < 200) return;
    const bool challenged = (status == 401 || status == 407) && sip != nullptr;
    if (challenged && !config_.user.empty() && ++client.challenges <= 2) {
        const bool registration = client.ask.question == Question::registration;
        std::vector<std::string> challenges;
        for (const msg_auth_t *auth = status == 407 ? sip->sip_proxy_authenticate
                                                    : sip->sip_www_authenticate;
             auth != nullptr; auth = auth->au_next) {
            msg_auth_t one = *auth;
            one.au_next = nullptr;
            challenges.push_back(value_of(&one));
        }
        const auto answer = answer_challenge(
            challenges, {config_.user, config_.password}, registration ? "REGISTER" : "OPTIONS",
            text_of(nta_outgoing_request_uri(client.orq)), random_hex(8));
        if (answer) {
            client.authorization_name = status == 407 ? "Proxy-Authorization" : "Authorization";
            client.authorization = *answer;
            return send(client);
        }
    }
    TrunkKeeper::Answered answered{client.ask.question, status, 0, 0, 0};
    if (sip != nullptr) {
        for (const sip_contact_t *contact = sip->sip_contact; contact != nullptr;
             contact = contact->m_next)
            if (contact->m_expires != nullptr && text_of(contact->m_url) == contact_)
                answered.expires = std::atoi(contact->m_expires);
        if (answered.expires == 0 && sip->sip_expires != nullptr)
            answered.expires = static_cast<int>(sip->sip_expires->ex_delta);
        if (sip->sip_min_expires != nullptr)
            answered.min_expires = static_cast<int>(sip->sip_min_expires->me_delta);
        if (sip->sip_retry_after != nullptr)
            answered.retry_after = static_cast<int>(sip->sip_retry_after->af_delta);
    }
    tell(answered);
}

} // namespace fernamt::telephony
