// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/export.h"

#include "base/time.h"
#include "knowledge/demo_file.h"
#include "knowledge/html.h"
#include "knowledge/model.h"
#include "knowledge/service.h"
#include "knowledge/xzufi_object.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace fernamt::knowledge {

namespace {

// One page of rows; objects are some kilobytes.
constexpr std::int64_t kPage = 200;

// A UUID of version 8 (RFC 9562, section 5.8): made of what the message is.
std::string message_id(std::string_view about) {
    std::string digits = text_hash(about);
    digits[12] = '8';
    digits[16] = "89ab"[digits[16] % 4];
    return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                       digits.substr(12, 4), digits.substr(16, 4), digits.substr(20, 12));
}

// The LeiKa text module of an own text; "" is the telephone text. Sections without a module of
// their own go into the remarks (16) under their heading.
std::string_view module_of(std::string_view part) {
    if (part.empty()) return "05";
    if (part == to_string(SectionKey::documents)) return "08";
    if (part == to_string(SectionKey::responsible)) return "22";
    if (part == to_string(SectionKey::contact)) return "23";
    return "16";
}

// The last area that lies in this one: keys of parts follow their whole.
AreaId last_within(AreaId area) {
    std::int64_t below = 1;
    switch (level_of(area)) {
    case AreaLevel::municipality:
        break;
    case AreaLevel::association:
        below = 1'000;
        break;
    case AreaLevel::district:
        below = 10'000'000;
        break;
    case AreaLevel::land:
        below = 10'000'000'000;
        break;
    case AreaLevel::federation:
        below = 1'000'000'000'000;
        break;
    }
    return AreaId{area.value + below - 1};
}

class Export {
  public:
    Export(storage::Connection &connection, const ExportOptions &options, std::ostream &out)
        : connection_(connection), options_(options), out_(out) {}

    Expected<ExportReport> run() {
        if (options_.area && *options_.area != kFederation && !land_of(*options_.area)) {
            return fail(ProblemKind::invalid_input, "knowledge.export_area",
                        {{"ars", to_ars(*options_.area)}});
        }
        if (auto done = head(); !done) return tl::unexpected(done.error());
        for (int kind = 1; kind <= kObjectKinds; ++kind) {
            if (auto done = objects(static_cast<ObjectKind>(kind)); !done) {
                return tl::unexpected(done.error());
            }
        }
        if (auto done = own_texts(); !done) return tl::unexpected(done.error());
        if (auto done = removals(); !done) return tl::unexpected(done.error());
        out_ << "</xzufi:" << options_.root << ">\n";
        out_.flush();
        if (!out_) return fail(ProblemKind::unavailable, "knowledge.export_failed");
        return report_;
    }

  private:
    Expected<void> head() {
        std::int64_t changed = 0;
        const auto done =
            connection_.each("SELECT generation, changed_at FROM knowledge_state WHERE id = 1", {},
                             [&](const storage::Row &row) {
                                 report_.generation = row.integer(0);
                                 changed = row.integer(1);
                                 return true;
                             });
        if (!done) return done;
        if (options_.since && *options_.since > report_.generation) {
            return fail(ProblemKind::invalid_input, "knowledge.export_since",
                        {{"since", fmt::format("{}", *options_.since)},
                         {"generation", fmt::format("{}", report_.generation)}});
        }
        const std::string about =
            fmt::format("{} {} {} {} {}", options_.sender, options_.version, report_.generation,
                        options_.area ? options_.area->value : -1, options_.since.value_or(-1));
        std::string version = options_.version;
        for (char &c : version) {
            if (c == '_') c = '.';
        }
        out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        out_ << fmt::format(
            "<xzufi:{} xmlns:xzufi=\"http://xoev.de/schemata/xzufi/{}\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
            "produktbezeichnung=\"Fernamt\" "
            "produkthersteller=\"Fernamt\" produktversion=\"{}\" xzufiVersion=\"{}\">\n",
            options_.root, options_.version, escape_html(options_.product_version), version);
        out_
            << "<xzufi:nachrichtenkopf><xzufi:nachrichtUUID>" << message_id(about)
            << "</xzufi:nachrichtUUID><xzufi:erstelltDatumZeit>" << to_iso8601(Instant{changed})
            << "</xzufi:erstelltDatumZeit><xzufi:sender>" << escape_html(options_.sender)
            << "</xzufi:sender></xzufi:nachrichtenkopf>\n<xzufi:transaktionID>"
            << report_.generation
            << "</xzufi:transaktionID>\n<xzufi:transaktionPosition>1</xzufi:transaktionPosition>\n";
        return {};
    }

