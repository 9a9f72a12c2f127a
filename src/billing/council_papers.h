// SPDX-License-Identifier: EUPL-1.2
// Papers for a committee as letters: all financing models on the same calls with bars and tables
// and the decision paper of a municipality that may join: scope, price variants on
// its own expected volume, schedule, draft contract data. Printed from stored fields alone.
#pragma once

#include "agreements/onboarding.h"
#include "billing/price_variants.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct PaperHead {
    std::string centre;
    std::string to; // "Stadt Musterstedt"; empty: all participants
    LocalDate today;
};

[[nodiscard]] Expected<std::string> print_variants(const VariantComparison &comparison,
                                                   const std::vector<std::string> &towns,
                                                   const PaperHead &head);

// `variants`: of this town alone, on the volume that it named; empty if it named none.
[[nodiscard]] Expected<std::string>
print_decision_paper(const agreements::Onboarding &onboarding, std::int64_t inhabitants,
                     const std::optional<VariantComparison> &variants, const PaperHead &head);

} // namespace fernamt::billing
