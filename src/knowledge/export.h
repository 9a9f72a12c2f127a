// SPDX-License-Identifier: EUPL-1.2
// Writes the knowledge as an XZuFi transfer: all of it, what concerns one area, or what changed
// since a generation (with removals). Deterministic: the same knowledge gives the same bytes; the
// message's UUID and time come from the generation, not from the clock. Objects leave as they came,
// unknown elements included. Streams; nothing but the object at hand is in memory.
#pragma once

#include "base/problem.h"
#include "knowledge/areas.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace fernamt::knowledge {

struct ExportOptions {
    std::string version = "2_3_1"; // or "2_2_0"
    std::string root = "transfer"; // its name could not be verified (reference, section 0)
    std::string sender = "Fernamt";
    std::string product_version;
    // Responsibilities for this area, for parts of it and for what it lies in (what the Land
    // answers for holds here, too), the offices and offers that hold them with the offices above
    // these, the services they are about, and the specialisations for these areas with their
    // services: whatever an object of the export points to is in it.
    std::optional<AreaId> area;
    // What municipalities wrote themselves, as specialisations of this program (agency "Fernamt"):
    // released and public texts of one municipality each, the telephone text as the short text.
    bool own_texts = false;
    std::optional<std::int64_t> since; // generation: only what changed after it, and removals
};

struct ExportReport {
    std::int64_t objects = 0;
    std::int64_t removals = 0;
    std::int64_t generation = 0;
};

// "knowledge.export_version" for another version, "knowledge.export_failed" when out is bad; before
// anything is written "knowledge.export_area" (ars) for one in no Land, "knowledge.export_since"
// (since, generation) for a generation that is still to come.
[[nodiscard]] Expected<ExportReport> export_xzufi(storage::Database &database,
                                                  const ExportOptions &options, std::ostream &out);
// The same into a file, whole or not at all: what stood there stays until the new one is finished
// and obeys the schema (empty: none). Besides the above: "knowledge.schema_unreadable" (file,
// what), "knowledge.schema_violated" (file, line, what).
[[nodiscard]] Expected<ExportReport> export_xzufi_file(storage::Database &database,
                                                       const ExportOptions &options,
                                                       const std::string &file,
                                                       const std::string &schema_file = {});

} // namespace fernamt::knowledge
