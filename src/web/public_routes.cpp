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

// Said in the address, so that caches and search engines keep the languages apart.
PublicReader reader_of(const PublicSite &site, const Incoming &incoming) {
    const auto given = incoming.request.query.find("lang");
    const bool english = given != incoming.request.query.end() && given->second == "en";
    return {site.address(incoming.request), english ? Language::english : Language::german};
}

Reply problem_reply(const Problem &problem, Language language) {
    const bool gone = problem.kind == ProblemKind::not_found;
    Reply reply{gone ? 404 : 503, problem_page(language, gone), kHtml, {}};
    if (!gone) reply.headers.emplace_back("Retry-After", "2");
    return reply;
}

Expected<Reply> towns(const PublicSite &site, const Incoming &incoming) {
    const auto all = site.towns(incoming.now);
    if (!all) return tl::unexpected(all.error());
    return PublicSite::kept(incoming, towns_page(reader_of(site, incoming), *all), kHtml);
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
    const PublicReader reader = reader_of(site, incoming);
    const std::string query = wanted_query(incoming);
    if (query.find_first_not_of(" \t\r\n") == std::string::npos) {
        return PublicSite::kept(
            incoming, town_page(reader, *here, site.catalogue().offered(here->id)), kHtml);
    }
    const auto found = site.catalogue().search({.text = query,
                                                .municipality = here->id,
                                                .today = to_local(incoming.now).date,
                                                .limit = kHits});
    if (!found) return tl::unexpected(found.error());
    std::string page = search_page(reader, *here, query, *found);
    if (found->building) return PublicSite::not_kept(std::move(page), kHtml);
    return PublicSite::kept(incoming, std::move(page), kHtml, kSearchKeptSeconds);
}

Expected<Reply> service(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto article = site.article(here->id, *id, incoming.now);
    if (!article) return tl::unexpected(article.error());
    return PublicSite::kept(incoming, service_page(reader_of(site, incoming), *here, *article),
                            kHtml);
}

Expected<Reply> office(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto office = site.office(here->id, *id);
    if (!office) return tl::unexpected(office.error());
    return PublicSite::kept(incoming, office_page(reader_of(site, incoming), *here, *office),
                            kHtml);
}

constexpr std::string_view kMapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
constexpr std::size_t kMostInMap = 50'000; // sitemaps.org, "Sitemap file size and limits"

std::string map_of_maps(const std::string &address, const std::vector<std::string> &paths) {
    std::string xml = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<sitemapindex xmlns=\"{}\">\n",
                                  kMapNamespace);
    for (std::size_t i = 0; i < std::min(paths.size(), kMostInMap); ++i) {
        xml += fmt::format("<sitemap><loc>{}{}</loc></sitemap>\n", knowledge::escape_html(address),
                           paths[i]);
    }
    return xml + "</sitemapindex>\n";
}

// Each page in both languages, and each names both (developers.google.com, "localized versions").
std::string map_of_pages(const std::string &address, const std::vector<std::string> &paths) {
    const std::string home = knowledge::escape_html(address);
    std::string xml = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<urlset xmlns=\"{}\" "
                                  "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
                                  kMapNamespace);
    for (std::size_t i = 0; i < std::min(paths.size(), kMostInMap / 2); ++i) {
        for (const char *language : {"", "?lang=en"}) {
            xml += fmt::format(
                "<url><loc>{0}{1}{2}</loc>"
                "<xhtml:link rel=\"alternate\" hreflang=\"de\" href=\"{0}{1}\"/>"
                "<xhtml:link rel=\"alternate\" hreflang=\"en\" href=\"{0}{1}?lang=en\"/></url>\n",
                home, paths[i], language);
        }
    }
    return xml + "</urlset>\n";
}

Expected<Reply> index_of_maps(const PublicSite &site, const Incoming &incoming) {
    const auto all = site.towns(incoming.now);
    if (!all) return tl::unexpected(all.error());
    std::vector<std::string> paths;
    for (const PublicTown &one : *all)
        paths.push_back(home_of(one.id) + "/sitemap.xml");
    return PublicSite::kept(incoming, map_of_maps(site.address(incoming.request), paths), kXml);
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
    return PublicSite::kept(incoming, map_of_pages(site.address(incoming.request), paths), kXml);
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
                return problem_reply(reply.error(), reader_of(site, incoming).language);
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
            PublicSite::kept(incoming, accessibility_page(reader_of(from, incoming)), kHtml));
    });
    add(home + "/stil.css", [](const PublicSite &, const Incoming &incoming) {
        return Expected<Reply>(
            PublicSite::kept(incoming, std::string(public_style()), "text/css; charset=utf-8"));
    });
    gate.add(router, "GET", "/robots.txt",
             [&site](const Incoming &incoming) { return Expected<Reply>(robots(site, incoming)); });
}

} // namespace fernamt::web
