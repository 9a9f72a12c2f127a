// SPDX-License-Identifier: EUPL-1.2
#include "reporting/target.h"

namespace fernamt::reporting {

void Targets::add(MunicipalityId municipality, const LocalDate &from,
                  const std::optional<LocalDate> &to, const Target &target) {
    agreed_[municipality].push_back({from, to, target});
}

Target Targets::on(std::optional<MunicipalityId> municipality, const LocalDate &day) const {
    if (!municipality) return {};
    const auto found = agreed_.find(*municipality);
    if (found == agreed_.end()) return {};
    for (const Days &each : found->second) {
        if (each.from <= day && (!each.to || day <= *each.to)) return each.target;
    }
    return {};
}

} // namespace fernamt::reporting
