// SPDX-License-Identifier: EUPL-1.2
// What is known of a municipality as what an agreement's template needs. Pure.
#pragma once

#include "agreements/template.h"
#include "routing/rules.h"

#include <string>
#include <vector>

namespace fernamt::billing {

// A population without a readable key date is none.
[[nodiscard]] agreements::TemplateTown
template_town(MunicipalityId id, const std::string &name, Land land, std::int64_t population,
              const std::string &key_date, const std::string &source,
              const std::vector<PhoneNumber> &numbers,
              const std::vector<routing::OpeningPeriod> &hours);

} // namespace fernamt::billing
