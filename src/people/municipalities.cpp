// SPDX-License-Identifier: EUPL-1.2
#include "people/municipalities.h"

#include "people/audit.h"
#include "people/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;

constexpr std::string_view kColumns =
    "id, name, short_name, kind, land, population, population_date, population_source, greeting, "
    "closed_on_public_holidays, version";

auto not_found() {
    return fail(ProblemKind::not_found, "municipality.not_found");
}

Municipality read_municipality(const Row &row) {
    Municipality one;
    one.id = MunicipalityId{row.integer(0)};
    one.name = row.text(1);
    one.short_name = row.text(2);
    one.kind =
        row.text(3) == "district" ? MunicipalityKind::district : MunicipalityKind::municipality;
    one.land = parse_land(row.text(4)).value_or(Land::NI);
    one.population = row.integer(5);
    one.population_date = row.text(6);
    one.population_source = row.text(7);
    one.greeting = row.text(8);
    one.closed_on_public_holidays = row.integer(9) != 0;
    one.version = row.integer(10);
    return one;
}

// All, or the one with this id.
Expected<std::vector<Municipality>> load(Connection &connection,
                                         std::optional<MunicipalityId> only = std::nullopt) {
    const std::int64_t id = only ? only->value : 0;
    std::vector<Municipality> found;
    std::map<MunicipalityId, std::size_t> places;
    auto read = connection.each(
        fmt::format(
            "SELECT {} FROM municipality WHERE CAST($1 AS BIGINT) = 0 OR id = $1 ORDER BY id",
            kColumns),
        {id}, [&](const Row &row) {
            places.emplace(MunicipalityId{row.integer(0)}, found.size());
            found.push_back(read_municipality(row));
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    read = connection.each("SELECT municipality, weekday, from_second, to_second "
                           "FROM opening_period WHERE CAST($1 AS BIGINT) = 0 OR municipality = $1 "
                           "ORDER BY municipality, weekday, from_second",
                           {id}, [&](const Row &row) {
                               found[places.at(MunicipalityId{row.integer(0)})].hours.push_back(
                                   {static_cast<Weekday>(row.integer(1)),
                                    static_cast<int>(row.integer(2)),
                                    static_cast<int>(row.integer(3))});
                               return true;
                           });
    if (!read) return tl::unexpected(read.error());
    read = connection.each("SELECT municipality, e164 FROM municipality_number "
                           "WHERE CAST($1 AS BIGINT) = 0 OR municipality = $1",
                           {id}, [&](const Row &row) {
                               found[places.at(MunicipalityId{row.integer(0)})].numbers.push_back(
                                   PhoneNumber{row.text(1)});
                               return true;
                           });
    if (!read) return tl::unexpected(read.error());
    // Not by the database: its collation is not ours.
    for (Municipality &one : found)
        std::sort(one.numbers.begin(), one.numbers.end());
    return found;
}

Expected<Municipality> require(Connection &connection, MunicipalityId id) {
    auto found = load(connection, id);
    if (!found) return tl::unexpected(found.error());
    if (!id || found->empty()) return not_found();
    return std::move(found->front());
}

Expected<void> done(const Expected<std::int64_t> &rows) {
    if (!rows) return tl::unexpected(rows.error());
    return {};
}

Expected<void> touch_rules(Connection &connection) {
    return done(connection.run("UPDATE office_settings SET rules_version = rules_version + 1"));
}

Expected<void> replace_hours(Connection &connection, const Municipality &one) {
    if (auto cleared = done(
            connection.run("DELETE FROM opening_period WHERE municipality = $1", {one.id.value}));
        !cleared)
        return cleared;
    for (const auto &period : one.hours) {
        auto inserted = done(connection.run(
            "INSERT INTO opening_period (municipality, weekday, from_second, to_second) "
            "VALUES ($1, $2, $3, $4)",
            {one.id.value, static_cast<std::int64_t>(period.weekday),
             std::int64_t{period.from_second}, std::int64_t{period.to_second}}));
        if (!inserted) return inserted;
    }
    return {};
}

Expected<void> insert_number(Connection &connection, MunicipalityId id, const PhoneNumber &number) {
    std::optional<std::pair<MunicipalityId, std::string>> owner;
    const auto read = connection.each(
        "SELECT municipality.id, municipality.short_name FROM municipality_number "
        "JOIN municipality ON municipality.id = municipality_number.municipality WHERE e164 = $1",
        {number.e164}, [&](const Row &row) {
            owner = {MunicipalityId{row.integer(0)}, row.text(1)};
            return false;
        });
    if (!read) return read;
    if (owner) {
        return fail(
            ProblemKind::conflict, "municipality.number_taken",
            {{"field", "number"}, {"ars", to_ars(owner->first)}, {"short_name", owner->second}});
    }
    return done(
        connection.run("INSERT INTO municipality_number (e164, municipality) VALUES ($1, $2)",
                       {number.e164, id.value}));
}

Expected<void> bump(Connection &connection, MunicipalityId id) {
    return done(
        connection.run("UPDATE municipality SET version = version + 1 WHERE id = $1", {id.value}));
}

std::vector<std::string> fields_changed(const Municipality &before, const Municipality &after) {
    std::vector<std::string> fields;
    const auto note = [&](bool differs, const char *name) {
        if (differs) fields.emplace_back(name);
    };
    note(before.name != after.name, "name");
    note(before.short_name != after.short_name, "short_name");
    note(before.land != after.land, "land");
    note(before.population != after.population || before.population_date != after.population_date ||
             before.population_source != after.population_source,
         "population");
    note(before.greeting != after.greeting, "greeting");
    note(before.hours != after.hours, "hours");
    note(before.closed_on_public_holidays != after.closed_on_public_holidays,
         "closed_on_public_holidays");
    return fields;
}

Expected<Settings> read_settings(Connection &connection) {
    Settings settings;
    const auto read = connection.each(
        "SELECT ring_timeout_us, wrap_up_us, wrap_up_extension_us, transfer_timeout_us, version "
        "FROM office_settings",
        {}, [&](const Row &row) {
            settings = {Duration{row.integer(0)}, Duration{row.integer(1)},
                        Duration{row.integer(2)}, Duration{row.integer(3)}, row.integer(4)};
            return false;
        });
    if (!read) return tl::unexpected(read.error());
    return settings;
}

std::vector<std::string> fields_changed(const Settings &before, const Settings &after) {
    std::vector<std::string> fields;
    if (before.ring_timeout != after.ring_timeout) fields.emplace_back("ring_timeout");
    if (before.wrap_up != after.wrap_up) fields.emplace_back("wrap_up");
    if (before.wrap_up_extension != after.wrap_up_extension)
        fields.emplace_back("wrap_up_extension");
    if (before.transfer_timeout != after.transfer_timeout) fields.emplace_back("transfer_timeout");
    return fields;
}

} // namespace

Expected<std::vector<Municipality>> Municipalities::all() const {
    Expected<std::vector<Municipality>> found;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        found = load(connection);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Municipality> Municipalities::find(MunicipalityId id) const {
    Expected<Municipality> found = not_found();
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        found = require(connection, id);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Municipality> Municipalities::add(const Municipality &one, UserId by) {
    if (auto checked = validate(one); !checked) return tl::unexpected(checked.error());
    Expected<Municipality> after = not_found();
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto before = load(connection, one.id);
        if (!before) return tl::unexpected(before.error());
        if (!before->empty())
            return fail(ProblemKind::conflict, "municipality.exists", {{"ars", to_ars(one.id)}});
        auto stored = done(connection.run(
            fmt::format("INSERT INTO municipality ({}) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
                        kColumns),
            {one.id.value, one.name, one.short_name, std::string(to_string(one.kind)),
             std::string(fernamt::to_string(one.land)), one.population, one.population_date,
             one.population_source, one.greeting, std::int64_t{one.closed_on_public_holidays}}));
        if (!stored) return stored;
        if (stored = replace_hours(connection, one); !stored) return stored;
        for (const PhoneNumber &number : one.numbers) {
            if (stored = insert_number(connection, one.id, number); !stored) return stored;
        }
        if (stored = touch_rules(connection); !stored) return stored;
        stored = record(connection, clock_.now(), by, "municipality.added", one.id.value);
        if (!stored) return stored;
        after = require(connection, one.id);
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

Expected<Municipality> Municipalities::change(const Municipality &changed, UserId by) {
    if (auto checked = validate(changed); !checked) return tl::unexpected(checked.error());
    Expected<Municipality> after = not_found();
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto before = require(connection, changed.id);
        if (!before) return tl::unexpected(before.error());
        if (before->version != changed.version)
            return fail(ProblemKind::stale, "municipality.stale",
                        {{"version", std::to_string(before->version)}});
        auto stored = done(connection.run(
            "UPDATE municipality SET name = $2, short_name = $3, land = $4, population = $5, "
            "population_date = $6, population_source = $7, greeting = $8, "
            "closed_on_public_holidays = $9 WHERE id = $1",
            {changed.id.value, changed.name, changed.short_name,
             std::string(fernamt::to_string(changed.land)), changed.population,
             changed.population_date, changed.population_source, changed.greeting,
             std::int64_t{changed.closed_on_public_holidays}}));
        if (!stored) return stored;
        if (stored = replace_hours(connection, changed); !stored) return stored;
        if (stored = bump(connection, changed.id); !stored) return stored;
        if (stored = touch_rules(connection); !stored) return stored;
        after = require(connection, changed.id);
        if (!after) return tl::unexpected(after.error());
        return record(connection, clock_.now(), by, "municipality.changed", changed.id.value,
                      fields_changed(*before, *after));
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

Expected<void> Municipalities::add_number(MunicipalityId id, const PhoneNumber &number, UserId by) {
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto known = require(connection, id);
        if (!known) return tl::unexpected(known.error());
        auto stored = insert_number(connection, id, number);
        if (!stored) return stored;
        if (stored = bump(connection, id); !stored) return stored;
        if (stored = touch_rules(connection); !stored) return stored;
        return record(connection, clock_.now(), by, "municipality.number_added", id.value);
    });
    if (written) people_changed(database_);
    return written;
}

Expected<void> Municipalities::remove_number(MunicipalityId id, const PhoneNumber &number,
                                             UserId by) {
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto removed =
            connection.run("DELETE FROM municipality_number WHERE e164 = $1 AND municipality = $2",
                           {number.e164, id.value});
        if (!removed) return tl::unexpected(removed.error());
        if (*removed == 0) return fail(ProblemKind::not_found, "municipality.number_not_found");
        auto stored = bump(connection, id);
        if (!stored) return stored;
        if (stored = touch_rules(connection); !stored) return stored;
        return record(connection, clock_.now(), by, "municipality.number_removed", id.value);
    });
    if (written) people_changed(database_);
    return written;
}

Expected<Settings> Municipalities::settings() const {
    Expected<Settings> settings;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        settings = read_settings(connection);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return settings;
}

Expected<Settings> Municipalities::change_settings(const Settings &changed, UserId by) {
    if (auto checked = validate(changed); !checked) return tl::unexpected(checked.error());
    Settings after;
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto before = read_settings(connection);
        if (!before) return tl::unexpected(before.error());
        if (before->version != changed.version)
            return fail(ProblemKind::stale, "settings.stale",
                        {{"version", std::to_string(before->version)}});
        after = changed;
        after.version = before->version + 1;
        auto stored = done(connection.run(
            "UPDATE office_settings SET ring_timeout_us = $1, wrap_up_us = $2, "
            "wrap_up_extension_us = $3, transfer_timeout_us = $4, version = $5, "
            "rules_version = rules_version + 1",
            {after.ring_timeout.count(), after.wrap_up.count(), after.wrap_up_extension.count(),
             after.transfer_timeout.count(), after.version}));
        if (!stored) return stored;
        return record(connection, clock_.now(), by, "settings.changed", 0,
                      fields_changed(*before, after));
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

} // namespace fernamt::people
