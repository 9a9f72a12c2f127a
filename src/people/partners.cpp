// SPDX-License-Identifier: EUPL-1.2
#include "people/partners.h"

#include "people/queues.h"

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::OverflowWhen;
using routing::PartnerId;
using routing::QueueId;
using storage::Connection;
using storage::Row;
using storage::Value;

Expected<Partner> find(Connection &connection, PartnerId id) {
    const auto all = partners(connection);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, [](const Partner &p) { return p.rules.id; });
    if (found == all->end()) return no_such_thing();
    return *found;
}

Expected<void> check_name(Connection &connection, const Partner &partner) {
    const auto taken = exists(connection, "SELECT 1 FROM partner WHERE name = $1 AND id <> $2",
                              {partner.name, partner.rules.id.value});
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return fail(ProblemKind::conflict, "distribution.name_taken", {{"field", "name"}});
    return {};
}

OverflowWhen parse_when(std::string_view text) {
    using enum OverflowWhen;
    for (const auto when : {planned, closed, queue_length, longest_wait}) {
        if (routing::to_string(when) == text) return when;
    }
    return planned;
}

Expected<Overflow> find_overflow(Connection &connection, std::int64_t id) {
    const auto all = overflows(connection);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, &Overflow::id);
    if (found == all->end()) return no_such_thing();
    return *found;
}

// Keeps only what its reason uses.
void tidy(routing::Overflow &rules) {
    if (rules.when != OverflowWhen::queue_length) rules.waiting = 0;
    if (rules.when != OverflowWhen::longest_wait) rules.wait = {};
    if (rules.when == OverflowWhen::planned) return;
    rules.from.reset();
    rules.until.reset();
}

Expected<void> check(Connection &connection, const routing::Overflow &rules) {
    const auto known =
        exists(connection, "SELECT 1 FROM partner WHERE id = $1", {rules.partner.value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return wrong("distribution.unknown", "partner");
    if (auto checked = check_queue(connection, rules.queue, "queue"); !checked) return checked;
    const auto incomplete = [](std::string_view field) {
        return wrong("distribution.overflow_incomplete", field);
    };
    if (rules.when == OverflowWhen::queue_length && rules.waiting < 1) return incomplete("waiting");
    if (rules.when == OverflowWhen::longest_wait && rules.wait <= 0s) return incomplete("wait");
    if (rules.when != OverflowWhen::planned) return {};
    if (!rules.from) return incomplete("from");
    if (!rules.until) return incomplete("until");
    if (*rules.until <= *rules.from) return wrong("distribution.order", "until");
    return {};
}

std::vector<Value> to_row(const Overflow &one) {
    return {one.id,
            one.position,
            std::string(routing::to_string(one.rules.when)),
            one.rules.partner.value,
            nullable(one.rules.queue),
            one.rules.waiting,
            std::int64_t{one.rules.wait.count()},
            nullable(one.rules.from),
            nullable(one.rules.until),
            one.version};
}

} // namespace

Expected<std::vector<Partner>> partners(Connection &connection) {
    std::vector<Partner> found;
    const auto read = connection.each(
        "SELECT id, name, e164, version FROM partner ORDER BY id", {}, [&](const Row &row) {
            found.push_back({{PartnerId{row.integer(0)}, PhoneNumber{row.text(2)}},
                             row.text(1),
                             row.integer(3)});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Partner> add(const Change &change, Partner partner) {
    partner.rules.id = {};
    auto stored = check_name(change.connection, partner);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    partner.rules.id = PartnerId{*id};
    partner.version = 1;
    stored = run(change.connection,
                 "INSERT INTO partner (id, name, e164, version) VALUES ($1, $2, $3, 1)",
                 {*id, partner.name, partner.rules.number.e164});
    if (stored) stored = note(change, "partner.added", *id);
    if (!stored) return tl::unexpected(stored.error());
    return partner;
}

Expected<Partner> modify(const Change &change, Partner partner) {
    const auto before = find(change.connection, partner.rules.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(partner.version, before->version);
    if (stored) stored = check_name(change.connection, partner);
    ++partner.version;
    if (stored)
        stored =
            run(change.connection,
                "UPDATE partner SET name = $2, e164 = $3, version = $4 WHERE id = $1",
                {partner.rules.id.value, partner.name, partner.rules.number.e164, partner.version});
    if (stored) stored = note(change, "partner.changed", partner.rules.id.value);
    if (!stored) return tl::unexpected(stored.error());
    return partner;
}

Expected<void> remove(const Change &change, PartnerId id) {
    if (const auto before = find(change.connection, id); !before)
        return tl::unexpected(before.error());
    const auto used =
        exists(change.connection, "SELECT 1 FROM overflow WHERE partner = $1", {id.value});
    if (!used) return tl::unexpected(used.error());
    if (*used) return fail(ProblemKind::conflict, "distribution.in_use");
    auto stored = run(change.connection, "DELETE FROM partner WHERE id = $1", {id.value});
    if (stored) stored = note(change, "partner.removed", id.value);
    return stored;
}

Expected<std::vector<Overflow>> overflows(Connection &connection) {
    std::vector<Overflow> found;
    const auto read = connection.each(
        "SELECT id, position, reason, partner, queue, waiting, wait_us, from_at, until_at, version "
        "FROM overflow ORDER BY position, id",
        {}, [&](const Row &row) {
            found.push_back({row.integer(0),
                             row.integer(1),
                             {parse_when(row.text(2)), PartnerId{row.integer(3)},
                              QueueId{row.integer(4)}, row.integer(5), Duration{row.integer(6)},
                              optional_instant(row, 7), optional_instant(row, 8)},
                             row.integer(9)});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Overflow> add(const Change &change, Overflow overflow) {
    tidy(overflow.rules);
    auto stored = check(change.connection, overflow.rules);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    overflow.id = *id;
    overflow.version = 1;
    stored = run(change.connection,
                 "INSERT INTO overflow (id, position, reason, partner, queue, waiting, wait_us, "
                 "from_at, until_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                 to_row(overflow));
    if (stored) stored = note(change, "overflow.added", *id);
    if (!stored) return tl::unexpected(stored.error());
    return overflow;
}

Expected<Overflow> modify(const Change &change, Overflow overflow) {
    const auto before = find_overflow(change.connection, overflow.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(overflow.version, before->version);
    tidy(overflow.rules);
    if (stored) stored = check(change.connection, overflow.rules);
    ++overflow.version;
    if (stored)
        stored = run(change.connection,
                     "UPDATE overflow SET position = $2, reason = $3, partner = $4, queue = $5, "
                     "waiting = $6, wait_us = $7, from_at = $8, until_at = $9, version = $10 "
                     "WHERE id = $1",
                     to_row(overflow));
    if (stored) stored = note(change, "overflow.changed", overflow.id);
    if (!stored) return tl::unexpected(stored.error());
    return overflow;
}

Expected<void> remove_overflow(const Change &change, std::int64_t id) {
    if (const auto before = find_overflow(change.connection, id); !before)
        return tl::unexpected(before.error());
    auto stored = run(change.connection, "DELETE FROM overflow WHERE id = $1", {id});
    if (stored) stored = note(change, "overflow.removed", id);
    return stored;
}

} // namespace fernamt::people
