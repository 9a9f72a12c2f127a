// SPDX-License-Identifier: EUPL-1.2
#include "people/team_notices.h"

#include "people/audit.h"

namespace fernamt::people {

namespace {

using routing::SkillId;
using storage::Connection;
using storage::Row;

constexpr Duration kKept = 28 * 24h; // after it stopped to hold, then the words go

Expected<void> check_known(Connection &connection, std::string_view sql, std::int64_t id,
                           std::string_view field) {
    if (id == 0) return {};
    const auto known = exists(connection, sql, {id});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return wrong("distribution.unknown", field);
    return {};
}

Expected<void> check(const Change &change, const TeamNotice &notice) {
    if (notice.municipality && notice.skill) return wrong("notice.audience", "skill");
    if (notice.valid_until <= change.at || notice.valid_until > change.at + kLongestNoticeTime)
        return wrong("notice.until", "valid_until");
    auto known = check_known(change.connection, "SELECT 1 FROM municipality WHERE id = $1",
                             notice.municipality.value, "municipality");
    if (known)
        known = check_known(change.connection, "SELECT 1 FROM skill WHERE id = $1",
                            notice.skill.value, "skill");
    return known;
}

Expected<void> clear_away(const Change &change) {
    return run(change.connection,
               "DELETE FROM team_notice WHERE valid_until < $1 OR withdrawn_at < $1",
               {(change.at - kKept).us});
}

} // namespace

Expected<std::vector<TeamNotice>> team_notices(Connection &connection, Instant now) {
    std::vector<TeamNotice> found;
    const auto read = connection.each(
        "SELECT id, text, municipality, skill, created_at, valid_until FROM team_notice "
        "WHERE withdrawn_at IS NULL AND valid_until > $1 ORDER BY created_at DESC, id DESC",
        {now.us}, [&](const Row &row) {
            const auto id_in = [&](int column) {
                return row.is_null(column) ? std::int64_t{0} : row.integer(column);
            };
            found.push_back({row.integer(0), row.text(1), MunicipalityId{id_in(2)},
                             SkillId{id_in(3)}, Instant{row.integer(4)}, Instant{row.integer(5)}});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<TeamNotice> add(const Change &change, TeamNotice notice) {
    auto stored = check(change, notice);
    if (stored) stored = clear_away(change);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    notice.id = *id;
    notice.created_at = change.at;
    stored = run(change.connection,
                 "INSERT INTO team_notice (id, text, municipality, skill, created_at, valid_until) "
                 "VALUES ($1, $2, $3, $4, $5, $6)",
                 {*id, notice.text, nullable(notice.municipality), nullable(notice.skill),
                  notice.created_at.us, notice.valid_until.us});
    if (stored) stored = record(change.connection, change.at, change.by, "notice.set", *id);
    if (!stored) return tl::unexpected(stored.error());
    return notice;
}

Expected<void> withdraw_notice(const Change &change, std::int64_t id) {
    const auto holds = exists(change.connection,
                              "SELECT 1 FROM team_notice WHERE id = $1 AND withdrawn_at IS NULL "
                              "AND valid_until > $2",
                              {id, change.at.us});
    if (!holds) return tl::unexpected(holds.error());
    if (!*holds) return no_such_thing();
    auto stored = run(change.connection, "UPDATE team_notice SET withdrawn_at = $2 WHERE id = $1",
                      {id, change.at.us});
    if (stored) stored = record(change.connection, change.at, change.by, "notice.withdrawn", id);
    return stored;
}

} // namespace fernamt::people
