// SPDX-License-Identifier: EUPL-1.2
#include "people/municipalities.h"

#include "people/changes.h"
#include "people/hours.h"
#include "people/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;
using storage::Value;

constexpr std::string_view kColumns =
    "id, name, short_name, kind, land, population, population_date, population_source, greeting, "
    "closed_on_public_holidays, version, joins_at, leaves_at, information_first_us, "
    "information_every_us";

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
    one.joins = optional_instant(row, 11);
    one.leaves = optional_instant(row, 12);
    one.information = read_information(row, 13);
    return one;
}

Value first_us(const std::optional<routing::WaitingInformation> &times) {
    if (!times) return nullptr;
    return times->first.count();
}
Value every_us(const std::optional<routing::WaitingInformation> &times) {
    if (!times) return nullptr;
    return times->every.count();
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
    read = connection.each(fmt::format("SELECT municipality, {} FROM opening_period "
                                       "WHERE CAST($1 AS BIGINT) = 0 OR municipality = $1 "
                                       "ORDER BY municipality, weekday, from_second, valid_from",
                                       kPeriodColumns),
                           {id}, [&](const Row &row) {
                               found[places.at(MunicipalityId{row.integer(0)})].hours.push_back(
                                   read_period(row, 1));
                               return true;
                           });
    if (!read) return tl::unexpected(read.error());
    const auto numbers = lines(connection, only);
    if (!numbers) return tl::unexpected(numbers.error());
    for (const Line &line : *numbers) {
        auto &known = found[places.at(line.rules.municipality)].numbers;
        if (known.empty() || known.back() != line.rules.number) known.push_back(line.rules.number);
    }
    return found;
}

Expected<Municipality> require(Connection &connection, MunicipalityId id) {
    auto found = load(connection, id);
    if (!found) return tl::unexpected(found.error());
    if (!id || found->empty()) return not_found();
    return std::move(found->front());
}

Expected<void> replace_hours(Connection &connection, const Municipality &one) {
    auto stored =
        run(connection, "DELETE FROM opening_period WHERE municipality = $1", {one.id.value});
    for (const auto &period : one.hours) {
        if (!stored) break;
        std::vector<Value> values{one.id.value};
        append_period(values, period);
        stored = run(connection,
                     fmt::format("INSERT INTO opening_period (municipality, {}) "
                                 "VALUES ($1, $2, $3, $4, $5, $6)",
                                 kPeriodColumns),
                     values);
    }
    return stored;
}

Expected<void> bump(Connection &connection, MunicipalityId id) {
    return run(connection, "UPDATE municipality SET version = version + 1 WHERE id = $1",
               {id.value});
}

Expected<void> check_stale(const Municipality &stored, std::int64_t expected) {
    if (stored.version == expected) return {};
    return fail(ProblemKind::stale, "municipality.stale",
                {{"version", std::to_string(stored.version)}});
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
    note(before.information != after.information, "information");
    return fields;
}

