// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_document.h"

#include "knowledge/guide.h"
#include "knowledge/model.h"
#include "knowledge/search_document_rows.h"
#include "knowledge/website_store.h"

#include <fmt/format.h>

namespace fernamt::knowledge {

namespace {

Expected<std::int64_t> generation_of(storage::Connection &connection) {
    std::int64_t generation = 0;
    const auto done = connection.each("SELECT generation FROM knowledge_state WHERE id = 1", {},
                                      [&](const storage::Row &row) {
                                          generation = row.integer(0);
                                          return true;
                                      });
    if (!done) return tl::unexpected(done.error());
    return generation;
}

struct Subject {
    std::int64_t id;
    ObjectKind kind;
    std::string source;
};

// Services and offices after an id, a page at a time.
Expected<std::vector<Subject>> page(storage::Connection &connection, ObjectKind kind,
                                    std::int64_t after, std::int64_t since) {
    std::vector<Subject> subjects;
    const auto done = connection.each(
        // Two ways to have changed, each by its own index.
        since < 0 ? "SELECT id, source FROM knowledge_object WHERE kind = $1 AND id > $2 AND "
                    "generation > $3 ORDER BY id LIMIT 500"
                  : "SELECT id, source FROM knowledge_object WHERE kind = $1 AND id > $2 AND id IN "
                    "(SELECT id FROM knowledge_object WHERE generation > $3 UNION SELECT id FROM "
                    "knowledge_surroundings WHERE generation > $3) ORDER BY id LIMIT 500",
        {static_cast<std::int64_t>(kind), after, since}, [&](const storage::Row &row) {
            subjects.push_back({row.integer(0), kind, row.text(1)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return subjects;
}

std::string subject_id(ObjectKind kind, std::int64_t id) {
    return fmt::format("{}/{}", kind == ObjectKind::service ? "service" : "office", id);
}

// What is gone; persons have the office's id in theirs.
Expected<void> removals(storage::Connection &connection, std::int64_t since,
                        const RemovalSink &removed) {
    return connection.each(
        "SELECT kind, id FROM knowledge_tombstone WHERE generation > $1 ORDER BY id", {since},
        [&](const storage::Row &row) {
            const auto kind = object_kind(row.integer(0));
            if (kind == ObjectKind::office && !removed(fmt::format("person/{}", row.integer(1)))) {
                return false;
            }
            if (kind == ObjectKind::service || kind == ObjectKind::office) {
                return removed(subject_id(*kind, row.integer(1)));
            }
            return true;
        });
}

// What the crawler stored or found gone after a generation, a page of rows at a time.
Expected<void> website_documents(storage::Connection &connection, std::int64_t since,
                                 const RemovalSink &removed, const DocumentSink &sink) {
    std::int64_t after = -1;
    for (bool more = true; more;) {
        std::vector<SearchDocument> documents;
        std::vector<std::int64_t> ids;
        const auto done = connection.each(
            "SELECT id, municipality, url, title, sections, fetched_on, gone FROM "
            "knowledge_website_page WHERE id > $1 AND generation > $2 ORDER BY id LIMIT 100",
            {after, since}, [&](const storage::Row &row) {
                after = row.integer(0);
                ids.push_back(after);
                if (row.integer(6) != 0) return true;
                SearchDocument document{.id = fmt::format("website/{}", after),
                                        .kind = DocumentKind::website,
                                        .subject = after,
                                        .title = row.text(3),
                                        .areas = {AreaId{row.integer(1)}},
                                        .source = row.text(2),
                                        .checked_on = parse_date(row.text(5))};
                for (PageSection &section : parse_sections(row.text(4))) {
                    document.sections.push_back(
                        {"page", std::move(section.heading), std::move(section.text)});
                }
                documents.push_back(std::move(document));
                return true;
            });
        if (!done) return done;
        more = !ids.empty();
        for (const std::int64_t id : ids) {
            if (since >= 0 && !removed(fmt::format("website/{}", id))) return {};
        }
        for (const SearchDocument &document : documents) {
            if (!sink(document)) return {};
        }
    }
    return {};
}

// Released guides. There are few: all are told again whenever one has changed. "guide" is the
// subject of them all, so that one that is gone goes, too.
Expected<void> guide_documents(storage::Connection &connection, std::int64_t since,
                               const RemovalSink &removed, const DocumentSink &sink) {
    bool changed = since < 0;
    auto done = connection.each("SELECT 1 FROM knowledge_guide_state WHERE generation > $1",
                                {since}, [&](const storage::Row &) {
                                    changed = true;
                                    return false;
                                });
    if (!done || !changed) return done;
    if (since >= 0 && !removed("guide")) return {};
    std::vector<SearchDocument> documents;
    Expected<void> readable;
    done = connection.each(
        "SELECT id, municipality, title, released FROM knowledge_guide WHERE title <> '' "
        "ORDER BY id",
        {}, [&](const storage::Row &row) {
            const auto steps = parse_guide_steps(row.text(3));
            if (!steps) {
                readable = tl::unexpected(steps.error());
                return false;
            }
            SearchDocument document{.id = fmt::format("guide@{}", row.integer(0)),
                                    .kind = DocumentKind::guide,
                                    .subject = row.integer(0),
                                    .title = row.text(2)};
            // kCommonText holds for all: no area.
            if (row.integer(1) != 0) document.areas = {AreaId{row.integer(1)}};
            DocumentSection asked{"guide", row.text(2), ""};
            for (const GuideStep &step : *steps)
                asked.text += (asked.text.empty() ? "" : "\n") + step.text;
            document.sections.push_back(std::move(asked));
            documents.push_back(std::move(document));
            return true;
        });
    if (!done) return done;
    if (!readable) return readable;
    for (const SearchDocument &document : documents) {
        if (!sink(document)) return {};
    }
    return {};
}

} // namespace

std::string_view to_string(DocumentKind kind) {
    switch (kind) {
    case DocumentKind::service:
        return "service";
    case DocumentKind::office:
        return "office";
    case DocumentKind::person:
        return "person";
    case DocumentKind::guide:
        return "guide";
    case DocumentKind::website:
        return "website";
    }
    return "service";
}

Expected<std::int64_t> knowledge_generation(storage::Database &database) {
    std::int64_t generation = 0;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto found = generation_of(connection);
        if (!found) return tl::unexpected(found.error());
        generation = *found;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return generation;
}

Expected<std::int64_t> each_changed_document(storage::Database &database, std::int64_t since,
                                             const RemovalSink &removed, const DocumentSink &sink) {
    std::int64_t generation = 0;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto now = generation_of(connection);
        if (!now) return tl::unexpected(now.error());
        generation = *now;
        DocumentRows documents(connection, sink);
        if (since >= 0) {
            if (auto gone = removals(connection, since, removed); !gone) return gone;
        }
        for (const ObjectKind kind : {ObjectKind::service, ObjectKind::office}) {
            std::int64_t after = -1;
            for (;;) {
                const auto subjects = page(connection, kind, after, since);
                if (!subjects) return tl::unexpected(subjects.error());
                if (subjects->empty()) break;
                for (const Subject &each : *subjects) {
                    after = each.id;
                    if (since >= 0) {
                        if (kind == ObjectKind::office &&
                            !removed(fmt::format("person/{}", each.id))) {
                            return {};
                        }
                        if (!removed(subject_id(kind, each.id))) return {};
                    }
                    const auto more = documents.subject(each.id, kind, each.source);
                    if (!more) return tl::unexpected(more.error());
                    if (!*more) return {};
                }
            }
        }
        if (auto told = guide_documents(connection, since, removed, sink); !told) return told;
        return website_documents(connection, since, removed, sink);
    });
    if (!done) return tl::unexpected(done.error());
    return generation;
}

Expected<std::int64_t> each_search_document(storage::Database &database, const DocumentSink &sink) {
    return each_changed_document(database, -1, [](const std::string &) { return true; }, sink);
}

} // namespace fernamt::knowledge
