// SPDX-License-Identifier: EUPL-1.2
// What giving a call to another municipality or kind (classification.h) would change in money, in
// the month of the call, before anybody says so: the whole month is rated with and without it, so
// that packages, caps and steps count. Stores nothing.
#pragma once

#include "base/money.h"
#include "billing/classification.h"
#include "billing/month.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct ClassificationEffect {
    MunicipalityId municipality;
    Month month;
    // What the municipality pays for the month, net; empty: it cannot be rated, because nothing is
    // agreed for the call's day for example.
    std::optional<Money> before;
    std::optional<Money> after;
    // The standing document that bills the month: then the difference is a correction line.
    std::optional<std::string> billed_by;
};

// The municipality that has the call first, then the one that gets it. Problems of reclassify().
[[nodiscard]] Expected<std::vector<ClassificationEffect>>
preview_reclassification(storage::Database &database, const Reclassification &change);

} // namespace fernamt::billing