std::vector<std::string> fields_changed(const Settings &before, const Settings &after) {
    std::vector<std::string> fields;
    if (before.ring_timeout != after.ring_timeout) fields.emplace_back("ring_timeout");
    if (before.wrap_up != after.wrap_up) fields.emplace_back("wrap_up");
    if (before.wrap_up_extension != after.wrap_up_extension)
        fields.emplace_back("wrap_up_extension");
    if (before.transfer_timeout != after.transfer_timeout) fields.emplace_back("transfer_timeout");
    if (before.callbacks != after.callbacks) fields.emplace_back("callbacks");
    if (before.typical_handling != after.typical_handling) fields.emplace_back("typical_handling");
    if (before.max_hops != after.max_hops) fields.emplace_back("max_hops");
    if (before.max_partners != after.max_partners) fields.emplace_back("max_partners");
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

Expected<Municipality> add(const Change &change, const Municipality &one) {
    if (auto checked = validate(one); !checked) return tl::unexpected(checked.error());
    Connection &connection = change.connection;
    const auto before = load(connection, one.id);
    if (!before) return tl::unexpected(before.error());
    if (!before->empty())
        return fail(ProblemKind::conflict, "municipality.exists", {{"ars", to_ars(one.id)}});
    auto stored =
        run(connection,
            fmt::format("INSERT INTO municipality ({}) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14)",
                        kColumns),
            {one.id.value, one.name, one.short_name, std::string(to_string(one.kind)),
             std::string(fernamt::to_string(one.land)), one.population, one.population_date,
             one.population_source, one.greeting, std::int64_t{one.closed_on_public_holidays},
             nullable(one.joins), nullable(one.leaves), first_us(one.information),
             every_us(one.information)});
    if (stored) stored = replace_hours(connection, one);
    if (stored) stored = note(change, "municipality.added", one.id.value);
    for (const PhoneNumber &number : one.numbers) {
        if (!stored) break;
        Line line;
        line.rules.number = number;
        line.rules.municipality = one.id;
        const auto added = add(change, line);
        if (!added) stored = tl::unexpected(added.error());
    }
    if (stored) // its first numbers belong to its first version
        stored =
            run(connection, "UPDATE municipality SET version = 1 WHERE id = $1", {one.id.value});
    if (!stored) return tl::unexpected(stored.error());
    return require(connection, one.id);
}

Expected<Municipality> load_municipality(Connection &connection, MunicipalityId id) {
    return require(connection, id);
}

Expected<Municipality> modify(const Change &change, const Municipality &changed) {
    if (auto checked = validate(changed); !checked) return tl::unexpected(checked.error());
    Connection &connection = change.connection;
    const auto before = require(connection, changed.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_stale(*before, changed.version);
    if (stored)
        stored = run(connection,
                     "UPDATE municipality SET name = $2, short_name = $3, land = $4, "
                     "population = $5, population_date = $6, population_source = $7, "
                     "greeting = $8, closed_on_public_holidays = $9, information_first_us = $10, "
                     "information_every_us = $11 WHERE id = $1",
                     {changed.id.value, changed.name, changed.short_name,
                      std::string(fernamt::to_string(changed.land)), changed.population,
                      changed.population_date, changed.population_source, changed.greeting,
                      std::int64_t{changed.closed_on_public_holidays},
                      first_us(changed.information), every_us(changed.information)});
    if (stored) stored = replace_hours(connection, changed);
    if (stored) stored = bump(connection, changed.id);
    if (!stored) return tl::unexpected(stored.error());
    auto after = require(connection, changed.id);
    if (!after) return after;
    stored =
        note(change, "municipality.changed", changed.id.value, fields_changed(*before, *after));
    if (!stored) return tl::unexpected(stored.error());
    return after;
}

Expected<Municipality> set_term(const Change &change, MunicipalityId id,
                                std::int64_t expected_version, std::optional<Instant> joins,
                                std::optional<Instant> leaves) {
    if (joins && leaves && *leaves <= *joins) return wrong("distribution.order", "leaves");
    const auto before = require(change.connection, id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_stale(*before, expected_version);
    if (stored)
        stored = run(change.connection,
                     "UPDATE municipality SET joins_at = $2, leaves_at = $3 WHERE id = $1",
                     {id.value, nullable(joins), nullable(leaves)});
    if (stored) stored = bump(change.connection, id);
    if (stored) stored = note(change, "municipality.term_changed", id.value, {"joins", "leaves"});
    if (!stored) return tl::unexpected(stored.error());
    return require(change.connection, id);
}

Expected<Municipality> Municipalities::add(const Municipality &one, UserId by) {
    return write([&](const Change &change) { return people::add(change, one); }, by);
}

Expected<Municipality> Municipalities::change(const Municipality &changed, UserId by) {
    return write([&](const Change &change) { return modify(change, changed); }, by);
}

Expected<Municipality>
Municipalities::write(const std::function<Expected<Municipality>(const Change &)> &change,
                      UserId by) {
    Expected<Municipality> after = not_found();
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        after = change({connection, clock_.now(), by});
        if (!after) return tl::unexpected(after.error());
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

Expected<Settings> load_settings(Connection &connection) {
    Settings settings;
    const auto read = connection.each(
        "SELECT ring_timeout_us, wrap_up_us, wrap_up_extension_us, transfer_timeout_us, "
        "callback_ring_us, callback_attempts, callback_retry_us, callback_retry_busy_us, "
        "callback_retry_own_us, typical_handling_us, max_hops, max_partners, version "
        "FROM office_settings",
        {}, [&](const Row &row) {
            settings = {.ring_timeout = Duration{row.integer(0)},
                        .wrap_up = Duration{row.integer(1)},
                        .wrap_up_extension = Duration{row.integer(2)},
                        .transfer_timeout = Duration{row.integer(3)},
                        .callbacks = {Duration{row.integer(4)}, row.integer(5),
                                      Duration{row.integer(6)}, Duration{row.integer(7)},
                                      Duration{row.integer(8)}},
                        .typical_handling = Duration{row.integer(9)},
                        .max_hops = row.integer(10),
                        .max_partners = row.integer(11),
                        .version = row.integer(12)};
            return false;
        });
    if (!read) return tl::unexpected(read.error());
    return settings;
}

Expected<Settings> Municipalities::settings() const {
    Expected<Settings> settings;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        settings = load_settings(connection);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return settings;
}

Expected<Settings> modify(const Change &change, const Settings &changed) {
    if (auto checked = validate(changed); !checked) return tl::unexpected(checked.error());
    const auto before = load_settings(change.connection);
    if (!before) return before;
    if (before->version != changed.version)
        return fail(ProblemKind::stale, "settings.stale",
                    {{"version", std::to_string(before->version)}});
    Settings after = changed;
    after.version = before->version + 1;
    auto stored = run(
        change.connection,
        "UPDATE office_settings SET ring_timeout_us = $1, wrap_up_us = $2, "
        "wrap_up_extension_us = $3, transfer_timeout_us = $4, callback_ring_us = $5, "
        "callback_attempts = $6, callback_retry_us = $7, callback_retry_busy_us = $8, "
        "callback_retry_own_us = $9, typical_handling_us = $10, max_hops = $11, "
        "max_partners = $12, version = $13",
        {after.ring_timeout.count(), after.wrap_up.count(), after.wrap_up_extension.count(),
         after.transfer_timeout.count(), after.callbacks.ring_for.count(), after.callbacks.attempts,
         after.callbacks.retry_after.count(), after.callbacks.retry_when_busy.count(),
         after.callbacks.retry_when_not_dialled.count(), after.typical_handling.count(),
         after.max_hops, after.max_partners, after.version});
    if (stored) stored = note(change, "settings.changed", 0, fields_changed(*before, after));
    if (!stored) return tl::unexpected(stored.error());
    return after;
}

Expected<Settings> Municipalities::change_settings(const Settings &changed, UserId by) {
    Expected<Settings> after = changed;
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        after = modify({connection, clock_.now(), by}, changed);
        if (!after) return tl::unexpected(after.error());
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

} // namespace fernamt::people
