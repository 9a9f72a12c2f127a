// SPDX-License-Identifier: EUPL-1.2
// Runs one of the scenarios in tests/system/sipp with sipp (Debian: sip-tester) against a running
// service: a far end that shares no line of code with ours.
#pragma once

#include "office.h"

#include <string>

namespace fernamt::testing {

struct SippResult {
    int code = -1; // 0: everything came as the scenario says
    std::string output;
};

// scenario: "basic_caller". caller: user part of From and Contact.
[[nodiscard]] SippResult sipp(const Office &office, const std::string &scenario,
                              const std::string &caller);

} // namespace fernamt::testing
