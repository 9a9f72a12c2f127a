// SPDX-License-Identifier: EUPL-1.2
#include "people/recordings.h"

#include "people/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;
using storage::Value;

Value nullable_number(const std::optional<std::int64_t> &number) {
    if (!number) return nullptr;
    return *number;
}

Recording read_row(const Row &row) {
    Recording one;
    one.id = row.integer(0);
    if (!row.is_null(1)) one.of.municipality = MunicipalityId{row.integer(1)};
    if (!row.is_null(2)) one.of.crisis = routing::CrisisId{row.integer(2)};
    one.of.kind = row.text(3);
    one.from = Instant{row.integer(4)};
    one.file = row.text(5);
    one.length = Duration{row.integer(6)};
    one.made_at = Instant{row.integer(7)};
    one.by = UserId{row.integer(8)};
    one.office = parse_role(row.text(9));
    if (!row.is_null(10)) one.restores = row.integer(10);
    one.withdrawn_at = optional_instant(row, 11);
    return one;
}

Expected<std::vector<Recording>> read(Connection &connection, std::string_view where,
                                      const std::vector<Value> &parameters) {
    std::vector<Recording> all;
    const auto done = connection.each(
        fmt::format("SELECT id, municipality, crisis, kind, heard_from, file, length_us, made_at, "
                    "by_account, office, restores, withdrawn_at FROM recording{} "
                    "ORDER BY heard_from, id",
                    where),
        parameters, [&](const Row &row) {
            all.push_back(read_row(row));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return all;
}

Expected<void> audited(const Change &change, std::string_view action, const RecordingOf &of) {
    const std::int64_t subject = of.municipality ? of.municipality->value : of.crisis.value;
    return record(change.connection, change.at, change.by, action, subject, {of.kind});
}

// The oldest of those that nobody hears, now or later: first what was never heard. Of a withdrawn
// one the ledger must know before it goes.
Expected<void> forget_the_oldest(Connection &connection, const RecordingOf &of, Instant now) {
    const auto versions = recordings(connection, of);
    if (!versions) return tl::unexpected(versions.error());
    const Recording *heard = heard_at(*versions, now);
    std::vector<std::int64_t> over;
    for (const Recording &one : *versions) {
        if (one.withdrawn_at) over.push_back(one.id);
    }
    for (const Recording &one : *versions) {
        if (one.from <= now && !one.withdrawn_at && &one != heard) over.push_back(one.id);
    }
    const std::size_t most = kKeptRecordings;
    over.resize(over.size() > most ? over.size() - most : 0);
    for (const std::int64_t id : over) {
        auto gone = run(connection,
                        "DELETE FROM recording WHERE id = $1 AND (withdrawn_at IS NULL OR "
                        "ledger_seq IS NOT NULL)",
                        {id});
        if (!gone) return gone;
    }
    return {};
}

} // namespace

Expected<std::vector<Recording>> recordings(Connection &connection) {
    return read(connection, "", {});
}

Expected<std::vector<Recording>> recordings(Connection &connection, const RecordingOf &of) {
    if (of.municipality)
        return read(connection, " WHERE municipality = $1 AND kind = $2",
                    {of.municipality->value, of.kind});
    return read(connection, " WHERE crisis = $1 AND kind = $2", {of.crisis.value, of.kind});
}

const Recording *heard_at(const std::vector<Recording> &versions, Instant at) {
    const Recording *heard = nullptr;
    for (const Recording &one : versions) {
        if (one.from <= at && !one.withdrawn_at) heard = &one;
    }
    return heard;
}

Expected<Recording> add(const Change &change, Recording recording) {
    const RecordingOf &of = recording.of;
    const auto versions = recordings(change.connection, of);
    if (!versions) return tl::unexpected(versions.error());
    const auto planned = std::ranges::count_if(
        *versions, [&](const Recording &one) { return one.from > change.at && !one.withdrawn_at; });
    if (recording.from > change.at && planned >= kPlannedRecordings) {
        return fail(ProblemKind::conflict, "announcement.too_many_planned",
                    {{"most", std::to_string(kPlannedRecordings)}});
    }
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    recording.id = *id;
    recording.made_at = change.at;
    recording.by = change.by;
    Value town = nullptr;
    if (of.municipality) town = of.municipality->value;
    auto stored = run(
        change.connection,
        "INSERT INTO recording (id, municipality, crisis, kind, heard_from, file, length_us, "
        "made_at, by_account, office, restores) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11)",
        {*id, town, of.municipality ? Value(nullptr) : nullable(of.crisis), of.kind,
         recording.from.us, recording.file, std::int64_t{recording.length.count()},
         recording.made_at.us, recording.by.value,
         std::string(recording.office ? to_string(*recording.office) : ""),
         nullable_number(recording.restores)});
    if (stored)
        stored = audited(
            change, recording.file.empty() ? "announcement.reset" : "announcement.replaced", of);
    if (stored) stored = forget_the_oldest(change.connection, of, change.at);
    if (!stored) return tl::unexpected(stored.error());
    return recording;
}

Expected<void> withdraw(const Change &change, const RecordingOf &of, std::int64_t id) {
    const auto versions = recordings(change.connection, of);
    if (!versions) return tl::unexpected(versions.error());
    const auto found = std::ranges::find(*versions, id, &Recording::id);
    if (found == versions->end() || found->withdrawn_at)
        return fail(ProblemKind::not_found, "announcement.not_found");
    if (found->from <= change.at) return fail(ProblemKind::conflict, "announcement.already_heard");
    auto stored = run(change.connection,
                      "UPDATE recording SET withdrawn_at = $2, ledger_seq = NULL WHERE id = $1",
                      {id, change.at.us});
    if (stored) stored = audited(change, "announcement.withdrawn", of);
    return stored;
}

Expected<std::vector<Recording>> recordings_not_in_ledger(Connection &connection) {
    return read(connection, " WHERE ledger_seq IS NULL", {});
}

Expected<void> set_in_ledger(Connection &connection, const Recording &stored, std::int64_t seq) {
    // It may have been withdrawn meanwhile: then the ledger does not know all of it.
    if (stored.withdrawn_at)
        return run(connection, "UPDATE recording SET ledger_seq = $2 WHERE id = $1",
                   {stored.id, seq});
    return run(connection,
               "UPDATE recording SET ledger_seq = $2 WHERE id = $1 AND withdrawn_at IS NULL",
               {stored.id, seq});
}

} // namespace fernamt::people
