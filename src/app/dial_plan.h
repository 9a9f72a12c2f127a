// SPDX-License-Identifier: EUPL-1.2
// Where a transfer to an outside number goes: the trunk's proxy, if the configuration allows the
// number at all. Premium, mass-traffic and directory numbers stay out unless somebody writes them
// in: a transfer must never become toll fraud.
#pragma once

#include "app/config.h"
#include "base/phone_number.h"

#include <string>

namespace fernamt::app {

class DialPlan {
  public:
    explicit DialPlan(const Config &config);
    // "sip:+49511...@trunk.example:5060;transport=udp"; empty if it is not allowed.
    [[nodiscard]] std::string uri(const PhoneNumber &number) const;

  private:
    std::vector<std::string> allow_, deny_;
    std::string host_; // "trunk.example:5060;transport=udp"
};

} // namespace fernamt::app
