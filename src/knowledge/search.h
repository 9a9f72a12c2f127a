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
    bool answered = true;  // here, or nearby; else it is only valid here
    bool internal = false; // an internal note was found, which this reader may see
};

// An office, a person or a guide.
struct BesideHit {
    DocumentKind kind = DocumentKind::office;
    std::int64_t id = 0;
    std::string title;
    std::string text;      // of a person: position and office
    std::string telephone; // the first one
    std::vector<Why> why;
};

struct SearchResult {
    std::vector<SearchHit> items;
    std::int64_t total = 0; // without the limit
    // Of the municipality asked for; beside, not in the total.
    std::vector<WebsiteHit> websites;
    std::vector<BesideHit> beside;
};

struct CatalogueQuestion {
    std::string_view text;                           // any bytes; without words: all, by name
    std::optional<MunicipalityId> municipality = {}; // only what somebody answers for there
    LocalDate today = {};
    std::int64_t limit = 20; // cut to 1..100
    KnowledgeReader reader = {};
    bool neighbours = false; // with a municipality: what others of its district answer, below
    bool unanswered = false; // and what is valid there although nobody answers, below that
    // What else is wanted of the municipality: websites, offices, persons, guides.
    std::vector<DocumentKind> beside = {DocumentKind::website};
};

class Catalogue {
  public:
    // Opens the search index in the directory, or builds it from the database.
    [[nodiscard]] static Expected<std::unique_ptr<Catalogue>>
    load(storage::Database &database, const std::string &index_directory);
    ~Catalogue();
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;

    // "search.index": it is being built again.
    [[nodiscard]] Expected<SearchResult> search(const CatalogueQuestion &question) const;

    // All that somebody answers for there, by colloquial name.
    [[nodiscard]] std::vector<Service> offered(MunicipalityId municipality) const;

    // "knowledge.not_found" for an unknown service or, unless the reader is signed in, where nobody
    // answers for it.
    [[nodiscard]] Expected<Article> article(ServiceId service, MunicipalityId municipality,
                                            const LocalDate &today,
                                            const KnowledgeReader &reader = {}) const;

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
