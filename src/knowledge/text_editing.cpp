// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/text_editing.h"

#include "knowledge/text_rows.h"

#include <fmt/format.h>

namespace fernamt::knowledge {

namespace {

Expected<void> check_content(const TextPlace &place, const TextContent &content) {
    if (place.section) return check(local_text(place, content));
    if (place.internal) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "internal"}});
    }
    return check(telephone_text(place, content));
}

// A text whose last day is over would be shown nowhere.
Expected<void> check_last_day(const TextContent &content, Instant now) {
    if (!content.expires_on || *content.expires_on >= to_local(now).date) return {};
    return fail(ProblemKind::invalid_input, "knowledge.text_over",
                {{"field", "expires_on"}, {"day", to_string(*content.expires_on)}});
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

// Everything that a change of a place needs first.
Expected<void> may_write(storage::Connection &connection, const Editor &editor,
                         const TextPlace &place) {
    if (auto known = check_service(connection, place.service); !known) return known;
    return knowledge::may_write(connection, editor, place.service, place.municipality);
}

Expected<void> may_release(const Editor &editor, const TextPlace &place) {
    if (place.municipality != kCommonText || !editor.municipality) return {};
    return fail(ProblemKind::forbidden, "knowledge.common_text_centre_only");
}

} // namespace

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
    auto checked = check_content(place, content);
    if (checked) checked = check_last_day(content, clock_.now());
    if (!checked) return tl::unexpected(checked.error());
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
        if (auto day = check_last_day(found->content, clock_.now()); !day) return day;
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
        if (auto day = check_last_day(draft->content, clock_.now()); !day) return day;
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
        auto older = find_version(connection, place, number);
        if (!older) return tl::unexpected(older.error());
        if (!*older) return fail(ProblemKind::not_found, "knowledge.version_not_found");
        if (auto day = check_last_day((*older)->content, clock_.now()); !day) return day;
        const auto shown = show(connection, clock_.now(), place,
                                {.kind = VersionKind::restored,
                                 .content = std::move((*older)->content),
                                 .written_by = (*older)->written_by,
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
        if (auto may = may_write(connection, editor, place); !may) return may;
        auto all = versions_of(connection, place);
        if (!all) return tl::unexpected(all.error());
        versions = std::move(*all);
        return {};
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
        return each_draft(connection,
                          "WHERE service = $1 AND municipality = $2 ORDER BY part, visibility",
                          {service.value, municipality.value},
                          [&](Draft draft) { found.push_back(std::move(draft)); });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<Draft>> TextEditing::drafts(const Editor &editor) const {
    std::vector<Draft> found;
    // Two statements rather than a flag: what is not for the editor is never read.
    const std::string_view condition =
        editor.municipality
            ? "WHERE municipality = $1 OR (municipality = 0 AND service IN (SELECT service FROM "
              "knowledge_care WHERE municipality = 0 AND reviewer = $1)) "
              "ORDER BY changed_at, service, municipality, part"
            : "ORDER BY changed_at, service, municipality, part";
    const auto done = database_.read([&](storage::Connection &connection) {
        found.clear();
        std::vector<storage::Value> values;
        if (editor.municipality) values.emplace_back(editor.municipality->value);
        return each_draft(connection, condition, values,
                          [&](Draft draft) { found.push_back(std::move(draft)); });
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
