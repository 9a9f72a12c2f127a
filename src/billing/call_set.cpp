// SPDX-License-Identifier: EUPL-1.2
#include "billing/call_set.h"

#include "base/log.h"
#include "billing/call_collector.h"
#include "billing/call_days.h"
#include "ledger/reclassified_call.h"
#include "ledger/routing_codec.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace fernamt::billing {

namespace {

using agreements::CallKind;

constexpr std::int64_t kBatchEntries = 500; // calls wait for the one writer no longer than this
// Ends and after-call work of a day's last calls have come by then; what comes later opens the day.
constexpr Duration kPackedAfter = std::chrono::hours{3};

constexpr std::string_view kPosition = "SELECT seq FROM billing_call_position";
constexpr std::string_view kNewEntries =
    "SELECT seq, at, type, payload FROM ledger_entry WHERE seq > $1 AND seq <= $2 "
    "AND type IN ('decision.end', 'decision.wrap_up_done', 'call.reclassified') ORDER BY seq";
constexpr std::string_view kBehind =
    "SELECT 1 FROM ledger_entry WHERE seq > $1 "
    "AND type IN ('decision.end', 'decision.wrap_up_done', 'call.reclassified') LIMIT 1";

// After-call work may come before the end: an agent who passed the call on is done first.
constexpr std::string_view kEnd = R"(
    INSERT INTO billing_call (call_id, municipality, offered_at, kind, own_kind, talk_us, work_us,
        price_class)
    VALUES ($1, $2, $3, $4, $4, $5, 0, $6)
    ON CONFLICT (call_id) DO UPDATE SET
        municipality = excluded.municipality, offered_at = excluded.offered_at,
        kind = excluded.kind, own_kind = excluded.own_kind, talk_us = excluded.talk_us,
        price_class = excluded.price_class)";
constexpr std::string_view kWork = R"(
    INSERT INTO billing_call (call_id, talk_us, work_us, price_class) VALUES ($1, 0, $2, 0)
    ON CONFLICT (call_id) DO UPDATE SET work_us = billing_call.work_us + excluded.work_us)";
// What ended too late stays what it is, whatever somebody says.
constexpr std::string_view kReclassified = R"(
    UPDATE billing_call SET municipality = $2,
        kind = CASE WHEN own_kind = 'ended_too_late' THEN own_kind ELSE COALESCE($3, own_kind) END
    WHERE call_id = $1 AND own_kind IS NOT NULL)";

// The call stands as a row, if it was known at all.
Expected<void> open_day_of(storage::Connection &connection, CallId call) {
    const auto day = packed_day_of(connection, call);
    if (!day) return tl::unexpected(day.error());
    if (!*day) return {};
    return open_day(connection, **day);
}

Expected<void> take_end(storage::Connection &connection, const routing::End &end, Instant at) {
    if (auto opened = open_day_of(connection, end.call); !opened) return opened;
    // A second end would change what is billed: the ledger's own reading says so (call_collector).
    const auto known = storage::exists(
        connection, "SELECT 1 FROM billing_call WHERE call_id = $1 AND own_kind IS NOT NULL",
        {end.call.value});
    if (!known) return tl::unexpected(known.error());
    if (*known) {
        return fail(ProblemKind::internal, "billing.call_twice",
                    {{"call", fmt::format("{}", end.call.value)}});
    }
    const CallKind kind =
        at - end.offered_at > kLatestEnd ? CallKind::ended_too_late : kind_of(end);
    return storage::run(connection, kEnd,
                        {end.call.value, end.municipality.value_or(kOfNoMunicipality).value,
                         end.offered_at.us, std::string{to_string(kind)},
                         std::int64_t{end.talk.count()}, end.price_class});
}

Expected<void> take_reclassified(storage::Connection &connection, const ledger::Entry &entry) {
    const auto fact = ledger::to_reclassified(entry);
    if (!fact) return tl::unexpected(fact.error());
    if (auto opened = open_day_of(connection, fact->call); !opened) return opened;
    storage::Value kind = nullptr;
    if (fact->kind) kind = std::string{*fact->kind};
    return storage::run(connection, kReclassified, {fact->call.value, fact->to.value, kind});
}

Expected<void> take(storage::Connection &connection, const ledger::Entry &entry) {
    if (entry.type == ledger::kReclassified) return take_reclassified(connection, entry);
    const auto decision = ledger::to_decision(entry);
    if (!decision) return tl::unexpected(decision.error());
    if (const auto *end = std::get_if<routing::End>(&decision->effect)) {
        return take_end(connection, *end, entry.at);
    }
    if (const auto *work = std::get_if<routing::WrapUpDone>(&decision->effect)) {
        if (auto opened = open_day_of(connection, work->call); !opened) return opened;
        return storage::run(connection, kWork,
                            {work->call.value, std::int64_t{work->duration.count()}});
    }
    return {};
}

struct Batch {
    std::int64_t from = 0; // the position before
    std::int64_t to = 0;
    std::vector<ledger::Entry> entries;
};

Expected<Batch> read_batch(storage::Database &database, std::int64_t most) {
    Batch batch;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        batch = {};
        const auto position = storage::number(connection, kPosition);
        if (!position) return tl::unexpected(position.error());
        const std::int64_t until = *position + std::min(most, kBatchEntries);
        const auto newest = storage::number(
            connection, "SELECT COALESCE(MAX(seq), 0) FROM ledger_entry WHERE seq <= $1", {until});
        if (!newest) return tl::unexpected(newest.error());
        batch.from = *position;
        batch.to = std::max(*position, *newest);
        return connection.each(kNewEntries, {batch.from, batch.to}, [&](const storage::Row &row) {
            ledger::Entry entry;
            entry.seq = row.integer(0);
            entry.at = Instant{row.integer(1)};
            entry.type = row.text(2);
            entry.payload = row.text(3);
            batch.entries.push_back(std::move(entry));
            return true;
        });
    });
    if (!done) return tl::unexpected(done.error());
    return batch;
}

