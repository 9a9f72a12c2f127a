// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/areas.h"
#include "knowledge/article.h"
#include "knowledge/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <utility>

namespace fernamt::knowledge {

namespace {

struct Entry {
    Service service;
    std::string order;         // normalised colloquial name
    std::vector<AreaId> areas; // sorted; where somebody answers for it
};

struct Services {
    std::vector<Entry> entries; // by id
    std::set<MunicipalityId> municipalities;
    bool websites = false; // some page is known: worth a second question
};

// entries: by id.
template <class Entries>
auto find(Entries &entries, ServiceId id) -> decltype(entries.data()) {
    const auto found = std::ranges::lower_bound(
        entries, id, {}, [](const Entry &entry) { return entry.service.id; });
    return found != entries.end() && found->service.id == id ? &*found : nullptr;
}

bool is_offered(const Entry &entry, const std::vector<AreaId> &lineage) {
    return std::ranges::any_of(
        lineage, [&](AreaId area) { return std::ranges::binary_search(entry.areas, area); });
}

AreaId district_of(AreaId area) {
    constexpr std::int64_t kBelowDistrict = 10'000'000;
    return AreaId{area.value / kBelowDistrict * kBelowDistrict};
}

// Who answers for it in the same district.
std::optional<MunicipalityId> neighbour_of(const Entry &entry, MunicipalityId municipality) {
    for (const AreaId area : entry.areas) {
        if (area && district_of(area) == district_of(municipality)) return area;
    }
    return std::nullopt;
}

Expected<void> read_areas(storage::Connection &connection, Services &services) {
    return connection.each(
        "SELECT service, area FROM knowledge_responsibility UNION "
        "SELECT service, municipality FROM knowledge_local_text WHERE visibility = 'public' AND "
        "state = 'released' AND municipality <> 0 ORDER BY 1, 2",
        {}, [&](const storage::Row &row) {
            Entry *entry = find(services.entries, ServiceId{row.integer(0)});
            if (!entry) return true;
            const AreaId area{row.integer(1)};
            entry->areas.push_back(area);
            if (area) services.municipalities.insert(area);
            return true;
        });
}

Expected<std::shared_ptr<const Services>> read_all(storage::Database &database) {
    auto made = std::make_shared<Services>();
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        *made = {};
        // Expired telephone texts are left out when an article is read.
        auto services = read_services(connection, LocalDate{});
        if (!services) return tl::unexpected(services.error());
        for (Service &service : *services) {
            std::string order = normalise(service.colloquial);
            made->entries.push_back(
                {.service = std::move(service), .order = std::move(order), .areas = {}});
        }
        if (auto areas = read_areas(connection, *made); !areas) return areas;
        return connection.each("SELECT id FROM knowledge_website_page WHERE gone = 0 LIMIT 1", {},
                               [&](const storage::Row &) {
                                   made->websites = true;
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return made;
}

SearchHit listed(const Entry &entry, const LocalDate &today) {
    return {.service = entry.service,
            .state = freshness_of(entry.service, today),
            .section = {},
            .why = {},
            .neighbour = {}};
}

} // namespace

struct Catalogue::Impl {
    explicit Impl(storage::Database &from) : database(from) {}
    storage::Database &database;
    std::unique_ptr<SearchEngine> engine;
    mutable std::atomic<bool> damaged = false; // the index
    std::int64_t generation = -1;              // of what `services` shows; refresh() alone
    mutable std::mutex mutex;
    std::shared_ptr<const Services> services;

    [[nodiscard]] std::shared_ptr<const Services> shown() const {
        const std::scoped_lock lock(mutex);
        return services;
    }

    // What the towns' websites say about it.
    [[nodiscard]] Expected<std::vector<WebsiteHit>> websites(std::string_view query,
                                                             MunicipalityId municipality) const {
        constexpr std::size_t kMostWebsites = 5;
        const auto found = engine->search({.text = query,
                                           .municipality = municipality,
                                           .kind = DocumentKind::website,
                                           .neighbours = false,
                                           .limit = kMostWebsites});
        if (!found) return tl::unexpected(found.error());
        std::vector<std::int64_t> ids;
        for (const EngineHit &hit : found->hits)
            ids.push_back(hit.subject);
        std::vector<WebsiteHit> pages;
        const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
            auto read = website_pages(connection, ids);
            if (!read) return tl::unexpected(read.error());
            pages = std::move(*read);
            return {};
        });
        if (!done) return tl::unexpected(done.error());
        return pages;
    }

