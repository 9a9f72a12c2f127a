// SPDX-License-Identifier: EUPL-1.2
// The services that agents look up: listed, found by what callers say (SearchEngine), and each as
// one municipality answers it. Names and areas stand in memory, texts are read from the database.
// Any number of threads may read, also during refresh().
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "knowledge/search_engine.h"
#include "knowledge/service.h"
#include "knowledge/website_hit.h"
#include "storage/database.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct SearchHit {
    Service service;
    Freshness state = Freshness::current;
    std::optional<SectionKey> section; // that answers the question
    std::vector<Why> why;              // empty in a list of all
    // Nobody answers for it in the municipality that was asked for, but this one nearby does.
    std::optional<MunicipalityId> neighbour;
};

struct SearchResult {
    std::vector<SearchHit> items;
    std::int64_t total = 0;           // without the limit
    std::vector<WebsiteHit> websites; // of the municipality asked for; beside, not in the total
};

class Catalogue {
  public:
    // Opens the search index in the directory, or builds it from the database.
    [[nodiscard]] static Expected<std::unique_ptr<Catalogue>>
    load(storage::Database &database, const std::string &index_directory);
    ~Catalogue();
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;

    // A query without words lists all services by colloquial name. With a municipality only
    // services that somebody answers for there; with neighbours also those of its district, below.
    // limit is cut to 1..100. Any bytes are accepted as a query. "search.index": it is being built
    // again.
    [[nodiscard]] Expected<SearchResult> search(std::string_view query,
                                                std::optional<MunicipalityId> municipality,
                                                std::int64_t limit, const LocalDate &today,
                                                bool neighbours = false) const;

    // All that somebody answers for there, by colloquial name.
    [[nodiscard]] std::vector<Service> offered(MunicipalityId municipality) const;

    // "knowledge.not_found" for an unknown service or a municipality without text for it.
    [[nodiscard]] Expected<Article> article(ServiceId service, MunicipalityId municipality,
                                            const LocalDate &today) const;

    // Takes over what has changed in the database; cheap when nothing has. To be called now and
    // then by one thread. Builds a damaged index again.
    [[nodiscard]] Expected<void> refresh();

    [[nodiscard]] std::int64_t services() const;
    [[nodiscard]] std::vector<MunicipalityId> municipalities() const;

  private:
    struct Impl;
    explicit Catalogue(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Lower case, umlauts and ß spelt out, everything but letters and digits is a blank. Invalid UTF-8
// never throws and never matches. For the index and the query.
[[nodiscard]] std::string normalise(std::string_view text);

} // namespace fernamt::knowledge