Expected<void> write_batch(storage::Database &database, const Batch &batch) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto moved = connection.run(
            "UPDATE billing_call_position SET seq = $2 WHERE seq = $1", {batch.from, batch.to});
        if (!moved) return tl::unexpected(moved.error());
        if (*moved == 0) return {}; // somebody else took these meanwhile
        for (const ledger::Entry &entry : batch.entries) {
            if (auto taken = take(connection, entry); !taken) return taken;
        }
        return {};
    });
}

bool is_damaged(const Problem &problem) {
    return problem.code == "billing.call_block_damaged";
}

// What a disk spoilt is derived again, like everything here; until then the ledger is asked.
void derive_again(storage::Database &database) {
    log::warning("billing.call_set_damaged", {{"remedy", "derived again from the ledger"}});
    (void)empty_call_set(database); // where nothing is written, it stays and the ledger is asked
}

Expected<void> pack_what_is_over(storage::Database &database) {
    Instant newest;
    const auto read = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto at = storage::number(
            connection,
            "SELECT at FROM ledger_entry WHERE seq = (SELECT seq FROM billing_call_position)");
        if (!at) return tl::unexpected(at.error());
        newest = Instant{*at};
        return {};
    });
    if (!read) return read;
    return pack_days_before(database, newest - kPackedAfter);
}

Expected<std::int64_t> take_new_entries(storage::Database &database, std::int64_t most) {
    std::int64_t taken = 0;
    while (taken < most) {
        const auto batch = read_batch(database, most - taken);
        if (!batch) return tl::unexpected(batch.error());
        if (batch->to == batch->from) break;
        if (auto written = write_batch(database, *batch); !written) {
            return tl::unexpected(written.error());
        }
        if (auto packed = pack_what_is_over(database); !packed) {
            return tl::unexpected(packed.error());
        }
        taken += batch->to - batch->from;
    }
    return taken;
}

// A month is the piece that both engines hold in memory at most.
Expected<void> read_month(storage::Connection &connection, MunicipalityId municipality,
                          Instant begin, Instant end, agreements::Calls &calls) {
    return each_call(connection, municipality, begin, end,
                     [&](const KnownCall &each) -> Expected<void> {
                         // Counted where it ended.
                         if (each.kind == CallKind::ended_too_late) return {};
                         const auto added = calls.add(each.call, each.offered_at, each.kind,
                                                      each.talk, each.work, each.price_class);
                         if (!added) return tl::unexpected(added.error());
                         return {};
                     });
}

} // namespace

Expected<std::int64_t> keep_call_set(storage::Database &database, std::int64_t most) {
    auto taken = take_new_entries(database, most);
    if (!taken && is_damaged(taken.error())) derive_again(database);
    return taken;
}

Expected<void> pack_days_before(storage::Database &database, Instant at) {
    const Instant today = to_instant(to_local(at).date, 0);
    Instant after{std::numeric_limits<std::int64_t>::min()};
    for (;;) { // each day of each municipality by itself: calls wait for the one writer
        std::optional<OpenDay> open;
        const auto found = database.read([&](storage::Connection &connection) -> Expected<void> {
            const auto oldest = oldest_open_day(connection, after, today);
            if (!oldest) return tl::unexpected(oldest.error());
            open = *oldest;
            return {};
        });
        if (!found || !open) return found;
        const auto packed = database.write([&](storage::Connection &connection) -> Expected<void> {
            const auto any = pack_day(connection, open->day);
            if (!any) return tl::unexpected(any.error());
            // A row that is in no day of the calendar stays one; else it would be found for ever.
            if (!*any) after = open->offered_at;
            return {};
        });
        if (!packed) return packed;
    }
}

Expected<void> empty_call_set(storage::Database &database) {
    return database.write([](storage::Connection &connection) -> Expected<void> {
        if (auto done = storage::run(connection, "DELETE FROM billing_call"); !done) return done;
        if (auto done = storage::run(connection, "DELETE FROM billing_call_block"); !done) {
            return done;
        }
        return storage::run(connection, "UPDATE billing_call_position SET seq = 0");
    });
}

Expected<std::optional<agreements::Calls>> read_call_set(storage::Database &database,
                                                         MunicipalityId municipality,
                                                         const LocalDate &first,
                                                         const LocalDate &last) {
    std::optional<agreements::Calls> calls;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        calls.reset();
        const auto position = storage::number(connection, kPosition);
        if (!position) return tl::unexpected(position.error());
        const auto behind = storage::exists(connection, kBehind, {*position});
        if (!behind) return tl::unexpected(behind.error());
        if (*behind) return {};
        calls.emplace(first, last);
        const Instant end = to_instant(add_days(last, 1), 0);
        for (LocalDate from = first; from <= last; from = first_day(next(month_of(from)))) {
            const Instant until = std::min(end, end_of(month_of(from)));
            if (auto read =
                    read_month(connection, municipality, to_instant(from, 0), until, *calls);
                !read) {
                return read;
            }
        }
        return {};
    });
    if (done) return calls;
    if (!is_damaged(done.error())) return tl::unexpected(done.error());
    derive_again(database);
    return std::optional<agreements::Calls>{};
}

} // namespace fernamt::billing
