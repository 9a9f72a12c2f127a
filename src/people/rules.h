// SPDX-License-Identifier: EUPL-1.2
// The rules that distribution obeys, read from the database in one consistent view: municipalities,
// hours, numbers, times, and the active people with the role agent. The version grows with each
// change of any of them.
#pragma once

#include "routing/rules.h"
#include "storage/database.h"

namespace fernamt::people {

[[nodiscard]] Expected<routing::Rules> build_rules(storage::Database &database);

} // namespace fernamt::people