    // Which objects of a kind are wanted, as a condition on o; values are appended.
    [[nodiscard]] std::string condition(ObjectKind kind,
                                        std::vector<storage::Value> &values) const {
        std::string sql;
        const auto parameter = [&](std::int64_t value) {
            values.emplace_back(value);
            return fmt::format("${}", values.size());
        };
        if (options_.since) sql += " AND o.generation > " + parameter(*options_.since);
        if (!options_.area) return sql;
        const std::string here = areas(values);
        const auto responsible = [&](std::string_view column) {
            return fmt::format("SELECT r.{} FROM knowledge_responsibility r WHERE {}", column,
                               fmt::format(fmt::runtime(here), "r.area"));
        };
        const std::string valid = fmt::format(fmt::runtime(here), "a.area");
        switch (kind) {
        case ObjectKind::service:
            return sql +
                   fmt::format(" AND (o.id IN ({}) OR o.id IN (SELECT p.service FROM "
                               "knowledge_specialisation p JOIN knowledge_area a ON a.owner = p.id "
                               "WHERE {}))",
                               responsible("service"), valid);
        case ObjectKind::specialisation:
            return sql + fmt::format(" AND o.id IN (SELECT a.owner FROM knowledge_area a WHERE {})",
                                     valid);
        case ObjectKind::responsibility:
            return sql + fmt::format(" AND o.id IN ({})", responsible("object"));
        case ObjectKind::office: // UNION, not UNION ALL: offices that are above themselves end it
            return sql + fmt::format(" AND o.id IN (WITH RECURSIVE above (id) AS ({} UNION SELECT "
                                     "f.parent FROM knowledge_office f JOIN above b ON f.id = b.id "
                                     "WHERE f.parent <> 0) SELECT id FROM above)",
                                     responsible("holder"));
        default:
            return sql + fmt::format(" AND o.id IN ({})", responsible("holder"));
        }
    }

    // A condition on the column {0}: the wanted area, its parts, or what it lies in.
    [[nodiscard]] std::string areas(std::vector<storage::Value> &values) const {
        const auto parameter = [&](AreaId area) {
            values.emplace_back(area.value);
            return fmt::format("${}", values.size());
        };
        const std::string first = parameter(*options_.area);
        const std::string last = parameter(last_within(*options_.area));
        std::string above;
        for (const AreaId one : lineage(*options_.area))
            above += (above.empty() ? "" : ", ") + parameter(one);
        return fmt::format("({{0}} BETWEEN {} AND {} OR {{0}} IN ({}))", first, last, above);
    }

    Expected<void> objects(ObjectKind kind) {
        std::int64_t after = -1;
        for (std::int64_t rows = kPage; rows == kPage;) {
            rows = 0;
            std::vector<storage::Value> values{static_cast<std::int64_t>(kind), after};
            const std::string wanted = condition(kind, values);
            const auto done = connection_.each(
                fmt::format("SELECT o.id, o.xml FROM knowledge_object o WHERE o.kind = $1 "
                            "AND o.id > $2{} ORDER BY o.id LIMIT {}",
                            wanted, kPage),
                values, [&](const storage::Row &row) {
                    after = row.integer(0);
                    ++rows;
                    ++report_.objects;
                    out_ << "<xzufi:schreibe>" << row.text(1) << "</xzufi:schreibe>\n";
                    return out_.good();
                });
            if (!done) return done;
        }
        return {};
    }

