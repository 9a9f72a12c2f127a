// SPDX-License-Identifier: EUPL-1.2
// Which way a call to a number goes that is none of ours: to the phone registered with us that has
// this number, over the trunk whose partner or whose numbers it is, else over the trunk that
// transfers leave by, if the configuration allows the number at all. Premium, mass-traffic and
// directory numbers stay out unless somebody writes them in: a transfer must never become toll
// fraud.
#pragma once

#include "app/config.h"
#include "base/phone_number.h"

#include <map>
#include <string>
#include <vector>

namespace fernamt::app {

class DialPlan {
  public:
    explicit DialPlan(const Config &config);
    // As telephony::OutgoingCall::target: "sip:+49511...@trunk.example:5060;transport=udp", or the
    // user name of a phone; empty if it is not allowed.
    [[nodiscard]] std::string uri(const PhoneNumber &number) const;
    // "sip.transfer_deny" or "sip.transfer_allow": the rule that keeps the number in; empty: none
    // does (there may still be no trunk).
    [[nodiscard]] std::string forbidden_by(const PhoneNumber &number) const;

  private:
    struct Trunk {
        std::string host; // "trunk.example:5060;transport=udp"
        std::string partner;
        std::vector<std::string> numbers; // prefixes
    };
    [[nodiscard]] const Trunk *trunk_of(const std::string &number) const;

    std::map<std::string, std::string> phones_; // user by number
    std::vector<Trunk> trunks_;
    std::vector<std::string> allow_, deny_;
    std::string host_; // of the trunk for everything else
};

} // namespace fernamt::app
