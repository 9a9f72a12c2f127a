// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_document.h"

#include "knowledge/guide.h"
#include "knowledge/model.h"
#include "knowledge/search_document_rows.h"
#include "knowledge/website_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

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
Expected<std::vector<Subject>> page(storage::Database &database, ObjectKind kind,
                                    std::int64_t after, std::int64_t since) {
    std::vector<Subject> subjects;
    const auto done = database.read([&](storage::Connection &connection) {
        subjects.clear();
        return connection.each(
            // Two ways to have changed, each by its own index.
            since < 0
                ? "SELECT id, source FROM knowledge_object WHERE kind = $1 AND id > $2 AND "
                  "generation > $3 ORDER BY id LIMIT 500"
                : "SELECT id, source FROM knowledge_object WHERE kind = $1 AND id > $2 AND id IN "
                  "(SELECT id FROM knowledge_object WHERE generation > $3 UNION SELECT id FROM "
                  "knowledge_surroundings WHERE generation > $3) ORDER BY id LIMIT 500",
            {static_cast<std::int64_t>(kind), after, since}, [&](const storage::Row &row) {
                subjects.push_back({row.integer(0), kind, row.text(1)});
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return subjects;
}

std::string subject_id(ObjectKind kind, std::int64_t id) {
    return fmt::format("{}/{}", kind == ObjectKind::service ? "service" : "office", id);
}

// What one snapshot held: first what is to be taken away, then what stands there.
struct Piece {
    std::vector<std::string> removed;
    std::vector<SearchDocument> documents;
};
constexpr std::size_t kPieceSubjects = 50;
constexpr std::size_t kPieceBytes = std::size_t{2} * 1024 * 1024; // of text, and one document

std::size_t bytes_of(const SearchDocument &document) {
    std::size_t bytes = document.short_text.size();
    for (const DocumentSection &section : document.sections)
        bytes += section.text.size();
    return bytes;
}

class Telling {
  public:
    Telling(storage::Database &database, std::int64_t since, const RemovalSink &removed,
            const DocumentSink &sink)
        : database_(database), since_(since), removed_(removed), sink_(sink) {}

    // Of each: false when the sinks want no more.
    Expected<bool> gone() {
        return piece([&](storage::Connection &connection, Piece &into) {
            return removals(connection, into.removed);
        });
    }
    Expected<bool> subjects(ObjectKind kind) {
        std::int64_t after = -1;
        for (;;) {
            const auto some = page(database_, kind, after, since_);
            if (!some) return tl::unexpected(some.error());
            if (some->empty()) return true;
            after = some->back().id;
            for (std::size_t from = 0; from < some->size();) {
                auto more = piece([&](storage::Connection &connection, Piece &into) {
                    const auto to = read(connection, *some, from, into);
                    if (!to) return Expected<void>(tl::unexpected(to.error()));
                    next_ = *to;
                    return Expected<void>{};
                });
                if (!more || !*more) return more;
                from = next_;
            }
        }
    }
    Expected<bool> guides() {
        return piece([&](storage::Connection &connection, Piece &into) {
            return guide_documents(connection, into);
        });
    }
    Expected<bool> websites() {
        std::int64_t after = -1;
        for (bool any = true; any;) {
            auto more = piece([&](storage::Connection &connection, Piece &into) {
                next_page_ = after;
                return website_documents(connection, into);
            });
            if (!more || !*more) return more;
            any = next_page_ != after;
            after = next_page_;
        }
        return true;
    }

  private:
    Expected<bool> piece(const std::function<Expected<void>(storage::Connection &, Piece &)> &f) {
        Piece read;
        const auto done = database_.read([&](storage::Connection &connection) {
            read = {};
            return f(connection, read);
        });
        if (!done) return tl::unexpected(done.error());
        for (const std::string &id : read.removed) {
            if (since_ >= 0 && !removed_(id)) return false;
        }
        return std::ranges::all_of(read.documents, std::cref(sink_));
    }
    // Where to go on.
    Expected<std::size_t> read(storage::Connection &connection, const std::vector<Subject> &all,
                               std::size_t from, Piece &into) const {
        std::size_t bytes = 0;
        const DocumentSink collect = [&](const SearchDocument &document) {
            bytes += bytes_of(document);
            into.documents.push_back(document);
            return true;
        };
        DocumentRows documents(connection, collect);
        const std::size_t end = std::min(all.size(), from + kPieceSubjects);
        for (; from < end && bytes < kPieceBytes; ++from) {
            const Subject &one = all[from];
            if (one.kind == ObjectKind::office)
                into.removed.push_back(fmt::format("person/{}", one.id));
            into.removed.push_back(subject_id(one.kind, one.id));
            const auto done = documents.subject(one.id, one.kind, one.source);
            if (!done) return tl::unexpected(done.error());
        }
        return from;
    }
    Expected<void> removals(storage::Connection &connection,
                            std::vector<std::string> &removed) const;
    Expected<void> guide_documents(storage::Connection &connection, Piece &into) const;
    Expected<void> website_documents(storage::Connection &connection, Piece &into);

    storage::Database &database_;
    std::int64_t since_;
    const RemovalSink &removed_;
    const DocumentSink &sink_;
    std::size_t next_ = 0;
    std::int64_t next_page_ = -1;
};

// What is gone; persons have the office's id in theirs.
Expected<void> Telling::removals(storage::Connection &connection,
                                 std::vector<std::string> &removed) const {
    return connection.each(
        "SELECT kind, id FROM knowledge_tombstone WHERE generation > $1 ORDER BY id", {since_},
        [&](const storage::Row &row) {
            const auto kind = object_kind(row.integer(0));
            if (kind == ObjectKind::office)
                removed.push_back(fmt::format("person/{}", row.integer(1)));
            if (kind == ObjectKind::service || kind == ObjectKind::office)
                removed.push_back(subject_id(*kind, row.integer(1)));
            return true;
        });
}

// What the crawler stored or found gone after a generation, a page of rows at a time.
Expected<void> Telling::website_documents(storage::Connection &connection, Piece &into) {
    return connection.each(
        "SELECT id, municipality, url, title, sections, fetched_on, gone FROM "
        "knowledge_website_page WHERE id > $1 AND generation > $2 ORDER BY id LIMIT 100",
        {next_page_, since_}, [&](const storage::Row &row) {
            next_page_ = row.integer(0);
            into.removed.push_back(fmt::format("website/{}", next_page_));
            if (row.integer(6) != 0) return true;
            SearchDocument document{.id = fmt::format("website/{}", next_page_),
                                    .kind = DocumentKind::website,
                                    .subject = next_page_,
                                    .title = row.text(3),
                                    .areas = {AreaId{row.integer(1)}},
                                    .source = row.text(2),
                                    .checked_on = parse_date(row.text(5))};
            for (PageSection &section : parse_sections(row.text(4))) {
                document.sections.push_back(
                    {"page", std::move(section.heading), std::move(section.text)});
            }
            into.documents.push_back(std::move(document));
            return true;
        });
}

// Released guides. There are few: all are told again whenever one has changed. "guide" is the
// subject of them all, so that one that is gone goes, too.
Expected<void> Telling::guide_documents(storage::Connection &connection, Piece &into) const {
    bool changed = since_ < 0;
    auto done = connection.each("SELECT 1 FROM knowledge_guide_state WHERE generation > $1",
                                {since_}, [&](const storage::Row &) {
                                    changed = true;
                                    return false;
                                });
    if (!done || !changed) return done;
    into.removed.emplace_back("guide");
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
            into.documents.push_back(std::move(document));
            return true;
        });
    return done ? readable : done;
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

Expected<std::int64_t> search_documents(storage::Database &database) {
    std::int64_t count = 0;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT (SELECT COUNT(*) FROM knowledge_public_service) + "
            "(SELECT COUNT(*) FROM knowledge_specialisation) + "
            "(SELECT COUNT(*) FROM (SELECT service, municipality, visibility FROM "
            "knowledge_local_text WHERE state = 'released' AND municipality <> 0 UNION SELECT "
            "service, municipality, 'public' FROM knowledge_telephone_text WHERE municipality <> "
            "0) AS own) + "
            "(SELECT COUNT(*) FROM knowledge_office) + "
            "(SELECT COUNT(*) FROM knowledge_person WHERE title <> '' OR given_name <> '' OR "
            "family_name <> '') + "
            "(SELECT COUNT(*) FROM knowledge_guide WHERE title <> '') + "
            "(SELECT COUNT(*) FROM knowledge_website_page)", // gone ones too: not to read them all
            {}, [&](const storage::Row &row) {
                count = row.integer(0);
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return count;
}

Expected<std::int64_t> each_changed_document(storage::Database &database, std::int64_t since,
                                             const RemovalSink &removed, const DocumentSink &sink) {
    const auto generation = knowledge_generation(database);
    if (!generation) return generation;
    Telling telling(database, since, removed, sink);
    Expected<bool> more = since >= 0 ? telling.gone() : true;
    for (const ObjectKind kind : {ObjectKind::service, ObjectKind::office}) {
        if (more && *more) more = telling.subjects(kind);
    }
    if (more && *more) more = telling.guides();
    if (more && *more) more = telling.websites();
    if (!more) return tl::unexpected(more.error());
    return generation;
}

Expected<std::int64_t> each_search_document(storage::Database &database, const DocumentSink &sink) {
    return each_changed_document(database, -1, [](const std::string &) { return true; }, sink);
}

} // namespace fernamt::knowledge