    // Texts of one service in one municipality become one object, module by module.
    Expected<void> own_texts() {
        if (!options_.own_texts) return {};
        const std::int64_t first = options_.area ? options_.area->value : 1;
        const std::int64_t last =
            options_.area ? last_within(*options_.area).value : last_within(kFederation).value;
        std::string open; // the object that is being written
        const auto close = [&] {
            if (!open.empty()) out_ << "</xzufi:spezialisierung></xzufi:schreibe>\n";
        };
        const auto done = connection_.each(
            "SELECT o.agency, o.local_id, o.scheme, t.municipality, t.part, t.lines FROM ("
            "SELECT service, municipality, section AS part, lines FROM knowledge_local_text "
            "WHERE state = 'released' AND visibility = 'public' UNION ALL "
            "SELECT service, municipality, '' AS part, text AS lines FROM "
            "knowledge_telephone_text) t JOIN knowledge_object o ON o.id = t.service "
            "WHERE t.municipality BETWEEN $1 AND $2 "
            "ORDER BY t.service, t.municipality, t.part",
            {first, last}, [&](const storage::Row &row) {
                const std::string area = to_ars(MunicipalityId{row.integer(3)});
                const std::string id = fmt::format("{}.{}.{}", row.text(0), row.text(1), area);
                if (id != open) {
                    close();
                    open = id;
                    ++report_.objects;
                    out_ << fmt::format(
                        "<xzufi:schreibe><xzufi:spezialisierung><xzufi:id "
                        "schemeAgencyID=\"Fernamt\" schemeID=\"Spezialisierung\">{}</xzufi:id>"
                        "<xzufi:leistungID schemeAgencyID=\"{}\" schemeID=\"{}\">{}"
                        "</xzufi:leistungID><xzufi:gebietID>{}</xzufi:gebietID>",
                        escape_html(id), escape_html(row.text(0)), escape_html(row.text(2)),
                        escape_html(row.text(1)), area);
                }
                out_ << own_module(row.text(4), row.text(5));
                return out_.good();
            });
        close();
        return done;
    }

    // part: a section, or "" for the telephone text; its lines, or its text.
    static std::string own_module(const std::string &part, const std::string &text) {
        std::vector<std::string> lines{text};
        if (!part.empty()) lines = parse_lines(text).value_or(std::vector<std::string>{});
        std::string html;
        const auto section = parse_section_key(part);
        if (section && module_of(part) == "16") {
            html = "<p><b>" + std::string(heading_de(*section)) + "</b></p>";
        }
        for (const std::string &line : lines)
            html += "<p>" + escape_html(line) + "</p>";
        return fmt::format("<xzufi:modulText><xzufi:inhalt languageCode=\"de\">{}</xzufi:inhalt>"
                           "<xzufi:leikaTextmodul><code>{}</code></xzufi:leikaTextmodul>"
                           "</xzufi:modulText>",
                           escape_html(html), module_of(part));
    }

    Expected<void> removals() {
        if (!options_.since || options_.area) return {};
        return connection_.each(
            "SELECT kind, agency, local_id, scheme FROM knowledge_tombstone WHERE generation > $1 "
            "ORDER BY kind DESC, id",
            {*options_.since}, [&](const storage::Row &row) {
                const auto kind = object_kind(row.integer(0)).value_or(ObjectKind::service);
                out_ << write_removal(kind, {row.text(1), row.text(2), row.text(3)}) << "\n";
                ++report_.removals;
                return out_.good();
            });
    }

    storage::Connection &connection_;
    const ExportOptions &options_;
    std::ostream &out_;
    ExportReport report_;
};

bool is_name(std::string_view text) {
    for (const char c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_')) {
            return false;
        }
    }
    return !text.empty() && (text.front() < '0' || text.front() > '9') && text.front() != '.';
}

} // namespace

Expected<ExportReport> export_xzufi(storage::Database &database, const ExportOptions &options,
                                    std::ostream &out) {
    if ((options.version != "2_2_0" && options.version != "2_3_1") || !is_name(options.root)) {
        return fail(ProblemKind::invalid_input, "knowledge.export_version",
                    {{"version", options.version}});
    }
    ExportReport report;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto written = Export(connection, options, out).run();
        if (!written) return tl::unexpected(written.error());
        report = *written;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return report;
}

} // namespace fernamt::knowledge
