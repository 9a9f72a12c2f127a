// SPDX-License-Identifier: EUPL-1.2
// "192.0.2.1", "10.0.0.0/8", "2001:db8::/32": one address or a network, as an operator writes it.
// Names are not looked up.
#pragma once

#include <string>

namespace fernamt {

[[nodiscard]] bool is_address_range(const std::string &text);
// An IPv4 address that came by an IPv6 socket (::ffff:192.0.2.1) lies in IPv4 ranges.
[[nodiscard]] bool lies_in(const std::string &address, const std::string &range);

} // namespace fernamt
