// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_document_rows.h"

#include "knowledge/article.h"
#include "knowledge/demo_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

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

std::vector<DocumentSection> sections_of(const Delivered &delivered) {
    std::vector<DocumentSection> sections;
    for (const ModuleTitle &module : kModules) {
        const auto lines = delivered.lines(module.module);
        if (lines.empty()) continue;
        sections.push_back({std::string(module.code), std::string(module.title), joined(lines)});
    }
    return sections;
}

} // namespace

Expected<bool> DocumentRows::subject(std::int64_t id, ObjectKind kind, const std::string &source) {
    id_ = id;
    source_ = source;
    if (kind == ObjectKind::service) return service();
    if (kind == ObjectKind::office) return office();
    return true;
}

// ---- services ---------------------------------------------------------------------------------

Expected<bool> DocumentRows::service() {
    SearchDocument document{.id = fmt::format("service/{}", id_),
                            .kind = DocumentKind::service,
                            .subject = id_,
                            .source = source_};
    std::string telephone_text;
    const auto found = read_head(document, telephone_text);
    if (!found) return found;
    if (!*found) return true;
    const auto delivered = read_delivered_of(connection_, id_);
    if (!delivered) return tl::unexpected(delivered.error());
    document.sections = sections_of(*delivered);
    document.short_text =
        telephone_text.empty() ? delivered_short_text(*delivered) : telephone_text;
    for (const auto read : {&DocumentRows::read_words, &DocumentRows::read_places,
                            &DocumentRows::read_common_texts}) {
        if (auto done = (this->*read)(document); !done) return tl::unexpected(done.error());
    }
    if (!sink_(document)) return false;
    const auto more = specialisations(document);
    if (!more || !*more) return more;
    return local_texts(document);
}

