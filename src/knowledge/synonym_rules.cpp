// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/synonym_rules.h"

#include "base/text.h"
#include "knowledge/object_store.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

std::string lines_of(const std::vector<std::string> &phrases) {
    return fmt::format("{}", fmt::join(phrases, "\n"));
}

std::vector<std::string> phrases_of(std::string_view lines) {
    std::vector<std::string> phrases;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        phrases.emplace_back(lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return phrases;
}

SynonymRule rule_of(const storage::Row &row) {
    return {.id = row.integer(0),
            .synonym = {.municipality = MunicipalityId{row.integer(1)},
                        .words = {.said = phrases_of(row.text(2)),
                                  .meant = phrases_of(row.text(3)),
                                  .both_ways = row.integer(4) != 0}},
            .removed = row.integer(5) != 0,
            .changed_at = Instant{row.integer(6)},
            .version = row.integer(7)};
}

Expected<std::vector<SynonymRule>> read(storage::Connection &connection, const std::string &where,
                                        const std::vector<storage::Value> &values) {
    std::vector<SynonymRule> rules;
    const auto done = connection.each(
        fmt::format("SELECT id, municipality, said, meant, both_ways, removed, changed_at, version "
                    "FROM knowledge_synonym {} ORDER BY id DESC",
                    where),
        values, [&](const storage::Row &row) {
            rules.push_back(rule_of(row));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return rules;
}

tl::unexpected<Problem> wrong(const char *field) {
    return fail(ProblemKind::invalid_input, "synonym.words", {{"field", field}});
}

// Blanks at the ends fall away. A phrase that no question can match would be a promise.
Expected<std::vector<std::string>> checked(const std::vector<std::string> &phrases,
                                           const char *field) {
    std::vector<std::string> good;
    for (const std::string &phrase : phrases) {
        const std::string_view text = trimmed(phrase);
        const std::size_t words = Analyser::german().telling_words(text).size();
        if (words < 1 || words > kLongestSynonym || text.size() > kLongestSynonymPhrase ||
            text.find_first_of("\n\r,") != std::string_view::npos) {
            return wrong(field);
        }
        if (std::ranges::find(good, text) == good.end()) good.emplace_back(text);
    }
    if (good.empty() || good.size() > kMostPhrases) return wrong(field);
    return good;
}

Expected<SynonymEntry> checked(const SynonymEntry &words) {
    auto said = checked(words.said, "said");
    if (!said) return tl::unexpected(said.error());
    auto meant = checked(words.meant, "meant");
    if (!meant) return tl::unexpected(meant.error());
    if (said == meant) return wrong("meant"); // says nothing
    return SynonymEntry{std::move(*said), std::move(*meant), words.both_ways};
}

// That it stands there only once, and that there is room.
Expected<void> check_place(storage::Connection &connection, const SynonymRule &rule) {
    const auto there = read(connection, "WHERE municipality = $1 AND removed = 0 AND id <> $2",
                            {rule.synonym.municipality.value, rule.id});
    if (!there) return tl::unexpected(there.error());
    const bool taken = std::ranges::any_of(*there, [&](const SynonymRule &other) {
        return other.synonym.words.said == rule.synonym.words.said &&
               other.synonym.words.meant == rule.synonym.words.meant;
    });
    if (taken) return fail(ProblemKind::conflict, "synonym.taken", {{"field", "said"}});
    if (there->size() < kMostSynonyms) return {};
    return fail(ProblemKind::conflict, "synonym.too_many",
                {{"most", fmt::format("{}", kMostSynonyms)}});
}

// The one of this version, if the editor may write it.
Expected<SynonymRule> expect(storage::Connection &connection, const Editor &editor, std::int64_t id,
                             std::int64_t version) {
    const auto found = read(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    const SynonymRule *rule = found->empty() ? nullptr : &found->front();
    if (rule && !may_write(editor, *rule) && rule->synonym.municipality == kCommonText)
        return fail(ProblemKind::forbidden, "synonym.centre_only");
    if (!rule || !may_write(editor, *rule))
        return fail(ProblemKind::not_found, "synonym.not_found");
    if (rule->version == version) return *rule;
    return fail(ProblemKind::stale, "synonym.stale",
                {{"version", fmt::format("{}", rule->version)}});
}

// The rule as it is now, and the generation by which every node's search sees it.
Expected<void> store(storage::Connection &connection, Instant now, SynonymRule &rule) {
    rule.changed_at = now;
    const auto generation = next_generation(connection, now);
    if (!generation) return tl::unexpected(generation.error());
    return storage::run(
        connection,
        "INSERT INTO knowledge_synonym (id, municipality, said, meant, both_ways, removed, "
        "changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE "
        "SET said = excluded.said, meant = excluded.meant, both_ways = excluded.both_ways, removed "
        "= excluded.removed, changed_at = excluded.changed_at, version = excluded.version",
        {rule.id, rule.synonym.municipality.value, lines_of(rule.synonym.words.said),
         lines_of(rule.synonym.words.meant), std::int64_t{rule.synonym.words.both_ways},
         std::int64_t{rule.removed}, rule.changed_at.us, rule.version});
}

std::vector<std::string> differences(const SynonymEntry &before, const SynonymEntry &after) {
    std::vector<std::string> fields;
    if (before.said != after.said) fields.emplace_back("said");
    if (before.meant != after.meant) fields.emplace_back("meant");
    if (before.both_ways != after.both_ways) fields.emplace_back("both_ways");
    return fields;
}

} // namespace

bool may_write(const Editor &editor, const SynonymRule &rule) {
    return !editor.municipality || *editor.municipality == rule.synonym.municipality;
}

Expected<std::vector<SynonymRule>> SynonymRules::all(const Editor &editor) const {
    std::vector<SynonymRule> rules;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = editor.municipality ? read(connection, "WHERE municipality IN (0, $1)",
                                                {editor.municipality->value})
                                         : read(connection, "", {});
        if (!found) return tl::unexpected(found.error());
        rules = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return rules;
}

Expected<SynonymRule> SynonymRules::add(const Editor &editor, const PlacedSynonym &wanted,
                                        const SynonymAudit &audit) {
    SynonymRule rule{.synonym = wanted};
    if (!may_write(editor, rule)) {
        return wanted.municipality == kCommonText
                   ? fail(ProblemKind::forbidden, "synonym.centre_only")
                   : fail(ProblemKind::not_found, "municipality.not_found");
    }
    auto words = checked(wanted.words);
    if (!words) return tl::unexpected(words.error());
    rule.synonym.words = std::move(*words);
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto id = storage::next_id(connection, "knowledge_synonym");
        if (!id) return tl::unexpected(id.error());
        rule.id = *id;
        auto good = check_place(connection, rule);
        if (good) good = store(connection, clock_.now(), rule);
        if (good) good = audit(connection, "synonym.added", rule.id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SynonymRule> SynonymRules::change(const Editor &editor, std::int64_t id,
                                           std::int64_t version, const SynonymEntry &words,
                                           const SynonymAudit &audit) {
    const auto good_words = checked(words);
    SynonymRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, id, version);
        if (!before) return tl::unexpected(before.error());
        if (before->removed) return fail(ProblemKind::conflict, "synonym.removed");
        if (!good_words) return tl::unexpected(good_words.error());
        rule = *before;
        rule.synonym.words = *good_words;
        ++rule.version;
        auto good = check_place(connection, rule);
        if (good) good = store(connection, clock_.now(), rule);
        if (good) {
            good = audit(connection, "synonym.changed", id,
                         differences(before->synonym.words, *good_words));
        }
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SynonymRule> SynonymRules::remove(const Editor &editor, std::int64_t id,
                                           std::int64_t version, const SynonymAudit &audit) {
    SynonymRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, id, version);
        if (!before) return tl::unexpected(before.error());
        if (before->removed) return fail(ProblemKind::conflict, "synonym.removed");
        rule = *before;
        rule.removed = true;
        ++rule.version;
        auto good = store(connection, clock_.now(), rule);
        if (good) good = audit(connection, "synonym.removed", id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SynonymRule> SynonymRules::restore(const Editor &editor, std::int64_t id,
                                            std::int64_t version, const SynonymAudit &audit) {
    SynonymRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, id, version);
        if (!before) return tl::unexpected(before.error());
        rule = *before;
        if (!rule.removed) return {};
        rule.removed = false;
        ++rule.version;
        auto good = check_place(connection, rule);
        if (good) good = store(connection, clock_.now(), rule);
        if (good) good = audit(connection, "synonym.restored", id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<std::vector<PlacedSynonym>> standing_synonyms(storage::Database &database) {
    std::vector<PlacedSynonym> standing;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = read(connection, "WHERE removed = 0", {});
        if (!found) return tl::unexpected(found.error());
        standing.clear();
        for (SynonymRule &rule : *found)
            standing.push_back(std::move(rule.synonym));
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return standing;
}

} // namespace fernamt::knowledge
