// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/text_editing.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/demo_file.h"

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

Expected<void> check_content(const TextPlace &place, const TextContent &content) {
    if (place.section) return check(local_text(place, content));
    if (place.internal) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "internal"}});
    }
    return check(telephone_text(place, content));
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

tl::unexpected<Problem> stale(std::int64_t edition) {
    return fail(ProblemKind::stale, "knowledge.draft_stale",
                {{"edition", fmt::format("{}", edition)}});
}

// The draft of this edition and no other.
Expected<Draft> expect_draft(storage::Connection &connection, const TextPlace &place,
                             std::int64_t edition) {
    auto found = find_draft(connection, place);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return fail(ProblemKind::not_found, "knowledge.draft_not_found");
    if ((*found)->edition != edition) return stale((*found)->edition);
    return std::move(**found);
}

Expected<void> expect_state(const Draft &draft, DraftState state) {
    if (draft.state == state) return {};
    return fail(ProblemKind::conflict, "knowledge.draft_state",
                {{"state", std::string(to_string(draft.state))}});
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

Expected<void> service_exists(storage::Connection &connection, ServiceId service) {
    bool known = false;
    const auto read =
        connection.each("SELECT 1 FROM knowledge_public_service WHERE id = $1", {service.value},
                        [&](const storage::Row &) { return known = true; });
    if (!read) return read;
    if (known) return {};
    return fail(ProblemKind::not_found, "knowledge.not_found",
                {{"service", fmt::format("{}", service.value)}});
}

Expected<std::int64_t> newest_version(storage::Connection &connection, const TextPlace &place) {
    std::int64_t newest = 0;
    const auto done = connection.each(
        fmt::format("SELECT COALESCE(MAX(number), 0) FROM knowledge_version {}", kOfPlace),
        values_of(place), [&](const storage::Row &row) {
            newest = row.integer(0);
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return newest;
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

// Puts the text where readers look, and the version beside it.
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

constexpr std::string_view kVersionColumns =
    "SELECT number, kind, lines, expires_on, written_by, released_by, released_at, restored_from "
    "FROM knowledge_version ";

// Everything that a change of a place needs first.
Expected<void> may_write(storage::Connection &connection, const Editor &editor,
                         const TextPlace &place) {
    if (auto exists = service_exists(connection, place.service); !exists) return exists;
    return knowledge::may_write(connection, editor, place.service, place.municipality);
}

Expected<void> may_release(const Editor &editor, const TextPlace &place) {
    if (place.municipality != kCommonText || !editor.municipality) return {};
    return fail(ProblemKind::forbidden, "knowledge.common_text_centre_only");
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

Expected<void> may_write(storage::Connection &connection, const Editor &editor, ServiceId service,
                         MunicipalityId municipality) {
    if (!editor.municipality || *editor.municipality == municipality) return {};
    if (municipality != kCommonText) return fail(ProblemKind::not_found, "municipality.not_found");
    bool reviews = false;
    const auto done = connection.each(
        "SELECT 1 FROM knowledge_care WHERE service = $1 AND municipality = 0 AND reviewer = $2",
        {service.value, editor.municipality->value},
        [&](const storage::Row &) { return reviews = true; });
    if (!done) return done;
    if (reviews) return {};
    return fail(ProblemKind::forbidden, "knowledge.common_text_centre_only");
}

Expected<Draft> TextEditing::save(const Editor &editor, const TextPlace &place,
                                  const TextContent &content, std::int64_t edition) {
    if (auto checked = check_content(place, content); !checked) {
        return tl::unexpected(checked.error());
    }
    Draft draft;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        const auto found = find_draft(connection, place);
        if (!found) return tl::unexpected(found.error());
        const std::int64_t there = *found ? (*found)->edition : 0;
        if (there != edition) return stale(there);
        draft = {.place = place,
                 .content = content,
                 .state = DraftState::draft,
                 .author = editor.user,
                 .remark = *found ? (*found)->remark : "",
                 .edition = edition + 1,
                 .changed_at = clock_.now()};
        return store_draft(connection, draft);
    });
    if (!done) return tl::unexpected(done.error());
    return draft;
}

Expected<Draft> TextEditing::submit(const Editor &editor, const TextPlace &place,
                                    std::int64_t edition) {
    Draft draft;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        auto found = expect_draft(connection, place, edition);
        if (!found) return tl::unexpected(found.error());
        if (auto right = expect_state(*found, DraftState::draft); !right) return right;
        draft = std::move(*found);
        draft.state = DraftState::submitted;
        draft.remark.clear();
        ++draft.edition;
        draft.changed_at = clock_.now();
        return store_draft(connection, draft);
    });
    if (!done) return tl::unexpected(done.error());
    return draft;
}

Expected<Draft> TextEditing::give_back(const Editor &editor, const TextPlace &place,
                                       std::int64_t edition, const std::string &remark) {
    if (remark.size() > 4 * kLongestRemark) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "remark"}});
    }
    Draft draft;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        auto found = expect_draft(connection, place, edition);
        if (!found) return tl::unexpected(found.error());
        if (auto right = expect_state(*found, DraftState::submitted); !right) return right;
        draft = std::move(*found);
        draft.state = DraftState::draft;
        draft.remark = remark;
        ++draft.edition;
        draft.changed_at = clock_.now();
        return store_draft(connection, draft);
    });
    if (!done) return tl::unexpected(done.error());
    return draft;
}

