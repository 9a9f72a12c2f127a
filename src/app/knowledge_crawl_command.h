// SPDX-License-Identifier: EUPL-1.2
// `fernamt knowledge crawl`: visits the websites of the configuration and those that editors have
// entered now, all or one of them, and says what was found. Like the service's own visits, only by
// hand and at once. Pages of sites that do not stand any more leave.
#pragma once

#include "app/config.h"

#include <string>

namespace fernamt::app {

struct KnowledgeCrawlOptions {
    std::string site;                 // its start; empty: all
    bool allow_mass_deletion = false; // what looks like an outage is meant
    bool json = false;
};
[[nodiscard]] int crawl_knowledge(const Config &config, const KnowledgeCrawlOptions &options);

} // namespace fernamt::app
