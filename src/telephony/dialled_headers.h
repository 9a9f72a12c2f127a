// SPDX-License-Identifier: EUPL-1.2
// Which number did the citizen dial? Reads it from raw header values, in the order that routing
// decides by (routing/rules.h): Request-URI, P-Called-Party-ID, first History-Info (RFC 7044),
// first set Diversion (RFC 5806: the last header), To. Pure text; decides nothing, normalises
// nothing.
#pragma once

#include "routing/rules.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {

struct DialledHeaders { // values as received; a value may be a list with commas
    std::string request_uri;
    std::vector<std::string> called_party;
    std::vector<std::string> history_info;
    std::vector<std::string> diversion;
    std::string to;
};
[[nodiscard]] std::vector<routing::DialledCandidate>
dialled_candidates(const DialledHeaders &headers);

// One name-addr or addr-spec with its header parameters.
struct Address {
    std::string display;
    std::string uri;
    std::string params; // ";index=1;..." after the address
};
[[nodiscard]] std::vector<Address> split_addresses(std::string_view header_value);
// User part of a sip:, sips: or tel: URI, %-decoded, without its own parameters; empty if none.
[[nodiscard]] std::string uri_user(std::string_view uri);
[[nodiscard]] std::string
uri_host(std::string_view uri); // without port; "[::1]" keeps its brackets
[[nodiscard]] std::string param_of(std::string_view params, std::string_view name);

// Who calls (RFC 3325, RFC 3323): P-Asserted-Identity if trusted, else From; empty if withheld.
struct CallerHeaders {
    std::vector<std::string> asserted;
    std::string from;
    std::string privacy;
    bool trusted = false; // the asserted identity comes from a trunk of ours
};
[[nodiscard]] std::string caller_of(const CallerHeaders &headers);
[[nodiscard]] bool
is_asserted(const CallerHeaders &headers); // caller_of is what a trunk vouches for
// Nobody shall read from the call who passed it on (RFC 7044 10.1.2: history, header or session).
[[nodiscard]] bool hides_history(const CallerHeaders &headers);

} // namespace fernamt::telephony
