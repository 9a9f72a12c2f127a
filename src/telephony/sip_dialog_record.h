// SPDX-License-Identifier: EUPL-1.2
// A confirmed dialog as text (JSON), complete enough to take it up again in a new process without
// sending anything. It holds addresses of persons: store it with the call,
// erase it when the call ends, never log it.
#pragma once

#include "telephony/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::telephony {

struct DialogRecord {
    std::string call_id;
    std::string local;  // name-addr with tag: From of our requests
    std::string remote; // name-addr with tag: To of our requests
    std::uint32_t local_cseq = 0;
    std::uint32_t remote_cseq = 0;
    std::vector<std::string> route; // in sending order
    std::string target;             // name-addr of the remote target
    std::string contact;            // ours
    std::string next_hop;           // URI, if neither route nor target says where to send
    std::string trunk;
    std::string phone; // user of the phone registered with us at the far end
    session::Record session;
    friend bool operator==(const DialogRecord &, const DialogRecord &) = default;
};

[[nodiscard]] std::string to_text(const DialogRecord &record);
[[nodiscard]] std::optional<DialogRecord> parse_dialog_record(const std::string &text);

} // namespace fernamt::telephony
