// SPDX-License-Identifier: EUPL-1.2
#include "people/rules.h"

#include "people/hours.h"
#include "people/lines.h"
#include "people/partners.h"
#include "people/queues.h"
#include "people/skills.h"
#include "people/users.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;

Expected<void> read_times(Connection &connection, routing::Rules &rules) {
    return connection.each(
        "SELECT ring_timeout_us, wrap_up_us, wrap_up_extension_us, transfer_timeout_us, "
        "callback_ring_us, callback_attempts, callback_retry_us, callback_retry_busy_us, "
        "callback_retry_own_us, typical_handling_us, max_hops, max_partners, rules_version "
        "FROM office_settings",
        {}, [&](const Row &row) {
            rules.ring_timeout = Duration{row.integer(0)};
            rules.wrap_up = Duration{row.integer(1)};
            rules.wrap_up_extension = Duration{row.integer(2)};
            rules.transfer_timeout = Duration{row.integer(3)};
            rules.callbacks = {Duration{row.integer(4)}, row.integer(5), Duration{row.integer(6)},
                               Duration{row.integer(7)}, Duration{row.integer(8)}};
            rules.typical_handling = Duration{row.integer(9)};
            rules.max_hops = row.integer(10);
            rules.max_partners = row.integer(11);
            rules.version = row.integer(12);
            return false;
        });
}

Expected<void> read_municipalities(Connection &connection, routing::Rules &rules) {
    auto read = connection.each(
        "SELECT id, land, closed_on_public_holidays, joins_at, leaves_at, information_first_us, "
        "information_every_us FROM municipality ORDER BY id",
        {}, [&](const Row &row) {
            rules.municipalities.push_back({MunicipalityId{row.integer(0)},
                                            parse_land(row.text(1)).value_or(Land::NI),
                                            {},
                                            row.integer(2) != 0,
                                            {},
                                            optional_instant(row, 3),
                                            optional_instant(row, 4),
                                            read_information(row, 5)});
            return true;
        });
    if (!read) return read;
    return connection.each(fmt::format("SELECT municipality, {} FROM opening_period "
                                       "ORDER BY municipality, weekday, from_second, valid_from",
                                       kPeriodColumns),
                           {}, [&](const Row &row) {
                               const MunicipalityId id{row.integer(0)};
                               const auto place = std::ranges::find(rules.municipalities, id,
                                                                    &routing::Municipality::id);
                               if (place != rules.municipalities.end())
                                   place->hours.push_back(read_period(row, 1));
                               return true;
                           });
}

Expected<void> read_numbers(Connection &connection, routing::Rules &rules) {
    auto all = lines(connection);
    if (!all) return tl::unexpected(all.error());
    const auto exceptions = hours_exceptions(connection);
    if (!exceptions) return tl::unexpected(exceptions.error());
    for (const HoursException &one : *exceptions) {
        if (one.line == 0) {
            const auto place = std::ranges::find(rules.municipalities, one.municipality,
                                                 &routing::Municipality::id);
            if (place != rules.municipalities.end()) place->exceptions.push_back(one.rule);
            continue;
        }
        const auto line = std::ranges::find(*all, one.line, &Line::id);
        if (line != all->end() && line->rules.hours)
            line->rules.hours->exceptions.push_back(one.rule);
    }
    for (Line &line : *all)
        rules.numbers.push_back(std::move(line.rules));
    return {};
}

Expected<void> read_queues(Connection &connection, routing::Rules &rules) {
    auto all = queues(connection);
    if (!all) return tl::unexpected(all.error());
    for (Queue &one : *all)
        rules.queues.push_back(std::move(one.rules));
    return {};
}

Expected<void> read_partners(Connection &connection, routing::Rules &rules) {
    const auto known = partners(connection);
    if (!known) return tl::unexpected(known.error());
    for (const Partner &one : *known)
        rules.partners.push_back(one.rules);
    const auto all = overflows(connection);
    if (!all) return tl::unexpected(all.error());
    for (const Overflow &one : *all)
        rules.overflows.push_back(one.rules);
    return {};
}

// Helpers in a crisis are no part of the rules: they join by an event of their own.
Expected<void> read_agents(Connection &connection, routing::Rules &rules) {
    auto read = connection.each(
        fmt::format("SELECT {} FROM account WHERE active = 1 AND helps_in IS NULL ORDER BY id",
                    kUserColumns),
        {}, [&](const Row &row) {
            const User user = read_user(row);
            if (user.roles.contains(Role::agent)) rules.agents.push_back(AgentId{user.id.value});
            return true;
        });
    if (!read) return read;
    auto known = skills_of_agents(connection);
    if (!known) return tl::unexpected(known.error());
    for (const AgentId agent : rules.agents) {
        const auto skills = known->find(agent);
        if (skills != known->end()) rules.skills.push_back({agent, std::move(skills->second)});
    }
    return {};
}

} // namespace

Expected<routing::Rules> build_rules(Connection &connection) {
    routing::Rules rules;
    for (const auto step :
         {read_times, read_municipalities, read_numbers, read_queues, read_partners, read_agents}) {
        if (auto done = step(connection, rules); !done) return tl::unexpected(done.error());
    }
    return routing::sorted(std::move(rules));
}

Expected<routing::Rules> build_rules(storage::Database &database) {
    Expected<routing::Rules> rules;
    const auto read = database.read([&](Connection &connection) -> Expected<void> {
        rules = build_rules(connection);
        if (!rules) return tl::unexpected(rules.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return rules;
}

} // namespace fernamt::people
