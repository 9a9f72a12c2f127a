// SPDX-License-Identifier: EUPL-1.2
// What has to be done when an agreement ends, and until when (F-32: § 6 Abs. 2 NKomZG demands rules
// for the consequences of termination; Wedel really left): numbers switched back, data returned,
// deletion, the final account. Derived from the agreement; who did what is recorded elsewhere.
#pragma once

#include "agreements/agreement.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class OffboardingTask {
    tell_partners,      // who overflows to whom changes
    switch_number_back, // subject: the number
    end_access,         // users of the municipality
    return_data,        // records, knowledge, invoices with evidence, as export
    final_account,      // after the last after-call work and the yearly settlement
    delete_data,        // subject: the kind of data
};
[[nodiscard]] std::string_view to_string(OffboardingTask task);

struct OffboardingStep {
    OffboardingTask task = OffboardingTask::return_data;
    std::string subject;
    LocalDate due;
    friend bool operator==(const OffboardingStep &, const OffboardingStep &) = default;
};

// By due day. Days without work move on to the next working day (§ 193 BGB), except switching
// numbers and access, which happen with the last day itself. Empty while no end is known.
[[nodiscard]] std::vector<OffboardingStep> offboarding_plan(const Agreement &agreement);

} // namespace fernamt::agreements