Expected<void> TextEditing::discard(const Editor &editor, const TextPlace &place,
                                    std::int64_t edition) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        if (auto found = expect_draft(connection, place, edition); !found) {
            return tl::unexpected(found.error());
        }
        return remove_draft(connection, place);
    });
}

Expected<std::int64_t> TextEditing::release(const Editor &editor, const TextPlace &place,
                                            std::int64_t edition) {
    std::int64_t number = 0;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        if (auto may = may_release(editor, place); !may) return may;
        auto draft = expect_draft(connection, place, edition);
        if (!draft) return tl::unexpected(draft.error());
        if (auto right = expect_state(*draft, DraftState::submitted); !right) return right;
        if (draft->author == editor.user) return fail(ProblemKind::conflict, "knowledge.four_eyes");
        const auto shown = show(connection, clock_.now(), place,
                                {.kind = VersionKind::released,
                                 .content = draft->content,
                                 .written_by = draft->author,
                                 .released_by = editor.user});
        if (!shown) return tl::unexpected(shown.error());
        number = *shown;
        return remove_draft(connection, place);
    });
    if (!done) return tl::unexpected(done.error());
    return number;
}

Expected<std::int64_t> TextEditing::restore(const Editor &editor, const TextPlace &place,
                                            std::int64_t number) {
    std::int64_t made = 0;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, place); !may) return may;
        if (auto may = may_release(editor, place); !may) return may;
        std::optional<TextVersion> older;
        auto values = values_of(place);
        values.emplace_back(number);
        const auto read =
            connection.each(fmt::format("{}{} AND number = $5", kVersionColumns, kOfPlace), values,
                            [&](const storage::Row &row) {
                                older = version_of(row);
                                return false;
                            });
        if (!read) return read;
        if (!older) return fail(ProblemKind::not_found, "knowledge.version_not_found");
        const auto shown = show(connection, clock_.now(), place,
                                {.kind = VersionKind::restored,
                                 .content = std::move(older->content),
                                 .written_by = older->written_by,
                                 .released_by = editor.user,
                                 .restored_from = number});
        if (!shown) return tl::unexpected(shown.error());
        made = *shown;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return made;
}

Expected<std::vector<TextVersion>> TextEditing::history(const Editor &editor,
                                                        const TextPlace &place) const {
    std::vector<TextVersion> versions;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        versions.clear();
        if (auto may = may_write(connection, editor, place); !may) return may;
        return connection.each(fmt::format("{}{} ORDER BY number DESC", kVersionColumns, kOfPlace),
                               values_of(place), [&](const storage::Row &row) {
                                   if (auto version = version_of(row)) {
                                       versions.push_back(std::move(*version));
                                   }
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return versions;
}

Expected<std::vector<Draft>> TextEditing::drafts(const Editor &editor, ServiceId service,
                                                 MunicipalityId municipality) const {
    std::vector<Draft> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found.clear();
        if (auto may = knowledge::may_write(connection, editor, service, municipality); !may) {
            return may;
        }
        return connection.each(
            fmt::format("{}WHERE service = $1 AND municipality = $2 ORDER BY part, visibility",
                        kDraftColumns),
            {service.value, municipality.value}, [&](const storage::Row &row) {
                if (auto draft = draft_of(row)) found.push_back(std::move(*draft));
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<Draft>> TextEditing::drafts(const Editor &editor) const {
    std::vector<Draft> found;
    // Two statements rather than a flag: what is not for the editor is never read.
    const std::string sql =
        editor.municipality
            ? fmt::format("{}WHERE municipality = $1 OR (municipality = 0 AND service IN (SELECT "
                          "service FROM knowledge_care WHERE municipality = 0 AND reviewer = $1)) "
                          "ORDER BY changed_at, service, municipality, part",
                          kDraftColumns)
            : fmt::format("{}ORDER BY changed_at, service, municipality, part", kDraftColumns);
    const auto done = database_.read([&](storage::Connection &connection) {
        found.clear();
        std::vector<storage::Value> values;
        if (editor.municipality) values.emplace_back(editor.municipality->value);
        return connection.each(sql, values, [&](const storage::Row &row) {
            if (auto draft = draft_of(row)) found.push_back(std::move(*draft));
            return true;
        });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<TextEditing::OwnText>>
TextEditing::shown(const Editor &editor, ServiceId service, MunicipalityId municipality) const {
    std::vector<OwnText> texts;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        texts.clear();
        if (auto may = knowledge::may_write(connection, editor, service, municipality); !may) {
            return may;
        }
        constexpr int kPlaces = kSectionKeys * 2 + 1;
        for (int i = 0; i < kPlaces; ++i) {
            TextPlace place{.service = service, .municipality = municipality};
            if (i > 0) place.section = static_cast<SectionKey>((i - 1) / 2);
            place.internal = i > 0 && i % 2 == 0;
            auto content = shown_text(connection, place);
            if (!content) return tl::unexpected(content.error());
            if (!*content) continue;
            const auto version = newest_version(connection, place);
            if (!version) return tl::unexpected(version.error());
            texts.push_back({place, std::move(**content), *version});
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return texts;
}

} // namespace fernamt::knowledge
