// SPDX-License-Identifier: EUPL-1.2
// The services in memory, with a plain search: words are compared in lower case with umlauts and ß
// spelt out; every word of the query must begin a word of the name, the colloquial name, a synonym
// or the short answer; hits in names stand first. A word that names a section ("gebühr",
// "unterlagen") points to that section instead. No compounds, no typing errors: a later stage.
// Immutable after loading; any number of threads may read.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "knowledge/service.h"
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
    std::optional<SectionKey> section; // the query asked for this section
};

struct SearchResult {
    std::vector<SearchHit> items;
    std::int64_t total = 0; // without the limit
};

class Catalogue {
  public:
    [[nodiscard]] static Expected<std::unique_ptr<Catalogue>> load(storage::Database &database);
    ~Catalogue();
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;

    // An empty query lists all services by colloquial name. With a municipality only services that
    // it has text for. limit is cut to 1..100. Any bytes are accepted as a query.
    [[nodiscard]] SearchResult search(std::string_view query,
                                      std::optional<MunicipalityId> municipality,
                                      std::int64_t limit, const LocalDate &today) const;

    // "knowledge.not_found" for an unknown service or a municipality without text for it.
    [[nodiscard]] Expected<Article> article(ServiceId service, MunicipalityId municipality,
                                            const LocalDate &today) const;

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
