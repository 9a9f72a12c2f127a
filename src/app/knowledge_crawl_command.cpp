// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_crawl_command.h"

#include "app/exit_codes.h"
#include "app/outside_work.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <iostream>

namespace fernamt::app {

namespace json = boost::json;

namespace {

json::object to_json(const knowledge::WebsiteSite &site, const knowledge::Visit &visit) {
    json::object made;
    made["site"] = site.start;
    made["municipality"] = to_ars(site.municipality);
    made["outcome"] = visit.outcome;
    made["asked"] = visit.asked;
    made["stored"] = visit.stored;
    made["unchanged"] = visit.unchanged;
    made["gone"] = visit.gone;
    made["texts_before"] = visit.texts_before;
    made["texts_after"] = visit.texts_after;
    made["refused"] = visit.refused;
    made["failed"] = visit.failed;
    return made;
}

void print(const knowledge::WebsiteSite &site, const knowledge::Visit &visit) {
    fmt::print("{} ({}): {}; {} asked for, {} new or changed, {} the same, {} gone, {} left alone, "
               "{} not readable\n",
               site.start, knowledge::area_name(site.municipality), visit.outcome, visit.asked,
               visit.stored, visit.unchanged, visit.gone, visit.refused, visit.failed);
    if (visit.outcome == "kept") {
        fmt::print(
            "  Of {} different texts {} would be left: everything stays as it was. If this is "
            "no outage: --allow-mass-deletion\n",
            visit.texts_before, visit.texts_after);
    }
    std::fflush(stdout);
}

// Not those that editors have stopped.
std::vector<knowledge::WebsiteSite> chosen(const std::vector<knowledge::StandingSite> &standing,
                                           const KnowledgeCrawlOptions &options) {
    std::vector<knowledge::WebsiteSite> sites;
    for (const auto &one : standing) {
        const bool wanted = options.site.empty() || one.site.start == options.site;
        if (wanted && !one.stopped) sites.push_back(one.site);
    }
    return sites;
}

} // namespace

int crawl_knowledge(const Config &config, const KnowledgeCrawlOptions &options) {
    auto database = storage::Database::open(config.database_url);
    if (!database) return report(database.error());
    const SystemClock clock;
    const auto standing =
        knowledge::standing_sites(**database, website_sites(config), website_guard(config));
    if (!standing) return report(standing.error());
    const auto sites = chosen(*standing, options);
    if (sites.empty()) {
        fmt::print(stderr, "fernamt: {}\n",
                   options.site.empty()
                       ? "no website is to be read; editors enter them under Redaktion, or add "
                         "[[website.site]] with municipality and start"
                       : "no website to be read starts at " + options.site);
        return kUsage;
    }
    if (const auto gone =
            knowledge::forget_other_sites(**database, clock, knowledge::sites_of(*standing));
        !gone) {
        return report(gone.error());
    }
    const auto fetcher = knowledge::make_page_fetcher(config.website_private_hosts);
    json::array all;
    bool complete = true;
    for (const knowledge::WebsiteSite &site : sites) {
        const auto visit = knowledge::visit_site(**database, clock, site,
                                                 {*fetcher, {}, {}, options.allow_mass_deletion});
        if (!visit) return report(visit.error());
        complete = complete && (visit->outcome == "complete" || visit->outcome == "limit");
        if (options.json) {
            all.push_back(to_json(site, *visit));
        } else {
            print(site, *visit);
        }
    }
    if (options.json) std::cout << json::serialize(all) << "\n";
    return complete ? kOk : kFound;
}

} // namespace fernamt::app
