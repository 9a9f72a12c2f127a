// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_rules.h"

#include "base/text.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

using storage::run;

constexpr Duration kRest = 60s; // between two readings of a site that somebody asks for
constexpr std::string_view kColumns =
    "SELECT id, municipality, start, most_pages, pause_seconds, stopped, removed, changed_at, "
    "version FROM knowledge_website_site ";

SiteRule rule_of(const storage::Row &row) {
    return {.id = row.integer(0),
            .municipality = MunicipalityId{row.integer(1)},
            .start = row.text(2),
            .most_pages = static_cast<int>(row.integer(3)),
            .pause_seconds = static_cast<int>(row.integer(4)),
            .stopped = row.integer(5) != 0,
            .removed = row.integer(6) != 0,
            .changed_at = Instant{row.integer(7)},
            .version = row.integer(8)};
}

Expected<std::vector<SiteRule>> read(storage::Connection &connection, const std::string &where,
                                     const std::vector<storage::Value> &values) {
    std::vector<SiteRule> rules;
    const auto done =
        connection.each(fmt::format("{}{} ORDER BY municipality, start, id", kColumns, where),
                        values, [&](const storage::Row &row) {
                            rules.push_back(rule_of(row));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    return rules;
}

tl::unexpected<Problem> not_found() {
    return fail(ProblemKind::not_found, "website.not_found");
}

bool may_write(const Editor &editor, MunicipalityId municipality) {
    return !editor.municipality || *editor.municipality == municipality;
}

bool is_below(std::string_view host, std::string_view domain) {
    if (host == domain) return true;
    return host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
}

// A name of the public tree: no bare address, none of the names that lead into a house (RFC 6761,
// RFC 6762, RFC 8375, and "internal", which ICANN keeps for that).
bool is_public_name(std::string_view host) {
    static constexpr std::array<std::string_view, 7> kInside{
        "localhost", "local", "internal", "home.arpa", "test", "invalid", "onion"};
    const auto dot = host.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == host.size()) return false;
    const char first = host[dot + 1];
    if (first < 'a' || first > 'z') return false; // RFC 3696: a top-level name is never a number
    return std::ranges::none_of(kInside, [&](std::string_view in) { return is_below(host, in); });
}

Expected<void> check_limits(const SiteRule &wanted) {
    const auto wrong = [](const char *field) {
        return fail(ProblemKind::invalid_input, "website.limits", {{"field", field}});
    };
    if (wanted.most_pages < 1 || wanted.most_pages > kMostPagesOfASite) return wrong("most_pages");
    if (wanted.pause_seconds < 1 || wanted.pause_seconds > kLongestPauseSeconds)
        return wrong("pause_seconds");
    return {};
}

// A page belongs to one site: its host is read for one municipality only.
Expected<void> check_free(storage::Connection &connection, const SiteRule &wanted,
                          const std::string &origin) {
    bool taken = false;
    const auto look = [&](const storage::Row &row) {
        const auto other = web_address(row.text(0));
        taken = taken || (other && other->origin == origin);
        return !taken;
    };
    auto read =
        connection.each("SELECT address FROM knowledge_source WHERE kind = 'website'", {}, look);
    if (read) {
        read = connection.each(
            "SELECT start FROM knowledge_website_site WHERE removed = 0 AND id <> $1", {wanted.id},
            look);
    }
    if (!read) return read;
    if (taken) return fail(ProblemKind::conflict, "website.taken", {{"field", "start"}});
    return {};
}

Expected<void> check_number(storage::Connection &connection, MunicipalityId municipality) {
    const auto there = storage::number(
        connection,
        "SELECT COUNT(*) FROM knowledge_website_site WHERE municipality = $1 AND removed = 0",
        {municipality.value});
    if (!there) return tl::unexpected(there.error());
    if (*there < kMostSitesOfATown) return {};
    return fail(ProblemKind::conflict, "website.too_many",
                {{"most", fmt::format("{}", kMostSitesOfATown)}});
}

// The site of this version, if the editor may write it; a foreign one looks like none.
Expected<SiteRule> expect(storage::Connection &connection, const Editor &editor, std::int64_t id,
                          std::int64_t version) {
    const auto found = read(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (found->empty() || !may_write(editor, found->front().municipality)) return not_found();
    if (found->front().version == version) return found->front();
    return fail(ProblemKind::stale, "website.stale",
                {{"version", fmt::format("{}", found->front().version)}});
}

Expected<void> store(storage::Connection &connection, const SiteRule &rule) {
    return run(connection,
               "INSERT INTO knowledge_website_site (id, municipality, start, most_pages, "
               "pause_seconds, stopped, removed, changed_at, version) VALUES ($1, $2, $3, $4, $5, "
               "$6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET start = excluded.start, most_pages "
               "= excluded.most_pages, pause_seconds = excluded.pause_seconds, stopped = "
               "excluded.stopped, removed = excluded.removed, changed_at = excluded.changed_at, "
               "version = excluded.version",
               {rule.id, rule.municipality.value, rule.start, std::int64_t{rule.most_pages},
                std::int64_t{rule.pause_seconds}, std::int64_t{rule.stopped},
                std::int64_t{rule.removed}, rule.changed_at.us, rule.version});
}

std::vector<std::string> differences(const SiteRule &before, const SiteRule &after) {
    std::vector<std::string> fields;
    if (before.start != after.start) fields.emplace_back("start");
    if (before.most_pages != after.most_pages) fields.emplace_back("most_pages");
    if (before.pause_seconds != after.pause_seconds) fields.emplace_back("pause_seconds");
    if (before.stopped != after.stopped) fields.emplace_back("stopped");
    return fields;
}

// A site that can be read: of which municipality, by which rule (nothing: the configuration's).
struct Readable {
    MunicipalityId municipality;
    std::optional<SiteRule> rule;
};
Expected<std::optional<Readable>> readable(storage::Connection &connection,
                                           const std::string &start) {
    std::optional<Readable> found;
    const auto done = connection.each(
        "SELECT municipality FROM knowledge_source WHERE kind = 'website' AND address = $1",
        {start}, [&](const storage::Row &row) {
            found = Readable{MunicipalityId{row.integer(0)}, {}};
            return false;
        });
    if (!done) return tl::unexpected(done.error());
    if (found) return found;
    const auto rules =
        read(connection, "WHERE start = $1 AND removed = 0 AND stopped = 0", {start});
    if (!rules) return tl::unexpected(rules.error());
    if (!rules->empty()) found = Readable{rules->front().municipality, rules->front()};
    return found;
}

// A wish for what is not read any more (standing_sites()) would wait for ever.
Expected<void> check_not_overruled(storage::Connection &connection, const SiteRule &rule,
                                   const SiteGuard &guard) {
    const auto address = checked_site_address(rule.start, guard);
    if (!address) return tl::unexpected(address.error());
    return check_free(connection, rule, address->origin);
}

Expected<void> check_rest(storage::Connection &connection, const std::string &start, Instant now) {
    const auto last = storage::number(
        connection, "SELECT ended_at FROM knowledge_website_visit WHERE site = $1", {start});
    if (!last) return tl::unexpected(last.error());
    const Duration since = now - Instant{*last};
    if (*last == 0 || since < Duration{} || since >= kRest) return {};
    const auto left = std::chrono::ceil<std::chrono::seconds>(kRest - since).count();
    return fail(ProblemKind::too_many, "website.read_lately",
                {{"retry_after_seconds", fmt::format("{}", left)}});
}

} // namespace

Expected<WebAddress> checked_site_address(const std::string &text, const SiteGuard &guard) {
    const auto address = web_address(text);
    if (!address || address->whole.size() > kLongestSiteAddress) {
        return fail(ProblemKind::invalid_input, "website.address",
                    {{"url", text.substr(0, kLongestSiteAddress)}, {"field", "start"}});
    }
    const std::string &host = address->host;
    const bool own_port = !address->origin.ends_with("://" + host);
    if (!is_among(guard.private_hosts, host) && (own_port || !is_public_name(host))) {
        return fail(ProblemKind::invalid_input, "website.not_public", {{"field", "start"}});
    }
    const bool listed = std::ranges::any_of(
        guard.hosts, [&](const std::string &one) { return is_below(host, lower_ascii(one)); });
    if (!guard.hosts.empty() && !listed) {
        return fail(ProblemKind::invalid_input, "website.host", {{"field", "start"}});
    }
    return *address;
}

Expected<std::vector<SiteRule>> WebsiteRules::all(std::optional<MunicipalityId> only) const {
    std::vector<SiteRule> rules;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = only ? read(connection, "WHERE municipality = $1", {only->value})
                          : read(connection, "", {});
        if (!found) return tl::unexpected(found.error());
        rules = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return rules;
}

Expected<SiteRule> WebsiteRules::add(const Editor &editor, const SiteRule &wanted,
                                     const SiteAudit &audit) {
    if (!may_write(editor, wanted.municipality))
        return fail(ProblemKind::not_found, "municipality.not_found");
    const auto address = checked_site_address(wanted.start, guard_);
    if (!address) return tl::unexpected(address.error());
    if (auto good = check_limits(wanted); !good) return tl::unexpected(good.error());
    SiteRule rule{.municipality = wanted.municipality,
                  .start = address->whole,
                  .most_pages = wanted.most_pages,
                  .pause_seconds = wanted.pause_seconds,
                  .changed_at = clock_.now()};
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto id = storage::next_id(connection, "knowledge_website_site");
        if (!id) return tl::unexpected(id.error());
        rule.id = *id;
        auto good = check_free(connection, rule, address->origin);
        if (good) good = check_number(connection, rule.municipality);
        if (good) good = store(connection, rule);
        if (good) good = audit(connection, "website.added", rule.id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SiteRule> WebsiteRules::change(const Editor &editor, const SiteRule &wanted,
                                        const SiteAudit &audit) {
    const auto address = checked_site_address(wanted.start, guard_);
    if (auto good = check_limits(wanted); !good) return tl::unexpected(good.error());
    SiteRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, wanted.id, wanted.version);
        if (!before) return tl::unexpected(before.error());
        if (before->removed) return fail(ProblemKind::conflict, "website.removed");
        rule = *before;
        // One that stays may be stopped although it could not be entered any more.
        if (wanted.start != before->start) {
            if (!address) return tl::unexpected(address.error());
            rule.start = address->whole;
        }
        rule.most_pages = wanted.most_pages;
        rule.pause_seconds = wanted.pause_seconds;
        rule.stopped = wanted.stopped;
        rule.changed_at = clock_.now();
        ++rule.version;
        Expected<void> good;
        if (rule.start != before->start) {
            good = check_free(connection, rule, address->origin);
            if (good) good = forget_site(connection, clock_.now(), before->start);
        }
        // Who stops it withdraws what was asked for; also that pages may be lost in that reading.
        if (good && rule.stopped && !before->stopped)
            good = run(connection, "DELETE FROM knowledge_website_wish WHERE site = $1",
                       {before->start});
        if (good) good = store(connection, rule);
        if (good) good = audit(connection, "website.changed", rule.id, differences(*before, rule));
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SiteRule> WebsiteRules::remove(const Editor &editor, std::int64_t id, std::int64_t version,
                                        const SiteAudit &audit) {
    SiteRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, id, version);
        if (!before) return tl::unexpected(before.error());
        if (before->removed) return fail(ProblemKind::conflict, "website.removed");
        rule = *before;
        rule.removed = true;
        rule.changed_at = clock_.now();
        ++rule.version;
        auto good = store(connection, rule);
        if (good) good = forget_site(connection, clock_.now(), rule.start);
        if (good) good = audit(connection, "website.removed", id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<SiteRule> WebsiteRules::restore(const Editor &editor, std::int64_t id,
                                         std::int64_t version, const SiteAudit &audit) {
    SiteRule rule;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto before = expect(connection, editor, id, version);
        if (!before) return tl::unexpected(before.error());
        rule = *before;
        if (!rule.removed) return {};
        const auto address = checked_site_address(rule.start, guard_);
        if (!address) return tl::unexpected(address.error());
        rule.removed = false;
        rule.changed_at = clock_.now();
        ++rule.version;
        auto good = check_free(connection, rule, address->origin);
        if (good) good = check_number(connection, rule.municipality);
        if (good) good = store(connection, rule);
        if (good) good = audit(connection, "website.restored", id, {});
        return good;
    });
    if (!done) return tl::unexpected(done.error());
    return rule;
}

Expected<void> WebsiteRules::ask_now(const Editor &editor, const std::string &start,
                                     bool losses_meant, const SiteAudit &audit) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto found = readable(connection, start);
        if (!found) return tl::unexpected(found.error());
        if (!*found || !may_write(editor, (*found)->municipality)) return not_found();
        if ((*found)->rule) {
            auto good = check_not_overruled(connection, *(*found)->rule, guard_);
            if (!good) return good;
        }
        if (auto rested = check_rest(connection, start, clock_.now()); !rested) return rested;
        auto good = run(connection,
                        "INSERT INTO knowledge_website_wish (site, asked_at, losses_meant) VALUES "
                        "($1, $2, $3) ON CONFLICT (site) DO UPDATE SET asked_at = "
                        "excluded.asked_at, losses_meant = excluded.losses_meant",
                        {start, clock_.now().us, std::int64_t{losses_meant}});
        if (!good) return good;
        return audit(connection, "website.read_now", (*found)->municipality.value,
                     losses_meant ? std::vector<std::string>{"losses_meant"}
                                  : std::vector<std::string>{});
    });
}

