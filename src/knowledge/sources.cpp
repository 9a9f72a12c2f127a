// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/sources.h"

#include "storage/statement.h"

namespace fernamt::knowledge {

namespace {

constexpr std::string_view kConfigured = R"(
    SELECT s.municipality, s.address, v.ended_at, v.outcome, v.asked, v.stored,
        (SELECT COUNT(*) FROM knowledge_website_page p WHERE p.site = s.address AND p.gone = 0),
        CAST(0 AS BIGINT),
        (SELECT COUNT(*) FROM knowledge_website_wish w WHERE w.site = s.address)
    FROM knowledge_source s LEFT JOIN knowledge_website_visit v ON v.site = s.address
    WHERE s.kind = 'website' AND (CAST($1 AS BIGINT) = 0 OR s.municipality = $1)
    ORDER BY s.municipality, s.address)";
constexpr std::string_view kEntered = R"(
    SELECT s.municipality, s.start, v.ended_at, v.outcome, v.asked, v.stored,
        (SELECT COUNT(*) FROM knowledge_website_page p WHERE p.site = s.start AND p.gone = 0),
        CAST(0 AS BIGINT),
        (SELECT COUNT(*) FROM knowledge_website_wish w WHERE w.site = s.start),
        s.id, s.most_pages, s.pause_seconds, s.stopped, s.changed_at, s.version
    FROM knowledge_website_site s LEFT JOIN knowledge_website_visit v ON v.site = s.start
    WHERE s.removed = 0 AND (CAST($1 AS BIGINT) = 0 OR s.municipality = $1)
    ORDER BY s.municipality, s.start)";
constexpr std::string_view kDirectories = R"(
    SELECT s.municipality, s.address, v.ended_at, v.outcome, v.entries, v.vanishing,
        (SELECT COUNT(*) FROM knowledge_directory_entry e
         WHERE e.municipality = s.municipality AND e.source = 'service'), v.faults,
        CAST(0 AS BIGINT)
    FROM knowledge_source s LEFT JOIN knowledge_directory_visit v
        ON v.municipality = s.municipality
    WHERE s.kind = 'directory' AND (CAST($1 AS BIGINT) = 0 OR s.municipality = $1)
    ORDER BY s.municipality)";

SourceState state_of(const storage::Row &row, Source::Kind kind) {
    SourceState state{{kind, MunicipalityId{row.integer(0)}, row.text(1)}, std::nullopt};
    state.wished = row.integer(8) != 0;
    if (row.is_null(2)) return state;
    state.last = SourceReading{Instant{row.integer(2)}, row.text(3),    row.integer(4),
                               row.integer(5),          row.integer(7), row.integer(6)};
    return state;
}

SourceState entered_state(const storage::Row &row) {
    SourceState state = state_of(row, Source::Kind::website);
    state.rule = SiteRule{.id = row.integer(9),
                          .municipality = state.source.municipality,
                          .start = state.source.address,
                          .most_pages = static_cast<int>(row.integer(10)),
                          .pause_seconds = static_cast<int>(row.integer(11)),
                          .stopped = row.integer(12) != 0,
                          .changed_at = Instant{row.integer(13)},
                          .version = row.integer(14)};
    return state;
}

} // namespace

std::string_view to_string(Source::Kind kind) {
    return kind == Source::Kind::website ? "website" : "directory";
}

Expected<void> note_sources(storage::Database &database, const std::vector<Source> &configured) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        auto done = storage::run(connection, "DELETE FROM knowledge_source");
        for (const Source &each : configured) {
            if (!done) break;
            done = storage::run(
                connection,
                "INSERT INTO knowledge_source (kind, municipality, address) "
                "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                {std::string{to_string(each.kind)}, each.municipality.value, each.address});
        }
        return done;
    });
}

Expected<std::vector<SourceState>> source_states(storage::Database &database,
                                                 std::optional<MunicipalityId> only) {
    std::vector<SourceState> states;
    const std::int64_t municipality = only ? only->value : 0;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        states.clear();
        const auto add = [&](std::string_view sql, auto make) {
            return connection.each(sql, {municipality}, [&](const storage::Row &row) {
                states.push_back(make(row));
                return true;
            });
        };
        using enum Source::Kind;
        auto read = add(kDirectories, [](const auto &row) { return state_of(row, directory); });
        if (read) read = add(kConfigured, [](const auto &row) { return state_of(row, website); });
        if (read) read = add(kEntered, entered_state);
        return read;
    });
    if (!done) return tl::unexpected(done.error());
    return states;
}

} // namespace fernamt::knowledge
