// SPDX-License-Identifier: EUPL-1.2
// A call that goes on to somewhere else says where it was meant to go: History-Info (RFC 7044) and
// Diversion (RFC 5806), read and written as text. Pure.
#pragma once

#include "base/phone_number.h"
#include "routing/decision.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fernamt::telephony {

inline constexpr int kMaxForwards = 70; // of a call that begins here

// Where a call has been before it came to us, as received.
struct WayHere {
    std::vector<std::string> history_info; // raw header values
    std::vector<std::string> diversion;
    // The caller does not want to be known who passed the call on to whom (RFC 7044 10.1.2).
    bool hides_history = false;
    // Max-Forwards (RFC 3261 8.1.1.6; 70 if there was none): what goes out for this call has less,
    // so that a call which goes round in a loop of switchboards ends.
    int max_forwards = kMaxForwards;
    friend bool operator==(const WayHere &, const WayHere &) = default;
};

// One entry each, "<uri>;params", in the order of the message; without display names.
struct Diverted {
    std::vector<std::string> history;
    std::vector<std::string> diversions;
    bool hidden = false; // the caller's wish: what is read goes on without its addresses
};
// Never more than kMostDiversions entries of each: the first one (the
// number that was dialled) and the newest.
inline constexpr std::size_t kMostDiversions = 10;
[[nodiscard]] Diverted diverted_of(const WayHere &way);
// How often the call had been passed on before it came to us.
[[nodiscard]] std::int64_t hops_of(const Diverted &diverted);
// Was it passed on by this number? Then it must not go back there.
[[nodiscard]] bool was_at(const Diverted &diverted, const PhoneNumber &number);

// The headers of the call that goes on to target_uri. dialled: the number of ours it came to. rule:
// why; it names the cause (RFC 4458) and the reason. Whoever passed the call on before stays
// unnamed if the caller wishes so (before.hidden: "Privacy: history" goes on, too) or the entry
// itself (RFC 7044 10.1.2); how often it was passed on stays to be seen.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
headers_for_forward(const Diverted &before, const PhoneNumber &dialled,
                    const std::string &target_uri, routing::Rule rule);

} // namespace fernamt::telephony