Expected<std::vector<StandingSite>> standing_sites(storage::Database &database,
                                                   const std::vector<WebsiteSite> &configured,
                                                   const SiteGuard &guard) {
    std::vector<StandingSite> standing;
    std::vector<std::string> origins;
    for (const WebsiteSite &site : configured) {
        standing.push_back({.site = site});
        if (const auto address = web_address(site.start)) origins.push_back(address->origin);
    }
    std::vector<SiteRule> rules;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = read(connection, "WHERE removed = 0", {});
        if (!found) return tl::unexpected(found.error());
        rules = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    for (const SiteRule &rule : rules) {
        const auto address = checked_site_address(rule.start, guard);
        if (!address || std::ranges::find(origins, address->origin) != origins.end()) continue;
        standing.push_back({{.municipality = rule.municipality,
                             .start = rule.start,
                             .most_pages = rule.most_pages,
                             .pause = std::chrono::seconds(rule.pause_seconds)},
                            rule.stopped,
                            rule.version});
    }
    return standing;
}

SiteFate fate_of(const StandingSite &chosen, const std::vector<StandingSite> &standing) {
    const auto now = std::ranges::find_if(standing, [&](const StandingSite &other) {
        return other.site.start == chosen.site.start &&
               other.site.municipality == chosen.site.municipality;
    });
    if (now == standing.end()) return SiteFate::gone;
    if (now->stopped) return SiteFate::stopped;
    return now->version == chosen.version ? SiteFate::same : SiteFate::changed;
}

std::vector<WebsiteSite> sites_of(const std::vector<StandingSite> &standing) {
    std::vector<WebsiteSite> sites;
    for (const StandingSite &one : standing)
        sites.push_back(one.site);
    return sites;
}

} // namespace fernamt::knowledge