Expected<bool> DocumentRows::read_head(SearchDocument &document, std::string &telephone_text) {
    bool found = false;
    const auto done = connection_.each(
        "SELECT s.name, s.official_name, s.approved_on, COALESCE(r.checked_on, ''), "
        "COALESCE(t.text, '') FROM knowledge_public_service s "
        "LEFT JOIN knowledge_review r ON r.service = s.id AND r.municipality = 0 "
        "LEFT JOIN knowledge_telephone_text t ON t.service = s.id AND t.municipality = 0 "
        "WHERE s.id = $1",
        {id_}, [&](const storage::Row &row) {
            found = true;
            document.title = row.text(0);
            document.official_title = row.text(1);
            document.checked_on = last_check(row.text(3), row.text(2));
            telephone_text = row.text(4);
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<void> DocumentRows::read_words(SearchDocument &document) {
    auto done =
        connection_.each("SELECT role, term FROM knowledge_term WHERE owner = $1 ORDER BY ordinal",
                         {id_}, [&](const storage::Row &row) {
                             (row.text(0) == "synonym" ? document.synonyms : document.keywords)
                                 .push_back(row.text(1));
                             return true;
                         });
    if (!done) return done;
    return connection_.each("SELECT value FROM knowledge_key WHERE owner = $1 AND scheme IN "
                            "('leika', 'ozg') ORDER BY scheme, value",
                            {id_}, [&](const storage::Row &row) {
                                document.keywords.push_back(row.text(0));
                                return true;
                            });
}

Expected<std::vector<AreaId>> DocumentRows::areas_of(std::int64_t owner) {
    std::vector<AreaId> areas;
    const auto done =
        connection_.each("SELECT area FROM knowledge_area WHERE owner = $1 ORDER BY area", {owner},
                         [&](const storage::Row &row) {
                             areas.push_back(AreaId{row.integer(0)});
                             return true;
                         });
    if (!done) return tl::unexpected(done.error());
    // The federation is everywhere.
    if (std::ranges::find(areas, kFederation) != areas.end()) areas.clear();
    return areas;
}

// Where it is valid, and where somebody answers for it: an office, an online service, a
// specialisation, an own text.
Expected<void> DocumentRows::read_places(SearchDocument &document) {
    auto areas = areas_of(id_);
    if (!areas) return tl::unexpected(areas.error());
    document.areas = std::move(*areas);
    document.answered_in.emplace();
    return connection_.each(
        "SELECT area FROM knowledge_responsibility WHERE service = $1 UNION "
        "SELECT a.area FROM knowledge_specialisation s JOIN knowledge_area a ON a.owner = s.id "
        "WHERE s.service = $1 UNION "
        "SELECT municipality FROM knowledge_local_text WHERE service = $1 AND visibility = "
        "'public' AND state = 'released' AND municipality <> 0 ORDER BY 1",
        {id_}, [&](const storage::Row &row) {
            document.answered_in->push_back(AreaId{row.integer(0)});
            return true;
        });
}

Expected<void> DocumentRows::read_common_texts(SearchDocument &document) {
    return connection_.each(
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
}

SearchDocument DocumentRows::about(const SearchDocument &common, std::string id) const {
    return {.id = std::move(id),
            .kind = DocumentKind::service,
            .subject = id_,
            .title = common.title,
            .short_text = common.short_text,
            .source = common.source,
            .checked_on = common.checked_on};
}

Expected<bool> DocumentRows::specialisations(const SearchDocument &common) {
    std::vector<std::int64_t> ids;
    const auto done =
        connection_.each("SELECT id FROM knowledge_specialisation WHERE service = $1 ORDER BY id",
                         {id_}, [&](const storage::Row &row) {
                             ids.push_back(row.integer(0));
                             return true;
                         });
    if (!done) return tl::unexpected(done.error());
    for (const std::int64_t id : ids) {
        auto areas = areas_of(id);
        if (!areas) return tl::unexpected(areas.error());
        const auto delivered = read_delivered_of(connection_, id);
        if (!delivered) return tl::unexpected(delivered.error());
        SearchDocument document = about(common, fmt::format("service/{}@s{}", id_, id));
        document.areas = std::move(*areas);
        document.sections = sections_of(*delivered);
        const std::string own = delivered_short_text(*delivered);
        if (!own.empty()) document.short_text = own;
        if (!sink_(document)) return false;
    }
    return true;
}

Expected<bool> DocumentRows::local_texts(const SearchDocument &common) {
    std::map<std::pair<std::int64_t, bool>, SearchDocument> documents; // municipality, internal
    const auto document_of = [&](std::int64_t municipality, bool internal) -> SearchDocument & {
        SearchDocument &document = documents[{municipality, internal}];
        if (!document.id.empty()) return document;
        document = about(
            common, fmt::format("service/{}@{:012}{}", id_, municipality, internal ? "!" : ""));
        document.areas = {AreaId{municipality}};
        if (internal) document.internal_to = MunicipalityId{municipality};
        return document;
    };
    auto done = connection_.each(
        "SELECT municipality, section, visibility, lines FROM knowledge_local_text "
        "WHERE service = $1 AND state = 'released' AND municipality <> 0 "
        "ORDER BY municipality, section",
        {id_}, [&](const storage::Row &row) {
            const auto key = parse_section_key(row.text(1));
            const auto lines = parse_lines(row.text(3));
            if (!lines) return true;
            document_of(row.integer(0), row.text(2) == "internal")
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

// ---- offices ----------------------------------------------------------------------------------

Expected<bool> DocumentRows::office() {
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
    if (done = read_office_place(document); !done) return tl::unexpected(done.error());
    done = connection_.each("SELECT term FROM knowledge_term WHERE owner = $1 ORDER BY ordinal",
                            {id_}, [&](const storage::Row &row) {
                                document.synonyms.push_back(row.text(0));
                                return true;
                            });
    if (!done) return tl::unexpected(done.error());
    if (!sink_(document)) return false;
    return people(document);
}

Expected<void> DocumentRows::read_office_place(SearchDocument &document) {
    std::set<AreaId> areas;
    auto done = connection_.each(
        "SELECT DISTINCT area FROM knowledge_responsibility WHERE holder = $1 ORDER BY area", {id_},
        [&](const storage::Row &row) {
            areas.insert(AreaId{row.integer(0)});
            return true;
        });
    if (!done) return done;
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
    if (!done) return done;
    if (!where.empty()) document.sections.push_back({"where", "Wo", where});
    if (!areas.contains(kFederation)) document.areas.assign(areas.begin(), areas.end());
    return {};
}

Expected<bool> DocumentRows::people(const SearchDocument &office) {
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

} // namespace fernamt::knowledge
