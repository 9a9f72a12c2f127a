// SPDX-License-Identifier: EUPL-1.2
// One trunk on the wire: REGISTER and OPTIONS as the pure TrunkKeeper (trunk.h) asks for them, with
// digest. INVITEs through the trunk are legs like all others.
#pragma once

#include "telephony/loop.h"
#include "telephony/sofia_nta.h"
#include "telephony/trunk.h"

#include <memory>
#include <string>

namespace fernamt::telephony {

struct TrunkConfig;

class SofiaTrunk {
  public:
    SofiaTrunk(SofiaEndpoint &endpoint, const TrunkConfig &config);
    ~SofiaTrunk();
    SofiaTrunk(const SofiaTrunk &) = delete;
    SofiaTrunk &operator=(const SofiaTrunk &) = delete;

    [[nodiscard]] bool start();
    [[nodiscard]] bool up() const { return keeper_.up(); }
    [[nodiscard]] const TrunkConfig &config() const { return config_; }

  private:
    class Client;

    void tell(const TrunkKeeper::Input &input);
    void send(Client &client);
    void on_response(Client &client, const sip_t *sip);
    [[nodiscard]] nta_leg_t *create_leg() const;

    SofiaEndpoint &endpoint_;
    const TrunkConfig &config_;
    TrunkKeeper keeper_;
    std::string contact_;
    nta_leg_t *register_leg_ = nullptr; // one Call-ID for all REGISTERs (RFC 3261 10.2)
    nta_leg_t *options_leg_ = nullptr;
    std::unique_ptr<Client> register_;
    std::unique_ptr<Client> options_;
    Loop::TimerId register_timer_ = Loop::TimerId::none;
    Loop::TimerId options_timer_ = Loop::TimerId::none;
};

} // namespace fernamt::telephony
