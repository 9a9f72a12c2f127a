// SPDX-License-Identifier: EUPL-1.2
#include "people/rules.h"

#include "people/users.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;

Expected<void> read_times(Connection &connection, routing::Rules &rules) {
    return connection.each("SELECT ring_timeout_us, wrap_up_us, wrap_up_extension_us, "
                           "transfer_timeout_us, rules_version FROM office_settings",
                           {}, [&](const Row &row) {
                               rules.ring_timeout = Duration{row.integer(0)};
                               rules.wrap_up = Duration{row.integer(1)};
                               rules.wrap_up_extension = Duration{row.integer(2)};
                               rules.transfer_timeout = Duration{row.integer(3)};
                               rules.version = row.integer(4);
                               return false;
                           });
}

Expected<void> read_municipalities(Connection &connection, routing::Rules &rules) {
    auto read = connection.each(
        "SELECT id, land, closed_on_public_holidays FROM municipality ORDER BY id", {},
        [&](const Row &row) {
            rules.municipalities.push_back({MunicipalityId{row.integer(0)},
                                            parse_land(row.text(1)).value_or(Land::NI),
                                            {},
                                            row.integer(2) != 0});
            return true;
        });
    if (!read) return read;
    return connection.each(
        "SELECT municipality, weekday, from_second, to_second FROM opening_period "
        "ORDER BY municipality, weekday, from_second",
        {}, [&](const Row &row) {
            const MunicipalityId id{row.integer(0)};
            const auto place =
                std::find_if(rules.municipalities.begin(), rules.municipalities.end(),
                             [&](const auto &one) { return one.id == id; });
            if (place != rules.municipalities.end())
                place->hours.push_back({static_cast<Weekday>(row.integer(1)),
                                        static_cast<int>(row.integer(2)),
                                        static_cast<int>(row.integer(3))});
            return true;
        });
}

Expected<void> read_numbers(Connection &connection, routing::Rules &rules) {
    auto read = connection.each(
        "SELECT e164, municipality FROM municipality_number", {}, [&](const Row &row) {
            rules.numbers.push_back({PhoneNumber{row.text(0)}, MunicipalityId{row.integer(1)}});
            return true;
        });
    std::sort(rules.numbers.begin(), rules.numbers.end(),
              [](const auto &a, const auto &b) { return a.number < b.number; });
    return read;
}

Expected<void> read_agents(Connection &connection, routing::Rules &rules) {
    return connection.each(
        fmt::format("SELECT {} FROM account WHERE active = 1 ORDER BY id", kUserColumns), {},
        [&](const Row &row) {
            const User user = read_user(row);
            if (user.roles.contains(Role::agent)) rules.agents.push_back(AgentId{user.id.value});
            return true;
        });
}

} // namespace

Expected<routing::Rules> build_rules(storage::Database &database) {
    routing::Rules rules;
    const auto read = database.read([&](Connection &connection) -> Expected<void> {
        rules = {};
        for (const auto step : {read_times, read_municipalities, read_numbers, read_agents}) {
            if (auto done = step(connection, rules); !done) return done;
        }
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return rules;
}

} // namespace fernamt::people
