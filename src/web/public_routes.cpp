// SPDX-License-Identifier: EUPL-1.2
// The citizens' pages: towns, one town's services and search, service, office; robots.txt and the
// sitemaps. Without public pages everything here answers 404 and robots.txt keeps everybody out.
#include "base/log.h"
#include "knowledge/html.h"
#include "web/public_site.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <fmt/format.h>

namespace fernamt::web {

namespace {

constexpr const char *kHtml = "text/html; charset=utf-8";
constexpr const char *kXml = "application/xml";
constexpr std::size_t kLongestQuery = 200;
constexpr std::int64_t kHits = 30;
constexpr int kSearchKeptSeconds = 60;

Reply problem_reply(const Problem &problem) {
    const auto page = [](int status, const char *title, const char *text) {
        return Reply{status, problem_page(title, text), kHtml, {}};
    };
    if (problem.kind == ProblemKind::not_found) {
        return page(404, "Diese Seite gibt es nicht",
                    "Die Leistung oder Stelle ist hier nicht (mehr) veröffentlicht.");
    }
    Reply busy = page(503, "Gerade nicht erreichbar",
                      "Bitte versuchen Sie es in einem Augenblick noch einmal, oder rufen Sie an.");
    busy.headers.emplace_back("Retry-After", "2");
    return busy;
}

Expected<Reply> towns(const PublicSite &site, const Incoming &incoming) {
    const auto all = site.towns(incoming.now);
    if (!all) return tl::unexpected(all.error());
    return PublicSite::kept(incoming, towns_page(site.address(incoming.request), *all), kHtml);
}

std::string wanted_query(const Incoming &incoming) {
    const auto given = incoming.request.query.find("q");
    if (given == incoming.request.query.end()) return "";
    std::string query = given->second.substr(0, kLongestQuery);
    while (!query.empty() && (static_cast<unsigned char>(query.back()) & 0x80) != 0 &&
           given->second.size() > kLongestQuery)
        query.pop_back(); // never half a character
    return query;
}

Expected<Reply> town(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const std::string address = site.address(incoming.request);
    const std::string query = wanted_query(incoming);
    if (query.find_first_not_of(" \t\r\n") == std::string::npos) {
        return PublicSite::kept(
            incoming, town_page(address, *here, site.catalogue().offered(here->id)), kHtml);
    }
    const auto found = site.catalogue().search({.text = query,
                                                .municipality = here->id,
                                                .today = to_local(incoming.now).date,
                                                .limit = kHits});
    if (!found) return tl::unexpected(found.error());
    return PublicSite::kept(incoming, search_page(address, *here, query, *found), kHtml,
                            kSearchKeptSeconds);
}

Expected<Reply> service(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto article = site.article(here->id, *id, incoming.now);
    if (!article) return tl::unexpected(article.error());
    return PublicSite::kept(incoming, service_page(site.address(incoming.request), *here, *article),
                            kHtml);
}

Expected<Reply> office(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto office = site.office(here->id, *id);
    if (!office) return tl::unexpected(office.error());
    return PublicSite::kept(incoming, office_page(site.address(incoming.request), *here, *office),
                            kHtml);
}

constexpr std::string_view kMapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
constexpr std::size_t kMostInMap = 50'000; // sitemaps.org, "Sitemap file size and limits"

std::string map_of(std::string_view root, std::string_view each, const std::string &address,
                   const std::vector<std::string> &paths) {
    std::string xml = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<{} xmlns=\"{}\">\n",
                                  root, kMapNamespace);
    for (std::size_t i = 0; i < std::min(paths.size(), kMostInMap); ++i) {
        xml += fmt::format("<{0}><loc>{1}{2}</loc></{0}>\n", each, knowledge::escape_html(address),
                           paths[i]);
    }
    return xml + fmt::format("</{}>\n", root);
}

Expected<Reply> index_of_maps(const PublicSite &site, const Incoming &incoming) {
    const auto all = site.towns(incoming.now);
    if (!all) return tl::unexpected(all.error());
    std::vector<std::string> paths;
    for (const PublicTown &one : *all)
        paths.push_back(home_of(one.id) + "/sitemap.xml");
    return PublicSite::kept(
        incoming, map_of("sitemapindex", "sitemap", site.address(incoming.request), paths), kXml);
}

Expected<Reply> map_of_town(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    std::vector<std::string> paths{home_of(here->id)};
    for (const knowledge::Service &one : site.catalogue().offered(here->id))
        paths.push_back(path_of_service(here->id, one.id.value));
    const auto offices = site.offices(here->id);
    if (!offices) return tl::unexpected(offices.error());
    for (const knowledge::Reference &one : *offices)
        paths.push_back(path_of_office(here->id, one.id));
    return PublicSite::kept(incoming,
                            map_of("urlset", "url", site.address(incoming.request), paths), kXml);
}

// RFC 9309: the longest match holds, so the workplaces stay out and the pages in.
Reply robots(const PublicSite &site, const Incoming &incoming) {
    std::string text = "User-agent: *\n";
    if (site.on()) {
        text += fmt::format("Allow: {}\n", kPublicHome);
        text +=
            fmt::format("Disallow: /\nSitemap: {}/sitemap.xml\n", site.address(incoming.request));
    } else {
        text += "Disallow: /\n";
    }
    return PublicSite::kept(incoming, text, "text/plain; charset=utf-8");
}

} // namespace

void add_public_routes(net::Router &router, Gate &gate, PublicSite &site) {
    const auto add = [&](const std::string &pattern, auto handler) {
        gate.add(
            router, "GET", pattern, [&site, handler](const Incoming &incoming) -> Expected<Reply> {
                auto reply =
                    site.run(incoming, [&](const Incoming &inner) { return handler(site, inner); });
                if (reply) return reply;
                if (reply.error().kind == ProblemKind::internal) return reply;
                if (reply.error().kind == ProblemKind::unavailable) {
                    log::warning("public.unavailable", {{"problem", describe(reply.error())}});
                }
                return problem_reply(reply.error());
            });
    };
    const std::string home(kPublicHome);
    add(home, towns);
    add(home + "/{ars}", town);
    add(home + "/{ars}/leistung/{id}", service);
    add(home + "/{ars}/stelle/{id}", office);
    add(home + "/{ars}/sitemap.xml", map_of_town);
    add("/sitemap.xml", index_of_maps);
    add(home + "/barrierefreiheit", [](const PublicSite &from, const Incoming &incoming) {
        return Expected<Reply>(
            PublicSite::kept(incoming, accessibility_page(from.address(incoming.request)), kHtml));
    });
    add(home + "/stil.css", [](const PublicSite &, const Incoming &incoming) {
        return Expected<Reply>(
            PublicSite::kept(incoming, std::string(public_style()), "text/css; charset=utf-8"));
    });
    gate.add(router, "GET", "/robots.txt",
             [&site](const Incoming &incoming) { return Expected<Reply>(robots(site, incoming)); });
}

} // namespace fernamt::web
