// SPDX-License-Identifier: EUPL-1.2
// What passed between us and the partner centres in a time, in both directions, in sums. By
// the call records: call Projector::catch_up() first.
#pragma once

#include "base/problem.h"
#include "reporting/reports.h"
#include "storage/database.h"

#include <map>

namespace fernamt::reporting {

struct PartnerCalls {
    std::int64_t taken_for = 0; // we took them for the partner
    Duration talk{};
    Duration after_call_work{};
    std::int64_t taken_by = 0; // the partner took them for our municipalities
    Duration transferred{};    // how long those were with the partner
    friend bool operator==(const PartnerCalls &, const PartnerCalls &) = default;
};
// Of the calls offered in the period; partners without any are left out.
[[nodiscard]] Expected<std::map<routing::PartnerId, PartnerCalls>>
partner_calls(storage::Database &database, const Period &period);

} // namespace fernamt::reporting
