// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace fernamt::billing {

namespace {

// The index ledger_entry_by_type (type, municipality, at) answers both parts. After the month's end
// ($5) most entries belong to calls that were offered later; those are left out unread. A call is
// never offered before its entry, so none of the month's calls is missed.
constexpr std::string_view kEntries =
    "SELECT seq, at, type, payload, hash FROM ledger_entry "
    "WHERE type = $1 AND municipality = $2 AND at >= $3 AND at < $4 "
    "AND (at < $5 OR call_id IS NULL OR call_id NOT IN ("
    "SELECT call_id FROM ledger_entry WHERE type = 'call.offered' AND municipality = $2 "
    "AND at >= $5 AND at < $4 AND call_id IS NOT NULL)) AND seq <= $6 ORDER BY seq";

Expected<ledger::Hash> to_hash(const storage::Blob &blob, std::int64_t seq) {
    ledger::Hash hash{};
    if (blob.size() != hash.size()) {
        return fail(ProblemKind::internal, "billing.hash_unreadable",
                    {{"seq", fmt::format("{}", seq)}});
    }
    std::ranges::copy(blob, hash.begin());
    return hash;
}

Expected<void> add_row(CallCollector &collector, const storage::Row &row) {
    ledger::Entry entry;
    entry.seq = row.integer(0);
    entry.at = Instant{row.integer(1)};
    entry.type = row.text(2);
    entry.payload = row.text(3);
    const auto hash = to_hash(row.blob(4), entry.seq);
    if (!hash) return tl::unexpected(hash.error());
    entry.hash = *hash;
    return collector.add(entry);
}

Expected<void> collect(storage::Connection &connection, CallCollector &collector,
                       const std::vector<storage::Value> &parameters) {
    Expected<void> added;
    const auto done = connection.each(kEntries, parameters, [&](const storage::Row &row) {
        added = add_row(collector, row);
        return added.has_value();
    });
    if (!done) return done;
    return added;
}

} // namespace

Expected<MonthCalls> read_calls(storage::Database &database, MunicipalityId municipality,
                                const LocalDate &first, const LocalDate &last,
                                std::optional<std::int64_t> up_to) {
    const Instant begin = to_instant(first, 0);
    const Instant end = to_instant(add_days(last, 1), 0);
    const std::int64_t newest = up_to.value_or(std::numeric_limits<std::int64_t>::max());
    MonthCalls calls;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        CallCollector collector{municipality, begin, end};
        if (auto ends = collect(connection, collector,
                                {std::string{"decision.end"}, municipality.value, begin.us,
                                 (end + kLatestEnd).us, end.us, newest});
            !ends) {
            return ends;
        }
        if (auto work = collect(connection, collector,
                                {std::string{"decision.wrap_up_done"}, municipality.value, begin.us,
                                 (end + kLatestAfterCallWork).us, end.us, newest});
            !work) {
            return work;
        }
        calls = collector.finish();
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return calls;
}

} // namespace fernamt::billing
