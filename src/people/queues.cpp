// SPDX-License-Identifier: EUPL-1.2
#include "people/queues.h"

#include "people/skills.h"

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::CallQueue;
using routing::QueueId;
using routing::Relaxation;
using routing::SkillId;
using routing::SkillLevel;
using storage::Connection;
using storage::Row;

CallQueue *find_rules(std::vector<Queue> &all, std::int64_t id) {
    const auto found =
        std::ranges::find(all, QueueId{id}, [](const Queue &q) { return q.rules.id; });
    return found == all.end() ? nullptr : &found->rules;
}

void take_relaxation(CallQueue &queue, Duration after) {
    queue.relaxations.push_back({after, {}});
}

void take_skill(CallQueue &queue, std::string_view purpose, Duration after,
                const SkillLevel &level) {
    if (purpose == "demand") {
        queue.demands.push_back(level);
    } else if (purpose == "prefer") {
        queue.prefers.push_back(level);
    } else {
        take_relaxed(queue.relaxations, after, level);
    }
}

Expected<Queue> find(Connection &connection, QueueId id) {
    const auto all = queues(connection);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, id, [](const Queue &q) { return q.rules.id; });
    if (found == all->end()) return no_such_thing();
    return *found;
}

Expected<void> check(Connection &connection, const Queue &queue) {
    const auto taken = exists(connection, "SELECT 1 FROM call_queue WHERE name = $1 AND id <> $2",
                              {queue.name, queue.rules.id.value});
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return fail(ProblemKind::conflict, "distribution.name_taken", {{"field", "name"}});
    auto checked = check_skills(connection, queue.rules.demands, "demands");
    if (checked) checked = check_skills(connection, queue.rules.prefers, "prefers");
    if (checked)
        checked = check_relaxations(connection, queue.rules.demands, queue.rules.relaxations,
                                    "relaxations");
    return checked;
}

Expected<void> insert_skills(Connection &connection, QueueId queue, const char *purpose,
                             Duration after, const std::vector<SkillLevel> &levels) {
    for (const SkillLevel &one : levels) {
        auto stored = run(connection,
                          "INSERT INTO call_queue_skill (queue, purpose, after_us, skill, level) "
                          "VALUES ($1, $2, $3, $4, $5)",
                          {queue.value, std::string(purpose), std::int64_t{after.count()},
                           one.skill.value, std::int64_t{one.level}});
        if (!stored) return stored;
    }
    return {};
}

Expected<void> insert_lists(Connection &connection, const CallQueue &queue) {
    auto stored = insert_skills(connection, queue.id, "demand", {}, queue.demands);
    if (stored) stored = insert_skills(connection, queue.id, "prefer", {}, queue.prefers);
    for (const Relaxation &one : queue.relaxations) {
        if (stored)
            stored = run(connection,
                         "INSERT INTO call_queue_relaxation (queue, after_us) VALUES ($1, $2)",
                         {queue.id.value, std::int64_t{one.after.count()}});
        if (stored) stored = insert_skills(connection, queue.id, "relaxed", one.after, one.demands);
    }
    return stored;
}

Expected<void> erase_lists(Connection &connection, QueueId id) {
    auto stored = run(connection, "DELETE FROM call_queue_skill WHERE queue = $1", {id.value});
    if (stored)
        stored = run(connection, "DELETE FROM call_queue_relaxation WHERE queue = $1", {id.value});
    return stored;
}

// As they will be read: sorted.
Queue tidied(Queue queue) {
    const auto by_skill = [](std::vector<SkillLevel> &levels) { std::ranges::sort(levels); };
    by_skill(queue.rules.demands);
    by_skill(queue.rules.prefers);
    queue.rules.relaxations = people::tidied(std::move(queue.rules.relaxations));
    return queue;
}

} // namespace

