// SPDX-License-Identifier: EUPL-1.2
// Who changes something, when and why, and what must stand or fall with it.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"
#include "storage/database.h"

#include <functional>
#include <string>

namespace fernamt::billing {

// The entry in the audit, for example: called within the change's transaction, which may run again.
using Alongside = std::function<Expected<void>(storage::Connection &)>;

struct Change {
    UserId by;
    Instant at;
    std::string reason; // no personal data
    Alongside also{};
};

} // namespace fernamt::billing
