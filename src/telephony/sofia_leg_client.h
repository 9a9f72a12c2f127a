// SPDX-License-Identifier: EUPL-1.2
// One request of a SofiaLeg and its transaction in nta. Only sofia_leg*.cpp include it.
#pragma once

#include "telephony/sofia_leg.h"

#include <string>
#include <utility>

namespace fernamt::telephony {

class SofiaLeg::Client final : public NtaClient {
  public:
    Client(SofiaLeg &owner, session::SendRequest sent) : leg(owner), request(std::move(sent)) {}
    ~Client() override { drop(); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    void drop() {
        if (orq != nullptr) nta_outgoing_destroy(std::exchange(orq, nullptr));
    }
    void on_response(const sip_t *sip) override { leg.on_response(*this, sip); }

    SofiaLeg &leg;
    session::SendRequest request;
    nta_outgoing_t *orq = nullptr;
    int challenges = 0;
    std::string authorization_name;
    std::string authorization;
    bool cancelled = false;
};

} // namespace fernamt::telephony
