// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_source.h"

#include "ledger/reclassified_call.h"
#include "ledger/routing_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

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

// What belongs to calls by itself is read by the call: which calls these are, is few and short to
// read. An agent who named another municipality than was dialled leaves work under both names.
constexpr std::string_view kCorrected =
    "SELECT call_id, payload FROM ledger_entry WHERE type = 'decision.corrected' "
    "AND municipality IS NULL AND at >= $1 AND at < $2 AND seq <= $3 ORDER BY seq";
constexpr std::string_view kReclassified =
    "SELECT seq, at, type, payload, hash FROM ledger_entry WHERE type = 'call.reclassified' "
    "AND municipality IS NULL AND at >= $1 AND seq <= $2 ORDER BY seq";
constexpr std::string_view kOfCall = "SELECT seq, at, type, payload, hash FROM ledger_entry "
                                     "WHERE call_id = $1 AND seq <= $2 ORDER BY seq";

Expected<ledger::Hash> to_hash(const storage::Blob &blob, std::int64_t seq) {
    ledger::Hash hash{};
    if (blob.size() != hash.size()) {
        return fail(ProblemKind::internal, "billing.hash_unreadable",
                    {{"seq", fmt::format("{}", seq)}});
    }
    std::ranges::copy(blob, hash.begin());
    return hash;
}

Expected<ledger::Entry> to_entry(const storage::Row &row) {
    ledger::Entry entry;
    entry.seq = row.integer(0);
    entry.at = Instant{row.integer(1)};
    entry.type = row.text(2);
    entry.payload = row.text(3);
    const auto hash = to_hash(row.blob(4), entry.seq);
    if (!hash) return tl::unexpected(hash.error());
    entry.hash = *hash;
    return entry;
}

using OnEntry = std::function<Expected<void>(const ledger::Entry &)>;

Expected<void> each_entry(storage::Connection &connection, std::string_view sql,
                          const std::vector<storage::Value> &parameters, const OnEntry &on_entry) {
    Expected<void> taken;
    const auto done = connection.each(sql, parameters, [&](const storage::Row &row) {
        const auto entry = to_entry(row);
        taken = entry ? on_entry(*entry) : Expected<void>(tl::unexpected(entry.error()));
        return taken.has_value();
    });
    if (!done) return done;
    return taken;
}

// The days, and the ledger as it was known up to an entry.
struct Reading {
    MunicipalityId municipality;
    Instant begin;
    Instant end;
    std::int64_t newest = 0;
};

Expected<void> collect(storage::Connection &connection, CallCollector &collector,
                       const Reading &reading, std::string_view type, Duration longest) {
    return each_entry(connection, kEntries,
                      {std::string(type), reading.municipality.value, reading.begin.us,
                       (reading.end + longest).us, reading.end.us, reading.newest},
                      [&](const ledger::Entry &entry) { return collector.add(entry); });
}

// Calls with an entry of another municipality beside ours.
Expected<void> corrected_calls(storage::Connection &connection, const Reading &reading,
                               std::set<CallId> &calls) {
    Expected<void> taken;
    const auto done = connection.each(
        kCorrected, {reading.begin.us, (reading.end + kLatestEnd).us, reading.newest},
        [&](const storage::Row &row) {
            ledger::NewEntry entry{{}, "decision.corrected", row.text(1), {}, {}, {}};
            const auto decision = ledger::to_decision(entry);
            if (!decision) {
                taken = tl::unexpected(decision.error());
                return false;
            }
            const auto *corrected = std::get_if<routing::Corrected>(&decision->effect);
            if (corrected && (corrected->from == reading.municipality ||
                              corrected->to == reading.municipality)) {
                calls.insert(corrected->call);
            }
            return true;
        });
    if (!done) return done;
    return taken;
}

Expected<void> collect_by_call(storage::Connection &connection, CallCollector &collector,
                               const Reading &reading) {
    std::set<CallId> calls;
    if (auto found = corrected_calls(connection, reading, calls); !found) return found;
    const auto reclassified = each_entry(
        connection, kReclassified, {reading.begin.us, reading.newest},
        [&](const ledger::Entry &entry) -> Expected<void> {
            const auto fact = ledger::to_reclassified(entry);
            if (!fact) return tl::unexpected(fact.error());
            if (fact->offered_at >= reading.begin && fact->offered_at < reading.end &&
                (fact->from == reading.municipality || fact->to == reading.municipality)) {
                calls.insert(fact->call);
            }
            return {};
        });
    if (!reclassified) return reclassified;
    for (const CallId call : calls) {
        const auto taken =
            each_entry(connection, kOfCall, {call.value, reading.newest},
                       [&](const ledger::Entry &entry) { return collector.add(entry); });
        if (!taken) return taken;
    }
    return {};
}

} // namespace

Expected<MonthCalls> read_calls(storage::Database &database, MunicipalityId municipality,
                                const LocalDate &first, const LocalDate &last,
                                std::optional<std::int64_t> up_to) {
    const Instant begin = to_instant(first, 0);
    const Instant end = to_instant(add_days(last, 1), 0);
    const std::int64_t newest = up_to.value_or(std::numeric_limits<std::int64_t>::max());
    const Reading reading{municipality, begin, end, newest};
    MonthCalls calls;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        CallCollector collector{municipality, begin, end};
        if (auto ends = collect(connection, collector, reading, "decision.end", kLatestEnd);
            !ends) {
            return ends;
        }
        if (auto work = collect(connection, collector, reading, "decision.wrap_up_done",
                                kLatestAfterCallWork);
            !work) {
            return work;
        }
        if (auto more = collect_by_call(connection, collector, reading); !more) return more;
        calls = collector.finish();
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return calls;
}

} // namespace fernamt::billing
