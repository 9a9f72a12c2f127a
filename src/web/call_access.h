// SPDX-License-Identifier: EUPL-1.2
// Did this agent take this call? Answered from the ledger, between the call's first and last entry,
// because no table of ours joins persons to calls for reading. And who oversees it?
#pragma once

#include "base/problem.h"
#include "ledger/ledger.h"
#include "people/access.h"
#include "reporting/call_record.h"

namespace fernamt::web {

[[nodiscard]] Expected<bool> took_call(ledger::Ledger &ledger, const reporting::CallRecord &record,
                                       AgentId agent);

// A call to nobody's number is the centre's matter.
[[nodiscard]] bool oversees(const people::Principal &caller, const reporting::CallRecord &record);

} // namespace fernamt::web
