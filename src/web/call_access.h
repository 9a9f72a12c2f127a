// SPDX-License-Identifier: EUPL-1.2
// Did this agent take this call? Answered from the ledger, between the call's first and last entry,
// because no table of ours joins persons to calls for reading.
#pragma once

#include "base/problem.h"
#include "ledger/ledger.h"
#include "reporting/call_record.h"

namespace fernamt::web {

[[nodiscard]] Expected<bool> took_call(ledger::Ledger &ledger, const reporting::CallRecord &record,
                                       AgentId agent);

} // namespace fernamt::web
