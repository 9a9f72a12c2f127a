// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_services.h"

#include "knowledge/demo_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace fernamt::knowledge {

namespace {

using SectionId = std::tuple<std::int64_t, std::int64_t, std::string>; // service, place, section
using Sections = std::map<SectionId, std::string>;                     // lines as JSON
using ServiceRow = std::vector<storage::Value>;                        // without the id
using Services = std::map<std::int64_t, ServiceRow>;

struct Rows {
    Services services;
    Sections sections;
};

ServiceRow to_row(const Service &service) {
    return {service.leika,
            service.name,
            service.colloquial,
            to_json(service.synonyms),
            service.short_answer,
            to_string(service.checked_on),
            std::int64_t{service.review_days}};
}

Rows wanted_rows(const DemoData &data) {
    Rows rows;
    for (const DemoService &each : data.services) {
        const std::int64_t id = each.service.id.value;
        rows.services.emplace(id, to_row(each.service));
        for (const Section &section : each.common) {
            rows.sections.emplace(SectionId{id, 0, to_string(section.key)}, to_json(section.lines));
        }
        for (std::size_t place = 0; place < data.region.places.size(); ++place) {
            for (const Section &section : compose_local(data.region, place, each.office)) {
                rows.sections.emplace(
                    SectionId{id, data.region.places[place].id.value, to_string(section.key)},
                    to_json(section.lines));
            }
        }
    }
    return rows;
}

Expected<Rows> stored_rows(storage::Connection &connection) {
    Rows rows;
    auto done = connection.each(
        "SELECT id, leika, name, colloquial, synonyms, short_answer, checked_on, review_days "
        "FROM knowledge_service",
        {}, [&](const storage::Row &row) {
            ServiceRow values;
            for (int column = 1; column <= 6; ++column)
                values.emplace_back(row.text(column));
            values.emplace_back(row.integer(7));
            rows.services.emplace(row.integer(0), std::move(values));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    done = connection.each("SELECT service, municipality, section, lines FROM knowledge_section",
                           {}, [&](const storage::Row &row) {
                               rows.sections.emplace(
                                   SectionId{row.integer(0), row.integer(1), row.text(2)},
                                   row.text(3));
                               return true;
                           });
    if (!done) return tl::unexpected(done.error());
    return rows;
}

Expected<void> put_service(storage::Connection &connection, std::int64_t id,
                           const ServiceRow &row) {
    std::vector<storage::Value> values{id};
    values.insert(values.end(), row.begin(), row.end());
    const auto done = connection.run(
        "INSERT INTO knowledge_service (id, leika, name, colloquial, synonyms, short_answer, "
        "checked_on, review_days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        "ON CONFLICT (id) DO UPDATE SET leika = excluded.leika, name = excluded.name, "
        "colloquial = excluded.colloquial, synonyms = excluded.synonyms, "
        "short_answer = excluded.short_answer, checked_on = excluded.checked_on, "
        "review_days = excluded.review_days",
        values);
    if (!done) return tl::unexpected(done.error());
    return {};
}

constexpr std::size_t kRowsAtOnce = 100; // PostgreSQL answers each statement over the wire

std::string upsert_sections(std::size_t rows) {
    std::string sql =
        "INSERT INTO knowledge_section (service, municipality, section, lines) VALUES";
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = row * 4;
        sql += fmt::format("{} (${}, ${}, ${}, ${})", row == 0 ? "" : ",", at + 1, at + 2, at + 3,
                           at + 4);
    }
    return sql +
           " ON CONFLICT (service, municipality, section) DO UPDATE SET lines = excluded.lines";
}

Expected<void> put_sections(storage::Connection &connection,
                            const std::vector<const Sections::value_type *> &sections) {
    for (std::size_t from = 0; from < sections.size(); from += kRowsAtOnce) {
        const std::size_t rows = std::min(kRowsAtOnce, sections.size() - from);
        std::vector<storage::Value> values;
        for (std::size_t row = from; row < from + rows; ++row) {
            const auto &[service, municipality, section] = sections[row]->first;
            values.insert(values.end(), {service, municipality, section, sections[row]->second});
        }
        const auto done = connection.run(upsert_sections(rows), values);
        if (!done) return tl::unexpected(done.error());
    }
    return {};
}

Expected<void> remove_service(storage::Connection &connection, std::int64_t id) {
    const auto done = connection.run("DELETE FROM knowledge_service WHERE id = $1", {id});
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<void> remove_section(storage::Connection &connection, const SectionId &id) {
    const auto &[service, municipality, section] = id;
    const auto done = connection.run("DELETE FROM knowledge_section "
                                     "WHERE service = $1 AND municipality = $2 AND section = $3",
                                     {service, municipality, section});
    if (!done) return tl::unexpected(done.error());
    return {};
}

// What is wanted and not stored like that.
template <class Map>
std::vector<const typename Map::value_type *> differing(const Map &wanted, const Map &stored) {
    std::vector<const typename Map::value_type *> found;
    for (const auto &each : wanted) {
        const auto there = stored.find(each.first);
        if (there == stored.end() || there->second != each.second) found.push_back(&each);
    }
    return found;
}

template <class Map>
std::vector<const typename Map::value_type *> gone(const Map &wanted, const Map &stored) {
    std::vector<const typename Map::value_type *> found;
    for (const auto &each : stored) {
        if (!wanted.contains(each.first)) found.push_back(&each);
    }
    return found;
}

Expected<std::int64_t> write_rows(storage::Connection &connection, const Rows &wanted) {
    const auto stored = stored_rows(connection);
    if (!stored) return tl::unexpected(stored.error());
    const auto new_services = differing(wanted.services, stored->services);
    const auto new_sections = differing(wanted.sections, stored->sections);
    const auto old_services = gone(wanted.services, stored->services);
    const auto old_sections = gone(wanted.sections, stored->sections);
    for (const auto *each : new_services) {
        if (auto done = put_service(connection, each->first, each->second); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (auto done = put_sections(connection, new_sections); !done) {
        return tl::unexpected(done.error());
    }
    for (const auto *each : old_services) {
        if (auto done = remove_service(connection, each->first); !done) {
            return tl::unexpected(done.error());
        }
    }
    for (const auto *each : old_sections) {
        if (auto done = remove_section(connection, each->first); !done) {
            return tl::unexpected(done.error());
        }
    }
    return static_cast<std::int64_t>(new_services.size() + new_sections.size() +
                                     old_services.size() + old_sections.size());
}

} // namespace

Expected<SeedReport> seed_demo_services(storage::Database &database, const std::string &directory) {
    const auto data = read_demo_data(directory);
    if (!data) return tl::unexpected(data.error());
    const Rows wanted = wanted_rows(*data);
    SeedReport report{.services = static_cast<std::int64_t>(wanted.services.size()),
                      .municipalities = static_cast<std::int64_t>(data->region.places.size()),
                      .sections = static_cast<std::int64_t>(wanted.sections.size())};
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto changed = write_rows(connection, wanted);
        if (!changed) return tl::unexpected(changed.error());
        report.changed = *changed;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return report;
}

} // namespace fernamt::knowledge
