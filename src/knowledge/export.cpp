// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/export.h"

#include "base/time.h"
#include "knowledge/html.h"
#include "knowledge/model.h"
#include "knowledge/xzufi_object.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace fernamt::knowledge {

namespace {

// One page of rows; objects are some kilobytes.
constexpr std::int64_t kPage = 200;

std::string_view class_of(ObjectKind kind) {
    switch (kind) {
    case ObjectKind::service:
        return "Leistung";
    case ObjectKind::specialisation:
        return "LeistungSpezialisierung";
    case ObjectKind::office:
        return "Organisationseinheit";
    case ObjectKind::online_service:
        return "Onlinedienst";
    case ObjectKind::form:
        return "Formular";
    case ObjectKind::responsibility:
        return "Zustaendigkeit";
    }
    return "Leistung";
}

// A UUID of version 8 (RFC 9562, section 5.8): made of what the message is.
std::string message_id(std::string_view about) {
    std::string digits = text_hash(about);
    digits[12] = '8';
    digits[16] = "89ab"[digits[16] % 4];
    return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                       digits.substr(12, 4), digits.substr(16, 4), digits.substr(20, 12));
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
        if (auto done = head(); !done) return tl::unexpected(done.error());
        for (int kind = 1; kind <= kObjectKinds; ++kind) {
            if (auto done = objects(static_cast<ObjectKind>(kind)); !done) {
                return tl::unexpected(done.error());
            }
        }
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
        const std::string within = fmt::format("BETWEEN {} AND {}", parameter(options_.area->value),
                                               parameter(last_within(*options_.area).value));
        switch (kind) {
        case ObjectKind::service:
            return sql + " AND o.id IN (SELECT service FROM knowledge_responsibility WHERE area " +
                   within + ")";
        case ObjectKind::specialisation:
            return sql + " AND o.id IN (SELECT owner FROM knowledge_area WHERE area " + within +
                   ")";
        case ObjectKind::responsibility:
            return sql + " AND o.id IN (SELECT object FROM knowledge_responsibility WHERE area " +
                   within + ")";
        default:
            return sql + " AND o.id IN (SELECT holder FROM knowledge_responsibility WHERE area " +
                   within + ")";
        }
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

    Expected<void> removals() {
        if (!options_.since || options_.area) return {};
        return connection_.each(
            "SELECT kind, agency, local_id, scheme FROM knowledge_tombstone WHERE generation > $1 "
            "ORDER BY kind DESC, id",
            {*options_.since}, [&](const storage::Row &row) {
                const auto kind = object_kind(row.integer(0)).value_or(ObjectKind::service);
                std::string attributes;
                if (!row.text(1).empty()) {
                    attributes += " schemeAgencyID=\"" + escape_html(row.text(1)) + "\"";
                }
                if (!row.text(3).empty()) {
                    attributes += " schemeID=\"" + escape_html(row.text(3)) + "\"";
                }
                out_ << "<xzufi:loesche klasse=\"" << class_of(kind) << "\"><xzufi:id" << attributes
                     << ">" << escape_html(row.text(2)) << "</xzufi:id></xzufi:loesche>\n";
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
