// SPDX-License-Identifier: EUPL-1.2
// Who changed what: one row per change by an administrator, written in the same transaction as the
// change. Ids and names of fields only, never values or names of persons.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "storage/database.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace fernamt::people {

struct AuditEntry {
    std::int64_t id = 0;
    Instant at;
    UserId by;                // none: the command line or the program itself
    std::string action;       // "user.changed"
    std::int64_t subject = 0; // id of the user or municipality; 0: the settings
    std::string fields;       // "roles,active"
};

[[nodiscard]] Expected<void> record(storage::Connection &connection, Instant at, UserId by,
                                    std::string_view action, std::int64_t subject,
                                    const std::vector<std::string> &fields = {});
// Newest first; with `before` only those with a smaller id.
[[nodiscard]] Expected<std::vector<AuditEntry>>
audit_log(storage::Database &database, int limit,
          std::int64_t before = std::numeric_limits<std::int64_t>::max());

} // namespace fernamt::people