Expected<std::vector<Queue>> queues(Connection &connection) {
    std::vector<Queue> found;
    auto read = connection.each(
        "SELECT id, name, head_start_us, max_waiting, offers_callback, version FROM call_queue "
        "ORDER BY id",
        {}, [&](const Row &row) {
            Queue one;
            one.rules.id = QueueId{row.integer(0)};
            one.name = row.text(1);
            one.rules.head_start = Duration{row.integer(2)};
            one.rules.max_waiting = row.integer(3);
            one.rules.offers_callback = row.integer(4) != 0;
            one.version = row.integer(5);
            found.push_back(std::move(one));
            return true;
        });
    if (read)
        read = connection.each(
            "SELECT queue, after_us FROM call_queue_relaxation ORDER BY queue, after_us", {},
            [&](const Row &row) {
                if (auto *queue = find_rules(found, row.integer(0)))
                    take_relaxation(*queue, Duration{row.integer(1)});
                return true;
            });
    if (read)
        read = connection.each(
            "SELECT queue, purpose, after_us, skill, level FROM call_queue_skill "
            "ORDER BY queue, after_us, skill",
            {}, [&](const Row &row) {
                if (auto *queue = find_rules(found, row.integer(0)))
                    take_skill(*queue, row.text(1), Duration{row.integer(2)},
                               {SkillId{row.integer(3)}, static_cast<int>(row.integer(4))});
                return true;
            });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Queue> add(const Change &change, Queue queue) {
    queue.rules.id = {};
    auto stored = check(change.connection, queue);
    if (!stored) return tl::unexpected(stored.error());
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    queue.rules.id = QueueId{*id};
    queue.version = 1;
    stored = run(change.connection,
                 "INSERT INTO call_queue (id, name, head_start_us, max_waiting, offers_callback, "
                 "version) VALUES ($1, $2, $3, $4, $5, 1)",
                 {*id, queue.name, std::int64_t{queue.rules.head_start.count()},
                  queue.rules.max_waiting, std::int64_t{queue.rules.offers_callback}});
    if (stored) stored = insert_lists(change.connection, queue.rules);
    if (stored) stored = note(change, "queue.added", *id);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(queue));
}

Expected<Queue> modify(const Change &change, Queue queue) {
    const auto before = find(change.connection, queue.rules.id);
    if (!before) return tl::unexpected(before.error());
    auto stored = check_version(queue.version, before->version);
    if (stored) stored = check(change.connection, queue);
    ++queue.version;
    if (stored)
        stored = run(change.connection,
                     "UPDATE call_queue SET name = $2, head_start_us = $3, max_waiting = $4, "
                     "offers_callback = $5, version = $6 WHERE id = $1",
                     {queue.rules.id.value, queue.name,
                      std::int64_t{queue.rules.head_start.count()}, queue.rules.max_waiting,
                      std::int64_t{queue.rules.offers_callback}, queue.version});
    if (stored) stored = erase_lists(change.connection, queue.rules.id);
    if (stored) stored = insert_lists(change.connection, queue.rules);
    if (stored) stored = note(change, "queue.changed", queue.rules.id.value);
    if (!stored) return tl::unexpected(stored.error());
    return tidied(std::move(queue));
}

Expected<void> remove(const Change &change, QueueId id) {
    if (const auto before = find(change.connection, id); !before)
        return tl::unexpected(before.error());
    const auto used = exists(change.connection,
                             "SELECT 1 FROM line WHERE queue = $1 "
                             "UNION SELECT 1 FROM overflow WHERE queue = $1 "
                             "UNION SELECT 1 FROM crisis_plan WHERE queue = $1",
                             {id.value});
    if (!used) return tl::unexpected(used.error());
    if (*used) return fail(ProblemKind::conflict, "distribution.in_use");
    auto stored = erase_lists(change.connection, id);
    if (stored) stored = run(change.connection, "DELETE FROM call_queue WHERE id = $1", {id.value});
    if (stored) stored = note(change, "queue.removed", id.value);
    return stored;
}

Expected<void> check_queue(Connection &connection, QueueId id, std::string_view field) {
    if (!id) return {};
    const auto known = exists(connection, "SELECT 1 FROM call_queue WHERE id = $1", {id.value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return wrong("distribution.unknown", field);
    return {};
}

} // namespace fernamt::people
