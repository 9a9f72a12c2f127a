// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_store.h"

#include "base/calendar.h"
#include "knowledge/bulk_rows.h"
#include "knowledge/demo_file.h"
#include "knowledge/model.h"
#include "knowledge/object_store.h"
#include "knowledge/website_excerpt.h"
#include "knowledge/xzufi_object.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <set>

namespace fernamt::knowledge {

namespace json = boost::json;

namespace {

std::string sections_json(const WebPage &page) {
    json::array all;
    for (const PageSection &section : page.sections) {
        json::array pair;
        pair.emplace_back(section.heading);
        pair.emplace_back(section.text);
        all.push_back(std::move(pair));
    }
    return json::serialize(all);
}

std::string lines_json(const std::vector<std::string> &lines) {
    json::array all;
    for (const std::string &line : lines)
        all.emplace_back(line);
    return json::serialize(all);
}

std::string today(const Clock &clock) {
    return fernamt::to_string(to_local(clock.now()).date);
}

} // namespace

std::int64_t WebsiteStore::id_of(const std::string &url) {
    // Clients read it as a JSON number: 52 bits of the text's hash, never 0.
    const std::string digits = text_hash(url).substr(0, 13);
    const auto id = static_cast<std::int64_t>(std::strtoull(digits.c_str(), nullptr, 16));
    return id == 0 ? 1 : id;
}

Expected<std::map<std::string, KnownPage>> WebsiteStore::known() const {
    std::map<std::string, KnownPage> pages;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        pages.clear();
        return connection.each(
            "SELECT url, id, etag, last_modified, hash, links, gone FROM knowledge_website_page "
            "WHERE site = $1 ORDER BY id",
            {site_.start}, [&](const storage::Row &row) {
                KnownPage page{.id = row.integer(1),
                               .etag = row.text(2),
                               .last_modified = row.text(3),
                               .hash = row.text(4),
                               .links = {},
                               .gone = row.integer(6) != 0};
                if (auto links = parse_lines(row.text(5))) page.links = std::move(*links);
                pages.emplace(row.text(0), std::move(page));
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return pages;
}

Expected<void> WebsiteStore::begin() {
    return database_.write([&](storage::Connection &connection) {
        return run(connection, "DELETE FROM knowledge_website_staged WHERE site = $1",
                   {site_.start});
    });
}

Expected<std::optional<std::string>> WebsiteStore::put(const StoredPage &page) {
    const std::int64_t id = id_of(page.url);
    const std::string sections = sections_json(page.page);
    const std::string hash = text_hash(page.page.title + "\n" + sections);
    bool same = false;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        // The same text: only what the server says about it may be new.
        const auto kept = connection.run(
            "UPDATE knowledge_website_page SET links = $1, etag = $2, last_modified = $3, "
            "fetched_on = $4 WHERE id = $5 AND hash = $6 AND gone = 0 AND municipality = $7 AND "
            "site = $8",
            {lines_json(page.links), page.etag, page.last_modified, today(clock_), id, hash,
             site_.municipality.value, site_.start});
        if (!kept) return tl::unexpected(kept.error());
        same = *kept > 0;
        if (same) return {};
        return run(connection,
                   "INSERT INTO knowledge_website_staged (id, site, url, title, sections, links, "
                   "etag, last_modified, fetched_on, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                   "$9, $10) ON CONFLICT (id) DO NOTHING",
                   {id, site_.start, page.url, page.page.title, sections, lines_json(page.links),
                    page.etag, page.last_modified, today(clock_), hash});
    });
    if (!done) return tl::unexpected(done.error());
    if (same) return std::optional<std::string>();
    return std::optional(hash);
}

Expected<void> WebsiteStore::accept() {
    for (bool more = true; more;) { // calls write, too: never long at a time
        const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
            std::int64_t last = -1;
            auto read = connection.each("SELECT id FROM knowledge_website_staged WHERE site = $1 "
                                        "ORDER BY id LIMIT 20",
                                        {site_.start}, [&](const storage::Row &row) {
                                            last = row.integer(0);
                                            return true;
                                        });
            more = last >= 0;
            if (!read || !more) return read;
            const auto generation = next_generation(connection, clock_.now());
            if (!generation) return tl::unexpected(generation.error());
            auto moved = run(
                connection,
                "INSERT INTO knowledge_website_page (id, site, municipality, url, title, sections, "
                "links, etag, last_modified, fetched_on, hash, generation, gone) SELECT id, site, "
                "CAST($3 AS BIGINT), url, title, sections, links, etag, last_modified, fetched_on, "
                "hash, CAST($4 AS BIGINT), 0 FROM knowledge_website_staged WHERE site = $1 AND id "
                "<= $2 ON CONFLICT (id) DO UPDATE SET site = excluded.site, municipality = "
                "excluded.municipality, title = excluded.title, sections = excluded.sections, "
                "links = excluded.links, etag = excluded.etag, last_modified = "
                "excluded.last_modified, fetched_on = excluded.fetched_on, hash = excluded.hash, "
                "gone = 0, generation = excluded.generation",
                {site_.start, last, site_.municipality.value, *generation});
            if (!moved) return moved;
            return run(connection,
                       "DELETE FROM knowledge_website_staged WHERE site = $1 AND id <= $2",
                       {site_.start, last});
        });
        if (!done) return done;
    }
    return {};
}

Expected<void> WebsiteStore::seen_again(const std::string &url) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto run =
            connection.run("UPDATE knowledge_website_page SET fetched_on = $1 WHERE id = $2",
                           {today(clock_), id_of(url)});
        if (!run) return tl::unexpected(run.error());
        return {};
    });
}

