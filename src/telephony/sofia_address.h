// SPDX-License-Identifier: EUPL-1.2
// SIP addresses as text: hosts with and without brackets, where a URI leads, what may stand in the
// parts of a name-addr. Resolves no names.
#pragma once

#include <optional>
#include <string>

namespace fernamt::telephony {

[[nodiscard]] std::string without_brackets(std::string host); // of an IPv6 reference
[[nodiscard]] std::string with_brackets(const std::string &host);

struct SipTarget {
    std::string transport; // "udp", "tcp", "tls"
    std::string host;      // without brackets
};
// Nothing: no sip or sips URI.
[[nodiscard]] std::optional<SipTarget> target_of(const std::string &uri);

[[nodiscard]] std::string quoted_display(const std::string &name); // and a blank; "" for ""
[[nodiscard]] std::string escaped_user(const std::string &user);   // RFC 3261 25.1

} // namespace fernamt::telephony
