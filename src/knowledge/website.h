// SPDX-License-Identifier: EUPL-1.2
// Towns' websites as a second source of the search (issue 4, part 7): a crawler for configured
// sites only. Polite: robots.txt first (RFC 9309), one request at a time with a pause between,
// conditional requests, limits of pages, depth, bytes and time, and it leaves when the server asks
// it to or fails repeatedly. What it stores is text, address and day; a hit leads to the website.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "knowledge/areas.h"
#include "knowledge/website_fetch.h"
#include "knowledge/website_hit.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct WebsiteSite {
    MunicipalityId municipality;
    std::string start; // "https://www.langenhagen.de/"; only this host is visited
    int most_pages = 500;
    int most_depth = 6; // links from the start; sitemap entries are one link away
    std::size_t most_bytes_of_a_page = std::size_t{2} * 1024 * 1024;
    std::size_t most_bytes = std::size_t{200} * 1024 * 1024; // of one visit
    Duration pause = 1s; // between requests; robots.txt may ask for more
    Duration longest_request = 20s;
    Duration longest_visit = std::chrono::hours(2);
};

struct Visit {
    // "complete", "limit" (there is more), "stopped" (asked to), "refused" (by robots.txt),
    // "unreachable", "private" (an address of the own network), "moved" (robots.txt leads to
    // another host, or the start does and nothing is known of this one), "asked_to_leave" (429 or
    // 503), "failing"; "kept": see visit_site().
    std::string outcome;
    std::int64_t asked = 0;     // requests for pages
    std::int64_t stored = 0;    // new or changed
    std::int64_t unchanged = 0; // 304 or the same text
    std::int64_t gone = 0;
    std::int64_t refused = 0;      // by robots.txt, other hosts, not HTML, not to be indexed
    std::int64_t failed = 0;       // too large, too slow, broken
    std::int64_t texts_before = 0; // different ones
    std::int64_t texts_after = 0;  // would be, if kept
    bool limited = false;
};

struct VisitOptions {
    PageFetcher &fetcher;
    std::function<bool()> stop;                       // during requests, too; may be empty
    std::function<void(Duration)> wait;               // may be empty: sleeps
    bool allow_mass_deletion = false;                 // what looks like an outage is meant
    std::function<void(const Visit &)> progress = {}; // before each page; may be empty
    // Asked at the end: the site is not to be known any more, nothing of the visit takes effect.
    std::function<bool()> withdrawn = {}; // may be empty
};

// What was read takes effect when the visit has ended. Pages are taken away that the server says
// are gone (404, 410), after a complete visit also those that nothing leads to any more; an
// incomplete visit takes away nothing else. If the site would lose more than a third of its
// different texts, that is no new website but an outage: all pages vanish, or all show the same
// text. Then everything stays as it was ("kept"). "website.address" (url) for a start that is no
// web address, or the database's problems.
[[nodiscard]] Expected<Visit> visit_site(storage::Database &database, const Clock &clock,
                                         const WebsiteSite &site, const VisitOptions &options);

// Takes away the pages of sites that are not configured any more, or for another municipality.
// Answers with their number.
[[nodiscard]] Expected<std::int64_t> forget_other_sites(storage::Database &database,
                                                        const Clock &clock,
                                                        const std::vector<WebsiteSite> &configured);

// The same of one site, whatever municipality it is of, inside a transaction.
[[nodiscard]] Expected<void> forget_site(storage::Connection &connection, Instant now,
                                         const std::string &start);

// When each site was visited last. Nothing: never.
[[nodiscard]] Expected<std::optional<Instant>> last_visit(storage::Database &database,
                                                          const std::string &start);

} // namespace fernamt::knowledge