Expected<void> WebsiteStore::remove(const std::vector<std::string> &urls) {
    if (urls.empty()) return {};
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto generation = next_generation(connection, clock_.now());
        if (!generation) return tl::unexpected(generation.error());
        for (const std::string &url : urls) {
            // Nothing of the text stays, only what the index needs to know.
            const auto run = connection.run(
                "UPDATE knowledge_website_page SET gone = 1, generation = $1, title = '', "
                "sections = '[]', links = '[]', etag = '', last_modified = '', hash = '' WHERE "
                "id = $2 AND gone = 0",
                {*generation, id_of(url)});
            if (!run) return tl::unexpected(run.error());
        }
        return {};
    });
}

Expected<void> WebsiteStore::note_visit(const Visit &visit) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto run = connection.run(
            "INSERT INTO knowledge_website_visit (site, municipality, ended_at, outcome, asked, "
            "stored) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site) DO UPDATE SET "
            "municipality = excluded.municipality, ended_at = excluded.ended_at, outcome = "
            "excluded.outcome, asked = excluded.asked, stored = excluded.stored",
            {site_.start, site_.municipality.value, clock_.now().us, visit.outcome, visit.asked,
             visit.stored});
        if (!run) return tl::unexpected(run.error());
        return {};
    });
}

Expected<std::vector<WebsiteHit>> website_pages(storage::Connection &connection,
                                                std::vector<WebsiteHit> found) {
    std::vector<WebsiteHit> hits;
    for (WebsiteHit &hit : found) {
        std::vector<std::string> words;
        for (const Why &why : hit.why) {
            words.push_back(why.said);
            if (!why.found.empty()) words.push_back(why.found);
        }
        const auto done = connection.each(
            "SELECT title, url, sections, municipality, fetched_on FROM knowledge_website_page "
            "WHERE id = $1 AND gone = 0",
            {hit.id}, [&](const storage::Row &row) {
                hit.title = row.text(0);
                hit.url = row.text(1);
                hit.excerpt = excerpt_around(parse_sections(row.text(2)), words);
                hit.municipality = MunicipalityId{row.integer(3)};
                hit.fetched_on = parse_date(row.text(4)).value_or(LocalDate{});
                hits.push_back(std::move(hit));
                return false;
            });
        if (!done) return tl::unexpected(done.error());
    }
    return hits;
}

std::vector<PageSection> parse_sections(const std::string &text) {
    std::vector<PageSection> sections;
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_array()) return sections;
    for (const json::value &one : value.get_array()) {
        if (!one.is_array() || one.get_array().size() != 2) continue;
        const json::value &heading = one.get_array()[0];
        const json::value &body = one.get_array()[1];
        if (!heading.is_string() || !body.is_string()) continue;
        sections.push_back({std::string(heading.get_string()), std::string(body.get_string())});
    }
    return sections;
}

namespace {

// Nothing of the text stays, only what the index needs to know. Answers with the pages' number.
Expected<std::int64_t> forget_pages(storage::Connection &connection, std::int64_t generation,
                                    const std::string &site, std::int64_t municipality) {
    return connection.run(
        "UPDATE knowledge_website_page SET gone = 1, generation = $1, title = '', "
        "sections = '[]', links = '[]', etag = '', last_modified = '', hash = '' WHERE "
        "site = $2 AND (municipality = $3 OR CAST($3 AS BIGINT) = 0) AND gone = 0",
        {generation, site, municipality});
}

Expected<void> forget_visits(storage::Connection &connection, const std::string &site) {
    for (const char *table :
         {"knowledge_website_visit", "knowledge_website_staged", "knowledge_website_wish"}) {
        auto left = run(connection, fmt::format("DELETE FROM {} WHERE site = $1", table), {site});
        if (!left) return left;
    }
    return {};
}

} // namespace

Expected<void> forget_site(storage::Connection &connection, Instant now, const std::string &start) {
    const auto generation = next_generation(connection, now);
    if (!generation) return tl::unexpected(generation.error());
    const auto taken = forget_pages(connection, *generation, start, 0);
    if (!taken) return tl::unexpected(taken.error());
    return forget_visits(connection, start);
}

Expected<std::int64_t> forget_other_sites(storage::Database &database, const Clock &clock,
                                          const std::vector<WebsiteSite> &configured) {
    std::int64_t gone = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        gone = 0;
        std::set<std::pair<std::string, std::int64_t>> others;
        auto read = connection.each(
            "SELECT DISTINCT site, municipality FROM knowledge_website_page WHERE gone = 0 UNION "
            "SELECT site, municipality FROM knowledge_website_visit",
            {}, [&](const storage::Row &row) {
                others.emplace(row.text(0), row.integer(1));
                return true;
            });
        if (!read) return read;
        for (const WebsiteSite &site : configured)
            others.erase({site.start, site.municipality.value});
        if (others.empty()) return {};
        const auto generation = next_generation(connection, clock.now());
        if (!generation) return tl::unexpected(generation.error());
        for (const auto &[site, municipality] : others) {
            const auto taken = forget_pages(connection, *generation, site, municipality);
            if (!taken) return tl::unexpected(taken.error());
            gone += *taken;
            if (auto left = forget_visits(connection, site); !left) return left;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return gone;
}

Expected<std::optional<Instant>> last_visit(storage::Database &database, const std::string &start) {
    std::optional<Instant> at;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        return connection.each("SELECT ended_at FROM knowledge_website_visit WHERE site = $1",
                               {start}, [&](const storage::Row &row) {
                                   at = Instant{row.integer(0)};
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return at;
}

} // namespace fernamt::knowledge
