// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/text_rows.h"

#include "knowledge/demo_file.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <array>

namespace fernamt::knowledge {

namespace {

constexpr std::string_view kTelephone = "telephone";
constexpr std::string_view kDraftColumns =
    "SELECT service, municipality, part, visibility, state, lines, expires_on, author, edition, "
    "remark, changed_at FROM knowledge_draft ";
constexpr std::string_view kOfPlace =
    "WHERE service = $1 AND municipality = $2 AND part = $3 AND visibility = $4";
constexpr std::string_view kVersionColumns =
    "SELECT number, kind, lines, expires_on, written_by, released_by, released_at, restored_from "
    "FROM knowledge_version ";

std::string visibility(const TextPlace &place) {
    return place.internal ? "internal" : "public";
}
std::vector<storage::Value> values_of(const TextPlace &place) {
    return {place.service.value, place.municipality.value, part_name(place.section),
            visibility(place)};
}
std::string date_text(const std::optional<LocalDate> &date) {
    return date ? to_string(*date) : "";
}

std::string one_text(const std::vector<std::string> &lines) {
    return fmt::format("{}", fmt::join(lines, " "));
}

Expected<TextContent> content_of(const storage::Row &row, int lines, int expires_on) {
    auto read = parse_lines(row.text(lines));
    if (!read) return tl::unexpected(read.error());
    return TextContent{std::move(*read), parse_date(row.text(expires_on))};
}

std::optional<TextPlace> place_of(const storage::Row &row) { // the first four columns
    TextPlace place{.service = ServiceId{row.integer(0)},
                    .municipality = MunicipalityId{row.integer(1)},
                    .section = std::nullopt,
                    .internal = row.text(3) == "internal"};
    if (row.text(2) == kTelephone) return place;
    place.section = parse_section_key(row.text(2));
    if (!place.section) return std::nullopt;
    return place;
}

std::optional<Draft> draft_of(const storage::Row &row) {
    const auto place = place_of(row);
    auto content = content_of(row, 5, 6);
    if (!place || !content) return std::nullopt;
    return Draft{.place = *place,
                 .content = std::move(*content),
                 .state = row.text(4) == "submitted" ? DraftState::submitted : DraftState::draft,
                 .author = UserId{row.integer(7)},
                 .remark = row.text(9),
                 .edition = row.integer(8),
                 .changed_at = Instant{row.integer(10)}};
}

std::optional<TextVersion> version_of(const storage::Row &row) {
    auto content = content_of(row, 2, 3);
    if (!content) return std::nullopt;
    const std::string kind = row.text(1);
    return TextVersion{.number = row.integer(0),
                       .kind = kind == "before"     ? VersionKind::before
                               : kind == "restored" ? VersionKind::restored
                                                    : VersionKind::released,
                       .content = std::move(*content),
                       .written_by = UserId{row.integer(4)},
                       .released_by = UserId{row.integer(5)},
                       .released_at = Instant{row.integer(6)},
                       .restored_from = row.integer(7)};
}

Expected<void> store_version(storage::Connection &connection, const TextPlace &place,
                             const TextVersion &version) {
    auto values = values_of(place);
    for (storage::Value value :
         {storage::Value{version.number}, storage::Value{std::string(to_string(version.kind))},
          storage::Value{to_json(version.content.lines)},
          storage::Value{date_text(version.content.expires_on)},
          storage::Value{version.written_by.value}, storage::Value{version.released_by.value},
          storage::Value{version.released_at.us}, storage::Value{version.restored_from}}) {
        values.push_back(std::move(value));
    }
    return run(connection,
               "INSERT INTO knowledge_version (service, municipality, part, visibility, number, "
               "kind, lines, expires_on, written_by, released_by, released_at, restored_from) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
               values);
}

} // namespace

std::string part_name(const std::optional<SectionKey> &section) {
    return std::string(section ? to_string(*section) : kTelephone);
}

std::string_view to_string(DraftState state) {
    return state == DraftState::draft ? "draft" : "submitted";
}

std::string_view to_string(VersionKind kind) {
    static constexpr std::array<std::string_view, 3> kNames{"before", "released", "restored"};
    return kNames.at(static_cast<std::size_t>(kind));
}

LocalText local_text(const TextPlace &place, const TextContent &content) {
    return {.service = place.service,
            .municipality = place.municipality,
            .section = *place.section,
            .internal = place.internal,
            .lines = content.lines,
            .expires_on = content.expires_on};
}
TelephoneText telephone_text(const TextPlace &place, const TextContent &content) {
    return {.service = place.service,
            .municipality = place.municipality,
            .text = one_text(content.lines),
            .expires_on = content.expires_on};
}

Expected<std::optional<Draft>> find_draft(storage::Connection &connection, const TextPlace &place) {
    std::optional<Draft> found;
    const auto done = connection.each(fmt::format("{}{}", kDraftColumns, kOfPlace),
                                      values_of(place), [&](const storage::Row &row) {
                                          found = draft_of(row);
                                          return false;
                                      });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<void> each_draft(storage::Connection &connection, std::string_view condition,
                          const std::vector<storage::Value> &values,
                          const std::function<void(Draft)> &take) {
    return connection.each(fmt::format("{}{}", kDraftColumns, condition), values,
                           [&](const storage::Row &row) {
                               if (auto draft = draft_of(row)) take(std::move(*draft));
                               return true;
                           });
}

Expected<void> store_draft(storage::Connection &connection, const Draft &draft) {
    auto values = values_of(draft.place);
    for (storage::Value value :
         {storage::Value{std::string(to_string(draft.state))},
          storage::Value{to_json(draft.content.lines)},
          storage::Value{date_text(draft.content.expires_on)}, storage::Value{draft.author.value},
          storage::Value{draft.edition}, storage::Value{draft.remark},
          storage::Value{draft.changed_at.us}}) {
        values.push_back(std::move(value));
    }
    return run(connection,
               "INSERT INTO knowledge_draft (service, municipality, part, visibility, state, "
               "lines, expires_on, author, edition, remark, changed_at) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
               "ON CONFLICT (service, municipality, part, visibility) DO UPDATE SET "
               "state = excluded.state, lines = excluded.lines, expires_on = excluded.expires_on, "
               "author = excluded.author, edition = excluded.edition, remark = excluded.remark, "
               "changed_at = excluded.changed_at",
               values);
}

Expected<void> remove_draft(storage::Connection &connection, const TextPlace &place) {
    return run(connection, fmt::format("DELETE FROM knowledge_draft {}", kOfPlace),
               values_of(place));
}

Expected<std::int64_t> newest_version(storage::Connection &connection, const TextPlace &place) {
    return storage::number(
        connection,
        fmt::format("SELECT COALESCE(MAX(number), 0) FROM knowledge_version {}", kOfPlace),
        values_of(place));
}

Expected<std::optional<TextVersion>> find_version(storage::Connection &connection,
                                                  const TextPlace &place, std::int64_t number) {
    std::optional<TextVersion> found;
    auto values = values_of(place);
    values.emplace_back(number);
    const auto done =
        connection.each(fmt::format("{}{} AND number = $5", kVersionColumns, kOfPlace), values,
                        [&](const storage::Row &row) {
                            found = version_of(row);
                            return false;
                        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<TextVersion>> versions_of(storage::Connection &connection,
                                               const TextPlace &place) {
    std::vector<TextVersion> versions;
    const auto done =
        connection.each(fmt::format("{}{} ORDER BY number DESC", kVersionColumns, kOfPlace),
                        values_of(place), [&](const storage::Row &row) {
                            if (auto version = version_of(row))
                                versions.push_back(std::move(*version));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    return versions;
}

Expected<std::optional<TextContent>> shown_text(storage::Connection &connection,
                                                const TextPlace &place) {
    std::optional<TextContent> content;
    bool readable = true;
    const auto take = [&](TextContent found) { content = std::move(found); };
    auto done =
        place.section
            ? connection.each("SELECT lines, expires_on FROM knowledge_local_text WHERE service = "
                              "$1 AND municipality = $2 AND section = $3 AND visibility = $4 AND "
                              "state = 'released'",
                              values_of(place),
                              [&](const storage::Row &row) {
                                  auto found = content_of(row, 0, 1);
                                  readable = found.has_value();
                                  if (found) take(std::move(*found));
                                  return readable;
                              })
            : connection.each("SELECT text, expires_on FROM knowledge_telephone_text WHERE "
                              "service = $1 AND municipality = $2",
                              {place.service.value, place.municipality.value},
                              [&](const storage::Row &row) {
                                  take({{row.text(0)}, parse_date(row.text(1))});
                                  return true;
                              });
    if (!done) return tl::unexpected(done.error());
    if (!readable) return fail(ProblemKind::internal, "knowledge.unreadable");
    return content;
}

Expected<std::int64_t> show(storage::Connection &connection, Instant now, const TextPlace &place,
                            TextVersion version) {
    auto newest = newest_version(connection, place);
    if (!newest) return newest;
    if (*newest == 0) { // what stood here can be brought back, too
        auto before = shown_text(connection, place);
        if (!before) return tl::unexpected(before.error());
        if (*before) {
            const TextVersion first{.number = 1,
                                    .kind = VersionKind::before,
                                    .content = std::move(**before),
                                    .released_at = now};
            if (auto kept = store_version(connection, place, first); !kept) {
                return tl::unexpected(kept.error());
            }
            newest = 1;
        }
    }
    version.number = *newest + 1;
    version.released_at = now;
    const auto put =
        place.section ? put_local_text(connection, now, local_text(place, version.content))
                      : put_telephone_text(connection, now, telephone_text(place, version.content));
    if (!put) return tl::unexpected(put.error());
    if (auto kept = store_version(connection, place, version); !kept) {
        return tl::unexpected(kept.error());
    }
    return version.number;
}

} // namespace fernamt::knowledge