    [[nodiscard]] Expected<void> read() {
        const auto now = knowledge_generation(database);
        if (!now) return tl::unexpected(now.error());
        if (*now == generation) return {};
        auto fresh = read_all(database);
        if (!fresh) return tl::unexpected(fresh.error());
        const std::scoped_lock lock(mutex);
        services = std::move(*fresh);
        generation = *now;
        return {};
    }
};

Catalogue::Catalogue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;

Expected<std::unique_ptr<Catalogue>> Catalogue::load(storage::Database &database,
                                                     const std::string &index_directory) {
    auto impl = std::make_unique<Impl>(database);
    if (auto done = impl->read(); !done) return tl::unexpected(done.error());
    auto engine = SearchEngine::open(database_documents(database), index_directory);
    if (!engine) return tl::unexpected(engine.error());
    impl->engine = std::move(*engine);
    return std::unique_ptr<Catalogue>(new Catalogue(std::move(impl)));
}

Expected<void> Catalogue::refresh() {
    if (auto done = impl_->read(); !done) return done;
    const auto state = impl_->damaged ? impl_->engine->rebuild() : impl_->engine->refresh();
    if (!state) return tl::unexpected(state.error());
    impl_->damaged = false;
    return {};
}

namespace {

std::vector<const Entry *> by_name(const Services &services,
                                   std::optional<MunicipalityId> municipality) {
    std::vector<const Entry *> entries;
    const auto areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    for (const Entry &entry : services.entries) {
        if (!municipality || is_offered(entry, areas)) entries.push_back(&entry);
    }
    std::ranges::stable_sort(entries, {}, &Entry::order);
    return entries;
}

SearchResult list_all(const Services &services, std::optional<MunicipalityId> municipality,
                      std::size_t limit, const LocalDate &today) {
    std::vector<const Entry *> entries = by_name(services, municipality);
    SearchResult result{.items = {}, .total = static_cast<std::int64_t>(entries.size())};
    entries.resize(std::min(entries.size(), limit));
    for (const Entry *entry : entries)
        result.items.push_back(listed(*entry, today));
    return result;
}

} // namespace

Expected<SearchResult> Catalogue::search(std::string_view query,
                                         std::optional<MunicipalityId> municipality,
                                         std::int64_t limit, const LocalDate &today,
                                         bool neighbours) const {
    constexpr std::int64_t kMost = 100;
    const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, kMost));
    const auto services = impl_->shown();
    if (query.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return list_all(*services, municipality, most, today);
    }
    // Some of what is found may not be offered here: more is asked for than shown.
    const auto found = impl_->engine->search({.text = query,
                                              .municipality = municipality,
                                              .kind = DocumentKind::service,
                                              .neighbours = neighbours,
                                              .limit = most * 2});
    if (!found) {
        impl_->damaged = true; // until the next refresh
        return tl::unexpected(found.error());
    }
    const auto areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    SearchResult result;
    std::vector<SearchHit> nearby;
    for (const EngineHit &hit : found->hits) {
        const Entry *entry = find(services->entries, ServiceId{hit.subject});
        if (!entry) continue; // removed a moment ago
        SearchHit made = listed(*entry, today);
        made.section = parse_section_key(hit.section);
        made.why = hit.why;
        if (!municipality || is_offered(*entry, areas)) {
            result.items.push_back(std::move(made));
        } else if (neighbours && (made.neighbour = neighbour_of(*entry, *municipality))) {
            nearby.push_back(std::move(made));
        }
    }
    for (SearchHit &hit : nearby)
        result.items.push_back(std::move(hit));
    result.total = static_cast<std::int64_t>(result.items.size());
    if (result.items.size() > most) result.items.resize(most);
    if (services->websites && municipality) {
        auto pages = impl_->websites(query, *municipality);
        if (!pages) return tl::unexpected(pages.error());
        result.websites = std::move(*pages);
    }
    return result;
}

std::vector<Service> Catalogue::offered(MunicipalityId municipality) const {
    const auto services = impl_->shown();
    std::vector<Service> all;
    for (const Entry *entry : by_name(*services, municipality))
        all.push_back(entry->service);
    return all;
}

Expected<Article> Catalogue::article(ServiceId service, MunicipalityId municipality,
                                     const LocalDate &today) const {
    std::optional<Article> article;
    const auto done = impl_->database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = read_article(connection, service, municipality, today);
        if (!read) return tl::unexpected(read.error());
        article = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    if (!article) {
        return fail(ProblemKind::not_found, "knowledge.not_found",
                    {{"service", fmt::format("{}", service.value)},
                     {"municipality", to_ars(municipality)}});
    }
    return std::move(*article);
}

std::int64_t Catalogue::services() const {
    return static_cast<std::int64_t>(impl_->shown()->entries.size());
}

std::vector<MunicipalityId> Catalogue::municipalities() const {
    const auto services = impl_->shown();
    return {services->municipalities.begin(), services->municipalities.end()};
}

} // namespace fernamt::knowledge
