// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/areas.h"
#include "knowledge/article.h"
#include "knowledge/search.h"
#include "knowledge/search_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace fernamt::knowledge {

namespace {

struct Entry {
    Service service;
    ServiceWords words;
    std::string order;         // normalised colloquial name
    std::vector<AreaId> areas; // sorted; where somebody answers for it
};

// entries: by id.
Entry *find(std::vector<Entry> &entries, ServiceId id) {
    const auto found = std::ranges::lower_bound(
        entries, id, {}, [](const Entry &entry) { return entry.service.id; });
    return found != entries.end() && found->service.id == id ? &*found : nullptr;
}

bool offered(const Entry &entry, const std::vector<AreaId> &lineage) {
    return std::ranges::any_of(
        lineage, [&](AreaId area) { return std::ranges::binary_search(entry.areas, area); });
}

} // namespace

struct Catalogue::Impl {
    explicit Impl(storage::Database &from) : database(from) {}
    storage::Database &database;
    std::vector<Entry> entries; // by id
    std::set<MunicipalityId> municipalities;

    [[nodiscard]] Expected<void> read(storage::Connection &connection);
    [[nodiscard]] Expected<void> read_areas(storage::Connection &connection);
};

Expected<void> Catalogue::Impl::read(storage::Connection &connection) {
    // Expired telephone texts are left out when an article is read; here they only help to search.
    auto services = read_services(connection, LocalDate{});
    if (!services) return tl::unexpected(services.error());
    entries.clear();
    municipalities.clear();
    for (Service &service : *services) {
        Entry entry;
        entry.words = words_of(service);
        entry.order = normalise(service.colloquial);
        entry.service = std::move(service);
        entries.push_back(std::move(entry));
    }
    return read_areas(connection);
}

Expected<void> Catalogue::Impl::read_areas(storage::Connection &connection) {
    return connection.each(
        "SELECT service, area FROM knowledge_responsibility UNION "
        "SELECT service, municipality FROM knowledge_local_text WHERE visibility = 'public' AND "
        "state = 'released' ORDER BY 1, 2",
        {}, [&](const storage::Row &row) {
            Entry *entry = find(entries, ServiceId{row.integer(0)});
            if (!entry) return true;
            const AreaId area{row.integer(1)};
            entry->areas.push_back(area);
            if (area) municipalities.insert(area);
            return true;
        });
}

Catalogue::Catalogue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;

Expected<std::unique_ptr<Catalogue>> Catalogue::load(storage::Database &database) {
    auto impl = std::make_unique<Impl>(database);
    const auto done =
        database.read([&](storage::Connection &connection) { return impl->read(connection); });
    if (!done) return tl::unexpected(done.error());
    return std::unique_ptr<Catalogue>(new Catalogue(std::move(impl)));
}

SearchResult Catalogue::search(std::string_view query, std::optional<MunicipalityId> municipality,
                               std::int64_t limit, const LocalDate &today) const {
    constexpr std::size_t kLongestQuery = 200; // what nobody types; keeps a request cheap
    const Words words = to_words(query.substr(0, kLongestQuery));
    struct Hit {
        const Entry *entry;
        Match match;
    };
    std::vector<Hit> hits;
    const auto areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    for (const Entry &entry : impl_->entries) {
        if (municipality && !offered(entry, areas)) continue;
        if (words.empty()) {
            hits.push_back({&entry, {}});
        } else if (const auto found = match(entry.words, words)) {
            hits.push_back({&entry, *found});
        }
    }
    std::ranges::stable_sort(hits, [&](const Hit &a, const Hit &b) {
        if (words.empty()) return a.entry->order < b.entry->order;
        return a.match.score > b.match.score; // equal: the more frequent service, by id
    });
    SearchResult result;
    result.total = static_cast<std::int64_t>(hits.size());
    hits.resize(
        std::min(hits.size(), static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, 100))));
    for (const Hit &hit : hits) {
        result.items.push_back({.service = hit.entry->service,
                                .state = freshness_of(hit.entry->service, today),
                                .section = hit.match.section});
    }
    return result;
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
    return static_cast<std::int64_t>(impl_->entries.size());
}

std::vector<MunicipalityId> Catalogue::municipalities() const {
    return {impl_->municipalities.begin(), impl_->municipalities.end()};
}

} // namespace fernamt::knowledge
