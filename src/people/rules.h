// SPDX-License-Identifier: EUPL-1.2
// The rules that distribution obeys, read from the database in one consistent view: municipalities
// with hours, exceptions and terms, lines, queues, partners, overflows, times, and the active
// people with the role agent and their skills. The version grows with each change of any of them.
#pragma once

#include "routing/rules.h"
#include "storage/database.h"

namespace fernamt::people {

[[nodiscard]] Expected<routing::Rules> build_rules(storage::Database &database);
// Inside a transaction: as they would be after its commit.
[[nodiscard]] Expected<routing::Rules> build_rules(storage::Connection &connection);

} // namespace fernamt::people
