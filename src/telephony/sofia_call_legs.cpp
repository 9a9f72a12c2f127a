// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_call_legs.h"

#include "telephony/sofia_endpoint.h"

namespace fernamt::telephony {

namespace {
using Scope = SofiaEndpoint::Scope;

void tell(SofiaEndpoint &endpoint, LegId id, const session::Input &input) {
    const Scope scope(endpoint, Scope::From::switchboard);
    if (SofiaLeg *leg = endpoint.find(id)) leg->handle(input);
}
} // namespace

SofiaCallLegs::SofiaCallLegs(std::unique_ptr<SofiaEndpoint> endpoint)
    : endpoint_(std::move(endpoint)) {}
SofiaCallLegs::~SofiaCallLegs() = default;

Expected<std::unique_ptr<SofiaCallLegs>> SofiaCallLegs::create(SofiaLoop &loop, SipConfig config) {
    auto endpoint = std::make_unique<SofiaEndpoint>(loop, std::move(config));
    if (auto opened = endpoint->open(); !opened) return tl::unexpected<Problem>(opened.error());
    return std::unique_ptr<SofiaCallLegs>(new SofiaCallLegs(std::move(endpoint)));
}

void SofiaCallLegs::on_incoming(std::function<void(IncomingCall)> handler) {
    endpoint_->incoming_handler = std::move(handler);
}
void SofiaCallLegs::listen(LegId leg, LegListener *listener) {
    endpoint_->listen(leg, listener);
}

LegId SofiaCallLegs::invite(const OutgoingCall &call, LegListener *listener) {
    return endpoint_->invite(call, listener);
}
void SofiaCallLegs::ring(LegId leg) {
    tell(*endpoint_, leg, session::Ring{});
}
void SofiaCallLegs::answer(LegId leg, const std::string &sdp) {
    tell(*endpoint_, leg, session::Answer{sdp});
}
void SofiaCallLegs::reject(LegId leg, int sip_status, const std::string &reason,
                           Duration retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
    tell(*endpoint_, leg, session::Reject{sip_status, reason, static_cast<int>(seconds)});
}
void SofiaCallLegs::hang_up(LegId leg, bool answered_elsewhere) {
    tell(*endpoint_, leg, session::HangUp{answered_elsewhere});
}
void SofiaCallLegs::answer_offer(LegId leg, const std::string &sdp) {
    tell(*endpoint_, leg, session::AnswerOffer{sdp});
}
void SofiaCallLegs::answer_refer(LegId leg, bool accepted) {
    tell(*endpoint_, leg, session::AnswerRefer{accepted});
}
void SofiaCallLegs::offer(LegId leg, const std::string &sdp) {
    tell(*endpoint_, leg, session::Offer{sdp});
}
void SofiaCallLegs::refer_progress(LegId leg, int sip_status) {
    tell(*endpoint_, leg, session::ReferProgress{sip_status});
}

void SofiaCallLegs::refer(LegId leg, const std::string &to_uri) {
    tell(*endpoint_, leg, session::Refer{to_uri});
}

std::optional<LegId> SofiaCallLegs::restore(const std::string &dialog_record,
                                            LegListener *listener) {
    return endpoint_->restore(dialog_record, listener);
}
bool SofiaCallLegs::is_registered(const std::string &user) const {
    return endpoint_->registrar.find(user, endpoint_->clock.now()) != nullptr;
}
std::size_t SofiaCallLegs::open_legs() const {
    return endpoint_->open_legs();
}
void SofiaCallLegs::set_accepting(bool accepting) {
    endpoint_->accepting = accepting;
}
void SofiaCallLegs::on_registration(std::function<void(const std::string &, bool)> handler) {
    endpoint_->registration_handler = std::move(handler);
}
void SofiaCallLegs::recheck_phones() {
    endpoint_->recheck_phones();
}
std::vector<SipListenAddress> SofiaCallLegs::addresses() const {
    return endpoint_->addresses();
}
bool SofiaCallLegs::trunk_up(const std::string &name) const {
    return endpoint_->trunk_up(name);
}

} // namespace fernamt::telephony
