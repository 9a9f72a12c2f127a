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

std::string host_of(const TrunkConfig &trunk) {
    const auto colon = trunk.uri.find(':');
    return colon == std::string::npos ? trunk.uri : trunk.uri.substr(colon + 1);
}

std::string e164(const std::string &text) {
    return parse_phone_number(text).value_or(PhoneNumber{}).e164;
}

} // namespace

DialPlan::DialPlan(const Config &config)
    : allow_(config.sip_transfer_allow), deny_(config.sip_transfer_deny) {
    for (const PhoneConfig &phone : config.sip_phones)
        phones_.emplace(e164(phone.number), phone.user);
    for (const TrunkConfig &trunk : config.sip_trunks) {
        trunks_.push_back({host_of(trunk), e164(trunk.partner_number), trunk.numbers});
        const bool is_it =
            config.sip_transfer_trunk.empty() || trunk.name == config.sip_transfer_trunk;
        if (host_.empty() && is_it) host_ = host_of(trunk);
    }
}

// A partner's own trunk, else the one with the longest prefix; of equal ones the first.
const DialPlan::Trunk *DialPlan::trunk_of(const std::string &number) const {
    const Trunk *best = nullptr;
    std::size_t longest = 0;
    for (const Trunk &trunk : trunks_) {
        if (trunk.partner == number) return &trunk;
        for (const std::string &prefix : trunk.numbers) {
            if (prefix.size() <= longest || !number.starts_with(prefix)) continue;
            longest = prefix.size();
            best = &trunk;
        }
    }
    return best;
}

std::string DialPlan::uri(const PhoneNumber &number) const {
    if (number.e164.empty() || !forbidden_by(number).empty()) return "";
    if (const auto phone = phones_.find(number.e164); phone != phones_.end()) return phone->second;
    const Trunk *trunk = trunk_of(number.e164);
    const std::string &host = trunk != nullptr ? trunk->host : host_;
    return host.empty() ? "" : "sip:" + number.e164 + "@" + host;
}

// Whose phone or trunk it is says the configuration itself: that allows it, over a trunk never what
// is denied.
std::string DialPlan::forbidden_by(const PhoneNumber &number) const {
    if (phones_.contains(number.e164)) return "";
    if (matches(deny_, number.e164)) return "sip.transfer_deny";
    const bool allowed = trunk_of(number.e164) != nullptr || matches(allow_, number.e164);
    return allowed ? "" : "sip.transfer_allow";
}

} // namespace fernamt::app
