// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_compose.h"

#include "base/phone_number.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

std::string replaced(std::string text, std::string_view name, std::string_view value) {
    for (auto at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
    }
    return text;
}

const DemoPlace &the_region(const DemoRegion &region) {
    const auto found = std::ranges::find_if(region.places, &DemoPlace::is_region);
    return found == region.places.end() ? region.places.front() : *found;
}

std::string filled(const DemoRegion &region, const DemoPlace &place, std::string text) {
    text = replaced(std::move(text), "{der_ort}", place.of);
    text = replaced(std::move(text), "{der_region}", the_region(region).of);
    return replaced(std::move(text), "{ort}", place.name);
}

// Ten numbers per place; the Region's own offices above them.
std::string telephone(const DemoRegion &region, std::size_t place, std::size_t office) {
    const bool shared = region.offices[office].level == OfficeLevel::region;
    const std::size_t number = shared ? 900 + office : place * 10 + office % 10;
    const PhoneNumber full{fmt::format("{}{:03d}", region.telephone_prefix, number)};
    return to_din5008(full);
}

const std::vector<std::string> &hours(const DemoRegion &region, std::size_t place,
                                      std::size_t office) {
    const bool shared = region.offices[office].level == OfficeLevel::region;
    const std::size_t rule = (shared ? 0 : place * 5) + office * 2;
    return region.opening_hours[rule % region.opening_hours.size()];
}

std::vector<std::string> with_first(std::string first, std::vector<std::string> lines) {
    lines.insert(lines.begin(), std::move(first));
    return lines;
}

Address address(const DemoRegion &region, std::size_t place, std::size_t office) {
    if (region.offices[office].level == OfficeLevel::region) {
        return {.type = "001",
                .street = "Musterallee",
                .house_number = fmt::format("{}", office + 1),
                .place = "Hannover",
                .addition = fmt::format("Haus {}\n(Demo-Adresse)", the_region(region).of)};
    }
    return {.type = "001",
            .street = "Musterstraße",
            .house_number = fmt::format("{}", place + 1),
            .addition = fmt::format("Rathaus {}\nZimmer {} (Demo-Adresse)",
                                    region.places[place].name, 101 + office)};
}

// A municipality's service, asked for at the Region: it belongs to the caller's place of residence.
std::vector<Section> at_the_place_of_residence(const DemoRegion &region, std::size_t place,
                                               std::size_t office) {
    return {
        {SectionKey::opening_hours,
         with_first("Es gelten die Zeiten am Wohnort. Auskunft der Region:",
                    hours(region, place, office))},
        {SectionKey::contact,
         {"Bitte nach dem Wohnort fragen und dorthin verbinden.",
          fmt::format("Auskunft {}, Telefon {}", region.places[place].of,
                      telephone(region, place, office))}},
        {SectionKey::responsible, {"die Stadt oder Gemeinde, in der die anrufende Person wohnt"}},
        {SectionKey::where, {"im Rathaus am Wohnort"}},
    };
}

std::vector<Section> elsewhere(const DemoRegion &region, std::size_t place, std::size_t office) {
    return {
        {SectionKey::opening_hours, with_first("Auskunft vor Ort:", hours(region, place, office))},
        {SectionKey::contact,
         {fmt::format("{} {}, Telefon {}", region.offices[office].name, region.places[place].of,
                      telephone(region, place, office))}},
        {SectionKey::responsible,
         {filled(region, region.places[place], region.offices[office].responsible)}},
        {SectionKey::where, {"bei der genannten Stelle, nicht im Rathaus"}},
    };
}

} // namespace

OfficeFacts office_facts(const DemoRegion &region, std::size_t place, std::size_t office) {
    return {.name = filled(region, region.places[place], region.offices[office].responsible),
            .telephone = telephone(region, place, office),
            .hours = hours(region, place, office),
            .address = address(region, place, office)};
}

std::vector<Section> compose_local(const DemoRegion &region, std::size_t place,
                                   std::size_t office) {
    return region.offices[office].level == OfficeLevel::elsewhere
               ? elsewhere(region, place, office)
               : at_the_place_of_residence(region, place, office);
}

} // namespace fernamt::knowledge
