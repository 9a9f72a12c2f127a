// SPDX-License-Identifier: EUPL-1.2
// Puts the demo's 100 services into the database as objects of the model (demo_objects.h): names
// and LeiKa keys are facts, texts were written for the demo and say so. Idempotent: a second run
// with the same files changes nothing; what is gone from the files is removed.
#pragma once

#include "base/problem.h"
#include "storage/database.h"

#include <cstdint>
#include <string>

namespace fernamt::knowledge {

struct SeedReport {
    std::int64_t services = 0;
    std::int64_t municipalities = 0;
    std::int64_t objects = 0;     // services, offices, online services, responsibilities
    std::int64_t local_texts = 0; // in the database afterwards
    std::int64_t changed = 0;     // objects and texts written or removed by this run
};

// directory holds services.json and places.json (data/knowledge in the repository). Problems:
// "knowledge.file_unreadable" (file), "knowledge.file_invalid" (file, place, what): nothing is
// changed then.
[[nodiscard]] Expected<SeedReport> seed_demo_services(storage::Database &database,
                                                      const std::string &directory);

} // namespace fernamt::knowledge
