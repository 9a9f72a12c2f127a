// SPDX-License-Identifier: EUPL-1.2
// A read-only subset in the shape of the federal portal's search service (PVOG-Suchdienst), so that
// a client written for it can ask this installation about its own towns: services by area, one in
// detail, by LeiKa key, offices, the table. Field names as the portal's records have them; fields
// that Fernamt knows nothing of are left out. The versions in the paths are the portal's.
#include "base/text.h"
#include "knowledge/html.h"
#include "web/public_site.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::ObjectKind;

constexpr std::size_t kLongestQuery = 200;
constexpr std::int64_t kMostOnAPage = 100;

Reply kept_json(const Incoming &incoming, const json::value &body) {
    return PublicSite::kept(incoming, json::serialize(body), "application/json");
}

// The area asked for, one of our towns.
Expected<PublicTown> queried_town(const PublicSite &site, const Incoming &incoming) {
    const auto given = query_text(incoming.request, "ars", 12);
    if (!given) return tl::unexpected(given.error());
    const auto id = parse_ars(*given);
    if (!id) return invalid_value("ars", "not_an_ars");
    return site.town(*id, incoming.now);
}

Expected<knowledge::ObjectKey> key_of(const PublicSite &site, std::int64_t id) {
    knowledge::ObjectKey key;
    const auto done = site.database().read([&](storage::Connection &connection) -> Expected<void> {
        auto read = knowledge::key_of_object(connection, id);
        if (!read) return tl::unexpected(read.error());
        key = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return key;
}

// The portal's word for a change at the source; what came without one: the last check.
std::optional<LocalDate> updated_on(const knowledge::Service &service) {
    return service.changed_on ? service.changed_on : service.check.on;
}

Expected<json::object> summary_json(const PublicSite &site, const knowledge::Service &service) {
    const auto key = key_of(site, service.id.value);
    if (!key) return tl::unexpected(key.error());
    json::object made;
    made["id"] = knowledge::portal_id(ObjectKind::service, *key);
    made["name"] = service.colloquial;
    made["description"] = "<p>" + knowledge::escape_html(service.short_answer) + "</p>";
    json::array keys;
    if (!service.leika.empty()) keys.emplace_back(service.leika);
    made["leikakeys"] = std::move(keys);
    made["languageCode"] = "de";
    json::array synonyms;
    for (const std::string &word : service.synonyms)
        synonyms.emplace_back(word);
    made["synonyms"] = std::move(synonyms);
    return made;
}

// Spring's page, as the portal answers.
struct Page {
    std::int64_t number = 0; // from 0
    std::int64_t size = 0;
    std::int64_t total = 0;
};

Expected<Page> wanted_page(const Incoming &incoming) {
    const auto number = query_integer(incoming.request, "page", 0, 100'000, 0);
    if (!number) return tl::unexpected(number.error());
    const auto size = query_integer(incoming.request, "size", 1, kMostOnAPage, 20);
    if (!size) return tl::unexpected(size.error());
    return Page{*number, *size, 0};
}

json::object page_json(const Page &page, json::array content) {
    const std::int64_t pages = (page.total + page.size - 1) / page.size;
    json::object made;
    made["numberOfElements"] = content.size();
    made["empty"] = content.empty();
    made["content"] = std::move(content);
    made["totalElements"] = page.total;
    made["totalPages"] = pages;
    made["number"] = page.number;
    made["size"] = page.size;
    made["first"] = page.number == 0;
    made["last"] = page.number + 1 >= pages;
    return made;
}

Expected<Reply> paged(const PublicSite &site, const Incoming &incoming, Page page,
                      const std::vector<knowledge::Service> &services) {
    page.total = static_cast<std::int64_t>(services.size());
    json::array content;
    for (std::int64_t i = page.number * page.size;
         i < std::min(page.total, (page.number + 1) * page.size); ++i) {
        auto one = summary_json(site, services[static_cast<std::size_t>(i)]);
        if (!one) return tl::unexpected(one.error());
        content.push_back(std::move(*one));
    }
    return kept_json(incoming, page_json(page, std::move(content)));
}

// Of a search the first hundred; without words all of the town's.
Expected<std::vector<knowledge::Service>>
wanted_services(const PublicSite &site, const Incoming &incoming, MunicipalityId town) {
    const auto query = query_text(incoming.request, "q", kLongestQuery);
    if (!query) return tl::unexpected(query.error());
    if (query->empty()) return site.catalogue().offered(town);
    const auto found = site.catalogue().search({.text = *query,
                                                .municipality = town,
                                                .today = to_local(incoming.now).date,
                                                .limit = kMostOnAPage});
    if (!found) return tl::unexpected(found.error());
    // Their shape cannot say that names alone were searched.
    if (found->building) {
        return fail(ProblemKind::unavailable, "search.building",
                    {{"done", fmt::format("{}", found->building->done)},
                     {"of", fmt::format("{}", found->building->of)},
                     {"retry_after_seconds", "5"}});
    }
    std::vector<knowledge::Service> services;
    for (const knowledge::SearchHit &hit : found->items)
        services.push_back(hit.service);
    return services;
}

Expected<Reply> by_area(const PublicSite &site, const Incoming &incoming) {
    const auto town = site.town(incoming);
    if (!town) return tl::unexpected(town.error());
    const auto page = wanted_page(incoming);
    if (!page) return tl::unexpected(page.error());
    const auto services = wanted_services(site, incoming, town->id);
    if (!services) return tl::unexpected(services.error());
    return paged(site, incoming, *page, *services);
}

bool among(std::string_view keys, std::string_view wanted) {
    while (true) {
        const auto end = std::min(keys.find(','), keys.size());
        if (trimmed(keys.substr(0, end)) == wanted) return true;
        if (end == keys.size()) return false;
        keys.remove_prefix(end + 1);
    }
}

Expected<Reply> by_leika(const PublicSite &site, const Incoming &incoming) {
    const auto town = queried_town(site, incoming);
    if (!town) return tl::unexpected(town.error());
    const auto page = wanted_page(incoming);
    if (!page) return tl::unexpected(page.error());
    const auto keys = query_text(incoming.request, "leikaIds", 1000); // divided by commas
    if (!keys) return tl::unexpected(keys.error());
    std::vector<knowledge::Service> services;
    for (knowledge::Service &one : site.catalogue().offered(town->id)) {
        const bool wanted = !one.leika.empty() && among(*keys, one.leika);
        if (wanted) services.push_back(std::move(one));
    }
    return paged(site, incoming, *page, services);
}

json::object module_json(std::string_view code, std::string_view title, const std::string &html,
                         std::string_view category) {
    json::object made;
    made["@type"] = category == "TEXT_MODUL" ? "_module" : "_moduleDetail";
    made["filled"] = !html.empty();
    made["placeholder"] = false;
    made["title"] = title;
    made["text"] = html;
    made["links"] = json::array();
    made["replace"] = false;
    made["code"] = code;
    made["xZufiCategory"] = category;
    return made;
}

struct Named {
    knowledge::SectionKey section;
    std::string_view code, title, category;
};
// The portal's own codes for what XZuFi keeps in modules of their own: 98 costs, 97 deadlines.
constexpr std::array<Named, 5> kNamed{
    {{knowledge::SectionKey::documents, "08", "Erforderliche Unterlagen", "TEXT_MODUL"},
     {knowledge::SectionKey::fee, "98", "Kosten & Gebühren", "KOSTEN"},
     {knowledge::SectionKey::deadline, "97", "Fristen", "FRIST"},
     {knowledge::SectionKey::responsible, "22", "Zuständige Stelle", "TEXT_MODUL"},
     {knowledge::SectionKey::contact, "23", "Ansprechpunkt", "TEXT_MODUL"}}};

std::string paragraphs(const std::vector<std::string> &lines) {
    std::string html;
    for (const std::string &line : lines)
        html += "<p>" + knowledge::escape_html(line) + "</p>";
    return html;
}

json::array details_json(const PublicArticle &shown) {
    const knowledge::Article &article = shown.article;
    json::array all;
    const auto add = [&](std::string_view code, std::string_view title, const std::string &html,
                         std::string_view category = "TEXT_MODUL") {
        if (!html.empty()) all.push_back(module_json(code, title, html, category));
    };
    add("02", "Leistungsbezeichnung", knowledge::escape_html(article.service.name));
    add("03", "Leistungsbezeichnung II (Leistungsname)",
        knowledge::escape_html(article.service.colloquial));
    if (!article.read_aloud.empty()) add("24", "Kurzinfo", paragraphs({article.read_aloud}));
    for (const knowledge::Section &section : article.sections) {
        const auto named = std::ranges::find(kNamed, section.key, &Named::section);
        if (named == kNamed.end()) continue;
        add(named->code, named->title, paragraphs(section.lines), named->category);
    }
    for (const knowledge::PublicText &text : shown.texts)
        add(text.module, text.title, text.html);
    return all;
}

Expected<Reply> detail(const PublicSite &site, const Incoming &incoming) {
    const auto town = queried_town(site, incoming);
    if (!town) return tl::unexpected(town.error());
    const auto id =
        knowledge::parse_portal_id(ObjectKind::service, path_text(incoming.request, "id"));
    if (!id) return fail(ProblemKind::not_found, "knowledge.not_found");
    const auto shown = site.article(town->id, *id, incoming.now);
    if (!shown) return tl::unexpected(shown.error());
    auto body = summary_json(site, shown->article.service);
    if (!body) return tl::unexpected(body.error());
    json::array areas;
    areas.emplace_back(to_ars(town->id));
    (*body)["ars"] = std::move(areas);
    json::array offices;
    for (const knowledge::Reference &one : shown->offices)
        offices.emplace_back(knowledge::portal_id(ObjectKind::office, one.key));
    (*body)["organisationIds"] = std::move(offices);
    json::array online;
    for (const knowledge::Reference &one : shown->online) {
        json::object link;
        link["id"] = knowledge::portal_id(ObjectKind::online_service, one.key);
        link["title"] = one.name;
        link["uri"] = one.role;
        online.push_back(std::move(link));
    }
    (*body)["onlineServiceLinks"] = std::move(online);
    (*body)["details"] = details_json(*shown);
    (*body)["lastUpdate"] = nullptr;
    if (const auto updated = updated_on(shown->article.service))
        (*body)["lastUpdate"] = fernamt::to_string(*updated) + "T00:00:00Z";
    return kept_json(incoming, *body);
}

std::string_view channel_title(std::string_view code) {
    if (code == "01") return "E-Mail";
    if (code == "02") return "Telefon Festnetz";
    if (code == "03") return "Telefon mobil";
    if (code == "04") return "Fax";
    if (code == "09") return "Web";
    return "Sonstiges";
}

json::object office_json(const knowledge::PublicOffice &office) {
    json::object made;
    made["id"] = knowledge::portal_id(ObjectKind::office, office.key);
    made["title"] = office.name;
    made["languages"] = json::array({"de"});
    made["additionalInformation"] = office.description;
    std::string hours;
    for (const std::string &line : office.hours_lines)
        hours += (hours.empty() ? "" : "\n") + line;
    made["openingHours"] = hours;
    json::array places;
    for (const knowledge::Address &one : office.addresses) {
        json::object place;
        place["type"] = one.type;
        place["street"] = one.street;
        place["houseNumber"] = one.house_number;
        place["postOfficeBox"] = one.post_box;
        place["zipCode"] = one.postcode;
        place["city"] = one.place;
        places.push_back(std::move(place));
    }
    made["location"] = std::move(places);
    json::array ways;
    for (const knowledge::Contact &one : office.contacts) {
        json::object way;
        way["type"] = channel_title(one.channel);
        way["code"] = one.channel;
        way["value"] = one.value;
        ways.push_back(std::move(way));
    }
    made["communicationSystems"] = std::move(ways);
    return made;
}

Expected<Reply> organisation(const PublicSite &site, const Incoming &incoming) {
    const auto town = queried_town(site, incoming);
    if (!town) return tl::unexpected(town.error());
    const auto wanted = query_text(incoming.request, "q", kLongestQuery);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto id = knowledge::parse_portal_id(ObjectKind::office, *wanted);
    if (!id) return fail(ProblemKind::not_found, "knowledge.not_found");
    const auto office = site.office(town->id, *id);
    if (!office) return tl::unexpected(office.error());
    return kept_json(incoming, office_json(*office));
}

// The portal's own separator and column names; a bar within a text would break the row.
std::string cell(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '|' || c == '\n' || c == '\r'; }, ' ');
    return text;
}

Expected<Reply> table(const PublicSite &site, const Incoming &incoming) {
    const auto town = queried_town(site, incoming);
    if (!town) return tl::unexpected(town.error());
    std::string text = "ID-LB|Leikaschlüssel|Name|Name2|Updatedatum|ID-OD|Bezeichnung OD|Links\n";
    const auto done = site.database().read([&](storage::Connection &connection) -> Expected<void> {
        text.erase(text.find('\n') + 1); // a retried reading begins anew
        for (const knowledge::Service &one : site.catalogue().offered(town->id)) {
            const auto key = knowledge::key_of_object(connection, one.id.value);
            if (!key) return tl::unexpected(key.error());
            const auto online = knowledge::online_services_for(connection, one.id, town->id);
            if (!online) return tl::unexpected(online.error());
            const auto day = updated_on(one);
            const std::string updated =
                day ? fmt::format("{:02}.{:02}.{} 00:00", day->day, day->month, day->year) : "";
            const std::string row = fmt::format(
                "{}|{}|{}|{}|{}|", cell(knowledge::portal_id(ObjectKind::service, *key)), one.leika,
                cell(one.name), cell(one.colloquial), updated);
            if (online->empty()) text += row + "||\n";
            for (const knowledge::Reference &offer : *online) {
                text += row + fmt::format(
                                  "{}|{}|{}\n",
                                  cell(knowledge::portal_id(ObjectKind::online_service, offer.key)),
                                  cell(offer.name), cell(offer.role));
            }
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return PublicSite::kept(incoming, std::move(text), "text/csv; charset=utf-8");
}

} // namespace

void add_pvog_routes(net::Router &router, Gate &gate, PublicSite &site) {
    const auto add = [&](const std::string &path, auto handler) {
        gate.add(router, "GET", "/api/public/pvog" + path,
                 [&site, handler](const Incoming &incoming) {
                     return site.run(incoming,
                                     [&](const Incoming &inner) { return handler(site, inner); });
                 });
    };
    add("/v7/servicedescriptions/{ars}", by_area);
    add("/v6/servicedescriptions/{id}/detail", detail);
    add("/v3/servicedescriptions/leikaid", by_leika);
    add("/v5/servicedescriptions/csv", table);
    add("/v5/organisationunits/detail", organisation);
}

} // namespace fernamt::web
