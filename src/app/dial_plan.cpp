// SPDX-License-Identifier: EUPL-1.2
#include "app/dial_plan.h"

#include <algorithm>

namespace fernamt::app {

namespace {

bool matches(const std::vector<std::string> &prefixes, const std::string &number) {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string &prefix) {
        return !prefix.empty() && number.starts_with(prefix);
    });
}

} // namespace

DialPlan::DialPlan(const Config &config)
    : allow_(config.sip_transfer_allow), deny_(config.sip_transfer_deny) {
    for (const TrunkConfig &trunk : config.sip_trunks) {
        if (!config.sip_transfer_trunk.empty() && trunk.name != config.sip_transfer_trunk) continue;
        const auto colon = trunk.uri.find(':');
        host_ = colon == std::string::npos ? trunk.uri : trunk.uri.substr(colon + 1);
        break;
    }
}

std::string DialPlan::uri(const PhoneNumber &number) const {
    if (host_.empty() || matches(deny_, number.e164) || !matches(allow_, number.e164)) return "";
    return "sip:" + number.e164 + "@" + host_;
}

} // namespace fernamt::app
