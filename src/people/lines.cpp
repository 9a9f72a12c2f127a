// SPDX-License-Identifier: EUPL-1.2
#include "people/lines.h"

#include "base/phone_number.h"
#include "people/hours.h"
#include "people/queues.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::OfficeFirst;
using routing::OpeningHours;
using routing::OpeningPeriod;
using routing::QueueId;
using routing::Scope;
using storage::Connection;
using storage::Row;
using storage::Value;

constexpr std::string_view kColumns =
    "id, municipality, e164, scope, queue, price_class, own_hours, closed_on_public_holidays, "
    "valid_from, valid_until, office, office_ring_us, towns_days, version";

Line read_line(const Row &row) {
    Line line;
    line.id = row.integer(0);
    line.rules.municipality = MunicipalityId{row.integer(1)};
    line.rules.number = PhoneNumber{row.text(2)};
    line.rules.scope = parse_scope(row.text(3)).value_or(Scope::central);
    line.rules.queue = QueueId{row.integer(4)};
    line.rules.price_class = row.integer(5);
    if (row.integer(6) != 0)
        line.rules.hours = OpeningHours{{}, row.integer(7) != 0, {}, row.integer(12) != 0};
    line.rules.valid_from = optional_instant(row, 8);
    line.rules.valid_until = optional_instant(row, 9);
    if (!row.is_null(10))
        line.rules.office = OfficeFirst{PhoneNumber{row.text(10)}, Duration{row.integer(11)}, {}};
    line.version = row.integer(13);
    return line;
}

std::vector<Value> to_row(const Line &line) {
    const routing::Number &rules = line.rules;
    const bool closed = !rules.hours || rules.hours->closed_on_public_holidays;
    const OfficeFirst office = rules.office.value_or(OfficeFirst{});
    return {line.id,
            rules.municipality.value,
            rules.number.e164,
            std::string(routing::to_string(rules.scope)),
            nullable(rules.queue),
            rules.price_class,
            std::int64_t{rules.hours.has_value()},
            std::int64_t{closed},
            nullable(rules.valid_from),
            nullable(rules.valid_until),
            rules.office ? Value{office.office.e164} : Value{nullptr},
            std::int64_t{office.ring_for.count()},
            std::int64_t{rules.hours && rules.hours->towns_days},
            line.version};
}

Expected<void> insert_periods(Connection &connection, std::int64_t line, const char *purpose,
                              const std::vector<OpeningPeriod> &periods) {
    for (const OpeningPeriod &period : periods) {
        std::vector<Value> values{line, std::string(purpose)};
        append_period(values, period);
        auto stored = run(connection,
                          fmt::format("INSERT INTO line_period (line, purpose, {}) "
                                      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                                      kPeriodColumns),
                          values);
        if (!stored) return stored;
    }
    return {};
}

Expected<void> insert(Connection &connection, const Line &line) {
    auto stored = run(connection,
                      fmt::format("INSERT INTO line ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                                  "$9, $10, $11, $12, $13, $14)",
                                  kColumns),
                      to_row(line));
    if (stored && line.rules.hours)
        stored = insert_periods(connection, line.id, "open", line.rules.hours->periods);
    if (stored && line.rules.office)
        stored = insert_periods(connection, line.id, "absent", line.rules.office->absent);
    return stored;
}

Expected<void> update(Connection &connection, const Line &line) {
    auto stored = run(connection, "DELETE FROM line_period WHERE line = $1", {line.id});
    if (stored)
        stored = run(connection,
                     "UPDATE line SET municipality = $2, e164 = $3, scope = $4, queue = $5, "
                     "price_class = $6, own_hours = $7, closed_on_public_holidays = $8, "
                     "valid_from = $9, valid_until = $10, office = $11, office_ring_us = $12, "
                     "towns_days = $13, version = $14 WHERE id = $1",
                     to_row(line));
    if (stored && line.rules.hours)
        stored = insert_periods(connection, line.id, "open", line.rules.hours->periods);
    if (stored && line.rules.office)
        stored = insert_periods(connection, line.id, "absent", line.rules.office->absent);
    return stored;
}

bool at_one_instant(const routing::Number &a, const routing::Number &b) {
    if (a.valid_until && b.valid_from && *a.valid_until <= *b.valid_from) return false;
    return !(b.valid_until && a.valid_from && *b.valid_until <= *a.valid_from);
}

Expected<void> check_free(Connection &connection, const Line &wanted) {
    const auto all = lines(connection);
    if (!all) return tl::unexpected(all.error());
    const auto clash = std::ranges::find_if(*all, [&](const Line &other) {
        return other.id != wanted.id && other.rules.number == wanted.rules.number &&
               at_one_instant(other.rules, wanted.rules);
    });
    if (clash == all->end()) return {};
    std::string owner;
    const auto read = connection.each("SELECT short_name FROM municipality WHERE id = $1",
                                      {clash->rules.municipality.value}, [&](const Row &row) {
                                          owner = row.text(0);
                                          return false;
                                      });
    if (!read) return read;
    return fail(ProblemKind::conflict, "municipality.number_taken",
                {{"field", "number"},
                 {"number", to_din5008(clash->rules.number)},
                 {"ars", to_ars(clash->rules.municipality)},
                 {"short_name", owner}});
}

