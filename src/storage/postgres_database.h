// SPDX-License-Identifier: EUPL-1.2
// PostgreSQL behind the facade: one writing connection (serializable, repeated on 40001 and 40P01),
// reading connections with one snapshot each, reconnecting when a connection was lost. When it is
// lost during COMMIT, the server is asked afterwards whether the transaction was committed
// (pg_xact_status); only if that cannot be learnt, durability is in doubt and writing stops.
#pragma once

#include "storage/database.h"

#include <memory>
#include <string>

namespace fernamt::storage {

[[nodiscard]] Expected<std::unique_ptr<Database>> open_postgres(const std::string &url,
                                                                Access access);

} // namespace fernamt::storage
