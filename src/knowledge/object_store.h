// SPDX-License-Identifier: EUPL-1.2
// Puts objects into the database and takes them out: the XML, the rows that are asked for, the
// generation by which indexes and change sets find what changed. All within the caller's
// transaction; a call is small (a batch), so that nobody else waits long for the writer.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "knowledge/model.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct ObjectChange {
    std::int64_t id = 0;
    ObjectKind kind = ObjectKind::service;
    ObjectKey key;
    std::string source;             // of the delivery, "demo"
    std::optional<std::string> xml; // canonical; nothing: the object goes
    bool existed = false;           // its rows have to go first
};

// The objects' rows and XML, with a new generation for all of them. Objects appear once.
[[nodiscard]] Expected<void> store_objects(storage::Connection &connection, Instant now,
                                           const std::vector<ObjectChange> &changes);

// The next generation, for changes of other tables about these subjects.
[[nodiscard]] Expected<std::int64_t> next_generation(storage::Connection &connection, Instant now);
// Marks a subject as changed although its object is the same (its local texts are not).
[[nodiscard]] Expected<void> touch_object(storage::Connection &connection, Instant now,
                                          std::int64_t id);

} // namespace fernamt::knowledge