Expected<void> check(Connection &connection, const Line &line) {
    const routing::Number &rules = line.rules;
    const auto known =
        exists(connection, "SELECT 1 FROM municipality WHERE id = $1", {rules.municipality.value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return fail(ProblemKind::not_found, "municipality.not_found");
    if (rules.valid_from && rules.valid_until && *rules.valid_until <= *rules.valid_from)
        return wrong("distribution.order", "valid_until");
    if (auto checked = check_queue(connection, rules.queue, "queue"); !checked) return checked;
    if (rules.hours) {
        if (auto checked = check_hours(rules.hours->periods, "hours"); !checked) return checked;
    }
    if (rules.office) {
        // It would ring us, and we would ring it.
        const auto ours =
            exists(connection, "SELECT 1 FROM line WHERE e164 = $1", {rules.office->office.e164});
        if (!ours) return tl::unexpected(ours.error());
        if (*ours || rules.office->office == rules.number)
            return wrong("distribution.office_is_line", "office");
        if (auto checked = check_hours(rules.office->absent, "absent"); !checked) return checked;
    }
    return check_free(connection, line);
}

Expected<Line> find(Connection &connection, MunicipalityId owner, std::int64_t id) {
    const auto all = lines(connection, owner);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, &Line::id);
    if (found == all->end()) return no_such_thing();
    return *found;
}

// The municipality shows its numbers, so it has changed, too.
Expected<void> noted(const Change &change, std::string_view action, const Line &line) {
    auto stored =
        run(change.connection, "UPDATE municipality SET version = version + 1 WHERE id = $1",
            {line.rules.municipality.value});
    if (stored) stored = note(change, action, line.rules.municipality.value);
    return stored;
}

Line tidied(Line line) {
    const auto sort = [](std::vector<OpeningPeriod> &periods) {
        std::ranges::sort(periods, {}, [](const OpeningPeriod &p) {
            return std::tuple(p.weekday, p.from_second, p.valid_from);
        });
    };
    if (line.rules.hours) {
        sort(line.rules.hours->periods);
        line.rules.hours->exceptions.clear();
    }
    if (line.rules.office) sort(line.rules.office->absent);
    return line;
}

} // namespace

std::optional<Scope> parse_scope(std::string_view text) {
    using enum Scope;
    for (const Scope scope :
         {central, authority_115, department, it_faults, public_order, test_calls, internal}) {
        if (routing::to_string(scope) == text) return scope;
    }
    return std::nullopt;
}

Expected<std::vector<Line>> lines(Connection &connection, std::optional<MunicipalityId> only) {
    const std::int64_t id = only ? only->value : 0;
    std::vector<Line> found;
    auto read = connection.each(
        fmt::format("SELECT {} FROM line WHERE CAST($1 AS BIGINT) = 0 OR municipality = $1",
                    kColumns),
        {id}, [&](const Row &row) {
            found.push_back(read_line(row));
            return true;
        });
    if (read)
        read = connection.each(fmt::format("SELECT line, purpose, {} FROM line_period "
                                           "ORDER BY line, weekday, from_second, valid_from",
                                           kPeriodColumns),
                               {}, [&](const Row &row) {
                                   const auto line =
                                       std::ranges::find(found, row.integer(0), &Line::id);
                                   if (line == found.end()) return true;
                                   if (row.text(1) == "open" && line->rules.hours)
                                       line->rules.hours->periods.push_back(read_period(row, 2));
                                   if (row.text(1) == "absent" && line->rules.office)
                                       line->rules.office->absent.push_back(read_period(row, 2));
                                   return true;
                               });
    if (!read) return tl::unexpected(read.error());
    // Not by the database: its collation is not ours.
    std::ranges::sort(found, {}, [](const Line &line) {
        return std::tuple(line.rules.number, line.rules.valid_from, line.id);
    });
    return found;
}

Expected<Line> add(const Change &change, Line line) {
    line.id = 0;
    auto stored = check(change.connection, line);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    line.id = *id;
    line.version = 1;
    stored = insert(change.connection, line);
    if (stored) stored = noted(change, "municipality.number_added", line);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(line));
}

Expected<Line> modify(const Change &change, Line line) {
    const auto before = find(change.connection, line.rules.municipality, line.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(line.version, before->version);
    if (stored) stored = check(change.connection, line);
    ++line.version;
    if (stored) stored = update(change.connection, line);
    if (stored && !line.rules.hours) // they were exceptions from hours that it has no more
        stored = run(change.connection, "DELETE FROM hours_exception WHERE line = $1", {line.id});
    if (stored) stored = noted(change, "municipality.number_changed", line);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(line));
}

Expected<void> remove_line(const Change &change, MunicipalityId owner, std::int64_t id) {
    const auto before = find(change.connection, owner, id);
    if (!before) return tl::unexpected(before.error());
    Expected<void> stored;
    for (const char *sql :
         {"DELETE FROM line_period WHERE line = $1", "DELETE FROM hours_exception WHERE line = $1",
          "DELETE FROM line WHERE id = $1"}) {
        if (stored) stored = run(change.connection, sql, {id});
    }
    if (stored) stored = noted(change, "municipality.number_removed", *before);
    return stored;
}

Expected<void> remove_number(const Change &change, MunicipalityId owner,
                             const PhoneNumber &number) {
    const auto all = lines(change.connection, owner);
    if (!all) return tl::unexpected(all.error());
    bool found = false;
    for (const Line &line : *all) {
        if (line.rules.number != number) continue;
        found = true;
        if (auto removed = remove_line(change, owner, line.id); !removed) return removed;
    }
    if (!found) return fail(ProblemKind::not_found, "municipality.number_not_found");
    return {};
}

} // namespace fernamt::people
