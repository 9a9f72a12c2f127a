// SPDX-License-Identifier: EUPL-1.2
// What the editors of the demo have done: its services are the TOP list, and the town halls have
// checked most of what is local, some of it long ago and some never. Written once, when there is no
// TOP list yet. And what people have changed since, which seeding again must leave alone.
#pragma once

#include "knowledge/demo_file.h"
#include "storage/database.h"

#include <cstdint>
#include <set>
#include <string>
#include <tuple>

namespace fernamt::knowledge {

// Returns how many rows were written.
[[nodiscard]] Expected<std::int64_t> seed_demo_editing(storage::Connection &connection,
                                                       const DemoData &data);

struct EditedByPeople {
    std::set<std::tuple<std::int64_t, std::int64_t, std::string>> texts; // service, place, section
    std::set<std::int64_t> services; // whose sentence to read aloud, check or interval is theirs
};
[[nodiscard]] Expected<EditedByPeople> edited_by_people(storage::Connection &connection);

} // namespace fernamt::knowledge
