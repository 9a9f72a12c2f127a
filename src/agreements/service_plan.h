// SPDX-License-Identifier: EUPL-1.2
// What the agreements of one municipality demand of the telephone service, over their whole time:
// from which day to which it is served, which numbers in which scope, hours, promises, periods for
// deletion. Several agreements follow each other without a seam. Pure: plans, changes nothing;
// people/agreed_service.h brings it about.
#pragma once

#include "agreements/agreement.h"

#include <optional>
#include <vector>

namespace fernamt::agreements {

struct ServicePlan {
    std::optional<LocalDate> begins;   // the first day that an agreement covers; none: none binds
    std::optional<LocalDate> last_day; // after which none does; none: no end is known
    std::vector<Dated<NumberScope>> numbers; // by number, then day; cut to their agreements
    std::vector<Dated<std::vector<ServiceHours>>> hours;
    std::vector<Dated<Promise>> promises;
    std::vector<Dated<Retention>> retentions;
    friend bool operator==(const ServicePlan &, const ServicePlan &) = default;
};

// An agreement binds from its signature on, also after its end; not if it ended before it began. Of
// two that would cover the same day the later one holds.
[[nodiscard]] bool binds(const Agreement &agreement);
[[nodiscard]] ServicePlan service_plan(std::vector<Agreement> agreements);

} // namespace fernamt::agreements
