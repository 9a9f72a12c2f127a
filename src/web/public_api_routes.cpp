// SPDX-License-Identifier: EUPL-1.2
// What the citizens' pages show, as JSON for other channels (a town's own website, a chat, a
// portal): read only, without signing in, kept by caches.
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/public_site.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuery = 200;

Reply kept_json(const Incoming &incoming, const json::value &body) {
    return PublicSite::kept(incoming, json::serialize(body), "application/json");
}

json::object town_json(const PublicTown &town) {
    json::array numbers;
    for (const PhoneNumber &number : town.numbers)
        numbers.push_back(to_json(number));
    json::object made;
    made["ars"] = to_ars(town.id);
    made["name"] = town.name;
    made["telephone"] = std::move(numbers);
    return made;
}

json::object service_json(const knowledge::Service &service) {
    json::object made;
    made["id"] = service.id.value;
    made["leika"] = service.leika;
    made["name"] = service.name;
    made["colloquial"] = service.colloquial;
    made["short_answer"] = service.short_answer;
    made["checked_on"] = date_json(service.check.on);
    made["changed_on"] = date_json(service.changed_on);
    return made;
}

json::array references_json(const std::vector<knowledge::Reference> &all, const char *role) {
    json::array made;
    for (const knowledge::Reference &one : all) {
        json::object item;
        item["id"] = one.id;
        item["name"] = one.name;
        item[role] = one.role;
        made.push_back(std::move(item));
    }
    return made;
}

Expected<Reply> towns(const PublicSite &site, const Incoming &incoming) {
    const auto all = site.towns(incoming.now);
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const PublicTown &one : *all)
        items.push_back(town_json(one));
    json::object body;
    body["items"] = std::move(items);
    return kept_json(incoming, body);
}

Expected<Reply> services(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto query = query_text(incoming.request, "q", kLongestQuery);
    if (!query) return tl::unexpected(query.error());
    const auto limit = query_integer(incoming.request, "limit", 1, 100, 20);
    if (!limit) return tl::unexpected(limit.error());
    const auto found = site.catalogue().search({.text = *query,
                                                .municipality = here->id,
                                                .today = to_local(incoming.now).date,
                                                .limit = *limit});
    if (!found) return tl::unexpected(found.error());
    json::array items;
    for (const knowledge::SearchHit &hit : found->items) {
        json::object item = service_json(hit.service);
        item["section"] = hit.section ? json::value(std::string(knowledge::to_string(*hit.section)))
                                      : json::value(nullptr);
        items.push_back(std::move(item));
    }
    json::object body;
    body["items"] = std::move(items);
    body["total"] = found->total;
    body["websites"] = websites_json(found->websites);
    body["building"] = building_json(found->building);
    if (found->building) return PublicSite::not_kept(json::serialize(body), "application/json");
    return kept_json(incoming, body);
}

Expected<Reply> service(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto shown = site.article(here->id, *id, incoming.now);
    if (!shown) return tl::unexpected(shown.error());
    json::object body = service_json(shown->article.service);
    body["municipality"] = to_ars(here->id);
    body["level"] = level_json(shown->article);
    body["read_aloud"] = shown->article.read_aloud;
    body["state"] = std::string(knowledge::to_string(shown->article.state));
    json::array sections;
    for (const knowledge::Section &section : shown->article.sections) {
        json::array lines;
        for (const std::string &line : section.lines)
            lines.emplace_back(line);
        json::object made;
        made["key"] = std::string(knowledge::to_string(section.key));
        made["heading"] = std::string(knowledge::heading_de(section.key));
        made["lines"] = std::move(lines);
        sections.push_back(std::move(made));
    }
    body["sections"] = std::move(sections);
    json::array texts;
    for (const knowledge::PublicText &text : shown->texts) {
        json::object made;
        made["module"] = text.module;
        made["heading"] = text.title;
        made["html"] = text.html;
        texts.push_back(std::move(made));
    }
    body["texts"] = std::move(texts);
    body["offices"] = references_json(shown->offices, "role");
    body["online"] = references_json(shown->online, "url");
    return kept_json(incoming, body);
}

json::object address_json(const knowledge::Address &address) {
    json::object made;
    made["type"] = address.type;
    made["street"] = address.street;
    made["house_number"] = address.house_number;
    made["post_box"] = address.post_box;
    made["postcode"] = address.postcode;
    made["place"] = address.place;
    return made;
}

Expected<Reply> office(const PublicSite &site, const Incoming &incoming) {
    const auto here = site.town(incoming);
    if (!here) return tl::unexpected(here.error());
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto shown = site.office(here->id, *id);
    if (!shown) return tl::unexpected(shown.error());
    json::object body;
    body["id"] = shown->id;
    body["municipality"] = to_ars(here->id);
    body["name"] = shown->name;
    body["description"] = shown->description;
    json::array lines;
    for (const std::string &line : shown->hours_lines)
        lines.emplace_back(line);
    body["hours_text"] = std::move(lines);
    json::array hours;
    for (const knowledge::OpeningInterval &one : shown->hours) {
        json::object interval;
        interval["weekday"] = static_cast<int>(one.weekday);
        interval["from_minute"] = one.from_minute;
        interval["to_minute"] = one.to_minute;
        hours.push_back(std::move(interval));
    }
    body["hours"] = std::move(hours);
    json::array addresses;
    for (const knowledge::Address &one : shown->addresses)
        addresses.push_back(address_json(one));
    body["addresses"] = std::move(addresses);
    json::array contacts;
    for (const knowledge::Contact &one : shown->contacts) {
        json::object contact;
        contact["channel"] = one.channel;
        contact["value"] = one.value;
        contacts.push_back(std::move(contact));
    }
    body["contacts"] = std::move(contacts);
    body["services"] = references_json(shown->services, "role");
    return kept_json(incoming, body);
}

} // namespace

void add_public_api_routes(net::Router &router, Gate &gate, PublicSite &site) {
    const auto add = [&](const std::string &pattern, auto handler) {
        gate.add(router, "GET", pattern, [&site, handler](const Incoming &incoming) {
            return site.run(incoming, [&](const Incoming &inner) { return handler(site, inner); });
        });
    };
    add("/api/public/v1/towns", towns);
    add("/api/public/v1/towns/{ars}/services", services);
    add("/api/public/v1/towns/{ars}/services/{id}", service);
    add("/api/public/v1/towns/{ars}/offices/{id}", office);
}

} // namespace fernamt::web
