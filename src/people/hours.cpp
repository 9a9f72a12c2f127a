// SPDX-License-Identifier: EUPL-1.2
#include "people/hours.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::OpeningPeriod;
using storage::Connection;
using storage::Row;
using storage::Value;

constexpr int kSecondsOfDay = 86'400;

std::string clock_time(int second) {
    return fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
}

std::string shown(const OpeningPeriod &period) {
    return fmt::format("{}–{}", clock_time(period.from_second), clock_time(period.to_second));
}

std::string number_of(Weekday weekday) {
    return std::to_string(static_cast<int>(weekday));
}

std::string to_text(const std::optional<LocalDate> &day) {
    return day ? fernamt::to_string(*day) : std::string();
}

Expected<void> check_period(const OpeningPeriod &period, std::string_view field) {
    const bool in_day = period.from_second >= 0 && period.to_second <= kSecondsOfDay;
    const auto weekday = static_cast<int>(period.weekday);
    if (!in_day || period.from_second >= period.to_second || weekday < 0 || weekday > 6) {
        return fail(ProblemKind::invalid_input, "municipality.hours_order",
                    {{"field", std::string(field)},
                     {"weekday", number_of(period.weekday)},
                     {"from", clock_time(period.from_second)},
                     {"to", clock_time(period.to_second)}});
    }
    if (period.valid_from && period.valid_until && *period.valid_until < *period.valid_from)
        return wrong("distribution.order", field);
    return {};
}

bool valid_on_one_day(const OpeningPeriod &a, const OpeningPeriod &b) {
    if (a.valid_until && b.valid_from && *a.valid_until < *b.valid_from) return false;
    return !(b.valid_until && a.valid_from && *b.valid_until < *a.valid_from);
}

bool overlap(const OpeningPeriod &a, const OpeningPeriod &b) {
    return a.weekday == b.weekday && a.from_second < b.to_second && b.from_second < a.to_second &&
           valid_on_one_day(a, b);
}

Expected<void> check(Connection &connection, const HoursException &one) {
    if (one.rule.last < one.rule.first) return wrong("distribution.order", "last_day");
    if (one.rule.from_second < 0 || one.rule.to_second > kSecondsOfDay ||
        one.rule.from_second >= one.rule.to_second)
        return wrong("distribution.order", "to");
    auto known =
        exists(connection, "SELECT 1 FROM municipality WHERE id = $1", {one.municipality.value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return fail(ProblemKind::not_found, "municipality.not_found");
    if (one.line == 0) return {};
    // Only a line with hours of its own has exceptions of its own.
    known = exists(connection,
                   "SELECT 1 FROM line WHERE id = $1 AND municipality = $2 AND own_hours = 1",
                   {one.line, one.municipality.value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return wrong("distribution.unknown", "line");
    return {};
}

Expected<HoursException> find(Connection &connection, MunicipalityId owner, std::int64_t id) {
    const auto all = hours_exceptions(connection, owner);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, &HoursException::id);
    if (found == all->end()) return no_such_thing();
    return *found;
}

Expected<void> insert(Connection &connection, const HoursException &one) {
    return run(connection,
               "INSERT INTO hours_exception (id, municipality, line, first_day, last_day, opens, "
               "from_second, to_second, reason, version) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               {one.id, one.municipality.value, one.line == 0 ? Value{nullptr} : Value{one.line},
                fernamt::to_string(one.rule.first), fernamt::to_string(one.rule.last),
                std::int64_t{one.rule.open}, std::int64_t{one.rule.from_second},
                std::int64_t{one.rule.to_second}, one.reason, one.version});
}

Expected<void> erase(Connection &connection, std::int64_t id) {
    return run(connection, "DELETE FROM hours_exception WHERE id = $1", {id});
}

} // namespace

Expected<void> check_hours(std::vector<OpeningPeriod> hours, std::string_view field) {
    for (const auto &period : hours) {
        if (auto checked = check_period(period, field); !checked) return checked;
    }
    std::sort(hours.begin(), hours.end(), [](const auto &a, const auto &b) {
        return std::pair(a.weekday, a.from_second) < std::pair(b.weekday, b.from_second);
    });
    for (std::size_t second = 1; second < hours.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            if (!overlap(hours[first], hours[second])) continue;
            return fail(ProblemKind::invalid_input, "municipality.hours_overlap",
                        {{"field", std::string(field)},
                         {"weekday", number_of(hours[first].weekday)},
                         {"first", shown(hours[first])},
                         {"second", shown(hours[second])}});
        }
    }
    return {};
}

OpeningPeriod read_period(const Row &row, int column) {
    return {static_cast<Weekday>(row.integer(column)), static_cast<int>(row.integer(column + 1)),
            static_cast<int>(row.integer(column + 2)), parse_date(row.text(column + 3)),
            parse_date(row.text(column + 4))};
}

std::optional<routing::WaitingInformation> read_information(const Row &row, int first_column) {
    if (row.is_null(first_column) || row.is_null(first_column + 1)) return std::nullopt;
    return routing::WaitingInformation{Duration{row.integer(first_column)},
                                       Duration{row.integer(first_column + 1)}};
}

void append_period(std::vector<Value> &values, const OpeningPeriod &period) {
    values.emplace_back(static_cast<std::int64_t>(period.weekday));
    values.emplace_back(std::int64_t{period.from_second});
    values.emplace_back(std::int64_t{period.to_second});
    values.emplace_back(to_text(period.valid_from));
    values.emplace_back(to_text(period.valid_until));
}

Expected<std::vector<HoursException>> hours_exceptions(Connection &connection,
                                                       std::optional<MunicipalityId> only) {
    std::vector<HoursException> found;
    const auto read = connection.each(
        "SELECT id, municipality, line, first_day, last_day, opens, from_second, to_second, "
        "reason, version FROM hours_exception "
        "WHERE CAST($1 AS BIGINT) = 0 OR municipality = $1 ORDER BY first_day, id",
        {only ? only->value : std::int64_t{0}}, [&](const Row &row) {
            const auto first = parse_date(row.text(3)), last = parse_date(row.text(4));
            if (!first || !last) return true; // cannot be: written by us only
            found.push_back({row.integer(0),
                             MunicipalityId{row.integer(1)},
                             row.integer(2),
                             {*first, *last, row.integer(5) != 0, static_cast<int>(row.integer(6)),
                              static_cast<int>(row.integer(7))},
                             row.text(8),
                             row.integer(9)});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<HoursException> add(const Change &change, HoursException one) {
    if (auto checked = check(change.connection, one); !checked)
        return tl::unexpected(checked.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    one.id = *id;
    one.version = 1;
    auto stored = insert(change.connection, one);
    if (stored) stored = note(change, "hours_exception.added", one.id);
    if (!stored) return tl::unexpected(stored.error());
    return one;
}

Expected<HoursException> modify(const Change &change, HoursException one) {
    const auto before = find(change.connection, one.municipality, one.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(one.version, before->version);
    if (stored) stored = check(change.connection, one);
    ++one.version;
    if (stored) stored = erase(change.connection, one.id);
    if (stored) stored = insert(change.connection, one);
    if (stored) stored = note(change, "hours_exception.changed", one.id);
    if (!stored) return tl::unexpected(stored.error());
    return one;
}

Expected<void> remove_hours_exception(const Change &change, MunicipalityId owner, std::int64_t id) {
    const auto before = find(change.connection, owner, id);
    if (!before) return tl::unexpected(before.error());
    auto stored = erase(change.connection, id);
    if (stored) stored = note(change, "hours_exception.removed", id);
    return stored;
}

} // namespace fernamt::people
