// SPDX-License-Identifier: EUPL-1.2
// A page of a town's website as the search shows it: marked with the day on which it was read, and
// leading there. Never part of an article: nobody here has checked it.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "storage/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct WebsiteHit {
    std::int64_t id = 0;
    std::string title;
    std::string url;
    std::string excerpt; // the page's first sentences
    MunicipalityId municipality;
    LocalDate fetched_on;
};
// By id, in this order; what is gone is left out.
[[nodiscard]] Expected<std::vector<WebsiteHit>> website_pages(storage::Connection &connection,
                                                              const std::vector<std::int64_t> &ids);

} // namespace fernamt::knowledge
