// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_file.h"
#include "knowledge/search.h"
#include "knowledge/search_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace fernamt::knowledge {

namespace {

using Lines = std::vector<std::string>;
using Sections = std::array<Lines, kSectionKeys>; // empty: no such section

struct Entry {
    Service service;
    ServiceWords words;
    std::string order; // normalised colloquial name
    Sections common;
    std::map<MunicipalityId, Sections> local;
};

tl::unexpected<Problem> unreadable(ServiceId service) {
    return fail(ProblemKind::internal, "knowledge.unreadable",
                {{"service", fmt::format("{}", service.value)}});
}

Expected<Service> to_service(const storage::Row &row) {
    const ServiceId id{row.integer(0)};
    const auto synonyms = parse_lines(row.text(4));
    const auto checked = parse_date(row.text(6));
    if (!synonyms || !checked) return unreadable(id);
    return Service{.id = id,
                   .leika = row.text(1),
                   .name = row.text(2),
                   .colloquial = row.text(3),
                   .synonyms = *synonyms,
                   .short_answer = row.text(5),
                   .checked_on = *checked,
                   .review_days = static_cast<int>(row.integer(7))};
}

// entries: by id.
template <class Entries>
auto find(Entries &entries, ServiceId id) -> decltype(entries.data()) {
    const auto found = std::ranges::lower_bound(
        entries, id, {}, [](const Entry &entry) { return entry.service.id; });
    return found != entries.end() && found->service.id == id ? &*found : nullptr;
}

// Runs read for every row and stops at the first problem.
template <class Read>
Expected<void> each_row(storage::Connection &connection, std::string_view sql, const Read &read) {
    Expected<void> result;
    const auto done = connection.each(sql, {}, [&](const storage::Row &row) {
        result = read(row);
        return result.has_value();
    });
    if (!done) return done;
    return result;
}

} // namespace

struct Catalogue::Impl {
    std::vector<Entry> entries; // by id
    std::set<MunicipalityId> municipalities;

    [[nodiscard]] Expected<void> read_services(storage::Connection &connection);
    [[nodiscard]] Expected<void> read_sections(storage::Connection &connection);
    [[nodiscard]] Expected<void> add_section(const storage::Row &row);
};

Expected<void> Catalogue::Impl::read_services(storage::Connection &connection) {
    return each_row(connection,
                    "SELECT id, leika, name, colloquial, synonyms, short_answer, checked_on, "
                    "review_days FROM knowledge_service ORDER BY id",
                    [&](const storage::Row &row) -> Expected<void> {
                        auto service = to_service(row);
                        if (!service) return tl::unexpected(service.error());
                        Entry entry;
                        entry.words = words_of(*service);
                        entry.order = normalise(service->colloquial);
                        entry.service = std::move(*service);
                        entries.push_back(std::move(entry));
                        return {};
                    });
}

Expected<void> Catalogue::Impl::add_section(const storage::Row &row) {
    const ServiceId id{row.integer(0)};
    Entry *entry = find(entries, id);
    const auto key = parse_section_key(row.text(2));
    auto lines = parse_lines(row.text(3));
    if (!entry || !key || !lines) return unreadable(id);
    const MunicipalityId municipality{row.integer(1)};
    Sections &sections = municipality ? entry->local[municipality] : entry->common;
    sections[static_cast<std::size_t>(*key)] = std::move(*lines);
    if (municipality) municipalities.insert(municipality);
    return {};
}

Expected<void> Catalogue::Impl::read_sections(storage::Connection &connection) {
    return each_row(connection,
                    "SELECT service, municipality, section, lines FROM knowledge_section",
                    [&](const storage::Row &row) { return add_section(row); });
}

Catalogue::Catalogue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;

Expected<std::unique_ptr<Catalogue>> Catalogue::load(storage::Database &database) {
    std::unique_ptr<Impl> impl;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        impl = std::make_unique<Impl>();
        if (auto services = impl->read_services(connection); !services) return services;
        return impl->read_sections(connection);
    });
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
    for (const Entry &entry : impl_->entries) {
        if (municipality && !entry.local.contains(*municipality)) continue;
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
    const Entry *entry = find(std::as_const(impl_->entries), service);
    const auto local = entry ? entry->local.find(municipality) : decltype(entry->local.end()){};
    if (!entry || local == entry->local.end()) {
        return fail(ProblemKind::not_found, "knowledge.not_found",
                    {{"service", fmt::format("{}", service.value)},
                     {"municipality", to_ars(municipality)}});
    }
    Article article{.service = entry->service,
                    .municipality = municipality,
                    .state = freshness_of(entry->service, today),
                    .read_aloud = entry->service.short_answer,
                    .sections = {}};
    for (std::size_t i = 0; i < kSectionKeys; ++i) {
        const Lines &lines = local->second[i].empty() ? entry->common[i] : local->second[i];
        if (!lines.empty()) article.sections.push_back({static_cast<SectionKey>(i), lines});
    }
    return article;
}

std::int64_t Catalogue::services() const {
    return static_cast<std::int64_t>(impl_->entries.size());
}

std::vector<MunicipalityId> Catalogue::municipalities() const {
    return {impl_->municipalities.begin(), impl_->municipalities.end()};
}

} // namespace fernamt::knowledge
