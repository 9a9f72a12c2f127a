// SPDX-License-Identifier: EUPL-1.2
#include "base/log.h"
#include "knowledge/areas.h"
#include "knowledge/article.h"
#include "knowledge/name_search.h"
#include "knowledge/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

namespace fernamt::knowledge {

namespace {

struct Entry {
    Service service;
    std::string order;         // normalised colloquial name
    std::vector<AreaId> areas; // sorted; where somebody answers for it
    std::vector<ShortText> shorts;
    std::map<MunicipalityId, Check> checks; // of the municipalities themselves
};

struct Services {
    std::vector<Entry> entries; // by id
    std::set<MunicipalityId> municipalities;
    bool websites = false; // some page is known: worth a second question

    // Of the entries, in their order; made for the first who asks.
    [[nodiscard]] const std::vector<NameTerms> &names() const {
        std::call_once(named_, [&] {
            for (const Entry &entry : entries) {
                const Service &one = entry.service;
                names_.push_back(
                    terms_of_names(Analyser::german(), {one.colloquial, one.name, one.leika}));
            }
        });
        return names_;
    }

  private:
    mutable std::once_flag named_;
    mutable std::vector<NameTerms> names_;
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
        "SELECT s.service, a.area FROM knowledge_specialisation s JOIN knowledge_area a ON "
        "a.owner = s.id UNION "
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

Expected<void> read_own_checks(storage::Connection &connection, Services &services) {
    return connection.each("SELECT service, municipality, checked_on, review_days FROM "
                           "knowledge_review WHERE municipality <> 0 AND checked_on <> ''",
                           {}, [&](const storage::Row &row) {
                               if (Entry *entry = find(services.entries, ServiceId{row.integer(0)}))
                                   entry->checks[MunicipalityId{row.integer(1)}] = {
                                       parse_date(row.text(2)), static_cast<int>(row.integer(3))};
                               return true;
                           });
}

Expected<std::shared_ptr<const Services>> read_all(storage::Database &database) {
    auto made = std::make_shared<Services>();
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        made = std::make_shared<Services>();
        auto services = read_services(connection);
        if (!services) return tl::unexpected(services.error());
        for (Service &service : *services) {
            std::string order = normalise(service.colloquial);
            made->entries.push_back({.service = std::move(service),
                                     .order = std::move(order),
                                     .areas = {},
                                     .shorts = {},
                                     .checks = {}});
        }
        if (auto areas = read_areas(connection, *made); !areas) return areas;
        if (auto checks = read_own_checks(connection, *made); !checks) return checks;
        auto shorts = each_short_text(connection, [&](ShortText text) {
            if (Entry *entry = find(made->entries, text.service)) {
                entry->shorts.push_back(std::move(text));
            }
        });
        if (!shorts) return shorts;
        return connection.each("SELECT id FROM knowledge_website_page WHERE gone = 0 LIMIT 1", {},
                               [&](const storage::Row &) {
                                   made->websites = true;
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return made;
}

// What the article would read aloud there (article.cpp): the municipality's own telephone text, the
// centre's, the nearest specialisation's, what is delivered. Expired ones have expired here too.
const std::string &short_answer(const Entry &entry, const std::vector<AreaId> &lineage,
                                const LocalDate &today) {
    const ShortText *best = nullptr;
    std::size_t nearest = 0;
    for (const ShortText &each : entry.shorts) {
        if (each.expires_on && *each.expires_on < today) continue;
        const auto at = std::ranges::find(lineage, each.area);
        const bool own = !lineage.empty() && each.area == lineage.front();
        const bool common = !each.area;
        if (each.telephone ? !own && !common : at == lineage.end()) continue;
        // Telephone texts first; among each sort the nearest.
        const std::size_t distance = (each.telephone ? 0 : 100) +
                                     (own ? 0 : static_cast<std::size_t>(at - lineage.begin()) + 1);
        if (best && distance >= nearest) continue;
        best = &each;
        nearest = distance;
    }
    return best ? best->text : entry.service.short_answer;
}

// As the article there tells it.
void tell_check(SearchHit &hit, const Entry &entry, std::optional<MunicipalityId> municipality,
                const LocalDate &today) {
    const auto own = municipality ? entry.checks.find(*municipality) : entry.checks.end();
    const CheckedThere there = checked_there(
        entry.service.check, own == entry.checks.end() ? Check{} : own->second, today);
    hit.service.check.on = there.on;
    hit.state = there.state;
}

SearchHit listed(const Entry &entry, const std::vector<AreaId> &lineage, const LocalDate &today) {
    SearchHit made{.service = entry.service,
                   .state = Freshness::due,
                   .section = {},
                   .why = {},
                   .neighbour = {}};
    tell_check(made, entry, lineage.empty() ? std::nullopt : std::optional(lineage.front()), today);
    made.service.short_answer = short_answer(entry, lineage, today);
    return made;
}

std::string title_and_name(const storage::Row &row) { // title, given name, family name
    std::string name;
    for (const int column : {0, 1, 2}) {
        if (row.text(column).empty()) continue;
        name += (name.empty() ? "" : " ") + row.text(column);
    }
    return name;
}

Expected<void> read_telephone(storage::Connection &connection, std::int64_t office,
                              std::int64_t person, BesideHit &hit) {
    return connection.each("SELECT value FROM knowledge_contact WHERE office = $1 AND person = $2 "
                           "AND channel IN ('02', '03') ORDER BY ordinal LIMIT 1",
                           {office, person}, [&](const storage::Row &row) {
                               hit.telephone = row.text(0);
                               return true;
                           });
}

Expected<void> complete(storage::Connection &connection, BesideHit &hit) {
    if (hit.kind == DocumentKind::office) return read_telephone(connection, hit.id, 0, hit);
    if (hit.kind != DocumentKind::person) return {};
    std::int64_t office = 0;
    auto done = connection.each(
        "SELECT p.title, p.given_name, p.family_name, p.position, o.name, o.id FROM "
        "knowledge_person p JOIN knowledge_office o ON o.id = p.office WHERE p.id = $1",
        {hit.id}, [&](const storage::Row &row) {
            hit.title = title_and_name(row);
            hit.text = row.text(3).empty() ? row.text(4) : row.text(3) + ", " + row.text(4);
            office = row.integer(5);
            return true;
        });
    if (!done || office == 0) return done;
    return read_telephone(connection, office, hit.id, hit);
}

} // namespace

struct Catalogue::Impl {
    explicit Impl(storage::Database &from) : database(from) {}
    storage::Database &database;
    std::unique_ptr<SearchEngine> engine;
    mutable std::atomic<bool> damaged = false; // the index
    std::atomic<std::int64_t> built = 0;       // documents, and of how many
    std::atomic<std::int64_t> expected = 0;
    std::int64_t generation = -1; // of what `services` shows; refresh_services() alone
    mutable std::mutex mutex;
    std::shared_ptr<const Services> services;

    [[nodiscard]] std::shared_ptr<const Services> shown() const {
        const std::scoped_lock lock(mutex);
        return services;
    }

    // What the towns' websites say about it, which offices, people and guides there are.
    [[nodiscard]] Expected<void> add_beside(const std::vector<EngineHit> &hits,
                                            SearchResult &result) const {
        if (hits.empty()) return {};
        std::vector<WebsiteHit> pages;
        for (const EngineHit &hit : hits) {
            if (hit.kind != DocumentKind::website) continue;
            pages.push_back({.id = hit.subject, .why = hit.why});
        }
        return database.read([&](storage::Connection &connection) -> Expected<void> {
            result.beside.clear();
            auto read = website_pages(connection, pages);
            if (!read) return tl::unexpected(read.error());
            result.websites = std::move(*read);
            for (const EngineHit &hit : hits) {
                if (hit.kind == DocumentKind::website) continue;
                BesideHit made{.kind = hit.kind,
                               .id = hit.subject,
                               .title = hit.title,
                               .text = {},
                               .telephone = {},
                               .why = hit.why};
                if (auto done = complete(connection, made); !done) return done;
                result.beside.push_back(std::move(made));
            }
            return {};
        });
    }

    [[nodiscard]] std::vector<DocumentKind> wanted_beside(const CatalogueQuestion &question,
                                                          const Services &known) const {
        if (!question.municipality) return {};
        std::vector<DocumentKind> kinds = question.beside;
        if (!known.websites) std::erase(kinds, DocumentKind::website);
        return kinds;
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

Expected<std::unique_ptr<Catalogue>> Catalogue::open(storage::Database &database,
                                                     const std::string &index_directory,
                                                     std::int64_t at_once) {
    auto impl = std::make_unique<Impl>(database);
    if (auto done = impl->read(); !done) return tl::unexpected(done.error());
    const auto documents = search_documents(database);
    if (!documents) return tl::unexpected(documents.error());
    impl->expected = *documents;
    impl->engine = SearchEngine::open_at_once(database_documents(database), index_directory);
    std::unique_ptr<Catalogue> made(new Catalogue(std::move(impl)));
    if (*documents > at_once) return made;
    if (const auto done = made->refresh_index(); !done)
        log::warning("search.refresh_failed", {{"problem", describe(done.error())}});
    return made;
}

Expected<std::unique_ptr<Catalogue>> Catalogue::load(storage::Database &database,
                                                     const std::string &index_directory) {
    return open(database, index_directory, std::numeric_limits<std::int64_t>::max());
}

Expected<void> Catalogue::refresh_services() {
    return impl_->read();
}

Expected<void> Catalogue::refresh_index(const std::function<bool()> &stops) {
    using SteadyClock = std::chrono::steady_clock;
    std::optional<SteadyClock::time_point> began; // to build
    const IndexWatch watch{.building =
                               [&](std::int64_t done, std::int64_t of) {
                                   impl_->built = done;
                                   impl_->expected = of;
                                   if (began) return;
                                   began = SteadyClock::now();
                                   log::info("search.building", {{"documents", of}});
                               },
                           .stops = stops};
    const auto state =
        impl_->damaged ? impl_->engine->rebuild(watch) : impl_->engine->refresh(watch);
    if (began) {
        const auto taken =
            std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - *began);
        log::info(state ? "search.built" : "search.not_built",
                  {{"documents", impl_->built.load()},
                   {"seconds", static_cast<double>(taken.count()) / 1000}});
    }
    if (!state) return tl::unexpected(state.error());
    impl_->damaged = false;
    return {};
}

Expected<void> Catalogue::refresh() {
    if (auto done = refresh_services(); !done) return done;
    return refresh_index();
}

std::optional<IndexBuilding> Catalogue::building() const {
    if (impl_->engine->ready() && !impl_->damaged) return std::nullopt;
    return IndexBuilding{.done = impl_->built, .of = impl_->expected};
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
    const auto areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    for (const Entry *entry : entries)
        result.items.push_back(listed(*entry, areas, today));
    return result;
}

// The best first; those as good as each other by name.
SearchResult list_named(const Services &services, const CatalogueQuestion &question,
                        std::size_t limit, const IndexBuilding &building) {
    const NameQuestion asked(Analyser::german(), question.text);
    const auto areas =
        question.municipality ? lineage(*question.municipality) : std::vector<AreaId>{};
    std::vector<std::pair<int, const Entry *>> found;
    for (std::size_t i = 0; i < services.entries.size(); ++i) {
        const Entry &entry = services.entries[i];
        if (question.municipality && !is_offered(entry, areas)) continue;
        const int score = asked.score(services.names()[i]);
        if (score > 0) found.emplace_back(score, &entry);
    }
    std::ranges::sort(found, [](const auto &a, const auto &b) {
        return std::tie(b.first, a.second->order) < std::tie(a.first, b.second->order);
    });
    SearchResult result{
        .items = {}, .total = static_cast<std::int64_t>(found.size()), .building = building};
    found.resize(std::min(found.size(), limit));
    for (const auto &[score, entry] : found)
        result.items.push_back(listed(*entry, areas, question.today));
    return result;
}

} // namespace

Expected<SearchResult> Catalogue::search(const CatalogueQuestion &question) const {
    constexpr std::int64_t kMost = 100;
    const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(question.limit, 1, kMost));
    const auto municipality = question.municipality;
    const auto services = impl_->shown();
    if (question.text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        SearchResult all = list_all(*services, municipality, most, question.today);
        all.building = building();
        return all;
    }
    if (const auto unfinished = building())
        return list_named(*services, question, most, *unfinished);
    // The centre answers in the name of the municipality that was called.
    const KnowledgeReader &reader = question.reader;
    const auto found =
        impl_->engine->search({.text = question.text,
                               .municipality = municipality,
                               .staff_of = reader.centre ? municipality : reader.municipality,
                               .kind = DocumentKind::service,
                               .beside = impl_->wanted_beside(question, *services),
                               .neighbours = question.neighbours,
                               .unanswered = question.unanswered,
                               .limit = most});
    if (!found) {
        impl_->built = 0;
        impl_->damaged = true; // until the next refresh_index()
        return list_named(*services, question, most, {.done = 0, .of = impl_->expected});
    }
    const auto areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    SearchResult result{.items = {}, .total = found->total};
    for (const EngineHit &hit : found->hits) {
        const Entry *entry = find(services->entries, ServiceId{hit.subject});
        if (!entry) { // removed a moment ago
            --result.total;
            continue;
        }
        // A telephone text alone answers nothing.
        const bool answered =
            !hit.unanswered && (!municipality || hit.neighbour || is_offered(*entry, areas));
        if (!answered && !question.unanswered) {
            --result.total;
            continue;
        }
        SearchHit made = listed(*entry, areas, question.today);
        made.section = parse_section_key(hit.section);
        made.why = hit.why;
        made.answered = answered;
        made.internal = hit.internal;
        if (hit.neighbour) made.neighbour = neighbour_of(*entry, *municipality);
        if (made.neighbour) tell_check(made, *entry, made.neighbour, question.today);
        result.items.push_back(std::move(made));
    }
    if (auto done = impl_->add_beside(found->beside, result); !done) {
        return tl::unexpected(done.error());
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
                                     const LocalDate &today, const KnowledgeReader &reader) const {
    std::optional<Article> article;
    const auto done = impl_->database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = read_article(connection, service, municipality, today, reader);
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
