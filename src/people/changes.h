// SPDX-License-Identifier: EUPL-1.2
// Tells readers that keep a copy in memory (Directory) that people or municipalities in a database
// were changed by this process. Called after the commit, on the thread that wrote.
#pragma once

#include "storage/database.h"

#include <functional>

namespace fernamt::people {

[[nodiscard]] int on_people_changed(storage::Database &database, std::function<void()> then);
void forget_people_changed(int subscription);
void people_changed(storage::Database &database);

} // namespace fernamt::people
