// SPDX-License-Identifier: EUPL-1.2
// SQLite behind the facade: WAL, synchronous=FULL, one writing connection that alone commits and
// checkpoints (SQLite 3.40.1 can corrupt a WAL when two do), readers
// that cannot write. A lock file beside the database keeps a second writing process away.
#pragma once

#include "storage/database.h"

#include <memory>
#include <string>

namespace fernamt::storage {

// path: a file, or ":memory:".
[[nodiscard]] Expected<std::unique_ptr<Database>> open_sqlite(const std::string &path,
                                                              Access access);

} // namespace fernamt::storage
