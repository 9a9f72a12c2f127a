// SPDX-License-Identifier: EUPL-1.2
// A page of a town's website as the search shows it: marked with the day on which it was read, and
// leading there. Never part of an article: nobody here has checked it.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "knowledge/search_engine.h"
#include "storage/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct WebsiteHit {
    std::int64_t id = 0;
    std::string title;
    std::string url;
    std::string excerpt; // the page's words around what was asked
    MunicipalityId municipality;
    LocalDate fetched_on;
    std::vector<Why> why;
};
// Completes what was found: id and why are given. In this order; what is gone is left out.
[[nodiscard]] Expected<std::vector<WebsiteHit>> website_pages(storage::Connection &connection,
                                                              std::vector<WebsiteHit> found);

} // namespace fernamt::knowledge
