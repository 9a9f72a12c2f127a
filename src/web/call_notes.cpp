// SPDX-License-Identifier: EUPL-1.2
#include "web/call_notes.h"

#include <string_view>
#include <vector>

namespace fernamt::web {

namespace {

constexpr std::string_view kFind =
    "SELECT user_id, municipality, text, version FROM call_note WHERE call_id = $1";
constexpr std::string_view kFirst =
    "INSERT INTO call_note (call_id, user_id, municipality, text, version, changed_at) "
    "VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (call_id) DO NOTHING";
constexpr std::string_view kNext =
    "UPDATE call_note SET user_id = $1, text = $2, version = version + 1, changed_at = $3 "
    "WHERE call_id = $4 AND version = $5";

Expected<std::int64_t> store(storage::Connection &connection, const CallNote &note, Instant now) {
    if (note.version > 0) {
        return connection.run(
            kNext, {note.user.value, note.text.reveal(), now.us, note.call.value, note.version});
    }
    storage::Value municipality = nullptr;
    if (note.municipality) municipality = note.municipality->value;
    return connection.run(
        kFirst, {note.call.value, note.user.value, municipality, note.text.reveal(), now.us});
}

} // namespace

Expected<std::optional<CallNote>> CallNotes::find(CallId call) {
    std::optional<CallNote> found;
    auto read = database_.read([&](storage::Connection &connection) {
        return connection.each(kFind, {storage::Value{call.value}}, [&](const storage::Row &row) {
            found = CallNote{call, UserId{row.integer(0)}, std::nullopt,
                             Redacted<std::string>(row.text(2)), row.integer(3)};
            if (!row.is_null(1)) found->municipality = MunicipalityId{row.integer(1)};
            return false;
        });
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<std::int64_t> CallNotes::save(const CallNote &note, Instant now) {
    auto written = database_.write([&](storage::Connection &connection) -> Expected<void> {
        auto rows = store(connection, note, now);
        if (!rows) return tl::unexpected(rows.error());
        if (*rows == 0) return fail(ProblemKind::stale, "call.notes_stale");
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    return note.version + 1;
}

Expected<std::int64_t> CallNotes::erase_before(Instant before) {
    return erase("DELETE FROM call_note WHERE changed_at < $1", {storage::Value{before.us}});
}

Expected<std::int64_t> CallNotes::erase_before(Instant before, MunicipalityId municipality) {
    return erase("DELETE FROM call_note WHERE changed_at < $1 AND municipality = $2",
                 {storage::Value{before.us}, storage::Value{municipality.value}});
}

Expected<std::int64_t> CallNotes::erase(std::string_view sql,
                                        const std::vector<storage::Value> &parameters) {
    std::int64_t erased = 0;
    auto written = database_.write([&](storage::Connection &connection) -> Expected<void> {
        auto rows = connection.run(sql, parameters);
        if (!rows) return tl::unexpected(rows.error());
        erased = *rows;
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    return erased;
}

} // namespace fernamt::web
