// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_document.h"

#include "knowledge/article.h"
#include "knowledge/demo_file.h"
#include "knowledge/html.h"
#include "knowledge/model.h"
#include "knowledge/website_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace fernamt::knowledge {

namespace {

std::string joined(const std::vector<std::string> &lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

struct ModuleTitle {
    std::string_view module;
    std::string_view code;
    std::string_view title;
};
// In the order in which they are shown: what callers ask first, first.
constexpr ModuleTitle kModules[] = {{"08", "documents", "Mitbringen"},
                                    {"fee", "fee", "Gebühr"},
                                    {"deadline", "deadline", "Frist"},
                                    {"duration", "deadline", "Bearbeitungsdauer"},
                                    {"05", "05", "Kurztext"},
                                    {"24", "24", "Kurzinfo"},
                                    {"06", "06", "Beschreibung"},
                                    {"09", "09", "Voraussetzungen"},
                                    {"11", "11", "Ablauf"},
                                    {"14", "14", "Formulare"},
                                    {"16", "16", "Hinweise"},
                                    {"22", "responsible", "Zuständig"},
                                    {"23", "contact", "Ansprechstelle"},
                                    {"25", "25", "Rechtsbehelf"},
                                    {"07", "07", "Rechtsgrundlage"},
                                    {"15", "15", "Weitere Informationen"},
                                    {"own", "own", "Weiteres"}};

bool is_german(std::string_view language) {
    return language == "de" || language.starts_with("de-");
}

// Reads the rows of one subject after the other; statements are prepared once.
class Documents {
  public:
    Documents(storage::Connection &connection, const DocumentSink &sink)
        : connection_(connection), sink_(sink) {}

    // false: the sink wants no more.
    Expected<bool> subject(std::int64_t id, ObjectKind kind, const std::string &source) {
        id_ = id;
        source_ = source;
        if (kind == ObjectKind::service) return service();
        if (kind == ObjectKind::office) return office();
        return true;
    }

  private:
    Expected<bool> service();
    Expected<bool> local_texts(const SearchDocument &common);
    Expected<bool> office();
    Expected<bool> people(const SearchDocument &office);

    storage::Connection &connection_;
    const DocumentSink &sink_;
    std::int64_t id_ = 0;
    std::string source_;
};

Expected<bool> Documents::service() {
    SearchDocument document{.id = fmt::format("service/{}", id_),
                            .kind = DocumentKind::service,
                            .subject = id_,
                            .source = source_};
    bool found = false;
    auto done = connection_.each(
        "SELECT s.name, s.official_name, s.approved_on, COALESCE(r.checked_on, ''), "
        "COALESCE(t.text, '') FROM knowledge_public_service s "
        "LEFT JOIN knowledge_review r ON r.service = s.id AND r.municipality = 0 "
        "LEFT JOIN knowledge_telephone_text t ON t.service = s.id AND t.municipality = 0 "
        "WHERE s.id = $1",
        {id_}, [&](const storage::Row &row) {
            found = true;
            document.title = row.text(0);
            document.official_title = row.text(1);
            document.checked_on = parse_date(row.text(3));
            if (!document.checked_on) document.checked_on = parse_date(row.text(2));
            document.short_text = row.text(4);
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!found) return true;
    std::map<std::string, std::string> texts;
    done = connection_.each(
        "SELECT module, language, html FROM knowledge_text WHERE owner = $1 ORDER BY ordinal",
        {id_}, [&](const storage::Row &row) {
            if (!is_german(row.text(1))) return true;
            std::string &text = texts[row.text(0)];
            if (!text.empty()) text += '\n';
            text += plain_text(row.text(2));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    for (const ModuleTitle &module : kModules) {
        const auto text = texts.find(std::string(module.module));
        if (text == texts.end() || text->second.empty()) continue;
        document.sections.push_back(
            {std::string(module.code), std::string(module.title), text->second});
    }
    for (const char *module : {"05", "24", "06"}) {
        if (!document.short_text.empty()) break;
        std::string text = texts[module];
        std::ranges::replace(text, '\n', ' ');
        document.short_text = first_sentences(text);
    }
    done =
        connection_.each("SELECT role, term FROM knowledge_term WHERE owner = $1 ORDER BY ordinal",
                         {id_}, [&](const storage::Row &row) {
                             (row.text(0) == "synonym" ? document.synonyms : document.keywords)
                                 .push_back(row.text(1));
                             return true;
                         });
    if (!done) return tl::unexpected(done.error());
    done = connection_.each("SELECT value FROM knowledge_key WHERE owner = $1 AND scheme IN "
                            "('leika', 'ozg') ORDER BY scheme, value",
                            {id_}, [&](const storage::Row &row) {
                                document.keywords.push_back(row.text(0));
                                return true;
                            });
    if (!done) return tl::unexpected(done.error());
    done = connection_.each("SELECT area FROM knowledge_area WHERE owner = $1 ORDER BY area", {id_},
                            [&](const storage::Row &row) {
                                document.areas.push_back(AreaId{row.integer(0)});
                                return true;
                            });
    if (!done) return tl::unexpected(done.error());
    // The federation is everywhere.
    if (std::ranges::find(document.areas, kFederation) != document.areas.end()) {
        document.areas.clear();
    }
    done = connection_.each(
        "SELECT section, lines FROM knowledge_local_text WHERE service = $1 AND municipality = 0 "
        "AND visibility = 'public' AND state = 'released' ORDER BY section",
        {id_}, [&](const storage::Row &row) {
            const auto key = parse_section_key(row.text(0));
            const auto lines = parse_lines(row.text(1));
            if (!key || !lines) return true;
            const std::string code = row.text(0);
            std::erase_if(document.sections,
                          [&](const DocumentSection &section) { return section.code == code; });
            document.sections.push_back({code, std::string(heading_de(*key)), joined(*lines)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!sink_(document)) return false;
    return local_texts(document);
}

Expected<bool> Documents::local_texts(const SearchDocument &common) {
    std::map<std::pair<std::int64_t, bool>, SearchDocument> documents; // municipality, internal
    const auto document_of = [&](std::int64_t municipality, bool internal) -> SearchDocument & {
        SearchDocument &document = documents[{municipality, internal}];
        if (document.id.empty()) {
            document = {
                .id = fmt::format("service/{}@{:012}{}", id_, municipality, internal ? "!" : ""),
                .kind = DocumentKind::service,
                .subject = id_,
                .title = common.title,
                .short_text = common.short_text,
                .areas = {AreaId{municipality}},
                .source = common.source,
                .checked_on = common.checked_on};
            if (internal) document.internal_to = MunicipalityId{municipality};
        }
        return document;
    };
    // Drafts are found by nobody. What has expired may still be found until the service is indexed
    // again; the article does not show it any more.
    auto done = connection_.each(
        "SELECT municipality, section, visibility, lines FROM knowledge_local_text "
        "WHERE service = $1 AND state = 'released' ORDER BY municipality, section",
        {id_}, [&](const storage::Row &row) {
            const auto key = parse_section_key(row.text(1));
            const auto lines = parse_lines(row.text(3));
            if (!lines) return true;
            const bool internal = row.text(2) == "internal";
            if (row.integer(0) == 0) return true; // stands in the service's own document
            document_of(row.integer(0), internal)
                .sections.push_back(
                    {row.text(1), key ? std::string(heading_de(*key)) : "Hinweis", joined(*lines)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    done = connection_.each("SELECT municipality, text FROM knowledge_telephone_text "
                            "WHERE service = $1 AND municipality <> 0 ORDER BY municipality",
                            {id_}, [&](const storage::Row &row) {
                                document_of(row.integer(0), false).short_text = row.text(1);
                                return true;
                            });
    if (!done) return tl::unexpected(done.error());
    for (const auto &[key, document] : documents) {
        if (!sink_(document)) return false;
    }
    return true;
}

Expected<bool> Documents::office() {
    SearchDocument document{.id = fmt::format("office/{}", id_),
                            .kind = DocumentKind::office,
                            .subject = id_,
                            .source = source_};
    bool found = false;
    auto done = connection_.each("SELECT name, description, hours_text FROM knowledge_office "
                                 "WHERE id = $1",
                                 {id_}, [&](const storage::Row &row) {
                                     found = true;
                                     document.title = row.text(0);
                                     document.short_text = first_sentences(row.text(1));
                                     if (!row.text(2).empty()) {
                                         document.sections.push_back(
                                             {"opening_hours", "Öffnungszeiten", row.text(2)});
                                     }
                                     return true;
                                 });
    if (!done) return tl::unexpected(done.error());
    if (!found) return true;
    std::set<AreaId> areas;
    done = connection_.each(
        "SELECT DISTINCT area FROM knowledge_responsibility WHERE holder = $1 ORDER BY area", {id_},
        [&](const storage::Row &row) {
            areas.insert(AreaId{row.integer(0)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    std::string where;
    done = connection_.each(
        "SELECT street, house_number, postcode, place, area FROM knowledge_address "
        "WHERE office = $1 ORDER BY ordinal",
        {id_}, [&](const storage::Row &row) {
            where += fmt::format("{}{} {}, {} {}", where.empty() ? "" : "\n", row.text(0),
                                 row.text(1), row.text(2), row.text(3));
            if (!row.is_null(4) && areas.empty()) areas.insert(AreaId{row.integer(4)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!where.empty()) document.sections.push_back({"where", "Wo", where});
    if (!areas.contains(kFederation)) document.areas.assign(areas.begin(), areas.end());
    done = connection_.each("SELECT term FROM knowledge_term WHERE owner = $1 ORDER BY ordinal",
                            {id_}, [&](const storage::Row &row) {
                                document.synonyms.push_back(row.text(0));
                                return true;
                            });
    if (!done) return tl::unexpected(done.error());
    if (!sink_(document)) return false;
    return people(document);
}

Expected<bool> Documents::people(const SearchDocument &office) {
    bool more = true;
    const auto done = connection_.each(
        "SELECT id, title, given_name, family_name, position FROM knowledge_person "
        "WHERE office = $1 ORDER BY ordinal",
        {id_}, [&](const storage::Row &row) {
            SearchDocument document{.id = fmt::format("person/{}@{}", id_, row.integer(0)),
                                    .kind = DocumentKind::person,
                                    .subject = row.integer(0),
                                    .areas = office.areas,
                                    .source = source_};
            for (const int column : {1, 2, 3}) {
                if (row.text(column).empty()) continue;
                document.title += (document.title.empty() ? "" : " ") + row.text(column);
            }
            document.short_text = office.title;
            if (!row.text(4).empty()) document.short_text = row.text(4) + ", " + office.title;
            if (!document.title.empty()) more = sink_(document);
            return more;
        });
    if (!done) return tl::unexpected(done.error());
    return more;
}

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
        "SELECT id, source FROM knowledge_object WHERE kind = $1 AND id > $2 AND generation > $3 "
        "ORDER BY id LIMIT 500",
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
        Documents documents(connection, sink);
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
        return website_documents(connection, since, removed, sink);
    });
    if (!done) return tl::unexpected(done.error());
    return generation;
}

Expected<std::int64_t> each_search_document(storage::Database &database, const DocumentSink &sink) {
    return each_changed_document(database, -1, [](const std::string &) { return true; }, sink);
}

} // namespace fernamt::knowledge
