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
#include <functional>
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

// The index is being built: so many documents of so many (0: not known yet).
struct IndexBuilding {
    std::int64_t done = 0;
    std::int64_t of = 0;
    friend bool operator==(const IndexBuilding &, const IndexBuilding &) = default;
};

struct SearchResult {
    std::vector<SearchHit> items;
    std::int64_t total = 0; // without the limit
    // Set: there is no index yet, and what words found was found by the services' names alone.
    std::optional<IndexBuilding> building;
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
    // Opens the search index in the directory as it stands, or with none. What must be written of
    // it is left to refresh_index(); with at most so many documents it is done at once.
    [[nodiscard]] static Expected<std::unique_ptr<Catalogue>>
    open(storage::Database &database, const std::string &index_directory,
         std::int64_t at_once = kBuiltAtOnce);
    // Waits for the index, however large it is.
    [[nodiscard]] static Expected<std::unique_ptr<Catalogue>>
    load(storage::Database &database, const std::string &index_directory);
    static constexpr std::int64_t kBuiltAtOnce = 2'000; // documents: a second or two
    ~Catalogue();
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;

    // By names alone as long as there is no index or a broken one.
    [[nodiscard]] Expected<SearchResult> search(const CatalogueQuestion &question) const;
    [[nodiscard]] std::optional<IndexBuilding> building() const; // nothing: the index answers

    // All that somebody answers for there, by colloquial name.
    [[nodiscard]] std::vector<Service> offered(MunicipalityId municipality) const;

    // "knowledge.not_found" for an unknown service or, unless the reader is signed in, where nobody
    // answers for it.
    [[nodiscard]] Expected<Article> article(ServiceId service, MunicipalityId municipality,
                                            const LocalDate &today,
                                            const KnowledgeReader &reader = {}) const;

    // Take over what has changed in the database; cheap when nothing has. To be called now and
    // then, each by one thread (knowledge/search_keeper.h calls the second).
    [[nodiscard]] Expected<void> refresh_services();
    // Builds the index where it is missing, broken or of another version, which takes minutes with
    // many documents; the log has a line when that begins and when it ends. stops: asked all the
    // time; true: leave off.
    [[nodiscard]] Expected<void> refresh_index(const std::function<bool()> &stops = {});
    [[nodiscard]] Expected<void> refresh(); // both

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
