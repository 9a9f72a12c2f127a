// SPDX-License-Identifier: EUPL-1.2
#include "reporting/partner_calls.h"

namespace fernamt::reporting {

namespace {

// SUM of a BIGINT is NUMERIC in PostgreSQL.
constexpr std::string_view kTakenFor =
    "SELECT from_partner, COUNT(*), CAST(SUM(talk_us) AS BIGINT), "
    "CAST(SUM(after_call_work_us) AS BIGINT) FROM call_record "
    "WHERE from_partner IS NOT NULL AND answered_at IS NOT NULL AND ended_at IS NOT NULL "
    "AND offered_at >= $1 AND offered_at < $2 GROUP BY from_partner";
constexpr std::string_view kTakenBy =
    "SELECT to_partner, COUNT(*), CAST(SUM(transferred_us) AS BIGINT) FROM call_record "
    "WHERE to_partner IS NOT NULL AND end_reason = 'taken_by_partner' "
    "AND offered_at >= $1 AND offered_at < $2 GROUP BY to_partner";

} // namespace

Expected<std::map<routing::PartnerId, PartnerCalls>> partner_calls(storage::Database &database,
                                                                   const Period &period) {
    std::map<routing::PartnerId, PartnerCalls> found;
    const std::vector<storage::Value> span{period.from.us, period.to.us};
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        found.clear();
        const auto ours = connection.each(kTakenFor, span, [&](const storage::Row &row) {
            PartnerCalls &calls = found[routing::PartnerId{row.integer(0)}];
            calls.taken_for = row.integer(1);
            calls.talk = Duration{row.integer(2)};
            calls.after_call_work = Duration{row.integer(3)};
            return true;
        });
        if (!ours) return ours;
        return connection.each(kTakenBy, span, [&](const storage::Row &row) {
            PartnerCalls &calls = found[routing::PartnerId{row.integer(0)}];
            calls.taken_by = row.integer(1);
            calls.transferred = Duration{row.integer(2)};
            return true;
        });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

} // namespace fernamt::reporting
