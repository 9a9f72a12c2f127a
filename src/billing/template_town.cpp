// SPDX-License-Identifier: EUPL-1.2
#include "billing/template_town.h"

namespace fernamt::billing {

agreements::TemplateTown template_town(MunicipalityId id, const std::string &name, Land land,
                                       std::int64_t population, const std::string &key_date,
                                       const std::string &source,
                                       const std::vector<PhoneNumber> &numbers,
                                       const std::vector<routing::OpeningPeriod> &hours) {
    const auto day = parse_date(key_date);
    agreements::TemplateTown town{.municipality = id,
                                  .name = name,
                                  .land = land,
                                  .inhabitants = day ? population : 0,
                                  .key_date = day.value_or(LocalDate{}),
                                  .source = source,
                                  .numbers = numbers,
                                  .hours = {}};
    for (const auto &period : hours) {
        town.hours.push_back(
            {static_cast<int>(period.weekday), period.from_second, period.to_second});
    }
    return town;
}

} // namespace fernamt::billing
