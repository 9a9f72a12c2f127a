// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_address.h"

#include "base/text.h"
#include "telephony/sofia_nta.h"

#include <fmt/format.h>

#include <cctype>
#include <cstring>

namespace fernamt::telephony {

std::string without_brackets(std::string host) {
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

std::string with_brackets(const std::string &host) {
    return host.find(':') == std::string::npos || host.front() == '[' ? host : "[" + host + "]";
}

std::optional<SipTarget> target_of(const std::string &uri) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    std::optional<SipTarget> result;
    if (const url_t *url = url_make(home, uri.c_str());
        url != nullptr && (url->url_type == url_sip || url->url_type == url_sips) &&
        url->url_host != nullptr && url->url_host[0] != '\0') {
        char transport[16] = "";
        if (url->url_params != nullptr)
            url_param(url->url_params, "transport", transport, sizeof transport);
        result = SipTarget{transport, without_brackets(url->url_host)};
        if (url->url_type == url_sips) result->transport = "tls";
        result->transport = lower_ascii(result->transport);
        if (result->transport.empty()) result->transport = "udp";
    }
    su_home_deinit(home);
    return result;
}

std::string quoted_display(const std::string &name) {
    if (name.empty()) return {};
    std::string result = "\"";
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20) continue;
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\" ";
}

std::string escaped_user(const std::string &user) {
    std::string result;
    for (const char c : user) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                           std::strchr("-_.!~*'()&=+$,;?/", c) != nullptr;
        if (plain && c != '\0') {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

} // namespace fernamt::telephony
