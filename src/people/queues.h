// SPDX-License-Identifier: EUPL-1.2
// The queues by name: what they demand and prefer, how that relaxes with the wait, their head
// start, how many may wait and whether a callback is offered. A queue in use cannot be removed.
#pragma once

#include "people/rule_change.h"
#include "routing/rules.h"

#include <string>
#include <vector>

namespace fernamt::people {

struct Queue {
    routing::CallQueue rules; // with the id
    std::string name;         // "IT-Störungen"
    std::int64_t version = 1;
    friend bool operator==(const Queue &, const Queue &) = default;
};

[[nodiscard]] Expected<std::vector<Queue>> queues(storage::Connection &connection); // by id
// Problems: those of check_skills and check_relaxations (skills.h), conflict
// "distribution.name_taken" {field}.
[[nodiscard]] Expected<Queue> add(const Change &change, Queue queue);
[[nodiscard]] Expected<Queue> modify(const Change &change, Queue queue);
// conflict "distribution.in_use": a line, an overflow or a crisis plan names it.
[[nodiscard]] Expected<void> remove(const Change &change, routing::QueueId id);

// none is the common queue, and known; else "distribution.unknown" {field}.
[[nodiscard]] Expected<void> check_queue(storage::Connection &connection, routing::QueueId id,
                                         std::string_view field);

} // namespace fernamt::people
