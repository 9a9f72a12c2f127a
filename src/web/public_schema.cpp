// SPDX-License-Identifier: EUPL-1.2
#include "web/public_schema.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 7> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                "Friday", "Saturday", "Sunday"};

std::string within_script(const json::value &value) {
    const std::string text = json::serialize(value);
    std::string safe;
    for (const char c : text) {
        if (c == '<') {
            safe += "\\u003c";
        } else {
            safe += c;
        }
    }
    return safe;
}

std::string clock(int minute) {
    return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

json::object area_json(const PublicTown &town) {
    json::object area;
    area["@type"] = "AdministrativeArea";
    area["name"] = town.name;
    area["identifier"] = to_ars(town.id);
    return area;
}

json::object address_json(const knowledge::Address &address) {
    json::object made;
    made["@type"] = "PostalAddress";
    std::string street = address.street;
    if (!address.house_number.empty()) street += " " + address.house_number;
    const std::string name = address.addition.substr(0, address.addition.find('\n'));
    if (!name.empty()) made["name"] = name;
    if (!street.empty()) made["streetAddress"] = street;
    if (!address.post_box.empty()) made["postOfficeBoxNumber"] = address.post_box;
    if (!address.postcode.empty()) made["postalCode"] = address.postcode;
    if (!address.place.empty()) made["addressLocality"] = address.place;
    made["addressCountry"] = "DE";
    return made;
}

json::array hours_json(const std::vector<knowledge::OpeningInterval> &hours) {
    json::array all;
    for (const knowledge::OpeningInterval &one : hours) {
        json::object made;
        made["@type"] = "OpeningHoursSpecification";
        made["dayOfWeek"] =
            "https://schema.org/" + std::string(kDays.at(static_cast<std::size_t>(one.weekday)));
        made["opens"] = clock(one.from_minute);
        made["closes"] = clock(one.to_minute);
        all.push_back(std::move(made));
    }
    return all;
}

json::object office_json(const std::string &address, const PublicTown &town,
                         const knowledge::PublicOffice &office) {
    json::object made;
    made["@type"] = "GovernmentOffice";
    made["@id"] = address + path_of_office(town.id, office.id);
    made["url"] = address + path_of_office(town.id, office.id);
    made["name"] = office.name;
    if (!office.addresses.empty()) made["address"] = address_json(office.addresses.front());
    for (const knowledge::Contact &contact : office.contacts) {
        const char *member = contact.channel == "02"   ? "telephone"
                             : contact.channel == "01" ? "email"
                             : contact.channel == "04" ? "faxNumber"
                                                       : nullptr;
        if (member != nullptr && !made.contains(member)) made[member] = contact.value;
    }
    if (!office.hours.empty()) made["openingHoursSpecification"] = hours_json(office.hours);
    made["areaServed"] = area_json(town);
    return made;
}

} // namespace

std::string linked_data_of_service(const std::string &address, const PublicTown &town,
                                   const PublicArticle &shown) {
    const knowledge::Service &service = shown.article.service;
    json::object made;
    made["@context"] = "https://schema.org";
    made["@type"] = "GovernmentService";
    made["url"] = address + path_of_service(town.id, service.id.value);
    made["name"] = service.colloquial;
    if (service.name != service.colloquial) made["alternateName"] = service.name;
    if (!service.leika.empty()) made["identifier"] = service.leika;
    if (!shown.article.read_aloud.empty()) made["description"] = shown.article.read_aloud;
    made["inLanguage"] = "de";
    made["areaServed"] = area_json(town);
    if (shown.first_office) made["provider"] = office_json(address, town, *shown.first_office);
    json::array channels;
    for (const knowledge::Reference &online : shown.online) {
        json::object channel;
        channel["@type"] = "ServiceChannel";
        channel["name"] = online.name;
        channel["serviceUrl"] = online.role;
        channels.push_back(std::move(channel));
    }
    if (!channels.empty()) made["availableChannel"] = std::move(channels);
    return within_script(made);
}

std::string linked_data_of_office(const std::string &address, const PublicTown &town,
                                  const knowledge::PublicOffice &office) {
    json::object made = office_json(address, town, office);
    made["@context"] = "https://schema.org";
    return within_script(made);
}

} // namespace fernamt::web
